//! A folder of the native file system.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::folder::{Folder, failed_at};
use crate::error::{Error, Result};

const LOCK: &str = "lock";

/// A folder that this process has locked.
#[derive(Debug)]
pub(super) struct NativeFolder {
    directory: PathBuf,
    _holder: HolderFile,
    /// Closing the file releases the lock.
    _lock: File,
}

impl NativeFolder {
    /// Makes the folder where it is missing, and locks it.
    pub(super) fn open(directory: PathBuf) -> Result<Self> {
        let failed = |error: io::Error| {
            failed_at(&directory.display().to_string(), "open the folder", &error)
        };
        let blocked = || Error::StorageBlocked { action: "opened", holder: "another process" };
        make_private(&directory).map_err(failed)?;
        let lock = File::create(directory.join(LOCK)).map_err(failed)?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => blocked(),
            TryLockError::Error(error) => failed(error),
        })?;
        let holder = HolderFile::take(&directory).map_err(failed)?.ok_or_else(blocked)?;
        Ok(Self { directory, _holder: holder, _lock: lock })
    }

    fn at(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }
}

/// Makes the folder where it is missing, for this user alone where the system has such rights.
fn make_private(directory: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

impl Folder for NativeFolder {
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.at(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some),
        }
    }

    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut file = File::create(self.at(name))?;
        file.write_all(bytes)?;
        file.sync_all()
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.at(from), self.at(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.at(name))
    }

    fn sync(&self) -> io::Result<()> {
        // Other systems cannot open a directory, and store names with their files.
        if cfg!(unix) { File::open(&self.directory)?.sync_all() } else { Ok(()) }
    }

    fn names(&self) -> io::Result<Vec<String>> {
        let names = fs::read_dir(&self.directory)?
            .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()));
        names.collect()
    }

    fn path(&self) -> String {
        self.directory.display().to_string()
    }
}

/// The file `holder`: the number of the process that has the folder open. Node.js cannot lock files. A program of it goes
/// by this file, and writes `node`, its number and when it was started.
#[derive(Debug)]
struct HolderFile(PathBuf);

impl HolderFile {
    /// Writes it; none where a program of Node.js has the folder open. Others have lost the lock, or are dead.
    fn take(directory: &Path) -> io::Result<Option<Self>> {
        let path = directory.join("holder");
        let other = fs::read_to_string(&path).ok();
        let other = other
            .as_deref()
            .and_then(|text| text.strip_prefix("node ")?.split(' ').next()?.parse().ok());
        if other.is_some_and(is_alive) {
            return Ok(None);
        }
        fs::write(&path, std::process::id().to_string())?;
        Ok(Some(Self(path)))
    }
}

impl Drop for HolderFile {
    fn drop(&mut self) {
        // One that stays names a process that is dead.
        let _ = fs::remove_file(&self.0);
    }
}

/// Whether a process with this number is alive. Where that is not known, it may be.
fn is_alive(process: u32) -> bool {
    if cfg!(target_os = "linux") {
        return Path::new("/proc").join(process.to_string()).exists();
    }
    let asked = Command::new("kill").args(["-0", &process.to_string()]).status();
    asked.map_or(true, |status| status.success())
}
