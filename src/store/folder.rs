//! The file operations of a store in a folder.

use std::fmt;
use std::io;

use crate::error::Error;

/// A folder, whose files are known by their names. It is locked: nobody else changes it.
pub(crate) trait Folder: fmt::Debug {
    /// The bytes of a file; none where it is missing.
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>>;

    /// Writes a file and waits until it is on the disk.
    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()>;

    /// Gives a file another name, in the place of a file that has it.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Waits until the names of its files are on the disk.
    fn sync(&self) -> io::Result<()>;

    /// The names of its files.
    fn names(&self) -> io::Result<Vec<String>>;

    /// What errors call it.
    fn path(&self) -> String;
}

/// The error of a failed file operation in this folder. A failure that the user can act on has a variant of its own.
pub(crate) fn failed_at(path: &str, action: &'static str, error: &io::Error) -> Error {
    use io::ErrorKind::{
        AlreadyExists, InvalidFilename, NotADirectory, PermissionDenied, QuotaExceeded,
        ReadOnlyFilesystem, StorageFull,
    };
    let detail = format!("{path}: {error}");
    match error.kind() {
        StorageFull | QuotaExceeded => Error::QuotaExceeded { detail },
        // A file in place of the folder "already exists".
        PermissionDenied | ReadOnlyFilesystem | NotADirectory | AlreadyExists | InvalidFilename => {
            Error::StorageRefused { detail, advice: "Choose a folder that you can write to." }
        }
        _ => Error::StorageFailed { action, detail },
    }
}
