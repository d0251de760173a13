//! What is known of a document besides its text.

use serde::{Deserialize, Serialize};

use super::{DocumentId, FileKind};

/// What a reader found out about a file. What the file does not say is none or empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredDetails", into = "StoredDetails")]
pub struct FileDetails {
    /// The title that the file gives itself.
    pub title: Option<String>,
    /// Who wrote it.
    pub authors: Vec<String>,
    /// When it was written or changed last: a date of ISO 8601, or as the file has it.
    pub date: Option<String>,
    /// Its language as a tag of BCP 47: as the file states it, otherwise as recognized by its text.
    pub language: Option<String>,
    /// How many pages, slides or sheets it has.
    pub pages: Option<u32>,
    /// The reader that read it; empty for a document that was stored before readers had names.
    pub reader: String,
    /// The version of the reader. A newer one may read the file better: `Engine::reread`.
    pub reader_version: u16,
    /// The media type that the caller gave, with its `charset`: to read the file again.
    pub media_type: Option<String>,
    /// The encoding of its text, where that is not UTF-8: a name of the Encoding Standard.
    pub encoding: Option<String>,
    /// What could not be read of it: sentences for people.
    pub warnings: Vec<String>,
}

/// [`FileDetails`] in records. Those without an encoding are as they were before it was kept.
#[derive(Serialize, Deserialize)]
struct StoredDetails {
    title: Option<String>,
    authors: Vec<String>,
    date: Option<String>,
    language: Option<String>,
    pages: Option<u32>,
    reader: String,
    reader_version: u16,
    media_type: StoredType,
    warnings: Vec<String>,
}

/// A media type and an encoding. The first two are stored as an optional media type alone was.
#[derive(Serialize, Deserialize)]
enum StoredType {
    Unknown,
    MediaType(String),
    Encoding(String),
    Both(String, String),
}

impl From<StoredDetails> for FileDetails {
    fn from(stored: StoredDetails) -> Self {
        let (media_type, encoding) = match stored.media_type {
            StoredType::Unknown => (None, None),
            StoredType::MediaType(media_type) => (Some(media_type), None),
            StoredType::Encoding(encoding) => (None, Some(encoding)),
            StoredType::Both(media_type, encoding) => (Some(media_type), Some(encoding)),
        };
        let StoredDetails { title, authors, date, language, pages, .. } = stored;
        let StoredDetails { reader, reader_version, warnings, .. } = stored;
        Self {
            title,
            authors,
            date,
            language,
            pages,
            reader,
            reader_version,
            media_type,
            encoding,
            warnings,
        }
    }
}

impl From<FileDetails> for StoredDetails {
    fn from(details: FileDetails) -> Self {
        let media_type = match (details.media_type, details.encoding) {
            (None, None) => StoredType::Unknown,
            (Some(media_type), None) => StoredType::MediaType(media_type),
            (None, Some(encoding)) => StoredType::Encoding(encoding),
            (Some(media_type), Some(encoding)) => StoredType::Both(media_type, encoding),
        };
        let FileDetails { title, authors, date, language, pages, .. } = details;
        let FileDetails { reader, reader_version, warnings, .. } = details;
        Self { title, authors, date, language, pages, reader, reader_version, media_type, warnings }
    }
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

impl DocumentInfo {
    /// Whether it is one mail.
    pub(crate) fn is_mail(&self) -> bool {
        matches!(self.kind, FileKind::MAIL | FileKind::OUTLOOK_MAIL)
    }

    /// What is known of the document besides its text, as text: its title, and its name
    /// without the extension.
    pub(crate) fn outside_text(&self) -> String {
        let name = self.name.rsplit_once('.').map_or(&*self.name, |(stem, _)| stem);
        let title = self.details.title.as_deref().unwrap_or_default();
        format!("{title}\n{name}")
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn details_with_an_encoding_are_stored_and_others_as_before() {
        for (media_type, encoding) in
            [(None, None), (Some("text/html"), Some("GBK")), (None, Some("GBK"))]
        {
            let media_type = media_type.map(str::to_owned);
            let details = FileDetails {
                media_type,
                encoding: encoding.map(str::to_owned),
                warnings: vec!["A warning.".to_owned()],
                ..FileDetails::default()
            };
            let bytes = postcard::to_allocvec(&details).expect("details can be stored");
            assert_eq!(postcard::from_bytes(&bytes), Ok(details));
        }
        // What was stored before encodings were kept.
        let before = (None::<String>, Vec::<String>::new(), None::<String>, None::<String>);
        let before = (before, None::<u32>, "", 0_u16, Some("text/html"), Vec::<String>::new());
        let bytes = postcard::to_allocvec(&before).expect("details can be stored");
        let media_type = Some("text/html".to_owned());
        let expected = FileDetails { media_type, ..FileDetails::default() };
        assert_eq!(postcard::from_bytes(&bytes), Ok(expected));
    }
}
