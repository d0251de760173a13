//! Calls docling, whose backends read the formats.

use docling::backend::DeclarativeBackend;
use docling::{ConversionError, DoclingDocument, InputFormat, SourceDocument};
use docling_core::EncryptionError;

use crate::error::{Error, Result};
use crate::read::Input;

/// What docling makes of a file.
///
/// # Errors
/// [`Error::PasswordRequired`] where it is encrypted, otherwise [`Error::DamagedFile`].
pub(super) fn convert(
    input: &Input<'_>,
    backend: &impl DeclarativeBackend,
    format: InputFormat,
    bytes: Vec<u8>,
) -> Result<DoclingDocument> {
    let source = SourceDocument::from_bytes(input.name, format, bytes);
    backend.convert(&source).map_err(|error| failure(input, &error))
}

fn failure(input: &Input<'_>, error: &ConversionError) -> Error {
    match error.encryption() {
        Some(EncryptionError::NeedPassword | EncryptionError::WrongPassword) => encrypted(input),
        Some(_) => undecryptable(input),
        None => input.damaged(error.to_string()),
    }
}

/// The error of a file that is encrypted.
pub(super) fn encrypted(input: &Input<'_>) -> Error {
    match input.password {
        None => Error::PasswordRequired { name: input.name.to_owned() },
        Some(_) => undecryptable(input),
    }
}

/// The error of a file that is encrypted in a way that is not read.
pub(super) fn undecryptable(input: &Input<'_>) -> Error {
    Error::UnsupportedFormat {
        name: input.name.to_owned(),
        found: "an encrypted office file".to_owned(),
        supported: "a copy that is saved without a password".to_owned(),
    }
}
