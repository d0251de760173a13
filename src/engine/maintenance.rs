//! Work that nobody asked for by name: what was interrupted goes on, what was lost is
//! derived again, small segments become larger ones.

use std::rc::Rc;

use super::change::{Plan, is_of_storage};
use super::{AddedDocument, Engine};
use crate::document::DocumentId;
use crate::error::{Error, Result};
use crate::index::{Entry, MergeSource, Segment, SegmentMerger};
use crate::knowledge_base::{
    Job, KnowledgeBase, document_key, job_key, merging, missing_and_lost, names_embedder,
    read_document, segments_to_merge, writing_down,
};
use crate::runtime::Task;

/// How often it is looked what is damaged, where others write meanwhile.
const LOOKS: usize = 3;
/// What one tab merges while the others need not.
const MERGE_LOCK: &str = "merge";

impl Engine {
    /// Goes on with adds that were interrupted, and merges small segments, in steps. A
    /// call while another one is at it, here or in another tab, leaves that work to it.
    /// Stopping changes nothing.
    pub async fn maintain(&self, task: &Task) -> Result<()> {
        let resumed = match self.resume(task).await {
            Err(error) if !is_of_storage(&error) => return Err(error),
            resumed => resumed,
        };
        self.merge(task).await?;
        resumed.map(|_| ())
    }

    /// Adds the documents whose adding was interrupted, with the vectors that were
    /// computed by then; returns them. Where one finds no room, the others are added all the
    /// same.
    pub async fn resume(&self, task: &Task) -> Result<Vec<AddedDocument>> {
        let (mut resumed, mut failed) = (Vec::new(), None);
        for id in Job::all(&*self.store).await? {
            // Somebody else is at it.
            let Some(lock) = self.store.try_lock(&job_key(id)).await? else { continue };
            let job = Job::read(&*self.store, id, self.embedder.fingerprint()).await?;
            let state = self.current(task).await?;
            let is_done = |job: &Job| job.replaces.is_none() && state.index.find(id).is_some();
            let Some((job, _)) = job.filter(|(job, _)| !is_done(job)) else {
                self.end_job(id).await?;
                continue;
            };
            drop(lock);
            let replaces = job.replaces.filter(|&id| state.index.find(id).is_some());
            match self.go_on(job.document, replaces, task).await {
                Err(error) if is_of_storage(&error) => failed = failed.or(Some(error)),
                added => resumed.push(added?),
            }
        }
        failed.map_or(Ok(resumed), Err)
    }

    /// Writes down what was derived, makes the segments anew of documents that are in none,
    /// and reports those that cannot be read.
    pub(super) async fn repair(&self, task: &Task) -> Result<()> {
        self.write_down(task).await?;
        let (missing, lost) = self.missing_and_lost(task).await?;
        for id in missing {
            let detail = "it is missing".to_owned();
            self.quarantine(id, Error::CorruptStorage { record: document_key(id), detail });
        }
        for id in lost {
            match read_document(&*self.store, id).await {
                Ok(document) => self.derive(document, task).await?,
                Err(error @ Error::CorruptStorage { .. }) => self.quarantine(id, error),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Writes a manifest where there was none to be read, so that it need not be derived again
    /// each time: this once, all is read anew for it. Where it cannot be written, or no record
    /// says that the vectors are of this embedder, it is left to the next change.
    async fn write_down(&self, task: &Task) -> Result<()> {
        if !self.state.borrow().is_derived || !names_embedder(&*self.store).await? {
            return Ok(());
        }
        let plan = |state: &KnowledgeBase| {
            // Another tab may have done so in the meantime.
            if !state.is_derived {
                return Ok(Plan::Keep(()));
            }
            let change = writing_down(state, self.embedder.fingerprint());
            Ok(Plan::Change(Box::new(change), ()))
        };
        match self.change(task, plan).await {
            Err(error) if is_of_storage(&error) => Ok(()),
            done => done,
        }
    }

    /// Which documents are not as the state has them. Another tab may have changed something
    /// while that was found out; then it is found out again.
    async fn missing_and_lost(&self, task: &Task) -> Result<(Vec<DocumentId>, Vec<DocumentId>)> {
        let mut found = Default::default();
        for _ in 0..LOOKS {
            let state = self.state.borrow().clone();
            found = missing_and_lost(&*self.store, &state).await?;
            if found.0.is_empty() && found.1.is_empty() {
                break;
            }
            self.refresh(task).await?;
            if !self.state.borrow().is_after(&state) {
                break;
            }
        }
        Ok(found)
    }

    /// Merges segments until none are left to merge.
    async fn merge(&self, task: &Task) -> Result<()> {
        let Some(_lock) = self.store.try_lock(MERGE_LOCK).await? else { return Ok(()) };
        loop {
            let state = self.current(task).await?;
            let Some(sources) = segments_to_merge(&state.index) else { return Ok(()) };
            let merged = self.merged(&state, &sources, task).await?;
            let fingerprint = self.embedder.fingerprint();
            let plan = |state: &KnowledgeBase| {
                Ok(match merging(state, &sources, &merged, fingerprint) {
                    None => Plan::Keep(false),
                    Some(change) => Plan::Change(Box::new(change), true),
                })
            };
            self.change(task, plan).await?;
        }
    }

    async fn merged(&self, state: &KnowledgeBase, sources: &[u64], task: &Task) -> Result<Segment> {
        let entries = state.index.entries().iter().filter(|entry| sources.contains(&entry.id));
        let source =
            |entry: &Rc<Entry>| MergeSource::new(entry.segment.clone(), entry.removed.clone());
        let sources: Vec<MergeSource> = entries.map(source).collect();
        let mut merger = SegmentMerger::new(&sources);
        while merger.step()? {
            self.step_of_adding(task).await?;
        }
        merger.finish()
    }
}
