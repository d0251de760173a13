//! A store in a folder of files.
//!
//! ```text
//! manifest              which file holds the record of which key
//! 0000000000000007.rec  one record; a file is written once and never changed
//! lock                  locked by the process that has the store open
//! holder                the number of that process
//! ```
//!
//! A commit writes its records to new files, then replaces the manifest by renaming a new one.
//! At that moment the change takes effect. Record files that the manifest does not name are
//! left over from a commit that did not get so far, and are removed.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashSet};
use std::io;
#[cfg(not(target_arch = "wasm32"))]
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::folder::{Folder, failed_at};
use super::local::Holders;
use super::memory::keys_with_prefix;
#[cfg(not(target_arch = "wasm32"))]
use super::native_folder::NativeFolder;
use super::{Batch, Lease, NamedLock, Store};
use crate::error::{Error, Result};
use crate::record::{self, Body, Kind};

const MANIFEST: &str = "manifest";
const NEW_MANIFEST: &str = "manifest.new";
const RECORD_ENDING: &str = ".rec";

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

/// Keeps records in a folder. One process can have it open at a time. A commit
/// costs a write to the disk for each record, and one for the manifest of all keys.
#[derive(Debug)]
#[cfg_attr(target_arch = "wasm32", allow(unreachable_pub, reason = "it is public natively"))]
pub struct DirectoryStore {
    folder: Box<dyn Folder>,
    manifest: RefCell<FileTable>,
    /// The number of the next file.
    next_file: Cell<u64>,
    holders: Holders,
}

impl DirectoryStore {
    /// Whether `directory` holds a store. Changes nothing.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn is_at(directory: impl AsRef<Path>) -> bool {
        directory.as_ref().join(MANIFEST).is_file()
    }

    /// Opens the store in `directory`. A missing directory is made, for its user alone (mode 700) where the system has
    /// such rights.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn open(directory: impl Into<PathBuf>) -> Result<Self> {
        Self::in_folder(Box::new(NativeFolder::open(directory.into())?))
    }

    /// Opens the store in a folder.
    pub(crate) fn in_folder(folder: Box<dyn Folder>) -> Result<Self> {
        let failed = |error: io::Error| failed_at(&folder.path(), "open the folder", &error);
        let manifest: FileTable = match folder.read(MANIFEST).map_err(failed)? {
            Some(bytes) => record::decode(MANIFEST, &bytes)?,
            None => FileTable::default(),
        };
        remove_leftovers(&*folder, &manifest).map_err(failed)?;
        let last_file = manifest.0.values().max().copied().unwrap_or(0);
        Ok(Self {
            folder,
            manifest: RefCell::new(manifest),
            next_file: Cell::new(last_file.saturating_add(1)),
            holders: Holders::default(),
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
            self.folder.write(&record_name(file), bytes)?;
            manifest.0.insert(key.clone(), file);
        }
        self.replace_manifest(&manifest)?;
        Ok(manifest)
    }

    fn replace_manifest(&self, manifest: &FileTable) -> io::Result<()> {
        self.folder.write(NEW_MANIFEST, &record::encode(Kind::Directory, manifest))?;
        // The manifest must not be on the disk before the names of the files that it lists.
        self.folder.sync()?;
        self.folder.rename(NEW_MANIFEST, MANIFEST)
    }

    fn failed(&self, action: &'static str, error: &io::Error) -> Error {
        failed_at(&self.folder.path(), action, error)
    }

    /// Removes the files of the current manifest that `new` does not name. A file that cannot
    /// be removed now is removed when the store is opened again.
    fn remove_replaced(&self, new: &FileTable) {
        let kept: HashSet<u64> = new.0.values().copied().collect();
        for &file in self.manifest.borrow().0.values().filter(|file| !kept.contains(file)) {
            let _ = self.folder.remove(&record_name(file));
        }
    }
}

/// The name of the file of a record.
fn record_name(file: u64) -> String {
    format!("{file:016x}{RECORD_ENDING}")
}

#[async_trait(?Send)]
impl Store for DirectoryStore {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        let Some(&file) = self.manifest.borrow().0.get(key) else { return Ok(None) };
        let read = self.folder.read(&record_name(file));
        match read.map_err(|error| self.failed("read a record", &error))? {
            Some(bytes) => Ok(Some(bytes)),
            None => Err(Error::CorruptStorage {
                record: key.to_owned(),
                detail: "its file is missing".to_owned(),
            }),
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

    /// No other process can have the folder open.
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
            let _ = remove_leftovers(&*self.folder, &old);
            self.failed("write a record", &error)
        })?;
        if let Err(error) = self.folder.sync() {
            // The new manifest may or may not survive a crash. Its records may be removed only
            // after the old manifest is back.
            let restored = self.replace_manifest(&old);
            if restored.and_then(|()| self.folder.sync()).is_ok() {
                let _ = remove_leftovers(&*self.folder, &old);
            }
            return Err(self.failed("write a record", &error));
        }
        self.remove_replaced(&new);
        *self.manifest.borrow_mut() = new;
        Ok(())
    }
}

/// Removes record files that `manifest` does not name, and an unfinished manifest.
fn remove_leftovers(folder: &dyn Folder, manifest: &FileTable) -> io::Result<()> {
    let named: HashSet<u64> = manifest.0.values().copied().collect();
    let is_named =
        |stem: &str| u64::from_str_radix(stem, 16).is_ok_and(|file| named.contains(&file));
    for name in folder.names()? {
        let stem = name.strip_suffix(RECORD_ENDING);
        if name == NEW_MANIFEST || stem.is_some_and(|stem| !is_named(stem)) {
            folder.remove(&name)?;
        }
    }
    Ok(())
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::fs;
    use std::rc::Rc;

    use super::*;

    /// Makes the operation fail that comes when `left` are done, and all after it
    /// where the process is to be dead from there on.
    #[derive(Debug, Default)]
    struct Fault {
        left: Cell<Option<usize>>,
        dead: Cell<bool>,
    }

    /// A folder whose operations fail as the fault has it.
    #[derive(Debug)]
    struct FaultyFolder(NativeFolder, Rc<Fault>);

    impl Folder for FaultyFolder {
        fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
            self.0.read(name)
        }

        fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
            self.1.proceed()?;
            self.0.write(name, &bytes[..bytes.len() / 2])?;
            self.1.proceed()?;
            self.0.write(name, bytes)
        }

        fn rename(&self, from: &str, to: &str) -> io::Result<()> {
            self.1.proceed()?;
            self.0.rename(from, to)
        }

        fn remove(&self, name: &str) -> io::Result<()> {
            self.1.proceed()?;
            self.0.remove(name)
        }

        fn sync(&self) -> io::Result<()> {
            self.1.proceed()?;
            self.0.sync()
        }

        fn names(&self) -> io::Result<Vec<String>> {
            self.0.names()
        }

        fn path(&self) -> String {
            self.0.path()
        }
    }

    impl Fault {
        fn proceed(&self) -> io::Result<()> {
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
        faulty_store_before(directory).0
    }

    fn faulty_store_before(directory: &Directory) -> (DirectoryStore, Rc<Fault>) {
        let _ = fs::remove_dir_all(&directory.0);
        let fault = Rc::new(Fault::default());
        let folder = FaultyFolder(NativeFolder::open(directory.0.clone()).unwrap(), fault.clone());
        let store = DirectoryStore::in_folder(Box::new(folder)).unwrap();
        let batch = Batch { puts: before(), deletes: vec![] };
        commit(&store, batch).unwrap();
        (store, fault)
    }

    fn commit(store: &DirectoryStore, batch: Batch) -> Result<()> {
        pollster::block_on(async { store.commit(batch, &store.lease().await?).await })
    }

    fn change() -> Batch {
        let puts = contents_of(&[("new", b"3"), ("replaced", b"newer")]);
        Batch { puts, deletes: vec!["gone".to_owned()] }
    }

    fn record_files(directory: &Directory) -> usize {
        let names = fs::read_dir(&directory.0).unwrap().map(|entry| entry.unwrap().file_name());
        names.filter(|name| name.to_string_lossy().ends_with(RECORD_ENDING)).count()
    }

    #[test]
    fn a_crash_between_any_two_file_operations_leaves_the_state_before_or_after() {
        let directory = Directory::new("crash");
        let mut outcomes = vec![];
        for operations in 0.. {
            let (store, fault) = faulty_store_before(&directory);
            fault.dead.set(true);
            fault.left.set(Some(operations));
            let acknowledged = commit(&store, change()).is_ok();
            let crashed = fault.left.get() == Some(0);
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
            let (store, fault) = faulty_store_before(&directory);
            fault.left.set(Some(operations));
            let failed = commit(&store, change()).is_err();
            let reached = fault.left.take().is_none();
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
        store.folder.remove(&record_name(file)).unwrap();
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

    #[test]
    fn a_directory_that_a_living_program_of_node_holds_is_not_opened() {
        let directory = Directory::new("holder");
        drop(store_before(&directory));
        let holder = directory.0.join("holder");
        assert!(!holder.exists());
        let this = std::process::id();
        fs::write(&holder, format!("node {this}")).unwrap();
        assert_eq!(DirectoryStore::open(&directory.0).unwrap_err().code(), "storage_blocked");
        // No process has this number. A native one that lives would have the lock.
        for dead in [format!("node {}", u32::MAX), this.to_string()] {
            fs::write(&holder, dead).unwrap();
            drop(DirectoryStore::open(&directory.0).unwrap());
        }
        assert_eq!(contents(&DirectoryStore::open(&directory.0).unwrap()), before());
    }
}
