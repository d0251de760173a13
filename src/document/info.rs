//! What is known of a document besides its text.

use serde::{Deserialize, Serialize};

use super::{DocumentId, FileKind};

/// What a reader found out about a file. What the file does not say is none or empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileDetails {
    /// The title that the file gives itself.
    pub title: Option<String>,
    /// Who wrote it.
    pub authors: Vec<String>,
    /// When it was written or changed last: a date of ISO 8601, or as the file has it.
    pub date: Option<String>,
    /// Its language as a tag of BCP 47, where the file states it.
    pub language: Option<String>,
    /// How many pages, slides or sheets it has.
    pub pages: Option<u32>,
    /// The reader that read it; empty for a document that was stored before readers had names.
    pub reader: String,
    /// The version of the reader. A newer one may read the file better: `Engine::reread`.
    pub reader_version: u16,
    /// The media type that the caller gave, with its `charset`: to read the file again.
    pub media_type: Option<String>,
    /// What could not be read of it: sentences for people.
    pub warnings: Vec<String>,
}

/// The container that a document is a member of: an archive, or a mail with attachments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Container {
    /// The document of the container.
    pub id: DocumentId,
    /// The member's path within it.
    pub path: String,
}

/// The facts about a document besides its text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DocumentInfo {
    /// The hash of its file.
    pub id: DocumentId,
    /// The file's name.
    pub name: String,
    /// The kind of the file.
    pub kind: FileKind,
    /// The file's size.
    pub bytes: u64,
    /// Its position in the order of adding.
    pub sequence: u64,
    /// When it was added, in milliseconds since 1970.
    pub added_at: f64,
    /// The caller's metadata: a JSON object.
    pub metadata: String,
    /// What its reader found out.
    pub details: FileDetails,
    /// The container that it is a member of.
    pub container: Option<Container>,
    /// Whether its file is kept. That of a member is within its container's.
    pub has_original: bool,
}

/// [`DocumentInfo`] in records of version 1.
#[derive(Deserialize)]
pub(crate) struct DocumentInfoV1 {
    id: DocumentId,
    name: String,
    kind: FileKind,
    bytes: u64,
    sequence: u64,
    added_at: f64,
    metadata: String,
}

impl From<DocumentInfoV1> for DocumentInfo {
    fn from(old: DocumentInfoV1) -> Self {
        let DocumentInfoV1 { id, name, kind, bytes, sequence, added_at, metadata } = old;
        let (details, container, has_original) = (FileDetails::default(), None, false);
        Self {
            id,
            name,
            kind,
            bytes,
            sequence,
            added_at,
            metadata,
            details,
            container,
            has_original,
        }
    }
}
