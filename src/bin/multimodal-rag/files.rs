//! Local files, with errors that name them.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use multimodal_rag::{ByteSource, Error, Result};

/// Reads a whole file.
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| unreadable(path, &error))
}

/// Writes a whole file. A reader never finds half of it: the file gets its name when it is
/// complete.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<()> {
    let partial = path.with_extension("partial");
    fs::write(&partial, bytes)
        .and_then(|()| fs::rename(&partial, path))
        .map_err(|error| unwritable(path, &error))
}

/// A model file or an exported knowledge base on disk.
pub(crate) struct FileSource {
    file: File,
    size: u64,
    path: PathBuf,
}

impl FileSource {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let (file, size) = open(path).map_err(|error| unreadable(path, &error))?;
        Ok(Self { file, size, path: path.to_owned() })
    }
}

/// The file and its size. A directory can be opened, but not read.
fn open(path: &Path) -> io::Result<(File, u64)> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    Ok((file, metadata.len()))
}

#[async_trait(?Send)]
impl ByteSource for FileSource {
    fn size(&self) -> u64 {
        self.size
    }

    async fn read(&self, start: u64, piece: &mut [u8]) -> Result<()> {
        let mut file = &self.file;
        let read = file.seek(SeekFrom::Start(start)).and_then(|_| file.read_exact(piece));
        read.map_err(|error| unreadable(&self.path, &error))
    }
}

pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Error {
    Error::UnreadableFile { name: path.display().to_string(), detail: error.to_string() }
}

pub(crate) fn unwritable(path: &Path, error: &io::Error) -> Error {
    Error::UnwritableFile { name: path.display().to_string(), detail: error.to_string() }
}
