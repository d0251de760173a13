//! Markdown: CommonMark with tables, task lists, footnotes, strikethrough and formulas, as
//! the text of its rendered form. Front matter is read as lines. Comments and marks of note-taking
//! programs are left out.

mod containers;
mod front_matter;
mod links;
mod nesting;
mod note_marks;
mod note_programs;

use std::ops::Range;

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd};

use crate::document::{BlockKind, FileDetails};
use crate::lines::{is_short_title, parts_entries};

use super::blocks::{DocumentBuilder, readable, row_text};
use super::html::{self, Token};
use super::lists::{Numbering, OpenLists};
use super::marks::Marks;
use super::shown_picture::{ShownPicture, shown_picture};
use super::source_lines::SourceLines;
use containers::Part;
use links::OpenLinks;
use nesting::limit_nesting;
use note_marks::Highlight;

/// The level of a bold line above text: below all that are marked as headings.
const BOLD_LEVEL: u8 = 6;

/// Reads a file of Markdown: its blocks are at their lines.
pub(super) fn read_file(source: &str, builder: &mut DocumentBuilder, details: &mut FileDetails) {
    let text = readable(source);
    let text = limit_nesting(&text);
    let text = note_marks::without_comments(&text);
    let text = note_programs::without_marks(&text);
    let mut reader = Reader::new(builder, details);
    reader.lines = Some(SourceLines::of(source, &text));
    let (data, body) = front_matter::find(&text).unwrap_or_default();
    reader.read_front_matter(&text[data.clone()], data, text[body..].lines().any(is_title));
    reader.run(&text, body);
}

fn is_title(line: &str) -> bool {
    line.starts_with("# ")
}

/// Reads Markdown within a file of another format.
#[allow(dead_code, reason = "only notebooks, whose reader is another module, have it")]
pub(super) fn read(text: &str, builder: &mut DocumentBuilder, details: &mut FileDetails) {
    let text = readable(text);
    Reader::new(builder, details).run(&limit_nesting(&text), 0);
}

/// What Markdown has beside CommonMark.
fn extensions() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_MATH
        | Options::ENABLE_WIKILINKS
        | Options::ENABLE_HEADING_ATTRIBUTES
}

struct Reader<'a> {
    builder: &'a mut DocumentBuilder,
    details: &'a mut FileDetails,
    /// The text of the current block.
    text: String,
    kind: BlockKind,
    lists: OpenLists,
    /// The marker of an item or footnote, which precedes the next block.
    marker: Option<String>,
    marks: Marks,
    in_footnote: bool,
    in_cell: bool,
    /// Where the cell begins in the text.
    cell_start: usize,
    /// Where bold text ends that is all of the current block so far.
    bold_end: Option<usize>,
    /// Whether the last block is a bold line, which is a heading if text follows.
    may_be_heading: bool,
    highlight: Highlight,
    /// Whether a callout may begin.
    may_be_callout: bool,
    links: OpenLinks,
    /// The pictures of the current block.
    pictures: Vec<ShownPicture>,
    /// The alternative text of the last one.
    alternative: String,
    /// The lines of the file; none for a part of one.
    lines: Option<SourceLines>,
    /// Where the text of the current block is in the source.
    source: Option<Range<usize>>,
}

impl<'a> Reader<'a> {
    fn new(builder: &'a mut DocumentBuilder, details: &'a mut FileDetails) -> Self {
        Self {
            builder,
            details,
            text: String::new(),
            kind: BlockKind::Paragraph,
            lists: OpenLists::default(),
            marker: None,
            marks: Marks::default(),
            in_footnote: false,
            bold_end: None,
            may_be_heading: false,
            highlight: Highlight::default(),
            may_be_callout: false,
            links: OpenLinks::default(),
            pictures: Vec::new(),
            alternative: String::new(),
            in_cell: false,
            cell_start: 0,
            lines: None,
            source: None,
        }
    }

    /// Reads the text from `begin` on.
    fn run(&mut self, text: &str, begin: usize) {
        for (event, range) in Parser::new_ext(&text[begin..], extensions()).into_offset_iter() {
            if !matches!(event, Event::Start(_) | Event::End(_) | Event::Rule) {
                let (first, end) = (range.start + begin, range.end + begin);
                let start = self.source.as_ref().map_or(first, |source| source.start);
                self.source = Some(start..end.max(start + 1));
            }
            match event {
                Event::SoftBreak if self.parts_entries(text, range.start + begin) => {
                    self.read(Event::HardBreak);
                }
                event => self.read(event),
            }
        }
        self.flush();
    }

    /// Whether the line end at byte `at` of the source parts entries. In quotes every line begins
    /// with a mark, so it is not seen.
    fn parts_entries(&self, source: &str, at: usize) -> bool {
        self.kind == BlockKind::Paragraph
            && self.marker.is_none()
            && source[at..].starts_with('\n')
            && !source[at..].trim_start().starts_with('>')
            && parts_entries(source, at)
    }

    fn read(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) if self.kind == BlockKind::Code => self.add(&text),
            Event::Text(text) => self.highlight.add(&text, &mut self.text),
            Event::Code(text) => self.add(&text),
            Event::InlineMath(formula) => self.add(&format!("${formula}$")),
            Event::DisplayMath(formula) => self.add(&format!("$${formula}$$")),
            Event::Html(html) => self.text.push_str(&html),
            Event::InlineHtml(html) => self.inline_html(&html),
            // A quote does not show the note.
            Event::FootnoteReference(_) => {}
            Event::SoftBreak | Event::HardBreak if self.ends_callout_title() => self.flush(),
            Event::SoftBreak => self.text.push(' '),
            Event::HardBreak => self.line_break(),
            Event::Rule => self.flush(),
            Event::TaskListMarker(done) => self.add(if done { "[x] " } else { "[ ] " }),
        }
    }

    fn add(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn line_break(&mut self) {
        let within_line = self.in_cell || matches!(self.kind, BlockKind::Heading(_));
        self.text.push(if within_line { ' ' } else { '\n' });
    }

    /// Whether the text so far is the title of a callout, which is a block of its own.
    fn ends_callout_title(&self) -> bool {
        self.may_be_callout && note_marks::callout_title(&self.text).is_some()
    }

    /// Ignores tags within a line, except line breaks, pictures and raised, lowered or struck
    /// text.
    fn inline_html(&mut self, html: &CowStr<'_>) {
        let name = html.trim_start_matches(['<', '/']);
        let name = name.split([' ', '\n', '\t', '/', '>']).next().unwrap_or("");
        match name.to_ascii_lowercase().as_str() {
            "br" => self.line_break(),
            "img" => {
                if let Some(Token::Start(tag)) = html::tokens(html).next() {
                    self.add(tag.alt().unwrap_or(""));
                    self.pictures.extend(tag.shown_picture());
                }
            }
            name if html.starts_with("</") => self.marks.end(name, &mut self.text),
            name => self.marks.begin(name, &self.text),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { level, .. } => self.begin(BlockKind::Heading(level as u8)),
            Tag::CodeBlock(_) => self.begin(BlockKind::Code),
            Tag::TableHead => self.begin(BlockKind::TableHeader),
            Tag::TableRow => self.begin(BlockKind::TableRow),
            Tag::Strikethrough => self.text.push_str("~~"),
            Tag::Strong if self.text.is_empty() => self.bold_end = Some(0),
            Tag::Paragraph | Tag::Table(_) | Tag::HtmlBlock => self.begin(BlockKind::Paragraph),
            Tag::BlockQuote(_) => {
                self.begin(BlockKind::Paragraph);
                self.may_be_callout = true;
            }
            Tag::Link { link_type, dest_url, .. } => {
                self.links.begin(link_type, &dest_url, false, &self.text);
            }
            Tag::Image { link_type, dest_url, .. } => {
                self.pictures.extend(shown_picture(&dest_url));
                self.links.begin(link_type, &dest_url, true, &self.text);
            }
            Tag::TableCell => {
                if self.in_cell {
                    self.text.push_str(" | ");
                }
                self.in_cell = true;
                self.cell_start = self.text.len();
            }
            Tag::List(first) => {
                self.begin(BlockKind::Paragraph);
                self.lists.begin(first.map(Numbering::from));
            }
            Tag::Item => {
                self.begin(BlockKind::Paragraph);
                self.marker = Some(self.lists.next_marker());
            }
            Tag::FootnoteDefinition(label) => {
                self.begin(BlockKind::Paragraph);
                self.marker = Some(format!("[{label}] "));
                self.in_footnote = true;
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) | TagEnd::CodeBlock | TagEnd::Paragraph => self.flush(),
            TagEnd::BlockQuote(_) => {
                self.flush();
                self.may_be_callout = false;
            }
            TagEnd::Link => drop(self.links.end(&mut self.text)),
            TagEnd::Image => self.alternative = self.links.end(&mut self.text).to_owned(),
            TagEnd::FootnoteDefinition => {
                self.flush();
                self.in_footnote = false;
            }
            TagEnd::Strong if self.bold_end == Some(0) => self.bold_end = Some(self.text.len()),
            TagEnd::Strikethrough => self.text.push_str("~~"),
            TagEnd::TableCell => {
                let cell = self.text.get(self.cell_start..).unwrap_or_default();
                if cell.contains('|') {
                    let cell = row_text(&[cell]);
                    self.text.truncate(self.cell_start);
                    self.text.push_str(&cell);
                }
            }
            TagEnd::TableHead | TagEnd::TableRow => {
                self.in_cell = false;
                self.flush();
            }
            TagEnd::Item => {
                self.flush();
                self.marker = None;
            }
            TagEnd::List(_) => {
                self.flush();
                self.lists.end();
            }
            TagEnd::HtmlBlock => {
                self.set_lines();
                let block = std::mem::take(&mut self.text);
                self.read_html(&block);
            }
            _ => {}
        }
    }

    /// Reads a block of HTML, and the Markdown in it.
    fn read_html(&mut self, block: &str) {
        self.may_be_heading = false;
        // A part of a file has no lines, and no parts itself.
        let Some(parts) = self.lines.as_ref().and_then(|_| containers::parts(block)) else {
            return html::read_fragment(block, self.builder);
        };
        for part in parts {
            match part {
                Part::Html(html) => html::read_fragment(html, self.builder),
                Part::Markdown(text) => Reader::new(self.builder, self.details).run(text, 0),
            }
        }
    }

    fn read_front_matter(&mut self, text: &str, source: Range<usize>, has_heading: bool) {
        if !source.is_empty() {
            self.source = Some(source);
            self.set_lines();
            front_matter::read(text, has_heading, self.builder, self.details);
        }
    }

    fn begin(&mut self, kind: BlockKind) {
        self.flush();
        self.kind = kind;
    }

    /// The next blocks are at the lines of the text that was read.
    fn set_lines(&mut self) {
        if let (Some(lines), Some(source)) = (&self.lines, self.source.take()) {
            self.builder.set_lines(lines.number(source.start), lines.number(source.end - 1));
        }
    }

    /// Ends the current block.
    fn flush(&mut self) {
        let kind = std::mem::replace(&mut self.kind, BlockKind::Paragraph);
        self.highlight.end(&mut self.text);
        let mut text = std::mem::take(&mut self.text);
        let is_bold = self.bold_end.take() == Some(text.len());
        self.marks.clear();
        if kind != BlockKind::Code {
            text = note_marks::without_id(&text).to_owned();
        }
        if self.may_be_callout && !text.trim().is_empty() {
            text = note_marks::callout_title(&text).unwrap_or(text);
            self.may_be_callout = false;
        }
        let pictures = std::mem::take(&mut self.pictures);
        let alternative = std::mem::take(&mut self.alternative);
        if text.trim().is_empty() && pictures.is_empty() {
            self.source = None;
            return;
        }
        let is_all = ["", alternative.trim()].contains(&text.trim());
        if kind == BlockKind::Paragraph && !pictures.is_empty() && is_all {
            self.set_lines();
            self.marker = None;
            self.may_be_heading = false;
            return self.push_pictures(pictures, text.trim());
        }
        let is_plain = kind == BlockKind::Paragraph && self.marker.is_none();
        let is_label = is_bold && is_plain && is_short_title(&text) && !text.ends_with([':', '：']);
        let was_label = std::mem::replace(&mut self.may_be_heading, is_label);
        if was_label && !is_label && !matches!(kind, BlockKind::Heading(_)) {
            self.builder.make_heading(BOLD_LEVEL);
        }
        self.set_lines();
        match (kind, self.marker.take()) {
            (BlockKind::Paragraph, Some(marker)) => {
                let kind = match (self.lists.is_empty(), self.in_footnote) {
                    (false, _) => BlockKind::ListItem,
                    (true, true) => BlockKind::Footnote,
                    (true, false) => kind,
                };
                self.builder.push(kind, &(marker + text.trim()));
            }
            (BlockKind::Code, _) => self.builder.push(kind, &text),
            (_, _) => self.builder.push(kind, text.trim()),
        }
        self.push_pictures(pictures, "");
    }

    /// Writes pictures, of which the first has an alternative text.
    fn push_pictures(&mut self, pictures: Vec<ShownPicture>, alternative: &str) {
        for (at, picture) in pictures.into_iter().enumerate() {
            self.builder.push_shown(picture, if at == 0 { alternative } else { "" });
        }
    }
}
