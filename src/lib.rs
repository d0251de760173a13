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
//! | `kernel` | arithmetic on packed numbers, the only `unsafe` code |
//! | `model` | model files become encoders, with their heads, and decoders |
//! | `document` | [`Document`]: text, blocks, and what is known of a file |
//! | `read` | a file's bytes become a [`Document`], one reader a format |
//! | `format` | the table of formats: how a file is recognized, and its reader |
//! | `chunk` | a document is cut into [`Chunk`]s, each with its [`Span`] |
//! | `embed` | an [`Embedder`] turns texts into vectors of unit length |
//! | `generate` | a [`Generator`] writes text, token by token |
//! | `index` | chunks, vectors, terms and HNSW graphs: immutable segments that are searched |
//! | `store` | named records and atomic batches, behind the [`Store`] trait |
//! | `knowledge_base` | the list of live segments, commits, jobs, export and import |
//! | `retrieve` | a question finds [`Passage`]s: words and vectors, fused; a reranker belongs here |
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
//! use multimodal_rag::{Document, read_file, sentences};
//!
//! let file = b"# Opening hours\n\nThe museum opens at nine. It closes at five.";
//! let (_, document) = read_file("hours.md", None, file)?;
//! let body = document.slice(document.blocks[1].span);
//! assert_eq!(sentences(body).len(), 2);
//! # Ok::<(), multimodal_rag::Error>(())
//! ```
//!
//! Limits: text only, no image or audio encoder yet; files of the formats in [`FORMATS`] up to
//! [`MAX_FILE_BYTES`]; encoders of the BERT family; decoders of the Llama, Qwen and Gemma families; one writer at a time among
//! all tabs.

// Without the feature `internals` nothing outside reaches what only tests and benchmarks use.
#![cfg_attr(not(feature = "internals"), allow(dead_code, unreachable_pub, unused_imports))]

mod error;
mod runtime;

mod fingerprint;
mod record;
mod source;

mod kernel;
mod model;

mod document;

mod read;

mod format;

mod chunk;
mod embed;
mod generate;

mod index;
mod store;

mod knowledge_base;

mod retrieve;

mod answer;

mod engine;

// The one place outside kernel/, browser/ and store/ that knows the platform.
#[cfg(target_arch = "wasm32")]
pub mod browser;
#[cfg(not(target_arch = "wasm32"))]
mod native;
#[cfg(all(test, target_arch = "wasm32"))]
use browser::test;
#[cfg(all(test, not(target_arch = "wasm32")))]
use native::test;
#[cfg(not(target_arch = "wasm32"))]
pub use native::{DirectoryStore, use_threads};

#[cfg(feature = "internals")]
pub mod internals;

#[cfg(test)]
#[path = "../tests/support/rng.rs"]
mod rng;

pub use answer::{AnswerEvent, AskOptions, AskTimings, Citation, EndReason, prompt};
pub use chunk::{Chunk, ChunkBudget, Chunker, MAX_CHUNK_BYTES, MIN_CHUNK_TOKENS, chunk, sentences};
pub use document::{Block, BlockKind, Document, DocumentId, DocumentInfo, FileKind, Span};
pub use embed::{EmbedWorkers, Embedder, PendingVectors, TokenizedText};
pub use engine::{AddedDocument, Engine, GeneratorSource, SourceFile, VectorIndexStats};
pub use error::{Error, Result};
pub use fingerprint::Fingerprint;
pub use format::{FORMATS, Format, MAX_FILE_BYTES, read_file};
pub use generate::{
    GenerateEnd, GenerateInput, GenerateOptions, GenerateTimings, Generator, Sampling,
};
pub use index::{
    Comparison, Filter, GraphBuilder, InlineGraphBuilder, PendingGraph, Predicate, SearchStrategy,
    VectorIndex, build_graph,
};
pub use knowledge_base::{DamagedDocument, Preload, StoredDocument};
pub use model::{EmbedderOptions, KvCache, Message, OriginalFiles, Pooling, Role, quantize};
pub use retrieve::Passage;
pub use runtime::{CancelToken, Progress, Runtime, Stage, Task};
pub use source::ByteSource;
pub use store::{Batch, Lease, MemoryStore, NamedLock, Store};
