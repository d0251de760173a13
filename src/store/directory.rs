//! A store in a directory of the native file system.
//!
//! ```text
//! manifest              which file holds the record of which key
//! 0000000000000007.rec  one record; a file is written once and never changed
//! lock                  locked by the process that has the store open
//! ```
//!
//! A commit writes its records to new files, then replaces the manifest by renaming a new one.
//! At that moment the change takes effect. Record files that the manifest does not name are
//! left over from a commit that did not get so far, and are removed.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashSet};
use std::ffi::OsStr;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::local::Holders;
use super::memory::keys_with_prefix;
use super::{Batch, Lease, NamedLock, Store};
use crate::error::{Error, Result};
use crate::record::{self, Body, Kind};

const MANIFEST: &str = "manifest";
const NEW_MANIFEST: &str = "manifest.new";
const LOCK: &str = "lock";
const RECORD_EXTENSION: &str = "rec";

/// The number of the file that holds the record of each key.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
struct FileTable(BTreeMap<String, u64>);

impl Body for FileTable {
    const KIND: Kind = Kind::Directory;

    fn decode(_version: u16, body: &[u8]) -> Result<Self, &'static str> {
        record::parse(body)
    }
}

/// Keeps records in a directory. One process can have it open at a time. A commit
/// costs a write to the disk for each record, and one for the manifest of all keys.
#[derive(Debug)]
pub struct DirectoryStore {
    directory: PathBuf,
    files: Files,
    manifest: RefCell<FileTable>,
    /// The number of the next file.
    next_file: Cell<u64>,
    holders: Holders,
    /// Closing the file releases the lock.
    _lock: File,
}

impl DirectoryStore {
    /// Whether `directory` holds a store. Changes nothing.
    pub fn is_at(directory: impl AsRef<Path>) -> bool {
        directory.as_ref().join(MANIFEST).is_file()
    }

    /// Opens the store in `directory`. A missing directory is made.
    pub fn open(directory: impl Into<PathBuf>) -> Result<Self> {
        let directory = directory.into();
        let failed = |error: io::Error| failed_at(&directory, "open the folder", &error);
        fs::create_dir_all(&directory).map_err(failed)?;
        let lock = File::create(directory.join(LOCK)).map_err(failed)?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => {
                Error::StorageBlocked { action: "opened", holder: "another process" }
            }
            TryLockError::Error(error) => failed(error),
        })?;
        let manifest: FileTable = match fs::read(directory.join(MANIFEST)) {
            Ok(bytes) => record::decode(MANIFEST, &bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => FileTable::default(),
            Err(error) => return Err(failed(error)),
        };
        remove_leftovers(&directory, &manifest).map_err(failed)?;
        let last_file = manifest.0.values().max().copied().unwrap_or(0);
        Ok(Self {
            directory,
            files: Files::default(),
            manifest: RefCell::new(manifest),
            next_file: Cell::new(last_file.saturating_add(1)),
            holders: Holders::default(),
            _lock: lock,
        })
    }

    /// Writes the records of `batch` to new files, and replaces the manifest.
    fn apply(&self, batch: &Batch) -> io::Result<FileTable> {
        let mut manifest = self.manifest.borrow().clone();
        for key in &batch.deletes {
            manifest.0.remove(key);
        }
        for (key, bytes) in &batch.puts {
            let file = self.next_file.get();
            self.next_file.set(file.saturating_add(1));
            self.files.write(&self.record_path(file), bytes)?;
            manifest.0.insert(key.clone(), file);
        }
        self.replace_manifest(&manifest)?;
        Ok(manifest)
    }

    fn replace_manifest(&self, manifest: &FileTable) -> io::Result<()> {
        let new = self.directory.join(NEW_MANIFEST);
        self.files.write(&new, &record::encode(Kind::Directory, manifest))?;
        // The manifest must not be on the disk before the names of the files that it lists.
        self.files.sync_directory(&self.directory)?;
        self.files.rename(&new, &self.directory.join(MANIFEST))
    }

    fn failed(&self, action: &'static str, error: &io::Error) -> Error {
        failed_at(&self.directory, action, error)
    }

    fn record_path(&self, file: u64) -> PathBuf {
        self.directory.join(format!("{file:016x}.{RECORD_EXTENSION}"))
    }

    /// Removes the files of the current manifest that `new` does not name. A file that cannot
    /// be removed now is removed when the store is opened again.
    fn remove_replaced(&self, new: &FileTable) {
        let kept: HashSet<u64> = new.0.values().copied().collect();
        for &file in self.manifest.borrow().0.values().filter(|file| !kept.contains(file)) {
            let _ = self.files.remove(&self.record_path(file));
        }
    }
}

#[async_trait(?Send)]
impl Store for DirectoryStore {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        let Some(&file) = self.manifest.borrow().0.get(key) else { return Ok(None) };
        match fs::read(self.record_path(file)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Error::CorruptStorage {
                record: key.to_owned(),
                detail: "its file is missing".to_owned(),
            }),
            Err(error) => Err(self.failed("read a record", &error)),
        }
    }

    async fn keys(&self, prefix: &str) -> Result<Vec<String>> {
        Ok(keys_with_prefix(&self.manifest.borrow().0, prefix))
    }

    async fn lease(&self) -> Result<Lease> {
        Ok(self.holders.lease().await)
    }

    async fn try_lock(&self, name: &str) -> Result<Option<NamedLock>> {
        Ok(self.holders.try_lock(name))
    }

    /// No other process can have the directory open.
    fn take_changed(&self) -> bool {
        false
    }

    async fn free_bytes(&self) -> Option<u64> {
        None
    }

    async fn commit(&self, batch: Batch, lease: &Lease) -> Result<()> {
        batch.check()?;
        self.holders.check(lease)?;
        let old = self.manifest.borrow().clone();
        let new = self.apply(&batch).map_err(|error| {
            // The old manifest is still in place. Files that cannot be removed now are removed
            // when the store is opened again.
            let _ = remove_leftovers(&self.directory, &old);
            self.failed("write a record", &error)
        })?;
        if let Err(error) = self.files.sync_directory(&self.directory) {
            // The new manifest may or may not survive a crash. Its records may be removed only
            // after the old manifest is back.
            let restored = self.replace_manifest(&old);
            if restored.and_then(|()| self.files.sync_directory(&self.directory)).is_ok() {
                let _ = remove_leftovers(&self.directory, &old);
            }
            return Err(self.failed("write a record", &error));
        }
        self.remove_replaced(&new);
        *self.manifest.borrow_mut() = new;
        Ok(())
    }
}

/// The file operations of a commit. A test can make each of them fail.
#[derive(Debug, Default)]
struct Files {
    #[cfg(test)]
    fault: tests::Fault,
}

impl Files {
    /// Writes a file and waits until it is on the disk.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.proceed()?;
        let mut file = File::create(path)?;
        let (first, second) = bytes.split_at(bytes.len() / 2);
        file.write_all(first)?;
        self.proceed()?;
        file.write_all(second)?;
        file.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.proceed()?;
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.proceed()?;
        fs::remove_file(path)
    }

    /// Waits until the names in `directory` are on the disk.
    fn sync_directory(&self, directory: &Path) -> io::Result<()> {
        self.proceed()?;
        // Other systems cannot open a directory, and store names with their files.
        if cfg!(unix) { File::open(directory)?.sync_all() } else { Ok(()) }
    }

    fn proceed(&self) -> io::Result<()> {
        #[cfg(test)]
        self.fault.proceed()?;
        Ok(())
    }
}

/// Removes record files that `manifest` does not name, and an unfinished manifest.
fn remove_leftovers(directory: &Path, manifest: &FileTable) -> io::Result<()> {
    let named: HashSet<u64> = manifest.0.values().copied().collect();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let is_named = || {
            let stem = path.file_stem().and_then(OsStr::to_str)?;
            u64::from_str_radix(stem, 16).ok().filter(|file| named.contains(file))
        };
        let is_record = path.extension() == Some(OsStr::new(RECORD_EXTENSION));
        let is_new_manifest = path.file_name() == Some(OsStr::new(NEW_MANIFEST));
        if is_new_manifest || is_record && is_named().is_none() {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// The error of a failed file operation in this directory. A failure that the user can act on
/// has a variant of its own.
fn failed_at(directory: &Path, action: &'static str, error: &io::Error) -> Error {
    use io::ErrorKind::{
        AlreadyExists, InvalidFilename, NotADirectory, PermissionDenied, QuotaExceeded,
        ReadOnlyFilesystem, StorageFull,
    };
    let detail = format!("{}: {error}", directory.display());
    match error.kind() {
        StorageFull | QuotaExceeded => Error::QuotaExceeded { detail },
        // A file in place of the folder "already exists".
        PermissionDenied | ReadOnlyFilesystem | NotADirectory | AlreadyExists | InvalidFilename => {
            Error::StorageRefused { detail, advice: "Choose a folder that you can write to." }
        }
        _ => Error::StorageFailed { action, detail },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// Makes the operation fail that comes when `left` are done, and all after it
    /// where the process is to be dead from there on.
    #[derive(Debug, Default)]
    pub(super) struct Fault {
        left: Cell<Option<usize>>,
        dead: Cell<bool>,
    }

    impl Fault {
        pub(super) fn proceed(&self) -> io::Result<()> {
            match self.left.get() {
                None => return Ok(()),
                Some(0) if self.dead.get() => {}
                Some(0) => self.left.set(None),
                Some(left) => {
                    self.left.set(Some(left - 1));
                    return Ok(());
                }
            }
            Err(io::Error::other("injected"))
        }
    }

    struct Directory(PathBuf);

    impl Directory {
        fn new(name: &str) -> Self {
            let name = format!("multimodal-rag-{name}-{}", std::process::id());
            let path = std::env::temp_dir().join(name);
            let _ = fs::remove_dir_all(&path);
            Self(path)
        }
    }

    impl Drop for Directory {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    type Contents = Vec<(String, Vec<u8>)>;

    fn contents(store: &DirectoryStore) -> Contents {
        let keys = pollster::block_on(store.keys("")).unwrap();
        let get = |key: String| {
            let bytes = pollster::block_on(store.get(&key)).unwrap().unwrap();
            (key, bytes)
        };
        keys.into_iter().map(get).collect()
    }

    fn contents_of(records: &[(&str, &[u8])]) -> Contents {
        records.iter().map(|&(key, bytes)| (key.to_owned(), bytes.to_vec())).collect()
    }

    fn before() -> Contents {
        contents_of(&[("gone", b"1"), ("kept", b"2"), ("replaced", b"old")])
    }

    fn after() -> Contents {
        contents_of(&[("kept", b"2"), ("new", b"3"), ("replaced", b"newer")])
    }

    fn store_before(directory: &Directory) -> DirectoryStore {
        let _ = fs::remove_dir_all(&directory.0);
        let store = DirectoryStore::open(&directory.0).unwrap();
        let batch = Batch { puts: before(), deletes: vec![] };
        commit(&store, batch).unwrap();
        store
    }

    fn commit(store: &DirectoryStore, batch: Batch) -> Result<()> {
        pollster::block_on(async { store.commit(batch, &store.lease().await?).await })
    }

    fn change() -> Batch {
        let puts = contents_of(&[("new", b"3"), ("replaced", b"newer")]);
        Batch { puts, deletes: vec!["gone".to_owned()] }
    }

    fn record_files(directory: &Directory) -> usize {
        let paths = fs::read_dir(&directory.0).unwrap().map(|entry| entry.unwrap().path());
        paths.filter(|path| path.extension() == Some(OsStr::new(RECORD_EXTENSION))).count()
    }

    #[test]
    fn a_crash_between_any_two_file_operations_leaves_the_state_before_or_after() {
        let directory = Directory::new("crash");
        let mut outcomes = vec![];
        for operations in 0.. {
            let store = store_before(&directory);
            store.files.fault.dead.set(true);
            store.files.fault.left.set(Some(operations));
            let acknowledged = commit(&store, change()).is_ok();
            let crashed = store.files.fault.left.get() == Some(0);
            drop(store);

            let store = DirectoryStore::open(&directory.0).unwrap();
            let found = contents(&store);
            assert!(found == before() || found == after(), "after {operations}: {found:?}");
            assert!(!acknowledged || found == after(), "after {operations} operations");
            assert_eq!(record_files(&directory), 3, "leftovers after {operations} operations");
            outcomes.push(found == after());
            if !crashed {
                break;
            }
        }
        assert!(outcomes.len() > 8 && !outcomes[0] && outcomes.is_sorted(), "{outcomes:?}");
    }

    #[test]
    fn a_commit_that_fails_at_any_file_operation_changes_nothing_and_the_next_one_works() {
        let directory = Directory::new("failure");
        for operations in 0.. {
            let store = store_before(&directory);
            store.files.fault.left.set(Some(operations));
            let failed = commit(&store, change()).is_err();
            let reached = store.files.fault.left.take().is_none();
            assert_eq!(contents(&store), if failed { before() } else { after() });
            commit(&store, change()).unwrap();
            assert_eq!(contents(&store), after());
            drop(store);
            assert_eq!(contents(&DirectoryStore::open(&directory.0).unwrap()), after());
            if !reached {
                break;
            }
        }
    }

    #[test]
    fn a_damaged_manifest_is_an_error() {
        let directory = Directory::new("manifest");
        drop(store_before(&directory));
        let path = directory.0.join(MANIFEST);
        let bytes = fs::read(&path).unwrap();
        for index in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[index] ^= 1 << (index % 8);
            for damaged in [&damaged[..], &bytes[..index]] {
                fs::write(&path, damaged).unwrap();
                let error = DirectoryStore::open(&directory.0).unwrap_err();
                assert_eq!(error.code(), "corrupt_storage", "byte {index}");
            }
        }
        fs::write(&path, &bytes).unwrap();
        assert_eq!(contents(&DirectoryStore::open(&directory.0).unwrap()), before());
    }

    #[test]
    fn a_missing_record_file_is_an_error_of_that_record_alone() {
        let directory = Directory::new("missing");
        let store = store_before(&directory);
        let file = store.manifest.borrow().0["kept"];
        fs::remove_file(store.record_path(file)).unwrap();
        let error = pollster::block_on(store.get("kept")).unwrap_err();
        assert_eq!(error.code(), "corrupt_storage");
        assert_eq!(pollster::block_on(store.get("gone")).unwrap(), Some(b"1".to_vec()));
    }

    #[test]
    fn a_directory_is_open_once_at_a_time() {
        let directory = Directory::new("lock");
        let store = store_before(&directory);
        assert_eq!(DirectoryStore::open(&directory.0).unwrap_err().code(), "storage_blocked");
        drop(store);
        assert_eq!(contents(&DirectoryStore::open(&directory.0).unwrap()), before());
    }
}
