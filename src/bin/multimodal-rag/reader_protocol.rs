//! What the process that reads a file is sent, and what it answers.

use std::io::{self, Read, Write};

use multimodal_rag::{FileKind, ImageInput, ReadFile, ReadLimits};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A file to read, which the process gets on its standard input.
#[derive(Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) name: String,
    pub(crate) media_type: Option<String>,
    pub(crate) password: Option<String>,
    pub(crate) limits: ReadLimits,
    pub(crate) image_input: Option<ImageInput>,
    #[serde(with = "serde_bytes")]
    pub(crate) bytes: Vec<u8>,
}

/// What the process writes to its standard output: steps, then one of the others.
#[derive(Serialize, Deserialize)]
pub(crate) enum Answer {
    /// So much is done.
    Step { done: u64, total: u64, unit: String },
    /// What was read.
    Read(Box<(FileKind, ReadFile)>),
    /// The file cannot be read.
    Failed { code: String, message: String },
}

/// Writes a message: its length in four bytes, lowest first, and its body.
pub(crate) fn write(to: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    let body = postcard::to_allocvec(message).map_err(io::Error::other)?;
    let length = u32::try_from(body.len()).map_err(io::Error::other)?;
    to.write_all(&length.to_le_bytes())?;
    to.write_all(&body)?;
    to.flush()
}

/// Reads a message that [`write`] wrote.
pub(crate) fn read<T: DeserializeOwned>(from: &mut impl Read) -> io::Result<T> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let mut body = Vec::new();
    from.take(u32::from_le_bytes(length).into()).read_to_end(&mut body)?;
    postcard::from_bytes(&body).map_err(io::Error::other)
}
