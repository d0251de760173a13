//! A document: the text of one file, and the spans and kinds of its parts.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::fingerprint::parse_hex;

mod chunk_id;
mod info;
mod insert;
mod picture;
mod place;

pub(crate) use chunk_id::{chunk_id, parse_chunk_id};
pub(crate) use info::DocumentInfoV1;
pub use info::{Container, DocumentInfo, FileDetails};
pub use picture::{Picture, PictureSpot, PictureVector};
use place::PlaceMarkV2;
pub use place::{Area, Place, PlaceMark};

/// Bytes `start..end` of a document's text (UTF-8), always on character boundaries.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The span of `range`, which must lie within a text of at most 4 GiB.
    pub fn new(range: Range<usize>) -> Self {
        Self { start: range.start as u32, end: range.end as u32 }
    }

    /// The span as a range to slice the text with.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// Bytes that are hashed by one call.
const HASHED_BYTES: usize = 64 << 10;

/// The hash of what `hash` has taken and of these bytes. They are hashed in many calls: a browser makes a function
/// quick while it is called again and again, and not within a call.
fn hash_of(mut hash: Sha256, bytes: &[u8]) -> [u8; 32] {
    bytes.chunks(HASHED_BYTES).for_each(|part| hash.update(part));
    hash.finalize().into()
}

/// Identifies a document: the first half of the SHA-256 of its kind and bytes, so that a
/// file added twice is recognized.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DocumentId([u8; 16]);

impl DocumentId {
    /// The id of a file of `kind` with these bytes.
    pub fn of(kind: FileKind, bytes: &[u8]) -> Self {
        Self::truncated(hash_of(Sha256::new().chain_update([kind.0]), bytes))
    }

    /// The id of a file with the same bytes and kind as the document `first`, of another name.
    pub fn of_copy(first: Self, name: &str) -> Self {
        Self::truncated(Sha256::new().chain_update(first.0).chain_update(name).finalize().into())
    }

    /// The id of a member of a container: the same file in two containers, or twice in one, is
    /// two documents.
    pub fn of_member(container: Self, path: &str, kind: FileKind, bytes: &[u8]) -> Self {
        let hash = Sha256::new()
            .chain_update(container.0)
            .chain_update((path.len() as u64).to_le_bytes())
            .chain_update(path)
            .chain_update([kind.0]);
        Self::truncated(hash_of(hash, bytes))
    }

    fn truncated(hash: [u8; 32]) -> Self {
        let mut id = [0; 16];
        id.copy_from_slice(&hash[..16]);
        Self(id)
    }

    /// Parses the 32 hexadecimal digits that `Display` writes.
    pub fn parse(text: &str) -> Option<Self> {
        parse_hex(text).map(Self)
    }
}

impl fmt::Display for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// The format of the file that a document was read from: the number of a row of
/// [`FORMATS`](crate::FORMATS). Stored documents hold it, so a number is never given to
/// another format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FileKind(u8);

impl FileKind {
    /// Plain text.
    pub const PLAIN_TEXT: Self = Self::new(0);
    /// A mail.
    pub(crate) const MAIL: Self = Self::new(21);
    /// A mail that Outlook saved.
    pub(crate) const OUTLOOK_MAIL: Self = Self::new(23);

    /// The kind of this number, from 0 to 127.
    pub const fn new(number: u8) -> Self {
        assert!(number < 128, "larger numbers are stored differently");
        Self(number)
    }
}

/// The kind of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum BlockKind {
    /// A heading of level 1 to 6.
    Heading(u8),
    /// Running text.
    Paragraph,
    /// One item of a list.
    ListItem,
    /// Code or other text with significant line breaks.
    Code,
    /// One row of a table, cells separated by ` | `.
    TableRow,
    /// Text that repeats around the content: the header and footer of a page, a menu. It is part
    /// of the text, but of no chunk, so that nothing is answered from it.
    Boilerplate,
    /// The header row of a table: repeated with each chunk of its rows.
    TableHeader,
    /// A footnote: it belongs to the block before it.
    Footnote,
    /// The caption of a figure or a table: it belongs to the next or the last block.
    Caption,
}

/// A part of a document's text, such as a heading or a paragraph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Its span in the text.
    pub span: Span,
    /// Its kind.
    pub kind: BlockKind,
}

/// The text of one file. Its blocks are in order, do not overlap and are not blank. Between
/// two blocks there is only white space.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// The plain text that every span refers to, as a person would see it, without markup.
    pub text: String,
    /// The text's parts.
    pub blocks: Vec<Block>,
    /// Where in the file the text is, in ascending order. Empty for a file without pages,
    /// sheets and the like.
    pub places: Vec<PlaceMark>,
    /// Its pictures, in the order of their spans.
    pub pictures: Vec<Picture>,
}

impl Document {
    /// Where `span` is in the file; none where nothing is known.
    pub fn place(&self, span: Span) -> Option<Place> {
        let at = |byte: u32| {
            let after = self.places.partition_point(|mark| mark.start <= byte);
            after.checked_sub(1).map(|mark| &self.places[mark].place)
        };
        let (first, last) = (at(span.start)?, at(span.end.max(span.start + 1) - 1)?);
        let place = if first == last { first.clone() } else { first.through(last) };
        (!place.is_empty()).then_some(place)
    }

    /// The parts of `span` between boilerplate; all of `span` where it is nothing else.
    pub fn content(&self, span: Span) -> Vec<Span> {
        let mut parts = Vec::new();
        let mut start = span.start;
        let first = self.blocks.partition_point(|block| block.span.end <= span.start);
        let within = self.blocks[first..].iter().take_while(|block| block.span.start < span.end);
        for block in within.filter(|block| block.kind == BlockKind::Boilerplate) {
            parts.push(Span { start, end: block.span.start.max(start) });
            start = block.span.end;
        }
        parts.push(Span { start, end: span.end.max(start) });
        parts.retain(|&part| !self.slice(part).trim().is_empty());
        if parts.is_empty() { vec![span] } else { parts }
    }

    /// The document of a text whose blocks are unknown: each run of lines without a blank line
    /// is a paragraph.
    pub(crate) fn from_paragraphs(text: String) -> Self {
        let mut blocks: Vec<Block> = Vec::new();
        let (mut start, mut is_open) = (0, false);
        for line in text.split_inclusive('\n') {
            let visible = line.trim_end();
            let end = start + visible.len();
            if visible.trim_start().is_empty() {
                is_open = false;
            } else if let Some(last) = blocks.last_mut().filter(|_| is_open) {
                last.span.end = end as u32;
            } else {
                let indent = visible.len() - visible.trim_start().len();
                let span = Span::new(start + indent..end);
                blocks.push(Block { span, kind: BlockKind::Paragraph });
                is_open = true;
            }
            start += line.len();
        }
        Self { text, blocks, ..Self::default() }
    }

    /// Whether there is a picture in `span` or beside it. A link counts for none: its file may not be
    /// there.
    pub(crate) fn has_picture(&self, span: Span) -> bool {
        let overlaps = |it: &Picture| it.span.start < span.end && span.start < it.span.end;
        self.pictures.iter().any(|it| it.link.is_none() && overlaps(it))
    }

    /// The places among the pictures of those that `span` is of, links to pictures included.
    pub(crate) fn pictures_of(&self, span: Span) -> impl Iterator<Item = usize> {
        let is_of = move |it: &Picture| it.span.start <= span.start && span.end <= it.span.end;
        let pictures = self.pictures.iter().enumerate();
        pictures.filter(move |(_, picture)| is_of(picture)).map(|(place, _)| place)
    }

    /// The first picture in the document itself that `span` is of.
    pub fn picture(&self, span: Span) -> Option<&Picture> {
        let mut pictures = self.pictures_of(span).map(|place| &self.pictures[place]);
        pictures.find(|picture| picture.link.is_none())
    }

    /// The text of `span`.
    pub fn slice(&self, span: Span) -> &str {
        &self.text[span.range()]
    }
}

/// [`Document`] in records of version 2.
#[derive(Deserialize)]
pub(crate) struct DocumentV2 {
    text: String,
    blocks: Vec<Block>,
    places: Vec<PlaceMarkV2>,
}

impl From<DocumentV2> for Document {
    fn from(DocumentV2 { text, blocks, places }: DocumentV2) -> Self {
        let places = places.into_iter().map(PlaceMark::from).collect();
        Self { text, blocks, places, pictures: Vec::new() }
    }
}

/// The bound below which documents, segments and changes are numbered. Counting on from a
/// larger stored number could overflow.
pub(crate) const MAX_NUMBER: u64 = 1 << 53;
