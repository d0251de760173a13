//! Files that are kept beside their documents: returned, with the pictures in them, and read again.

use std::rc::Rc;

use super::ingest::{KeptFile, NewDocuments, Purpose};
use super::{AddedDocument, Engine};
use crate::document::{DocumentId, DocumentInfo, Picture};
use crate::error::{Error, Result};
use crate::format::{FileToRead, Format, recognize};
use crate::knowledge_base::{
    AddOptions, KnowledgeBase, StoredDocument, original_owner, read_original,
};
use crate::read::FoundPicture;
use crate::runtime::Task;

/// Whether a document was read by an older version of its reader, and can be read again
/// ([`Engine::reread`]).
pub fn is_outdated(info: &DocumentInfo) -> bool {
    let current = Format::of(info.kind).map_or(0, |format| format.version);
    info.has_original && info.details.reader_version < current
}

/// The file of a picture that is within another file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginalPicture {
    /// Its media type.
    pub media_type: Option<&'static str>,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Engine {
    /// The file that a document was read from, piece by piece, and what is known of it. A member
    /// is taken out of its container, which `password` opens where it is encrypted.
    ///
    /// # Errors
    /// [`Error::DocumentNotFound`]; [`Error::OriginalNotKept`]; [`Error::CorruptStorage`] where
    /// the stored file is damaged; those of a container that is read; errors of `write`.
    pub async fn original(
        &self,
        id: &str,
        password: Option<&str>,
        write: &mut dyn FnMut(&[u8]) -> Result<()>,
        task: &Task,
    ) -> Result<Rc<DocumentInfo>> {
        self.check_open()?;
        let state = self.readable(task).await?;
        let info = find_info(&state, id)?;
        let kept = kept_file(&state, &info)?;
        if kept.id == info.id {
            read_original(&*self.store, &original_owner(&kept), kept.bytes, write).await?;
            return Ok(info);
        }
        let bytes = self.read_kept(&kept).await?;
        let member = self.find_member(&to_read(&kept, &bytes, password), &info, task).await?;
        write(&member)?;
        Ok(info)
    }

    /// The file of a picture of a document: the one with this number
    /// ([`Picture::number`](crate::Picture::number)). The document's file is read for it again.
    ///
    /// # Errors
    /// Those of [`Engine::original`]; [`Error::OriginalNotKept`] where its file has no such picture.
    pub async fn picture(
        &self,
        id: &str,
        number: u32,
        password: Option<&str>,
        task: &Task,
    ) -> Result<OriginalPicture> {
        let mut bytes = Vec::new();
        let mut push = |piece: &[u8]| {
            bytes.extend_from_slice(piece);
            Ok(())
        };
        let info = self.original(id, password, &mut push, task).await?;
        let file = to_read(&info, &bytes, password);
        let limits = &self.read_limits;
        let (_, read) = self.file_reader.read(&file, limits, &*self.runtime, task).await?;
        let mut pictures = read.pictures.into_iter().filter(|picture| picture.link.is_none());
        let picture = pictures.nth(number as usize);
        let not_kept = || Error::OriginalNotKept { name: info.name.clone() };
        let FoundPicture { bytes, .. } = picture.ok_or_else(not_kept)?;
        let media_type = recognize(&FileToRead { bytes: &bytes, ..FileToRead::default() });
        let media_type = media_type.ok().map(Format::media_type);
        Ok(OriginalPicture { media_type, bytes })
    }

    /// Reads the file of a document again, with today's reader: text, chunks and vectors are
    /// replaced in one commit under the same id, and vectors of equal chunks are reused. Of a
    /// member, its whole container is read again; members that it no longer yields are removed.
    ///
    /// # Errors
    /// Those of [`Engine::original`] and of [`Engine::add`]. Nothing has changed then.
    pub async fn reread(
        &self,
        id: &str,
        password: Option<&str>,
        task: &Task,
    ) -> Result<AddedDocument> {
        self.check_writable()?;
        self.check_own(id)?;
        let state = self.current(task).await?;
        let asked = find_info(&state, id)?.id;
        let old = kept_file(&state, &*find_info(&state, id)?)?;
        let bytes = self.read_kept(&old).await?;
        let file = to_read(&old, &bytes, password);
        let mut documents = self.read_documents(DocumentInfo::clone(&old), &file, task).await?;
        drop(bytes);
        self.keep_vectors(&mut documents, &state).await?;
        let (options, purpose, file) = (AddOptions::default(), Purpose::Reread, KeptFile::Stored);
        let new = NewDocuments { documents, options, purpose, file, vector: None };
        let container = self.ingest(new, None, task).await?;
        let state = self.current(task).await?;
        Ok(AddedDocument::find(&state, asked, false).unwrap_or(container))
    }

    /// Gives pictures that were read again the vectors that they had, where there is no image encoder
    /// now.
    async fn keep_vectors(
        &self,
        documents: &mut [StoredDocument],
        state: &KnowledgeBase,
    ) -> Result<()> {
        if self.image_embedder().is_some() {
            return Ok(());
        }
        for document in documents {
            let Some(found) = state.index.find(document.id()) else { continue };
            let Ok(old) = self.document_cache.get(&*self.store, &found).await else { continue };
            for picture in &mut document.document.pictures {
                let is_same = |it: &&Picture| {
                    it.number == picture.number && it.thumbnail == picture.thumbnail
                };
                let known = old.document.pictures.iter().find(is_same);
                picture.vector = known.and_then(|known| known.vector.clone());
            }
        }
        Ok(())
    }

    /// The bytes of a file that is kept.
    async fn read_kept(&self, info: &DocumentInfo) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut push = |piece: &[u8]| {
            bytes.extend_from_slice(piece);
            Ok(())
        };
        read_original(&*self.store, &original_owner(info), info.bytes, &mut push).await?;
        Ok(bytes)
    }
}

fn find_info(state: &KnowledgeBase, id: &str) -> Result<Rc<DocumentInfo>> {
    let found = DocumentId::parse(id).and_then(|id| state.index.find(id));
    let found = found.ok_or_else(|| Error::DocumentNotFound { id: id.to_owned() })?;
    Ok(found.info().clone())
}

/// The document whose file is kept: this one, or its container.
fn kept_file(state: &KnowledgeBase, info: &DocumentInfo) -> Result<Rc<DocumentInfo>> {
    let id = info.container.as_ref().map_or(info.id, |container| container.id);
    let found = state.index.find(id).map(|found| found.info().clone());
    let kept = found.filter(|info| info.has_original);
    kept.ok_or_else(|| Error::OriginalNotKept { name: info.name.clone() })
}

/// A file that is kept, to be read.
fn to_read<'a>(
    info: &'a DocumentInfo,
    bytes: &'a [u8],
    password: Option<&'a str>,
) -> FileToRead<'a> {
    let media_type = info.details.media_type.as_deref();
    FileToRead { name: &info.name, media_type, bytes, password, ..FileToRead::default() }
}
