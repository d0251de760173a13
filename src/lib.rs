//! Ask your own files, in the page: a retrieval-augmented generation engine that
//! compiles to WebAssembly and runs wholly on the user's machine.
//!
//! The modules are listed in the order of the data and of the dependencies: a module uses
//! those above it, never those below.
//!
//! | module | what it does |
//! |---|---|
//! | `error`, `runtime` | the error type; clock, yielding, cancelling and progress, which the caller provides |
//! | `record` | the envelope of everything that is stored: kind, version, checksum |
//! | `fingerprint`, `source` | SHA-256 hashes, which name models; bytes by range, from memory, a file or a browser's Blob |
//! | `image_input` | the pixels that an image encoder takes |
//! | `kernel` | arithmetic on packed numbers, the only `unsafe` code |
//! | `network` | networks of maps, such as convolutions, on the kernels |
//! | `model` | model files become encoders, with their heads, and decoders |
//! | `document` | [`Document`]: text, blocks, and what is known of a file |
//! | `sql_value` | values as SQL has them |
//! | `sqlite` | SQLite within bounds (feature `read-sql`) |
//! | `lines` | lines of plain text: which end a sentence, which are titles |
//! | `read` | a file's bytes become a [`Document`], one reader a format |
//! | `ocr` | pixels become lines of text, by PP-OCR's models (feature `read-image`) |
//! | `format` | the table of formats: how a file is recognized, and its reader |
//! | `text` | terms for lexical search, sentences, the language of a text |
//! | `table` | the tables of a document as data, and questions that are computed from them |
//! | `chunk` | a document is cut into [`Chunk`]s, each with its [`Span`] |
//! | `embed` | an [`Embedder`] turns texts into vectors of unit length |
//! | `generate` | a [`Generator`] writes text, token by token |
//! | `index` | chunks, vectors, terms and HNSW graphs: immutable segments that are searched |
//! | `store` | named records and atomic batches, behind the [`Store`] trait |
//! | `feedback` | which passages were good or bad for a question, and what is learned of it |
//! | `knowledge_base` | the list of live segments, commits, jobs, export and import |
//! | `question` | what a question asks: its words, typing errors, what it leaves unsaid |
//! | `sql` | the tables of documents, typed and named, queried in SQL |
//! | `retrieve` | a question finds [`Passage`]s: words and vectors, fused, then ranked by their best sentences |
//! | `answer` | answerability, quotes, prompt, attribution, and the events of an answer |
//! | `engine` | [`Engine`] wires the modules above together |
//! | `browser` | the bindings for JavaScript, and its stores (only on wasm32) |
//! | `bin` | the command line |
//!
//! The core reads no clock, opens no connection and prints nothing: time, yielding and
//! storage are provided ([`Runtime`], [`Store`]). Long work is made of steps, and a
//! [`CancelToken`] is checked between them.
//!
//! ```
//! use multimodal_rag::{FileToRead, ReadLimits, Unwatched, read_file, sentences};
//!
//! let bytes = b"# Opening hours\n\nThe museum opens at nine. It closes at five.";
//! let file = FileToRead { name: "hours.md", bytes, ..FileToRead::default() };
//! let (_, read) = read_file(&file, &ReadLimits::default(), &Unwatched)?;
//! let document = read.document;
//! let body = document.slice(document.blocks[1].span);
//! assert_eq!(sentences(body).len(), 2);
//! # Ok::<(), multimodal_rag::Error>(())
//! ```
//!
//! Limits: no audio encoder; files of the formats in [`FORMATS`] up to
//! [`ReadLimits`]; encoders of the BERT family; decoders of the Llama, Qwen and Gemma families; one writer at a time among
//! all tabs.

// Without the feature `internals` nothing outside reaches what only tests and benchmarks use.
#![cfg_attr(
    not(all(feature = "internals", feature = "engine")),
    allow(dead_code, unreachable_pub, unused_imports)
)]

mod error;
mod runtime;

mod fingerprint;
mod image_input;
#[cfg(feature = "engine")]
mod record;
mod source;

#[cfg(any(feature = "engine", feature = "read-image"))]
#[cfg_attr(not(feature = "engine"), allow(dead_code, unused_imports))]
mod kernel;
#[cfg(any(feature = "engine", feature = "read-image"))]
#[cfg_attr(not(all(feature = "engine", feature = "read-image")), allow(dead_code, unused_imports))]
mod network;

#[cfg(feature = "engine")]
mod model;

mod document;

#[cfg(any(feature = "engine", feature = "read-sql"))]
mod sql_value;

#[cfg(feature = "read-sql")]
mod sqlite;

mod lines;

mod read;

#[cfg(feature = "read-image")]
mod ocr;

mod format;

#[cfg(feature = "engine")]
mod text;

#[cfg(feature = "engine")]
mod table;

#[cfg(feature = "engine")]
mod chunk;
#[cfg(feature = "engine")]
mod embed;
#[cfg(feature = "engine")]
mod generate;

#[cfg(feature = "engine")]
mod index;
#[cfg(feature = "engine")]
mod store;

#[cfg(feature = "engine")]
mod feedback;

#[cfg(feature = "engine")]
mod knowledge_base;

#[cfg(feature = "engine")]
mod question;

#[cfg(any(feature = "engine", feature = "read-sql"))]
mod sql;

#[cfg(feature = "engine")]
mod retrieve;

#[cfg(feature = "engine")]
mod answer;

#[cfg(feature = "engine")]
mod engine;

// The one place outside kernel/, browser/ and store/ that knows the platform.
#[cfg(all(target_arch = "wasm32", feature = "engine"))]
pub mod browser;
#[cfg(not(target_arch = "wasm32"))]
mod native;
#[cfg(all(test, target_arch = "wasm32"))]
use browser::test;
#[cfg(all(test, not(target_arch = "wasm32")))]
use native::test;
#[cfg(all(not(target_arch = "wasm32"), feature = "engine"))]
pub use native::{DirectoryStore, use_threads};
#[cfg(all(target_arch = "wasm32", not(feature = "engine")))]
pub mod reader_module;

#[cfg(all(feature = "internals", feature = "engine"))]
pub mod internals;

#[cfg(test)]
#[path = "../tests/support/rng.rs"]
mod rng;

#[cfg(feature = "engine")]
pub use engine_exports::*;

pub use document::{
    Area, Block, BlockKind, Container, Document, DocumentId, DocumentInfo, FileDetails, FileKind,
    Picture, PictureSpot, PictureVector, Place, PlaceMark, Span,
};
pub use error::{Error, Result};
pub use fingerprint::Fingerprint;
pub use format::{
    FORMATS, FileReader, FileToRead, Format, InlineFileReader, MAX_TEXT_FILE_BYTES, ReaderModule,
    read_file, recognize,
};
pub use image_input::{ImageFit, ImageInput, Resampling};
#[cfg(feature = "read-image")]
pub use ocr::OcrModels;
pub use read::{
    FoundPicture, Member, Ocr, PictureAt, ReadFile, ReadLimits, ReadWatch, Rgb, TextLine, Unwatched,
};
pub use runtime::{CancelToken, Progress, Runtime, Stage, Task};
pub use source::ByteSource;

#[cfg(feature = "engine")]
mod engine_exports {
    pub use crate::answer::{
        AnswerEvent, AnswerReader, Answerability, AskOptions, AskTimings, CellCitation, Citation,
        CitedPicture, ClaimSupport, ComputedAnswer, EndReason, QuestionSignals, QuoteSignals,
        Readable, Reading, Told, Unsupported, prompt,
    };
    pub use crate::chunk::{
        Chunk, ChunkBudget, Chunker, MAX_CHUNK_BYTES, MAX_EMBEDDED_ROWS, MIN_CHUNK_TOKENS, chunk,
    };
    pub use crate::embed::{EmbedWorkers, Embedder, ImageEmbedder, PendingVectors, TokenizedText};
    pub use crate::engine::{
        AddedDocument, Engine, FeedbackStats, GeneratorSource, OriginalPicture, QueryAnswer,
        QueryOptions, QueuedInfo, RowsOptions, ShippedKnowledgeBase, ShownRows, SourceFile,
        VectorIndexStats, is_outdated,
    };
    pub use crate::feedback::HeldOut;
    pub use crate::generate::{
        AdapterFiles, ExternalGenerator, ExternalText, GenerateEnd, GenerateInput, GenerateOptions,
        GenerateTimings, Generation, Generator, Sampling, TokenBound,
    };
    pub use crate::index::{
        Comparison, Filter, GraphBuilder, InlineGraphBuilder, PendingGraph, PictureMatch,
        Predicate, SearchStrategy, VectorIndex, build_graph,
    };
    pub use crate::knowledge_base::{DamagedDocument, Preload, StoredDocument};
    pub use crate::model::{
        AnswerableThresholds, Calibration, ClaimCalibration, EmbedderOptions, KvCache, Message,
        OriginalFiles, OriginalImageEncoder, Pooling, ReaderCalibration, Role, SupportThreshold,
        WeightBits, convert_e5s1, is_image_encoder, quantize, quantize_image_encoder, quantize_to,
    };
    pub use crate::question::{Correction, PastQuestion};
    pub use crate::retrieve::Passage;
    #[cfg(feature = "read-sql")]
    pub use crate::sql::InlineSqlRunner;
    pub use crate::sql::{
        CatalogTable, DocumentTables, RowSource, SqlColumn, SqlRequest, SqlResult, SqlRows,
        SqlRunner, SqlTable,
    };
    pub use crate::sql_value::{SqlType, SqlValue};
    pub use crate::store::{Batch, Lease, MemoryStore, NamedLock, Store};
    pub use crate::table::{
        Candidate as TableCandidate, Column as TableColumn, ColumnKind, ColumnType,
        TABLE_CONFIDENCE, Table, TableAnswer, TableValue, Weights as TableWeights,
        answer as answer_table, candidates as table_candidates,
    };
    pub use crate::text::sentences;
}
