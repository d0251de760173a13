//! Builds a [`Document`] from its parts in reading order.

use std::borrow::Cow;

use crate::document::{Block, BlockKind, Document, Place, PlaceMark, Span};
use crate::error::Result;

use super::invisible::{SOFT_HYPHEN, is_invisible, may_be_invisible};
use super::pictures::Pictures;
use super::shown_picture::ShownPicture;
use super::{FoundPicture, Input};

/// The bytes of text that share a mark of their lines: one for each short block would take more
/// than a tenth of what the text takes.
const LINES_MARK_BYTES: usize = 256;
/// The most bytes of a name in a place, which every mark repeats.
const MAX_PLACE_BYTES: usize = 300;

/// Collects blocks into one text and ensures the invariants of [`Document`]: blocks are in
/// order and not blank, with only white space between them.
///
/// One that is made by [`DocumentBuilder::new`] takes nothing more once the text is too large
/// for the limits of its file, and remembers that it was. The default one takes everything: it
/// builds a part of a text that another one takes.
#[derive(Default)]
pub(super) struct DocumentBuilder {
    text: String,
    blocks: Vec<Block>,
    places: Vec<PlaceMark>,
    /// Where the next block is.
    place: Place,
    pictures: Pictures,
    limits: Option<Limits>,
    excess: Option<Excess>,
}

/// What a builder takes at most.
struct Limits {
    text_bytes: u64,
    blocks: u64,
}

/// What a text has too much of.
struct Excess {
    got: u64,
    limit: u64,
    unit: &'static str,
}

impl Limits {
    /// What a text of so many bytes and blocks has too much of.
    fn excess(&self, bytes: u64, blocks: u64) -> Option<Excess> {
        let over = |got, limit, unit| (got > limit).then_some(Excess { got, limit, unit });
        over(bytes, self.text_bytes, "bytes of text")
            .or_else(|| over(blocks, self.blocks, "paragraphs and rows"))
    }
}

/// The text of a row: its cells, separated by ` | `. A bar within a cell stands between spaces that do not
/// break, so that it separates nothing.
#[allow(dead_code, reason = "some modules read no tables")]
pub(super) fn row_text(cells: &[impl AsRef<str>]) -> String {
    let mut row = String::with_capacity(cells.iter().map(|cell| cell.as_ref().len() + 3).sum());
    for (at, cell) in cells.iter().map(AsRef::as_ref).enumerate() {
        row.push_str(if at > 0 { " | " } else { "" });
        match cell.contains('|') {
            true => row.push_str(&with_kept_bars(cell)),
            false => row.push_str(cell),
        }
    }
    row
}

fn with_kept_bars(cell: &str) -> String {
    let space = |is_there: bool| if is_there { "\u{a0}" } else { "" };
    let (first, last) = (space(cell.starts_with('|')), space(cell.ends_with('|')));
    let inner = cell.replace(" |", "\u{a0}|").replace("| ", "|\u{a0}");
    format!("{first}{inner}{last}")
}

impl DocumentBuilder {
    /// A builder of the text of a file, within its limits.
    pub(super) fn new(input: &Input<'_>) -> Self {
        let limits =
            Limits { text_bytes: input.limits.text_bytes, blocks: input.limits.objects.into() };
        Self { limits: Some(limits), ..Self::default() }
    }

    /// Appends a block without leading blank lines and trailing white space. The first line
    /// keeps its indentation. Blank text is ignored, and so is what follows an excess.
    pub(super) fn push(&mut self, kind: BlockKind, text: &str) {
        if self.excess.is_some() {
            return;
        }
        let text = readable(text);
        let text = without_blank_first_lines(&text).trim_end();
        if text.is_empty() {
            return;
        }
        let separator = match self.blocks.last() {
            Some(last) if self.follows(last, kind, text) => "\n",
            Some(_) => "\n\n",
            None => "",
        };
        let start = self.text.len() + separator.len();
        let (bytes, blocks) = ((start + text.len()) as u64, self.blocks.len() as u64 + 1);
        self.excess = self.limits.as_ref().and_then(|limits| limits.excess(bytes, blocks));
        if self.excess.is_some() {
            return;
        }
        self.text.push_str(separator);
        if self.places.last().map_or(!self.place.is_empty(), |last| last.place != self.place) {
            self.places.push(PlaceMark { start: start as u32, place: self.place.clone() });
        }
        self.text.push_str(text);
        self.blocks.push(Block { span: Span::new(start..self.text.len()), kind });
    }

    /// Appends a picture: the bytes of its file, and its alternative text, which may be empty.
    pub(super) fn push_picture(&mut self, bytes: &[u8], alternative: &str) {
        let block = self.blocks.len();
        self.push(BlockKind::Caption, alternative);
        self.pictures.add(bytes, block, self.blocks.len() - block);
    }

    /// Appends a picture of a page: from the page itself, or a link to its file.
    pub(super) fn push_shown(&mut self, picture: ShownPicture, alternative: &str) {
        match picture {
            ShownPicture::File(bytes) => self.push_picture(&bytes, alternative),
            ShownPicture::Link(path) => {
                let block = self.blocks.len();
                self.push(BlockKind::Caption, alternative);
                self.pictures.add_link(path, block, self.blocks.len() - block);
            }
        }
    }

    /// The pictures so far, and how many were left out. It is called when all text is there.
    pub(super) fn take_pictures(&mut self) -> (Vec<FoundPicture>, usize) {
        std::mem::take(&mut self.pictures).finish(&self.text, &self.blocks)
    }

    /// Makes the last block a heading: what follows shows that it is one.
    pub(super) fn make_heading(&mut self, level: u8) {
        if let Some(last) = self.blocks.last_mut() {
            last.kind = BlockKind::Heading(level);
        }
    }

    /// Whether a block is on the line after the last one: items of a list, rows of a table, lines
    /// of a log.
    fn follows(&self, last: &Block, kind: BlockKind, text: &str) -> bool {
        let is_row = |kind| matches!(kind, BlockKind::TableHeader | BlockKind::TableRow);
        let is_line = |text: &str| !text.contains('\n');
        match kind {
            BlockKind::ListItem => last.kind == kind,
            BlockKind::TableHeader | BlockKind::TableRow => is_row(last.kind),
            BlockKind::Code => {
                last.kind == kind && is_line(text) && is_line(&self.text[last.span.range()])
            }
            _ => false,
        }
    }

    /// The blocks from now on are at `place`.
    #[allow(dead_code, reason = "Markdown has no pages")]
    pub(super) fn set_place(&mut self, mut place: Place) {
        let Place { page_label, sheet, message, section, .. } = &mut place;
        for name in [page_label, sheet, message, section].into_iter().flatten() {
            name.truncate(name.floor_char_boundary(MAX_PLACE_BYTES));
        }
        self.place = place;
    }

    /// Appends a block of several lines, each with its own place.
    #[allow(dead_code, reason = "only the lines of pictures have places of their own")]
    pub(super) fn push_lines(&mut self, kind: BlockKind, lines: &[(&str, Place)]) {
        let mut lines = lines.iter().filter(|(text, _)| !readable(text).trim().is_empty());
        let Some((first, place)) = lines.next() else { return };
        self.set_place(place.clone());
        let blocks = self.blocks.len();
        self.push(kind, first.trim());
        for (line, place) in lines {
            if self.blocks.len() == blocks || self.excess.is_some() {
                return;
            }
            self.extend(line.trim(), place);
        }
    }

    /// Appends a line to the last block.
    fn extend(&mut self, line: &str, place: &Place) {
        let line = readable(line);
        let start = self.text.len() + 1;
        let bytes = (start + line.len()) as u64;
        self.excess =
            self.limits.as_ref().and_then(|it| it.excess(bytes, self.blocks.len() as u64));
        if self.excess.is_some() {
            return;
        }
        self.text.push('\n');
        self.places.push(PlaceMark { start: start as u32, place: place.clone() });
        self.text.push_str(&line);
        self.place = place.clone();
        if let Some(last) = self.blocks.last_mut() {
            last.span.end = self.text.len() as u32;
        }
    }

    /// The blocks from now on are on lines `first` to `last` of the file. Short ones in a row share
    /// the lines of all.
    pub(super) fn set_lines(&mut self, first: u32, last: u32) {
        let end = self.text.len();
        let shared = self.places.last_mut().filter(|mark| {
            mark.place == self.place && end - (mark.start as usize) < LINES_MARK_BYTES
        });
        match shared.and_then(|mark| mark.place.lines.as_mut()) {
            Some((first, _)) => {
                let lines = Some((*first, last));
                self.place.lines = lines;
                self.places.last_mut().expect("it is shared").place.lines = lines;
            }
            None => self.place = Place::lines(first, last),
        }
    }

    /// The span of the last block.
    #[allow(dead_code, reason = "only pages have figures to place")]
    pub(super) fn last_span(&self) -> Option<Span> {
        self.blocks.last().map(|block| block.span)
    }

    /// Bytes of the text so far.
    #[allow(dead_code, reason = "only some readers limit it")]
    pub(super) fn text_bytes(&self) -> usize {
        self.text.len()
    }

    /// An error where the text is too large for the limits of its file. Readers ask now and then,
    /// so that they do not work on for nothing.
    pub(super) fn check(&self, input: &Input<'_>) -> Result<()> {
        match self.excess {
            Some(Excess { got, limit, unit }) => Err(input.too_large(got, limit, unit)),
            None => Ok(()),
        }
    }

    /// The document of a file.
    pub(super) fn finish_within(self, input: &Input<'_>) -> Result<Document> {
        self.check(input)?;
        Ok(self.finish())
    }

    /// What a builder without limits made.
    pub(super) fn finish(mut self) -> Document {
        self.text.shrink_to_fit();
        let (text, blocks, places) = (self.text, self.blocks, self.places);
        Document { text, blocks, places, pictures: Vec::new() }
    }
}

fn without_blank_first_lines(text: &str) -> &str {
    let first_visible = text.find(|c: char| !c.is_whitespace()).unwrap_or(text.len());
    let line_start = text[..first_visible].rfind('\n').map_or(0, |newline| newline + 1);
    &text[line_start..]
}

/// The text with `\n` as its only line end, and without [invisible characters](is_invisible).
pub(super) fn readable(text: &str) -> Cow<'_, str> {
    if is_plain(text) || !text.chars().any(|c| is_line_end(c) || may_be_invisible(c)) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let next = characters.peek().copied();
        match character {
            '\r' if next == Some('\n') => {}
            line_end if is_line_end(line_end) => clean.push('\n'),
            // A soft hyphen is seen where a line ends.
            SOFT_HYPHEN if next.is_some_and(|c| c == '\n' || is_line_end(c)) => clean.push('-'),
            other if is_invisible(other, clean.chars().next_back()) => {}
            visible => clean.push(visible),
        }
    }
    Cow::Owned(clean)
}

/// Whether a text is ASCII without control characters but `\n` and tab: most texts are, and this is quickly known.
fn is_plain(text: &str) -> bool {
    let is_seen = |byte: &u8| matches!(byte, b' '..=b'~' | b'\n' | b'\t');
    // Without a branch for each byte.
    text.as_bytes().chunks(64).all(|bytes| bytes.iter().fold(true, |all, it| all & is_seen(it)))
}

/// Line ends other than `\n`: carriage return, vertical tab, form feed, NEL, LS, PS.
fn is_line_end(character: char) -> bool {
    matches!(character, '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}
