//! Blobs as byte sources: the browser keeps the bytes outside of the module's memory.

use std::cell::{Cell, RefCell};

use async_trait::async_trait;
use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, SubtleCrypto};

use super::convert::{describe, global, property, text_property};
use crate::error::{Error, Result};
use crate::fingerprint::Fingerprint;
use crate::kernel::try_with_capacity;
use crate::runtime::{Runtime, Task};
use crate::source::{ByteSource, SourceReader};

/// The largest model file, and the largest export, that is read. A 32-bit module cannot hold
/// the model, or the index, of a larger file.
pub(super) const MAX_BYTES: u64 = 2 << 30;
/// Pieces are joined into Blobs of this size, which the browser may keep on disk.
const PART_BYTES: u32 = 8 << 20;
/// A piece up to this size is read together with the bytes around it: a model has many small
/// tensors next to each other, and one read of a Blob takes about a millisecond.
const MAX_SMALL_BYTES: usize = 16 << 10;
/// The bytes that are read around a small piece.
const WINDOW_BYTES: u64 = 512 << 10;

/// A model file up to this size (every embedder, no generator) is in the browser's memory as a
/// whole while a model is loaded from it. The browser hashes it there several times as fast as
/// the module could, on another thread.
const MAX_WHOLE_BYTES: u64 = 64 << 20;

/// A file that is a Blob.
pub(super) struct BlobSource {
    blob: Blob,
    /// The name of the file in errors.
    name: String,
    fingerprint: Option<Fingerprint>,
    whole: Option<WholeFile>,
    /// The bytes around the last small piece, and the offset at which they begin.
    window: RefCell<(u64, Uint8Array)>,
}

impl BlobSource {
    /// A model file from which nothing has been read yet. The browser begins to hash a small one.
    pub(super) async fn open_model(blob: Blob, name: &str, task: &Task) -> Result<Self> {
        let mut file = Self::new(blob, name, "The model file")?;
        if file.size() <= MAX_WHOLE_BYTES {
            file.whole = task.unless_cancelled(WholeFile::read(&file.blob)).await?;
        }
        Ok(file)
    }

    /// A model file whose fingerprint is known.
    pub(super) fn of_hashed_model(
        blob: Blob,
        name: &str,
        fingerprint: Fingerprint,
    ) -> Result<Self> {
        Ok(Self::new(blob, name, "The model file")?.with_fingerprint(fingerprint))
    }

    /// A model file whose bytes are in the module's memory.
    pub(super) async fn of_model_bytes(bytes: &[u8], name: &str, task: &Task) -> Result<Self> {
        let mut blob = BlobBuilder::default();
        blob.push(&Uint8Array::from(bytes))?;
        Self::open_model(blob.finish()?, name, task).await
    }

    /// An exported knowledge base.
    pub(super) fn open_export(blob: Blob) -> Result<Self> {
        Self::new(blob, "the exported file", "The exported file")
    }

    /// Takes the name of a [`File`](web_sys::Blob), else `name`; `what` is the file in the error
    /// of one that is too large.
    fn new(blob: Blob, name: &str, what: &str) -> Result<Self> {
        let name = text_property(&blob, "name").unwrap_or_else(|| name.to_owned());
        let window = RefCell::new((0, Uint8Array::new_with_length(0)));
        let file = Self { blob, name, fingerprint: None, whole: None, window };
        if file.size() <= MAX_BYTES {
            return Ok(file);
        }
        let (what, got) = (what.to_owned(), file.size());
        let advice = "Choose a smaller one.";
        Err(Error::TooLarge { what, got, limit: MAX_BYTES, unit: "bytes", advice })
    }

    /// The same file with its fingerprint.
    pub(super) fn with_fingerprint(self, fingerprint: Fingerprint) -> Self {
        Self { fingerprint: Some(fingerprint), ..self }
    }

    /// A model source from which another worker loads the same file, without a copy.
    pub(super) fn as_source(&self) -> JsValue {
        let source = Object::new();
        // Setting a property of a plain object does not fail.
        let _ = Reflect::set(&source, &"file".into(), &self.blob);
        source.into()
    }

    /// The Blob, which another worker reads without a copy.
    pub(super) fn into_blob(self) -> Blob {
        self.blob
    }

    /// All bytes of the file.
    pub(super) async fn read_all(&self, runtime: &dyn Runtime, task: &Task) -> Result<Vec<u8>> {
        let mut bytes = try_with_capacity(self.size() as usize)?;
        bytes.resize(self.size() as usize, 0);
        SourceReader::new(self, runtime, task).read(0, &mut bytes).await?;
        Ok(bytes)
    }

    /// The bytes from `start` to `end`, or up to the end of the file.
    async fn slice(&self, start: u64, end: u64) -> Result<Uint8Array> {
        let bytes = async {
            let slice = self.blob.slice_with_f64_and_f64(start as f64, end as f64)?;
            JsFuture::from(slice.array_buffer()).await.map(|buffer| Uint8Array::new(&buffer))
        };
        bytes.await.map_err(|error| self.failed(describe(&error)))
    }

    fn cut_short(&self, end: u64) -> Error {
        self.failed(format!("it ends before byte {end}"))
    }

    fn failed(&self, detail: String) -> Error {
        Error::UnreadableFile { name: self.name.clone(), detail }
    }
}

/// All bytes of a file, and their hash, which the browser computes in the background.
struct WholeFile {
    bytes: Uint8Array,
    hash: Cell<Option<JsFuture>>,
}

impl WholeFile {
    /// None where the browser cannot read the file at once. Reading it in pieces may succeed, or
    /// gives the reason.
    async fn read(blob: &Blob) -> Option<Self> {
        let buffer = JsFuture::from(blob.array_buffer()).await.ok()?;
        let bytes = Uint8Array::new(&buffer);
        let hash = Cell::new(start_hash(&bytes));
        Some(Self { bytes, hash })
    }

    async fn hash(&self) -> Option<Fingerprint> {
        let hash = self.hash.take()?.await.ok()?;
        Some(Fingerprint::from_bytes(Uint8Array::new(&hash).to_vec().try_into().ok()?))
    }
}

/// Has the browser compute the SHA-256 of these bytes; none where it cannot.
fn start_hash(bytes: &Uint8Array) -> Option<JsFuture> {
    // Pages that are no secure context have no `crypto.subtle`.
    let crypto = global().crypto().ok()?;
    let subtle: SubtleCrypto = property(&crypto, "subtle")?.unchecked_into();
    subtle.digest_with_str_and_buffer_source("SHA-256", bytes).ok().map(JsFuture::from)
}

/// Copies a piece out of `bytes`; none where they end before the piece does.
fn copy(bytes: &Uint8Array, offset: u32, piece: &mut [u8]) -> Option<()> {
    let end = offset + piece.len() as u32;
    (end <= bytes.length()).then(|| bytes.subarray(offset, end).copy_to(piece))
}

#[async_trait(?Send)]
impl ByteSource for BlobSource {
    fn size(&self) -> u64 {
        self.blob.size() as u64
    }

    async fn read(&self, start: u64, piece: &mut [u8]) -> Result<()> {
        let end = start + piece.len() as u64;
        if let Some(whole) = &self.whole {
            return copy(&whole.bytes, start as u32, piece).ok_or_else(|| self.cut_short(end));
        }
        let window = start / WINDOW_BYTES * WINDOW_BYTES;
        if piece.len() > MAX_SMALL_BYTES || end > window + WINDOW_BYTES {
            let bytes = self.slice(start, end).await?;
            return copy(&bytes, 0, piece).ok_or_else(|| self.cut_short(end));
        }
        if self.window.borrow().0 != window || self.window.borrow().1.length() == 0 {
            let around = self.slice(window, window + WINDOW_BYTES).await?;
            self.window.replace((window, around));
        }
        let offset = (start - window) as u32;
        copy(&self.window.borrow().1, offset, piece).ok_or_else(|| self.cut_short(end))
    }

    fn fingerprint(&self) -> Option<Fingerprint> {
        self.fingerprint
    }

    async fn hash(&self) -> Option<Fingerprint> {
        self.whole.as_ref()?.hash().await
    }
}

/// Joins pieces into one Blob.
#[derive(Default)]
pub(super) struct BlobBuilder {
    parts: Array,
    /// The pieces of the next part.
    pieces: Array,
    piece_bytes: u32,
}

impl BlobBuilder {
    pub(super) fn push(&mut self, piece: &Uint8Array) -> Result<()> {
        self.pieces.push(piece);
        self.piece_bytes += piece.length();
        if self.piece_bytes >= PART_BYTES { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        let pieces = std::mem::take(&mut self.pieces);
        self.piece_bytes = 0;
        let part = Blob::new_with_u8_array_sequence(&pieces).map_err(not_built)?;
        self.parts.push(&part);
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<Blob> {
        self.flush()?;
        Blob::new_with_blob_sequence(&self.parts).map_err(not_built)
    }
}

/// The error of a browser that has no memory or disk space for a Blob.
fn not_built(error: JsValue) -> Error {
    let name = "temporary file of the browser".to_owned();
    Error::UnwritableFile { name, detail: describe(&error) }
}
