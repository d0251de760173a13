//! Adding files: what is there already is not read again, the others are read and ingested.

use super::ingest::{KeptFile, NewDocuments, Purpose};
use super::{AddedDocument, Engine, SourceFile};
use crate::document::{DocumentId, DocumentInfo, FileDetails, FileKind};
use crate::error::{Error, Result};
use crate::format::{FileToRead, recognize};
use crate::knowledge_base::{AddOptions, KnowledgeBase, StoredDocument};
use crate::runtime::{Stage, Task};

/// What became of a file that was to be read.
pub(super) enum ReadOutcome {
    /// Its bytes are in the knowledge base already.
    AlreadyAdded(AddedDocument),
    /// Its document, those of its members, and what else adding them does.
    Read(Vec<StoredDocument>, AddOptions),
}

impl Engine {
    /// Adds a file: reads, chunks, embeds and indexes it, and stores all of it in one commit,
    /// with the file itself. The files within an archive or a mail become documents of their own,
    /// with the metadata of their container. A document that it replaces is removed by the same
    /// commit, and vectors of chunks that are equal in both are reused.
    ///
    /// Bytes that are there already are not read, unless an older reader read them or the file was
    /// not kept; then the document keeps its id and its place. Bytes that are there under another name
    /// become a document of their own, so that both names are found and told; its vectors are not
    /// computed again. Where the store has no space for the file
    /// beside its text, a warning in the document's details says that it was not kept.
    ///
    /// # Errors
    /// [`Error::DocumentNotFound`] where there is no document to replace; errors of the file
    /// and of the store. Nothing has changed then.
    pub async fn add(&self, file: SourceFile<'_>, task: &Task) -> Result<AddedDocument> {
        loop {
            let (documents, options) = match self.read_new(&file, task).await? {
                ReadOutcome::AlreadyAdded(added) => return Ok(added),
                ReadOutcome::Read(documents, options) => (documents, options),
            };
            let kept = match file.drops_original {
                true => KeptFile::None,
                false => KeptFile::Bytes(file.bytes),
            };
            let vector = file.vector.map(|vector| self.given_vectors(vector)).transpose()?;
            let new =
                NewDocuments { documents, options, purpose: Purpose::Add, file: kept, vector };
            let added = self.ingest(new, None, task).await?;
            // Another call may have added the bytes under another name meanwhile.
            if !added.already_added || added.info.name == file.name {
                return Ok(added);
            }
        }
    }

    /// Reads a file, unless its bytes are there already.
    pub(super) async fn read_new(&self, file: &SourceFile<'_>, task: &Task) -> Result<ReadOutcome> {
        self.check_writable()?;
        task.cancel.check()?;
        let total = file.bytes.len() as u64;
        let since = self.runtime.now_ms();
        task.report(&*self.runtime, Stage::Parse, 0, total, "bytes", since);
        task.step(&*self.runtime).await?;
        let state = self.current(task).await?;
        let options = AddOptions {
            replaces: find_replaced(&state, file.replaces)?,
            replaces_same_name: file.replaces_same_name,
            queued: None,
        };
        let SourceFile { name, mime: media_type, bytes, password, .. } = *file;
        let to_read = FileToRead { name, media_type, bytes, password, ..FileToRead::default() };
        let format = recognize(&to_read)?;
        let kind = format.kind;
        let id = id_of(&state, kind, file);
        let unchanged = find_unchanged(&state, id, file);
        let is_as_good =
            |added: &AddedDocument| added.is_as_good(format.version, !file.drops_original);
        if let Some(added) = unchanged.filter(is_as_good) {
            return Ok(ReadOutcome::AlreadyAdded(added));
        }
        let before = state.index.find(id).map(|found| found.info().metadata.clone());
        let info = DocumentInfo {
            id,
            name: name.to_owned(),
            kind,
            bytes: total,
            sequence: 0,
            added_at: self.runtime.unix_ms(),
            metadata: file
                .metadata
                .map(str::to_owned)
                .or(before)
                .unwrap_or_else(|| "{}".to_owned()),
            details: FileDetails::default(),
            container: None,
            has_original: false,
        };
        let documents = self.read_documents(info, &to_read, task).await?;
        task.report(&*self.runtime, Stage::Parse, total, total, "bytes", since);
        Ok(ReadOutcome::Read(documents, options))
    }
}

/// The id of a file: that of its bytes, unless a document of another name has it.
fn id_of(state: &KnowledgeBase, kind: FileKind, file: &SourceFile<'_>) -> DocumentId {
    let first = DocumentId::of(kind, file.bytes);
    let copy = DocumentId::of_copy(first, file.name);
    let is_of_another_name = |id| {
        let found = state.index.find(id);
        found.is_some_and(|found| found.info().name != file.name)
    };
    let is_renamed = file.replaces.and_then(DocumentId::parse) == Some(first);
    match state.index.find(copy).is_some() || !is_renamed && is_of_another_name(first) {
        true => copy,
        false => first,
    }
}

/// The document of a file whose bytes are there already, where adding it changes nothing.
fn find_unchanged(
    state: &KnowledgeBase,
    id: DocumentId,
    file: &SourceFile<'_>,
) -> Option<AddedDocument> {
    let replaces_another = file.replaces.is_some()
        || file.replaces_same_name && state.named(file.name).iter().any(|&named| named != id);
    AddedDocument::find(state, id, true).filter(|_| !replaces_another)
}

/// The document that is to be replaced.
fn find_replaced(state: &KnowledgeBase, replaces: Option<&str>) -> Result<Option<DocumentId>> {
    let Some(id) = replaces else { return Ok(None) };
    let found = DocumentId::parse(id).filter(|&id| state.index.find(id).is_some());
    found.map(Some).ok_or_else(|| Error::DocumentNotFound { id: id.to_owned() })
}
