//! The commit of documents that were embedded, with the file that is kept beside them.

use std::cell::RefCell;

use super::change::{COMMIT_TRIES, Plan};
use super::ingest::{Ingest, KeptFile, NewDocuments, Purpose};
use super::{AddedDocument, Engine};
use crate::error::{Error, Result};
use crate::index::Segment;
use crate::knowledge_base::{
    AddOptions, Addition, Job, KnowledgeBase, Original, QueuedFile, StoredDocument, add_documents,
    moved_original, original_owner, original_records, queued_key,
};
use crate::runtime::{Stage, Task};

impl Engine {
    /// Commits the documents and their segment. Where there is no space for the file as well, it
    /// is not kept.
    pub(super) async fn commit(
        &self,
        ingest: &mut Ingest<'_>,
        segment: &Segment,
        task: &Task,
    ) -> Result<AddedDocument> {
        let count = segment.len() as u64;
        let since = self.runtime.now_ms();
        task.report(&*self.runtime, Stage::Index, 0, count, "chunks", since);
        task.step(&*self.runtime).await?;
        let added = loop {
            let is_kept = matches!(ingest.new.file, KeptFile::Bytes(_) | KeptFile::Records(_));
            match self.commit_documents(ingest, segment, task).await {
                Err(Error::QuotaExceeded { .. }) if is_kept => ingest.new.drop_file(),
                added => break added?,
            }
        };
        task.report(&*self.runtime, Stage::Index, count, count, "chunks", since);
        Ok(added)
    }

    async fn commit_documents(
        &self,
        ingest: &mut Ingest<'_>,
        segment: &Segment,
        task: &Task,
    ) -> Result<AddedDocument> {
        let mut obsolete = match ingest.job.is_stored {
            true => Job::deletion(&*self.store, ingest.new.id()).await?.deletes,
            false => Vec::new(),
        };
        if let Some(number) = ingest.new.options.queued {
            obsolete.extend(QueuedFile::keys(&*self.store, number).await?);
        }
        for _ in 0..COMMIT_TRIES {
            // A batch takes the file, which may be large; it is made again for the next try.
            let original = RefCell::new(Some(self.file_records(&mut ingest.new).await?));
            let new = &ingest.new;
            let plan = |state: &KnowledgeBase| {
                if let Some(done) = new.find_done(state) {
                    return Ok(Plan::Keep((done, Vec::new())));
                }
                if new.purpose == Purpose::Reread && state.index.find(new.id()).is_none() {
                    return Err(Error::DocumentNotFound { id: new.id().to_string() });
                }
                let original = original.take().ok_or(Error::LeaseLost)?;
                let removed = new.replaced(state);
                let is_new = new.purpose != Purpose::Index;
                let addition = Addition {
                    documents: &new.documents,
                    segment,
                    removed: &removed,
                    is_new,
                    original,
                };
                let mut change = add_documents(state, addition, self.embedder.fingerprint());
                change.batch.deletes.extend(obsolete.iter().cloned());
                let added = AddedDocument::find(&change.next, new.id(), false);
                let added = added.ok_or_else(|| Error::Internal {
                    detail: "a document is missing from the state that added it".into(),
                })?;
                Ok(Plan::Change(Box::new(change), (added, removed)))
            };
            match self.change(task, plan).await {
                Err(Error::LeaseLost) if original.borrow().is_none() => {}
                done => {
                    let (added, removed) = done?;
                    let added_ids = new.documents.iter().map(StoredDocument::id);
                    removed.into_iter().chain(added_ids).for_each(|id| self.forget(id));
                    return Ok(added);
                }
            }
        }
        Err(Error::LeaseLost)
    }

    /// The records of the file, under the keys of the document. A file whose records cannot be
    /// read is not kept.
    async fn file_records(&self, new: &mut NewDocuments<'_>) -> Result<Original> {
        let info = &new.documents[0].info;
        let records = match &new.file {
            KeptFile::None => Vec::new(),
            KeptFile::Stored => return Ok(Original::Unchanged),
            KeptFile::Bytes(bytes) => original_records(&original_owner(info), bytes),
            KeptFile::Records(owner) => match moved_original(&*self.store, owner, info).await {
                Err(Error::CorruptStorage { .. }) => {
                    self.check_still_queued(&new.options).await?;
                    new.drop_file();
                    Vec::new()
                }
                records => records?,
            },
        };
        Ok(Original::Written(records))
    }

    /// Fails with `Aborted` where the queued file was taken out of the queue meanwhile.
    async fn check_still_queued(&self, options: &AddOptions) -> Result<()> {
        let Some(number) = options.queued else { return Ok(()) };
        let record = self.store.get(&queued_key(number)).await?;
        if record.is_some() { Ok(()) } else { Err(Error::Aborted) }
    }
}
