//! The files that agents may add.

use std::path::{Path, PathBuf};

use multimodal_rag::{Error, ReadLimits};

use crate::files::unreadable;

/// Folders whose files may be read.
pub(super) struct Allowed(Vec<PathBuf>);

impl Allowed {
    /// These folders.
    ///
    /// # Errors
    /// One that is not there.
    pub(super) fn new(folders: &[PathBuf]) -> Result<Self, Error> {
        folders.iter().map(|folder| real(folder)).collect::<Result<_, _>>().map(Self)
    }

    /// Where a path leads, if that is in one of the folders.
    pub(super) fn check(&self, path: &Path) -> Result<PathBuf, String> {
        // Whether a file outside is there is not said.
        let refused = || match &*self.0 {
            [] => "Files cannot be added: the server was started without --allow FOLDER. \
                   Add texts, or have it started with a folder."
                .to_owned(),
            folders => {
                let folders: Vec<_> = folders.iter().map(|it| it.display().to_string()).collect();
                let (path, folders) = (path.display(), folders.join(", "));
                format!("{path} is no file in a folder that may be read: {folders}.")
            }
        };
        let real = real(path).map_err(|_| refused())?;
        self.0.iter().any(|folder| real.starts_with(folder)).then_some(real).ok_or_else(refused)
    }
}

/// Refuses what is no file, such as a pipe that never ends, and files that are too large to be added.
pub(super) fn check_file(path: &Path) -> Result<(), String> {
    let details = path.metadata().map_err(|error| unreadable(path, &error).to_string())?;
    let most = ReadLimits::default().bytes;
    let shown = path.display();
    match details.len() {
        _ if !details.is_file() => Err(format!("{shown} is no file.")),
        bytes if bytes > most => Err(format!("{shown} has {bytes} bytes, more than {most}.")),
        _ => Ok(()),
    }
}

/// The path without links.
fn real(path: &Path) -> Result<PathBuf, Error> {
    path.canonicalize().map_err(|error| unreadable(path, &error))
}
