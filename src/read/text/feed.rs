//! RSS and Atom: the entries of a feed, with their dates, authors and texts.

use crate::document::{BlockKind, FileDetails};
use crate::error::Result;
use crate::read::blocks::DocumentBuilder;
use crate::read::{Input, ReadFile, html};

use super::xml_events::{XmlEvent, for_each, split_name};

/// The most authors of an entry.
const MAX_AUTHORS: usize = 50;
/// The prefix of elements that describe pictures and films beside the text.
const MEDIA: &str = "media";

/// Reads a feed: each entry is a heading with its date, its author and its text.
pub(crate) fn feed(input: &Input<'_>) -> Result<ReadFile> {
    let text = input.text(false)?;
    let mut reader = Reader { builder: DocumentBuilder::new(input), ..Reader::default() };
    for_each(input, &text, |event| {
        reader.read(event);
        reader.builder.check(input)
    })?;
    let (document, details) = (reader.builder.finish_within(input)?, reader.details);
    Ok(ReadFile { document, details, ..ReadFile::default() })
}

/// The parts of the feed or of an entry.
#[derive(Default)]
struct Parts {
    title: Part,
    date: Part,
    authors: Vec<String>,
    summary: Part,
    content: Part,
}

impl Parts {
    fn add_author(&mut self, name: &str) {
        let is_new = !name.is_empty() && !self.authors.iter().any(|known| known == name);
        if is_new && self.authors.len() < MAX_AUTHORS {
            self.authors.push(name.to_owned());
        }
    }
}

/// One of them, and whether the format of the feed itself says it, and not an extension.
#[derive(Default)]
struct Part {
    text: String,
    is_own: bool,
}

impl Part {
    /// The first text counts; one of the format itself counts more than one of an extension.
    fn set(&mut self, text: String, is_own: bool) {
        if !text.is_empty() && (self.text.is_empty() || (is_own && !self.is_own)) {
            *self = Self { text, is_own };
        }
    }
}

struct Open {
    /// With its prefix.
    name: String,
    text: String,
}

#[derive(Default)]
struct Reader {
    builder: DocumentBuilder,
    details: FileDetails,
    open: Vec<Open>,
    feed: Parts,
    entry: Option<Parts>,
    wrote_feed: bool,
}

impl Reader {
    fn read(&mut self, event: XmlEvent) {
        match event {
            XmlEvent::Start(name, _) => self.start(name),
            XmlEvent::Text(text) => {
                if let Some(open) = self.open.last_mut() {
                    open.text.push_str(&text);
                }
            }
            XmlEvent::End => self.end(),
        }
    }

    fn start(&mut self, name: String) {
        if matches!(split_name(&name).1, "item" | "entry") {
            self.write_feed();
            self.entry = Some(Parts::default());
        }
        self.open.push(Open { name, text: String::new() });
    }

    fn end(&mut self) {
        let Some(Open { name, text }) = self.open.pop() else { return };
        let (prefix, name) = split_name(&name);
        if prefix == MEDIA || self.open.iter().any(|open| split_name(&open.name).0 == MEDIA) {
            return;
        }
        match name {
            "item" | "entry" => return self.write_entry(),
            "channel" | "feed" | "rss" | "RDF" => return self.write_feed(),
            _ => {}
        }
        let text = text.trim();
        let is_content = |open: &Open| matches!(split_name(&open.name).1, "content" | "summary");
        if self.open.iter().any(is_content) {
            // XHTML within a text of Atom: its elements are separate lines of it.
            if let Some(parent) = self.open.last_mut() {
                parent.text.push('\n');
                parent.text.push_str(text);
            }
            return;
        }
        let (parent_prefix, parent) = self.open.last().map_or(("", ""), |it| split_name(&it.name));
        let is_author = matches!((parent, name), ("author" | "contributor", "name"));
        if !is_author && !matches!(parent, "item" | "entry" | "channel" | "feed") {
            return;
        }
        let is_own = prefix == parent_prefix;
        let parts = self.entry.as_mut().unwrap_or(&mut self.feed);
        match name {
            "title" => parts.title.set(text.to_owned(), is_own),
            "pubDate" | "published" | "date" => parts.date.set(text.to_owned(), is_own),
            "updated" | "lastBuildDate" => parts.date.set(text.to_owned(), false),
            "creator" | "name" | "author" => parts.add_author(text),
            "description" | "summary" | "subtitle" => parts.summary.set(text.to_owned(), is_own),
            // The name of an extension that says the text of RSS.
            "encoded" => parts.content.set(text.to_owned(), prefix == "content"),
            "content" => parts.content.set(text.to_owned(), is_own),
            _ => {}
        }
    }

    fn write_feed(&mut self) {
        if std::mem::replace(&mut self.wrote_feed, true) {
            return;
        }
        let feed = std::mem::take(&mut self.feed);
        self.builder.push(BlockKind::Heading(1), &plain(&feed.title.text));
        html::read_fragment(&feed.summary.text, &mut self.builder);
        self.details.title = Some(plain(&feed.title.text)).filter(|title| !title.is_empty());
        self.details.date = Some(feed.date.text).filter(|date| !date.is_empty());
        self.details.authors = feed.authors;
    }

    fn write_entry(&mut self) {
        let Some(entry) = self.entry.take() else { return };
        self.builder.push(BlockKind::Heading(2), &plain(&entry.title.text));
        let mut line = vec![entry.date.text];
        line.extend(entry.authors);
        line.retain(|part| !part.is_empty());
        self.builder.push(BlockKind::Paragraph, &line.join(", "));
        let text = if entry.content.text.is_empty() { entry.summary } else { entry.content };
        html::read_fragment(&text.text, &mut self.builder);
    }
}

/// The text of a title, which may be HTML.
fn plain(title: &str) -> String {
    let mut builder = DocumentBuilder::default();
    html::read_fragment(title, &mut builder);
    builder.finish().text.split_whitespace().collect::<Vec<_>>().join(" ")
}
