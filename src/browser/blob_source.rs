//! Blobs: bytes that the browser keeps, outside of the module's memory.

use std::cell::{Cell, RefCell};
use std::pin::pin;

use async_trait::async_trait;
use futures_util::future::{Either, select};
use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, SubtleCrypto};

use super::convert::{describe, global, property};
use crate::error::{Error, Result};
use crate::fingerprint::Fingerprint;
use crate::kernel::try_with_capacity;
use crate::runtime::{Runtime, Task};
use crate::source::{ByteSource, SourceReader};

/// The largest model file accepted: beyond it, a 32-bit module cannot hold the model.
pub(super) const MAX_MODEL_BYTES: u64 = 2 << 30;
/// Chunks are put together in Blobs of this size, which the browser may keep on disk.
const PART_BYTES: u32 = 8 << 20;
/// Pieces up to this size are read together with what lies around them, since a model has
/// many such side by side, and to ask a Blob takes about a millisecond.
const SMALL_BYTES: usize = 16 << 10;
/// What is read around a small piece.
const WINDOW_BYTES: u64 = 512 << 10;

/// A model file up to this size is in the browser's memory as a whole, outside of the module's,
/// while a model is loaded from it: an embedder is, a generator not. The browser hashes it there
/// several times as fast as the module could, and on a thread of its own.
const MAX_WHOLE_BYTES: u64 = 64 << 20;

/// A model file that is a Blob.
pub(super) struct BlobSource {
    blob: Blob,
    /// How errors call it.
    name: String,
    fingerprint: Option<Fingerprint>,
    whole: Option<Whole>,
    /// What lies around the last small piece, and where that begins.
    window: RefCell<(u64, Uint8Array)>,
}

impl BlobSource {
    /// Of bytes with this fingerprint, where it is known.
    pub(super) fn new(blob: Blob, name: &str, fingerprint: Option<Fingerprint>) -> Result<Self> {
        let window = RefCell::new((0, Uint8Array::new_with_length(0)));
        let file = Self { blob, name: name.to_owned(), fingerprint, whole: None, window };
        if file.size() <= MAX_MODEL_BYTES {
            return Ok(file);
        }
        Err(Error::TooLarge {
            what: "The model file".to_owned(),
            got: file.size(),
            limit: MAX_MODEL_BYTES,
            unit: "bytes",
        })
    }

    /// Of bytes that nobody has looked at yet. Where they are few, they are being hashed from
    /// now on.
    pub(super) async fn open(blob: Blob, name: &str, task: &Task) -> Result<Self> {
        let mut file = Self::new(blob, name, None)?;
        if file.size() <= MAX_WHOLE_BYTES {
            let whole = Whole::read(&file.blob);
            file.whole = match select(pin!(whole), pin!(task.cancel.cancelled())).await {
                Either::Left((whole, _)) => whole,
                Either::Right(_) => return Err(Error::Aborted),
            };
        }
        Ok(file)
    }

    /// The same file, once its fingerprint was found out.
    pub(super) fn with_fingerprint(self, fingerprint: Fingerprint) -> Self {
        Self { fingerprint: Some(fingerprint), ..self }
    }

    /// Of bytes that are in the module's memory.
    pub(super) async fn of_bytes(bytes: &[u8], name: &str, task: &Task) -> Result<Self> {
        let parts = Array::of1(&Uint8Array::from(bytes));
        let blob = Blob::new_with_u8_array_sequence(&parts);
        let blob = blob.map_err(|e| Error::Internal { detail: describe(&e) })?;
        Self::open(blob, name, task).await
    }

    /// What loads the same file elsewhere, without a copy.
    pub(super) fn as_source(&self) -> JsValue {
        let source = Object::new();
        // Fails on no plain object.
        let _ = Reflect::set(&source, &"file".into(), &self.blob);
        source.into()
    }

    /// All of it, as what must be there as a whole.
    pub(super) async fn read_all(&self, runtime: &dyn Runtime, task: &Task) -> Result<Vec<u8>> {
        let mut bytes = try_with_capacity(self.size() as usize)?;
        bytes.resize(self.size() as usize, 0);
        SourceReader::new(self, runtime, task).read(0, &mut bytes).await?;
        Ok(bytes)
    }

    /// The bytes from `start` to `end`, or those that are there of them.
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
        Error::DownloadFailed { url: self.name.clone(), detail }
    }
}

/// All bytes of a file, and their hash, which the browser computes meanwhile.
struct Whole {
    bytes: Uint8Array,
    hash: Cell<Option<JsFuture>>,
}

impl Whole {
    /// None where the browser refuses: in pieces it may not, or says why.
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

/// Has the browser compute the SHA-256 of these bytes.
fn start_hash(bytes: &Uint8Array) -> Option<JsFuture> {
    // Missing on pages that are not secure.
    let crypto = global().crypto().ok()?;
    let subtle: SubtleCrypto = property(&crypto, "subtle")?.unchecked_into();
    subtle.digest_with_str_and_buffer_source("SHA-256", bytes).ok().map(JsFuture::from)
}

/// Copies a piece out of `bytes`, if all of it is there.
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
        if piece.len() > SMALL_BYTES || end > window + WINDOW_BYTES {
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

/// Chunks on their way into one Blob.
#[derive(Default)]
pub(super) struct BlobBuilder {
    parts: Array,
    chunks: Array,
    chunk_bytes: u32,
}

impl BlobBuilder {
    pub(super) fn push(&mut self, chunk: &Uint8Array) -> Result<(), JsValue> {
        self.chunks.push(chunk);
        self.chunk_bytes += chunk.length();
        if self.chunk_bytes >= PART_BYTES { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), JsValue> {
        let chunks = std::mem::take(&mut self.chunks);
        self.chunk_bytes = 0;
        self.parts.push(Blob::new_with_u8_array_sequence(&chunks)?.unchecked_ref());
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<Blob, JsValue> {
        self.flush()?;
        Blob::new_with_blob_sequence(&self.parts)
    }
}
