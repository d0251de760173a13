//! Byte sources: files whose bytes are read by range, from memory, disk or elsewhere.

use async_trait::async_trait;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::fingerprint::Fingerprint;
use crate::runtime::{Runtime, Stage, Task};

/// The most bytes of a read. To hash or convert them is one step, of some milliseconds.
pub(crate) const PIECE_BYTES: usize = 1 << 20;

/// The bytes of a model file or an export, in memory, on disk or elsewhere. Models are loaded from it piece by
/// piece, so that the file is never in memory beside its model.
///
/// The bytes must not change while a model is loaded, because they are checked first and used
/// later.
#[async_trait(?Send)]
pub trait ByteSource {
    /// The number of bytes.
    fn size(&self) -> u64;

    /// Fills `piece`, which is at most 1 MiB, with the bytes from `start` on. All of them are
    /// within the file.
    async fn read(&self, start: u64, piece: &mut [u8]) -> Result<()>;

    /// The fingerprint of all bytes, if it is known. Otherwise it is computed while a model is
    /// loaded.
    fn fingerprint(&self) -> Option<Fingerprint> {
        None
    }

    /// Computes the fingerprint of the bytes that [`ByteSource::read`] returns, if the source can
    /// do that faster than by reads. It is called at most once, and only if
    /// [`ByteSource::fingerprint`] is `None`. With `None` here too, the file is read to compute it.
    async fn hash(&self) -> Option<Fingerprint> {
        None
    }
}

#[async_trait(?Send)]
impl ByteSource for [u8] {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    async fn read(&self, start: u64, piece: &mut [u8]) -> Result<()> {
        piece.copy_from_slice(&self[start as usize..][..piece.len()]);
        Ok(())
    }
}

#[async_trait(?Send)]
impl ByteSource for Vec<u8> {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    async fn read(&self, start: u64, piece: &mut [u8]) -> Result<()> {
        self.as_slice().read(start, piece).await
    }
}

#[async_trait(?Send)]
impl<F: ByteSource + ?Sized> ByteSource for &F {
    fn size(&self) -> u64 {
        (**self).size()
    }

    async fn read(&self, start: u64, piece: &mut [u8]) -> Result<()> {
        (**self).read(start, piece).await
    }

    fn fingerprint(&self) -> Option<Fingerprint> {
        (**self).fingerprint()
    }

    async fn hash(&self) -> Option<Fingerprint> {
        (**self).hash().await
    }
}

/// Reads a file in steps. Between two steps the runtime yields, and the work can be cancelled.
pub(crate) struct SourceReader<'a> {
    file: &'a dyn ByteSource,
    /// The error of a file that ends too early.
    cut_short: fn(String) -> Error,
    runtime: &'a dyn Runtime,
    task: &'a Task,
}

impl<'a> SourceReader<'a> {
    /// Reads a model file.
    pub(crate) fn new(file: &'a dyn ByteSource, runtime: &'a dyn Runtime, task: &'a Task) -> Self {
        Self { file, cut_short: |detail| Error::CorruptModel { detail }, runtime, task }
    }

    /// Reads an exported knowledge base.
    pub(crate) fn of_export(
        file: &'a dyn ByteSource,
        runtime: &'a dyn Runtime,
        task: &'a Task,
    ) -> Self {
        Self { file, cut_short: |detail| Error::CorruptExport { detail }, runtime, task }
    }

    pub(crate) fn size(&self) -> u64 {
        self.file.size()
    }

    /// Fills `into` with the bytes from `start` on, in a step for each piece.
    pub(crate) async fn read(&self, mut start: u64, into: &mut [u8]) -> Result<()> {
        let end = start.checked_add(into.len() as u64);
        if end.is_none_or(|end| end > self.size()) {
            return Err((self.cut_short)("it ends too early".to_owned()));
        }
        for piece in into.chunks_mut(PIECE_BYTES) {
            let length = piece.len() as u64;
            self.task.unless_cancelled(self.file.read(start, piece)).await??;
            start += length;
            self.step().await?;
        }
        Ok(())
    }

    /// Ends a step of work with the bytes that were read.
    pub(crate) async fn step(&self) -> Result<()> {
        self.task.step(self.runtime).await
    }

    /// The fingerprint of the file, which is computed if it is not known.
    pub(crate) async fn fingerprint(&self) -> Result<Fingerprint> {
        if let Some(known) = self.file.fingerprint() {
            return Ok(known);
        }
        let (total, since) = (self.size(), self.runtime.now_ms());
        let report = |done| {
            self.task.report(self.runtime, Stage::Load, done, total, "bytes", since);
        };
        report(0);
        if let Some(hash) = self.task.unless_cancelled(self.file.hash()).await? {
            report(total);
            self.step().await?;
            return Ok(hash);
        }
        let (mut done, mut hash) = (0, Sha256::new());
        let mut piece = vec![0; total.min(PIECE_BYTES as u64) as usize];
        while done < total {
            let length = (total - done).min(PIECE_BYTES as u64);
            let piece = &mut piece[..length as usize];
            self.read(done, piece).await?;
            hash.update(&*piece);
            done += length;
            report(done);
        }
        Ok(Fingerprint::from_hash(hash))
    }

    /// Reports how many layers of a model are loaded; loading them began at `since_ms`.
    pub(crate) fn report_layers(&self, done: usize, total: usize, since_ms: f64) {
        let (done, total) = (done as u64, total as u64);
        self.task.report(self.runtime, Stage::Load, done, total, "layers", since_ms);
    }

    pub(crate) fn now_ms(&self) -> f64 {
        self.runtime.now_ms()
    }
}
