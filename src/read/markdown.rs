//! Markdown: CommonMark with tables, task lists, footnotes, strikethrough and formulas, as
//! the text of its rendered form. Front matter is read as lines.

use std::borrow::Cow;
use std::ops::Range;

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd};

use crate::document::{BlockKind, FileDetails};

use super::blocks::{DocumentBuilder, readable};
use super::front_matter;
use super::html::{self, Marks};
use super::lists::{Numbering, OpenLists};
use super::source_lines::SourceLines;

/// The most bytes of indentation and of markers of quotes and lists that are kept at the
/// start of a line: far more than text needs. This limits the nesting, as the parser takes
/// time proportional to nesting times lines.
const MAX_LINE_PREFIX_BYTES: usize = 256;

/// Reads a file of Markdown: its blocks are at their lines.
pub(super) fn read_file(source: &str, builder: &mut DocumentBuilder, details: &mut FileDetails) {
    let text = readable(source);
    let text = limit_nesting(&text);
    let mut reader = Reader::new(builder, details);
    reader.lines = Some(SourceLines::of(source, &text));
    reader.run(&text);
}

/// Reads Markdown within a file of another format.
#[allow(dead_code, reason = "only notebooks, whose reader is another module, have it")]
pub(super) fn read(text: &str, builder: &mut DocumentBuilder, details: &mut FileDetails) {
    let text = readable(text);
    Reader::new(builder, details).run(&limit_nesting(&text));
}

/// What Markdown has beside CommonMark.
fn extensions() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_MATH
        | Options::ENABLE_WIKILINKS
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
        | Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS
}

/// The text with the prefixes of its lines cut to `MAX_LINE_PREFIX_BYTES`.
fn limit_nesting(text: &str) -> Cow<'_, str> {
    let excess = |line: &str| prefix_length(line).saturating_sub(MAX_LINE_PREFIX_BYTES);
    if text.lines().all(|line| excess(line) == 0) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.split_inclusive('\n').map(|line| &line[excess(line)..]).collect())
}

/// Bytes of indentation and of markers of quotes and lists at the start of `line`.
fn prefix_length(line: &str) -> usize {
    let bytes = line.as_bytes();
    let mut end = 0;
    loop {
        let digits = bytes[end..].iter().take(10).take_while(|byte| byte.is_ascii_digit()).count();
        match bytes.get(end + digits) {
            Some(b'.' | b')') if (1..10).contains(&digits) => end += digits + 1,
            Some(b' ' | b'\t' | b'>' | b'*' | b'+' | b'-') if digits == 0 => end += 1,
            _ => return end,
        }
    }
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
    /// Whether the file has a heading of level 1.
    has_heading: bool,
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
            has_heading: false,
            in_cell: false,
            lines: None,
            source: None,
        }
    }

    fn run(&mut self, text: &str) {
        self.has_heading = text.lines().any(|line| line.starts_with("# "));
        for (event, range) in Parser::new_ext(text, extensions()).into_offset_iter() {
            if !matches!(event, Event::Start(_) | Event::End(_) | Event::Rule) {
                let start = self.source.as_ref().map_or(range.start, |source| source.start);
                self.source = Some(start..range.end.max(start + 1));
            }
            self.read(event);
        }
        self.flush();
    }

    fn read(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Code(text) => self.add(&text),
            Event::InlineMath(formula) => self.add(&format!("${formula}$")),
            Event::DisplayMath(formula) => self.add(&format!("$${formula}$$")),
            Event::Html(html) => self.text.push_str(&html),
            Event::InlineHtml(html) => self.inline_html(&html),
            Event::FootnoteReference(label) => self.add(&format!("[{label}]")),
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

    /// Ignores tags within a line, except line breaks and raised, lowered or struck text.
    fn inline_html(&mut self, html: &CowStr<'_>) {
        let name = html.trim_start_matches(['<', '/']).trim_end_matches(['>', '/', ' ']);
        match name.to_ascii_lowercase().as_str() {
            "br" => self.line_break(),
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
            Tag::Paragraph | Tag::BlockQuote(_) | Tag::Table(_) | Tag::HtmlBlock => {
                self.begin(BlockKind::Paragraph);
            }
            Tag::TableCell => {
                if self.in_cell {
                    self.text.push_str(" | ");
                }
                self.in_cell = true;
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
            Tag::MetadataBlock(_) => self.begin(BlockKind::Paragraph),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) | TagEnd::CodeBlock | TagEnd::Paragraph | TagEnd::BlockQuote(_) => {
                self.flush()
            }
            TagEnd::FootnoteDefinition => {
                self.flush();
                self.in_footnote = false;
            }
            TagEnd::Strikethrough => self.text.push_str("~~"),
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
                html::read_fragment(&std::mem::take(&mut self.text), self.builder);
            }
            TagEnd::MetadataBlock(_) => {
                self.set_lines();
                let text = std::mem::take(&mut self.text);
                front_matter::read(&text, self.has_heading, self.builder, self.details);
            }
            _ => {}
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
        let text = std::mem::take(&mut self.text);
        self.marks.clear();
        if text.trim().is_empty() {
            self.source = None;
            return;
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
    }
}
