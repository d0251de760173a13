//! The queue of files that wait to be added.
//!
//! Each file is the business of one engine, which holds a lock of it: the one that queued it, or
//! the first one that asks for the queue after that one has ended.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use super::add::ReadOutcome;
use super::change::is_version_error;
use super::ingest::{KeptFile, NewDocuments, Purpose, is_interruption};
use super::{AddedDocument, Engine, SourceFile};
use crate::error::{Error, Result};
use crate::knowledge_base::{QueuedFile, queued_key, read_original};
use crate::runtime::Task;
use crate::store::{Batch, NamedLock};

/// A file that waits to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedInfo {
    /// Its number in the queue.
    pub number: u64,
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
}

/// The files of the queue that are this engine's, by number.
pub(super) type Claims = RefCell<HashMap<u64, Claim>>;

/// A file of the queue that is this engine's.
pub(super) struct Claim {
    _lock: NamedLock,
    password: Option<String>,
    is_being_added: bool,
}

/// A file of the queue that is being added.
struct BeingAdded<'a>(&'a Claims, u64);

impl<'a> BeingAdded<'a> {
    /// None where another call adds it.
    fn begin(claims: &'a Claims, number: u64) -> Option<Self> {
        let mut claimed = claims.borrow_mut();
        let claim = claimed.get_mut(&number).filter(|claim| !claim.is_being_added)?;
        claim.is_being_added = true;
        Some(Self(claims, number))
    }
}

impl Drop for BeingAdded<'_> {
    fn drop(&mut self) {
        if let Some(claim) = self.0.borrow_mut().get_mut(&self.1) {
            claim.is_being_added = false;
        }
    }
}

impl Engine {
    /// Stores a file that [`Engine::add_queued`] adds later, and returns its number. It stays in
    /// the queue while the engine is closed; but its password is only kept in memory.
    ///
    /// # Errors
    /// Those of the store, [`Error::QuotaExceeded`] above all.
    pub async fn enqueue(&self, file: SourceFile<'_>, task: &Task) -> Result<u64> {
        self.check_writable()?;
        if file.vector.is_some() {
            let (got, expected) = ("a vector".to_owned(), "no vector for a file of the queue");
            return Err(Error::InvalidOption { option: "vector", got, expected });
        }
        let queued = QueuedFile {
            name: file.name.to_owned(),
            media_type: file.mime.map(str::to_owned),
            bytes: file.bytes.len() as u64,
            metadata: file.metadata.map(str::to_owned),
            replaces: file.replaces.map(str::to_owned),
            replaces_same_name: file.replaces_same_name,
            drops_original: file.drops_original,
        };
        let number = Cell::new(0);
        let make = async || {
            let last = QueuedFile::numbers(&*self.store).await?.last().copied();
            // By the clock, so that no later file gets the number of one that is being added.
            let free = last.map_or(0, |last| last + 1).max(self.runtime.unix_ms() as u64);
            self.queue_claims.borrow_mut().remove(&number.replace(free));
            self.claim(free, file.password).await?;
            Ok(queued.batch(free, file.bytes))
        };
        let stored = self.commit_made_records(task, make).await;
        stored.inspect_err(|_| drop(self.queue_claims.borrow_mut().remove(&number.get())))?;
        Ok(number.get())
    }

    /// Makes a file of the queue this engine's. Returns whether it is.
    async fn claim(&self, number: u64, password: Option<&str>) -> Result<bool> {
        let is_claimed = || self.queue_claims.borrow().contains_key(&number);
        if is_claimed() {
            return Ok(true);
        }
        let Some(lock) = self.store.try_lock(&queued_key(number)).await? else {
            return Ok(is_claimed());
        };
        let password = password.map(str::to_owned);
        let claim = Claim { _lock: lock, password, is_being_added: false };
        self.queue_claims.borrow_mut().insert(number, claim);
        Ok(true)
    }

    /// The files that wait to be added, in the order in which they were put there. Left out are
    /// those that cannot be read, and those that another engine has queued or was told of, while
    /// it is open.
    pub async fn queued(&self) -> Result<Vec<QueuedInfo>> {
        self.check_open()?;
        let mut files = Vec::new();
        for number in QueuedFile::numbers(&*self.store).await? {
            if !self.claim(number, None).await? {
                continue;
            }
            match QueuedFile::read(&*self.store, number).await {
                Ok(Some(QueuedFile { name, bytes, .. })) => {
                    files.push(QueuedInfo { number, name, bytes });
                }
                Ok(None) | Err(Error::CorruptStorage { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(files)
    }

    /// Adds a file of the queue as [`Engine::add`] does, and takes it out of the queue in the
    /// same commit. A file that cannot be added is taken out as well, and its error returned;
    /// but it stays where the add is cancelled or interrupted.
    ///
    /// # Errors
    /// [`Error::QueuedNotFound`], also while another tab adds it; those of [`Engine::add`].
    pub async fn add_queued(&self, number: u64, task: &Task) -> Result<AddedDocument> {
        self.check_open()?;
        let missing = || Error::QueuedNotFound { number };
        if !self.claim(number, None).await? {
            return Err(missing());
        }
        let _adding = BeingAdded::begin(&self.queue_claims, number).ok_or_else(missing)?;
        let added = self.add_queued_file(number, task).await;
        match &added {
            Ok(added) if !added.already_added => {}
            Err(Error::QueuedNotFound { .. }) => {}
            Err(error) if is_interruption(error) || is_version_error(error) => return added,
            _ => {
                let make = async || {
                    let deletes = QueuedFile::keys(&*self.store, number).await?;
                    Ok(Batch { puts: Vec::new(), deletes })
                };
                self.commit_made_records(&Task::default(), make).await?;
            }
        }
        self.queue_claims.borrow_mut().remove(&number);
        added
    }

    async fn add_queued_file(&self, number: u64, task: &Task) -> Result<AddedDocument> {
        let queued = QueuedFile::read(&*self.store, number).await?;
        let queued = queued.ok_or(Error::QueuedNotFound { number })?;
        let mut bytes = Vec::new();
        let mut push = |piece: &[u8]| {
            bytes.extend_from_slice(piece);
            Ok(())
        };
        read_original(&*self.store, &queued_key(number), queued.bytes, &mut push).await?;
        let password = |claims: &HashMap<u64, Claim>| claims.get(&number)?.password.clone();
        let password = password(&self.queue_claims.borrow());
        let file = SourceFile {
            name: &queued.name,
            mime: queued.media_type.as_deref(),
            bytes: &bytes,
            metadata: queued.metadata.as_deref(),
            replaces: queued.replaces.as_deref(),
            replaces_same_name: queued.replaces_same_name,
            password: password.as_deref(),
            drops_original: queued.drops_original,
            vector: None,
        };
        let (documents, mut options) = match self.read_new(&file, task).await? {
            ReadOutcome::AlreadyAdded(added) => return Ok(added),
            ReadOutcome::Read(documents, options) => (documents, options),
        };
        // The commit moves the stored bytes; these are not needed any more.
        drop(bytes);
        options.queued = Some(number);
        let file = match queued.drops_original {
            true => KeptFile::None,
            false => KeptFile::Records(queued_key(number)),
        };
        let purpose = Purpose::Add;
        self.ingest(NewDocuments { documents, options, purpose, file, vector: None }, None, task)
            .await
    }

    /// Takes the files that are this engine's out of the queue. An add of one that is under way
    /// ends with `Aborted`.
    pub async fn clear_queue(&self) -> Result<()> {
        self.check_writable()?;
        let make = async || {
            let mut deletes = QueuedFile::all_keys(&*self.store).await?;
            for number in QueuedFile::numbers(&*self.store).await? {
                if !self.claim(number, None).await? {
                    let kept = QueuedFile::keys(&*self.store, number).await?;
                    deletes.retain(|key| !kept.contains(key));
                }
            }
            Ok(Batch { puts: Vec::new(), deletes })
        };
        if !make().await?.deletes.is_empty() {
            self.commit_made_records(&Task::default(), make).await?;
        }
        self.queue_claims.borrow_mut().clear();
        Ok(())
    }
}
