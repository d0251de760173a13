//! Changes to the knowledge base: one at a time among all tabs, each one commit.

use std::cell::Cell;

use super::Engine;
use crate::document::DocumentId;
use crate::error::{Error, Result};
use crate::knowledge_base::{Change, DamagedDocument, KnowledgeBase, end_import, load};
use crate::runtime::Task;
use crate::store::{Batch, Lease, Store};

/// How often a change is tried again after its lease was lost. Where a browser has no locks,
/// many tabs or calls may try at the same time.
pub(super) const COMMIT_TRIES: usize = 32;

/// Whether an error comes from the store or from other writers, and not from what is stored:
/// the same write may succeed later.
pub(super) fn is_storage_error(error: &Error) -> bool {
    matches!(
        error,
        Error::QuotaExceeded { .. }
            | Error::StorageFailed { .. }
            | Error::StorageRefused { .. }
            | Error::LeaseLost
    )
}

/// Whether an error says that a record was written by a version that cannot be read here.
pub(super) fn is_version_error(error: &Error) -> bool {
    matches!(error, Error::RecordTooNew { .. } | Error::RecordTooOld { .. })
}

/// Counts the commits of others that were noticed and that were read. Reading them may be
/// cancelled or fail; the next call reads them then.
#[derive(Default)]
pub(super) struct ChangeCounter {
    noticed: Cell<u64>,
    read: Cell<u64>,
}

impl ChangeCounter {
    /// How many changes were noticed by now.
    fn noticed_in(&self, store: &dyn Store) -> u64 {
        self.noticed.set(self.noticed.get() + u64::from(store.take_changed()));
        self.noticed.get()
    }

    fn set_read(&self, count: u64) {
        self.read.set(self.read.get().max(count));
    }

    fn has_unread(&self, store: &dyn Store) -> bool {
        self.noticed_in(store) > self.read.get()
    }
}

/// A document that cannot be read, left out of search.
pub(super) struct Quarantined {
    pub(super) document: DamagedDocument,
    /// The segment that it was in, if any.
    segment: Option<u64>,
}

fn segment_of(state: &KnowledgeBase, id: DocumentId) -> Option<u64> {
    state.index.find(id).map(|found| found.segment_id())
}

/// What a call does to the state.
pub(super) enum Plan<T> {
    /// Changes nothing, and returns this.
    Keep(T),
    /// Commits this change, then returns this.
    Change(Box<Change>, T),
}

impl Engine {
    /// Refreshes the state and commits the change that `plan` makes of it. Where the lease is
    /// lost, both are done again with the new state.
    pub(super) async fn change<T>(
        &self,
        task: &Task,
        plan: impl Fn(&KnowledgeBase) -> Result<Plan<T>>,
    ) -> Result<T> {
        for _ in 0..COMMIT_TRIES {
            let lease = self.lease(task).await?;
            match end_import(&*self.store, &lease).await {
                Err(Error::LeaseLost) => continue,
                done => done?,
            }
            self.refresh(task).await?;
            let state = self.state.borrow().clone();
            let (change, outcome) = match plan(&state)? {
                Plan::Keep(outcome) => return Ok(outcome),
                Plan::Change(change, outcome) => (*change, outcome),
            };
            task.cancel.check()?;
            self.check_open()?;
            match self.store.commit(change.batch, &lease).await {
                Err(Error::LeaseLost) => continue,
                done => done?,
            }
            self.set_state(change.next);
            return Ok(outcome);
        }
        Err(Error::LeaseLost)
    }

    /// Writes records that do not belong to the state.
    pub(super) async fn commit_records(&self, batch: Batch, task: &Task) -> Result<()> {
        let lease = self.lease(task).await?;
        self.store.commit(batch, &lease).await
    }

    /// Writes such records where others may write as well: where the lease is lost, `make` makes
    /// them anew.
    pub(super) async fn commit_made_records(
        &self,
        task: &Task,
        make: impl AsyncFn() -> Result<Batch>,
    ) -> Result<()> {
        for _ in 0..COMMIT_TRIES {
            let lease = self.lease(task).await?;
            match self.store.commit(make().await?, &lease).await {
                Err(Error::LeaseLost) => {}
                done => return done,
            }
        }
        Err(Error::LeaseLost)
    }

    /// Waits until no other tab writes, or the task is cancelled.
    pub(super) async fn lease(&self, task: &Task) -> Result<Lease> {
        let lease = task.unless_cancelled(self.store.lease()).await??;
        task.cancel.check()?;
        self.check_open()?;
        Ok(lease)
    }

    /// Reads what other tabs have committed since the state was read.
    pub(super) async fn refresh(&self, task: &Task) -> Result<()> {
        let noticed = self.changes.noticed_in(&*self.store);
        let known = self.state.borrow().clone();
        let fingerprint = self.embedder.fingerprint();
        let now = load(&*self.store, fingerprint, &known, &*self.runtime, task).await?;
        self.changes.set_read(noticed);
        // A commit of this tab may have been faster.
        if now.is_after(&self.state.borrow()) {
            self.set_state(now);
        }
        Ok(())
    }

    /// The state, with all commits of other tabs that were noticed.
    pub(super) async fn current(&self, task: &Task) -> Result<KnowledgeBase> {
        if self.changes.has_unread(&*self.store) {
            self.refresh(task).await?;
        }
        Ok(self.state.borrow().clone())
    }

    /// Replaces the state. Quarantined documents stay quarantined, but not those that are in
    /// another segment now: another tab may have added them again. If they are still
    /// damaged, the next read shows it.
    fn set_state(&self, mut state: KnowledgeBase) {
        self.quarantined.borrow_mut().retain(|quarantined| {
            let segment = segment_of(&state, quarantined.document.id);
            let stays = segment.is_none() || segment == quarantined.segment;
            if stays {
                state.quarantine(quarantined.document.id);
            }
            stays
        });
        let is_gone = |id: DocumentId| state.index.find(id).is_none();
        self.document_cache.forget_if(is_gone);
        self.sentence_vectors.borrow_mut().remove_if(is_gone);
        self.graphs.cancel_unless_live(&state);
        self.state.replace(state);
    }

    /// Leaves a document out of search that cannot be read, and reports it.
    pub(super) fn quarantine(&self, id: DocumentId, error: Error) {
        self.release(id);
        let state = self.state.borrow().clone();
        let (document, segment) = (DamagedDocument { id, error }, segment_of(&state, id));
        self.quarantined.borrow_mut().push(Quarantined { document, segment });
        self.set_state(state);
    }

    /// Ends the quarantine of a document.
    pub(super) fn release(&self, id: DocumentId) {
        self.quarantined.borrow_mut().retain(|quarantined| quarantined.document.id != id);
    }

    /// Drops everything that is cached of a document that was removed.
    pub(super) fn forget(&self, id: DocumentId) {
        self.release(id);
        self.document_cache.forget_if(|cached| cached == id);
        self.sentence_vectors.borrow_mut().remove_if(|cached| cached == id);
    }
}
