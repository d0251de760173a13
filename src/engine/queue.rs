//! The queue of files that wait to be added.

use super::add::ReadOutcome;
use super::change::{COMMIT_TRIES, is_version_error};
use super::ingest::{KeptFile, NewDocuments, Purpose, is_interruption};
use super::{AddedDocument, Engine, SourceFile};
use crate::error::{Error, Result};
use crate::knowledge_base::{QueuedFile, queued_key, read_original};
use crate::runtime::Task;
use crate::store::Batch;

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

impl Engine {
    /// Stores a file that [`Engine::add_queued`] adds later, and returns its number. It stays in
    /// the queue while the engine is closed; but its password is only kept in memory.
    ///
    /// # Errors
    /// Those of the store, [`Error::QuotaExceeded`] above all.
    pub async fn enqueue(&self, file: SourceFile<'_>, task: &Task) -> Result<u64> {
        self.check_open()?;
        let queued = QueuedFile {
            name: file.name.to_owned(),
            media_type: file.mime.map(str::to_owned),
            bytes: file.bytes.len() as u64,
            metadata: file.metadata.map(str::to_owned),
            replaces: file.replaces.map(str::to_owned),
            replaces_same_name: file.replaces_same_name,
            drops_original: file.drops_original,
        };
        for _ in 0..COMMIT_TRIES {
            let lease = self.lease(task).await?;
            let last = QueuedFile::numbers(&*self.store).await?.last().copied();
            // By the clock, so that no later file gets the number of one that is being added.
            let number = last.map_or(0, |last| last + 1).max(self.runtime.unix_ms() as u64);
            match self.store.commit(queued.batch(number, file.bytes), &lease).await {
                Err(Error::LeaseLost) => {}
                done => {
                    done?;
                    if let Some(password) = file.password {
                        let mut passwords = self.queued_passwords.borrow_mut();
                        passwords.insert(number, password.to_owned());
                    }
                    return Ok(number);
                }
            }
        }
        Err(Error::LeaseLost)
    }

    /// The files that wait to be added, in the order in which they were put there. One that
    /// cannot be read is left out.
    pub async fn queued(&self) -> Result<Vec<QueuedInfo>> {
        self.check_open()?;
        let mut files = Vec::new();
        for number in QueuedFile::numbers(&*self.store).await? {
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
        let _lock = self.store.try_lock(&queued_key(number)).await?.ok_or_else(missing)?;
        let added = self.add_queued_file(number, task).await;
        let stays = |error: &Error| {
            is_interruption(error)
                || is_version_error(error)
                || matches!(error, Error::QueuedNotFound { .. })
        };
        match &added {
            Ok(added) if !added.already_added => {}
            Err(error) if stays(error) => return added,
            _ => {
                let deletes = QueuedFile::keys(&*self.store, number).await?;
                let batch = Batch { puts: Vec::new(), deletes };
                self.commit_records(batch, &Task::default()).await?;
            }
        }
        self.queued_passwords.borrow_mut().remove(&number);
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
        let password = self.queued_passwords.borrow().get(&number).cloned();
        let file = SourceFile {
            name: &queued.name,
            mime: queued.media_type.as_deref(),
            bytes: &bytes,
            metadata: queued.metadata.as_deref(),
            replaces: queued.replaces.as_deref(),
            replaces_same_name: queued.replaces_same_name,
            password: password.as_deref(),
            drops_original: queued.drops_original,
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
        self.ingest(NewDocuments { documents, options, purpose, file }, None, task).await
    }

    /// Takes all files out of the queue. An add of one that is under way ends with `Aborted`.
    pub async fn clear_queue(&self) -> Result<()> {
        self.check_open()?;
        let deletes = QueuedFile::all_keys(&*self.store).await?;
        self.queued_passwords.borrow_mut().clear();
        if deletes.is_empty() {
            return Ok(());
        }
        let batch = Batch { puts: Vec::new(), deletes };
        self.commit_records(batch, &Task::default()).await
    }
}
