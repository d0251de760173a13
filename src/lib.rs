//! Ask your own files, in the page: a retrieval-augmented generation engine that
//! compiles to WebAssembly and runs wholly on the user's machine.
//!
//! The modules are the pipeline, in order:
//!
//! 1. `parse`: a file's bytes become a [`Document`], its plain text and blocks.
//! 2. `chunk`: the document is cut into [`Chunk`]s that each know their [`Span`].
//! 3. `embed`: an [`Embedder`] turns texts into vectors of unit length.
//! 4. `index`: chunks, vectors and terms become an immutable [`Segment`].
//! 5. `store`: records are kept between visits, behind the [`Store`] trait.
//! 6. `filter`, `retrieve`, `quote`, `near`: a question finds [`Passage`]s, the sentences that
//!    answer, and whether they are near enough to.
//! 7. `prompt`, `generate`: a [`Generator`] writes a text from the best passages.
//! 8. `ground`, `answer`: each of its sentences is tied to a [`Citation`], or marked.
//!
//! [`Engine`] wires them together. The core reads no clock, opens no connection and
//! prints nothing: time, turns and storage are handed in ([`Host`], [`Store`]), and
//! long work is made of steps between which a [`Stop`] is heard.
//!
//! ```
//! use multimodal_rag::{Document, parse, sentences};
//!
//! let file = b"# Opening hours\n\nThe museum opens at nine. It closes at five.";
//! let (_, document) = parse("hours.md", None, file)?;
//! let body = document.slice(document.blocks[1].span);
//! assert_eq!(sentences(body).len(), 2);
//! # Ok::<(), multimodal_rag::Error>(())
//! ```
//!
//! Limits: files of text, Markdown and HTML up to [`MAX_FILE_BYTES`]; encoders of the
//! BERT family; decoders of the Llama, Qwen and Gemma families; one writer
//! at a time among all tabs.

mod answer;
mod chunk;
mod document;
mod embed;
mod engine;
mod error;
mod filter;
mod generate;
mod ground;
mod hex;
mod host;
mod index;
mod kernel;
mod knowledge_base;
mod model;
mod near;
mod parse;
mod prompt;
mod quote;
mod retrieve;
mod sentence;
mod store;
mod turns;

#[cfg(target_arch = "wasm32")]
pub mod browser;

#[cfg(test)]
#[path = "../tests/index/chance.rs"]
mod chance;

#[cfg(all(test, target_arch = "wasm32"))]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

pub use answer::{AnswerEvent, AskOptions, AskTimings, Citation, EndReason};
pub use chunk::{Chunk, ChunkBudget, Chunker, MAX_CHUNK_BYTES, MIN_CHUNK_TOKENS, chunk};
pub use document::{Block, BlockKind, Document, DocumentId, DocumentInfo, FileKind, Span};
pub use embed::{Answer, Embedder, Helpers, TokenizedText};
pub use engine::{AddedDocument, Engine, GeneratorSource, SourceFile};
pub use error::{Error, Result};
pub use filter::{Comparison, Filter, Test};
pub use generate::{
    GenerateEnd, GenerateInput, GenerateOptions, GenerateTimings, Generator, Sampling,
};
pub use host::{Host, Progress, Stage, Stop, Task};
pub use index::{
    Bits, Code, Codes, DENSE_WEIGHT, GRAPH_EF_SEARCH, GRAPH_MIN_CHUNKS, Graph, Hit, Index,
    Language, Languages, MergeSource, Postings, Scanned, Segment, SegmentBuilder, SegmentMerger,
    Way, best, nearest, nearest_by, terms,
};
#[cfg(not(target_arch = "wasm32"))]
pub use kernel::use_threads;
pub use kernel::{
    MAX_DOT_I8, MAX_SIGN_ENTRY, SIGN_ROWS, SIGN_STEP, dot_i8, dot_rows, dot_rows_at,
    largest_of_query, sign_place, sum_by_tables,
};
pub use knowledge_base::{DamagedDocument, KnowledgeBaseWriter, ReadAhead, StoredDocument};
pub use model::{
    EmbedderOptions, Fingerprint, KvCache, Message, ModelFile, OriginalFiles, Pooling, Role,
    quantize,
};
pub use parse::{MAX_FILE_BYTES, parse};
pub use prompt::prompt;
pub use retrieve::Passage;
pub use sentence::sentences;
#[cfg(not(target_arch = "wasm32"))]
pub use store::DirectoryStore;
pub use store::{Batch, Claim, Lease, MemoryStore, Store};
