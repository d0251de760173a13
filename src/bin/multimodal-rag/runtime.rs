//! Time, turns and files of a process that does one thing at a time.

use std::fs::File;
use std::future::Future;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use multimodal_rag::{ByteSource, Error, Result, Runtime};

/// The process's clock; nobody waits for a turn.
pub(crate) struct NativeRuntime(Instant);

impl NativeRuntime {
    pub(crate) fn new() -> Self {
        Self(Instant::now())
    }
}

#[async_trait(?Send)]
impl Runtime for NativeRuntime {
    fn now_ms(&self) -> f64 {
        self.0.elapsed().as_secs_f64() * 1000.0
    }

    fn unix_ms(&self) -> f64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |t| t.as_secs_f64() * 1000.0)
    }

    async fn yield_now(&self) {}
}

/// A model file on disk.
pub(crate) struct FileSource {
    file: File,
    size: u64,
    path: PathBuf,
}

impl FileSource {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let opened = File::open(path).and_then(|file| Ok((file.metadata()?.len(), file)));
        let (size, file) = opened.map_err(|e| unreadable(path, &e))?;
        Ok(Self { file, size, path: path.to_owned() })
    }
}

#[async_trait(?Send)]
impl ByteSource for FileSource {
    fn size(&self) -> u64 {
        self.size
    }

    async fn read(&self, start: u64, piece: &mut [u8]) -> Result<()> {
        let mut file = &self.file;
        let read = file.seek(SeekFrom::Start(start)).and_then(|_| file.read_exact(piece));
        read.map_err(|e| unreadable(&self.path, &e))
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Error {
    Error::DownloadFailed { url: path.display().to_string(), detail: error.to_string() }
}

/// Runs a future that never has to wait for anything outside.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}
