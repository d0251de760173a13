//! Background work: interrupted adds are resumed, damaged or missing records are derived
//! again, small segments are merged.

use std::rc::Rc;

use super::change::{Plan, is_storage_error, is_version_error};
use super::ingest::{KeptFile, NewDocuments, Purpose, StoredJob};
use super::{AddedDocument, Engine};
use crate::document::DocumentId;
use crate::error::{Error, Result};
use crate::index::{Entry, MergeSource, Segment, SegmentMerger};
use crate::knowledge_base::{
    AddOptions, Job, KnowledgeBase, QueuedFile, document_key, has_embedder_record, job_key,
    job_original_key, merge_segments, missing_and_unindexed, read_document, segments_to_merge,
    store_manifest,
};
use crate::runtime::Task;

/// How often documents are compared with the state, where other tabs change them meanwhile.
const COMPARE_TRIES: usize = 3;
/// The tab that merges holds this lock.
const MERGE_LOCK: &str = "merge";

impl Engine {
    /// Resumes interrupted adds and merges small segments, in steps. While another call does
    /// so, here or in another tab, its work is left to it. Cancelling changes nothing.
    pub async fn maintain(&self, task: &Task) -> Result<()> {
        let resumed = match self.resume(task).await {
            Err(error) if !concerns_one_job(&error) => return Err(error),
            resumed => resumed,
        };
        self.merge(task).await?;
        resumed.map(|_| ())
    }

    /// Adds the documents whose adding was interrupted, with the vectors that are stored
    /// already, and returns them. A job that cannot be resumed, for lack of space or because a
    /// newer version stored it, does not keep the others from being resumed; its error is
    /// returned at the end.
    pub async fn resume(&self, task: &Task) -> Result<Vec<AddedDocument>> {
        let (mut resumed, mut failed) = (Vec::new(), None);
        for id in Job::all(&*self.store).await? {
            // Without the lock, another tab is adding it.
            let Some(lock) = self.store.try_lock(&job_key(id)).await? else { continue };
            let job = match Job::read(&*self.store, id, self.embedder.fingerprint()).await {
                Err(error) if is_version_error(&error) => {
                    failed = failed.or(Some(error));
                    continue;
                }
                job => job?,
            };
            if self.is_left_to_the_queue(job.as_ref().map(|(job, _)| job)).await? {
                continue;
            }
            let state = self.current(task).await?;
            let Some((job, vectors)) = job.filter(|(job, _)| !is_done(&state, job)) else {
                self.delete_job(id).await?;
                continue;
            };
            match self.resume_job(job, StoredJob::resumed(lock, vectors), task).await {
                Err(error) if is_storage_error(&error) => failed = failed.or(Some(error)),
                added => resumed.push(added?),
            }
        }
        failed.map_or(Ok(resumed), Err)
    }

    /// Whether a job is of a file that is still in the queue: it is resumed with it.
    async fn is_left_to_the_queue(&self, job: Option<&Job>) -> Result<bool> {
        let Some(number) = job.and_then(|job| job.options.queued) else { return Ok(false) };
        Ok(QueuedFile::numbers(&*self.store).await?.contains(&number))
    }

    /// Adds the documents of a job.
    async fn resume_job(&self, job: Job, stored: StoredJob, task: &Task) -> Result<AddedDocument> {
        let first = &job.documents[0].info;
        let file = match first.has_original {
            true => KeptFile::Records(job_original_key(first.id)),
            false => KeptFile::None,
        };
        let (documents, options) = (job.documents, job.options);
        let new = NewDocuments { documents, options, purpose: Purpose::Add, file, vector: None };
        self.ingest(new, Some(stored), task).await
    }

    /// Stores a manifest where there was none, makes segments for documents that are in none,
    /// and quarantines documents that cannot be read.
    pub(super) async fn repair(&self, task: &Task) -> Result<()> {
        self.store_derived_manifest(task).await?;
        let (missing, unindexed) = self.missing_and_unindexed(task).await?;
        for id in missing {
            let detail = "it is missing".to_owned();
            self.quarantine(id, Error::CorruptStorage { record: document_key(id), detail });
        }
        for id in unindexed {
            match read_document(&*self.store, id).await {
                Ok(document) => self.derive_segment(document, task).await?,
                Err(error @ Error::CorruptStorage { .. }) => self.quarantine(id, error),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Stores the manifest of a state that was derived from the segments, so that the next
    /// opening need not derive it again. Where it cannot be stored, or no record says that
    /// the vectors are of this embedder, the next change stores it.
    async fn store_derived_manifest(&self, task: &Task) -> Result<()> {
        if !self.state.borrow().is_derived || !has_embedder_record(&*self.store).await? {
            return Ok(());
        }
        let plan = |state: &KnowledgeBase| {
            // Another tab may have stored one in the meantime.
            if !state.is_derived {
                return Ok(Plan::Keep(()));
            }
            let change = store_manifest(state, self.embedder.fingerprint());
            Ok(Plan::Change(Box::new(change), ()))
        };
        match self.change(task, plan).await {
            Err(error) if is_storage_error(&error) => Ok(()),
            done => done,
        }
    }

    /// Documents of the state without a record, and documents with a record that are in no
    /// segment. Where another tab changes something meanwhile, they are compared again.
    async fn missing_and_unindexed(
        &self,
        task: &Task,
    ) -> Result<(Vec<DocumentId>, Vec<DocumentId>)> {
        let mut found = Default::default();
        for _ in 0..COMPARE_TRIES {
            let state = self.state.borrow().clone();
            found = missing_and_unindexed(&*self.store, &state).await?;
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

    /// Merges segments until there are none left to merge.
    async fn merge(&self, task: &Task) -> Result<()> {
        let Some(_lock) = self.store.try_lock(MERGE_LOCK).await? else { return Ok(()) };
        loop {
            let state = self.current(task).await?;
            let Some(sources) = segments_to_merge(&state.index) else { return Ok(()) };
            let merged = self.merged(&state, &sources, task).await?;
            let fingerprint = self.embedder.fingerprint();
            let plan = |state: &KnowledgeBase| {
                Ok(match merge_segments(state, &sources, &merged, fingerprint) {
                    None => Plan::Keep(()),
                    Some(change) => Plan::Change(Box::new(change), ()),
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
            self.end_ingest_step(task).await?;
        }
        merger.finish()
    }
}

/// Whether the documents of a job were added, by another call.
fn is_done(state: &KnowledgeBase, job: &Job) -> bool {
    let AddOptions { replaces, replaces_same_name, queued } = &job.options;
    // The queue says what is left to do of its files.
    let is_cleared = queued.is_some();
    let replaces_nothing = replaces.is_none() && !replaces_same_name;
    is_cleared || replaces_nothing && state.index.find(job.documents[0].id()).is_some()
}

/// Whether an error keeps one job from being resumed, and not the others.
fn concerns_one_job(error: &Error) -> bool {
    is_storage_error(error) || is_version_error(error)
}
