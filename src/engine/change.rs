//! Changes to the knowledge base: one at a time among all tabs, each all or nothing.

use std::cell::Cell;

use super::Engine;
use crate::document::DocumentId;
use crate::error::{Error, Result};
use crate::knowledge_base::{Change, DamagedDocument, KnowledgeBase, end_import, load};
use crate::runtime::Task;
use crate::store::{Batch, Lease, Store};

/// How often a change that was overtaken is tried again: where there are no locks, many
/// tabs or many calls may be at it at once.
const TRIES: usize = 32;

/// Whether an error is of the storage, or of others who write, and not of what is stored:
/// what could not be written may be the next time.
pub(super) fn is_of_storage(error: &Error) -> bool {
    matches!(
        error,
        Error::QuotaExceeded { .. }
            | Error::StorageFailed { .. }
            | Error::StorageRefused { .. }
            | Error::LeaseLost
    )
}

/// ChangeCounter of what others have committed: counted, because reading them may be stopped, or fail,
/// and whoever comes next reads them then.
#[derive(Default)]
pub(super) struct ChangeCounter {
    taken: Cell<u64>,
    read: Cell<u64>,
}

impl ChangeCounter {
    /// How many there are by now.
    fn taken_from(&self, store: &dyn Store) -> u64 {
        self.taken.set(self.taken.get() + u64::from(store.take_changed()));
        self.taken.get()
    }

    fn read_up_to(&self, count: u64) {
        self.read.set(self.read.get().max(count));
    }

    fn are_unread(&self, store: &dyn Store) -> bool {
        self.taken_from(store) > self.read.get()
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

/// What is to be done about a state.
pub(super) enum Plan<T> {
    /// Nothing: this is what comes out.
    Keep(T),
    /// This change, and what comes out of it.
    Change(Box<Change>, T),
}

impl Engine {
    /// Brings the state up to date, and changes it as `plan` says. Where another tab takes
    /// over the right to write, all of it is done again.
    pub(super) async fn change<T>(
        &self,
        task: &Task,
        plan: impl Fn(&KnowledgeBase) -> Result<Plan<T>>,
    ) -> Result<T> {
        for _ in 0..TRIES {
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
            self.enter(change.next);
            return Ok(outcome);
        }
        Err(Error::LeaseLost)
    }

    /// Writes records that belong to no state.
    pub(super) async fn write_aside(&self, batch: Batch, task: &Task) -> Result<()> {
        let lease = self.lease(task).await?;
        self.store.commit(batch, &lease).await
    }

    /// Waits until nobody else writes, or somebody asks to stop.
    async fn lease(&self, task: &Task) -> Result<Lease> {
        let lease = task.unless_cancelled(self.store.lease()).await??;
        task.cancel.check()?;
        self.check_open()?;
        Ok(lease)
    }

    /// Reads what others have committed since.
    pub(super) async fn refresh(&self, task: &Task) -> Result<()> {
        let upto = self.changes.taken_from(&*self.store);
        let known = self.state.borrow().clone();
        let fingerprint = self.embedder.fingerprint();
        let now = load(&*self.store, fingerprint, &known, &*self.runtime, task).await?;
        self.changes.read_up_to(upto);
        // A change of this tab may have been faster.
        if now.is_after(&self.state.borrow()) {
            self.enter(now);
        }
        Ok(())
    }

    /// The state as it is now, as far as others have told.
    pub(super) async fn current(&self, task: &Task) -> Result<KnowledgeBase> {
        if self.changes.are_unread(&*self.store) {
            self.refresh(task).await?;
        }
        Ok(self.state.borrow().clone())
    }

    /// Goes over to a state that was read, in which damaged documents stay quarantined: but not
    /// those that are in another segment by now, since others may have added them again. If
    /// they are damaged still, that shows when they are read.
    fn enter(&self, mut state: KnowledgeBase) {
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
        self.vectors.borrow_mut().forget_if(is_gone);
        self.state.replace(state);
    }

    /// Leaves a document out of search that cannot be read, and reports it.
    pub(super) fn quarantine(&self, id: DocumentId, error: Error) {
        self.release(id);
        let state = self.state.borrow().clone();
        let (document, segment) = (DamagedDocument { id, error }, segment_of(&state, id));
        self.quarantined.borrow_mut().push(Quarantined { document, segment });
        self.enter(state);
    }

    /// Reports a document no longer.
    pub(super) fn release(&self, id: DocumentId) {
        self.quarantined.borrow_mut().retain(|quarantined| quarantined.document.id != id);
    }

    /// Keeps nothing of a document that is no longer there.
    pub(super) fn forget(&self, id: DocumentId) {
        self.release(id);
        self.document_cache.forget_if(|kept| kept == id);
        self.vectors.borrow_mut().forget_if(|kept| kept == id);
    }
}
