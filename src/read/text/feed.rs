//! RSS and Atom: the entries of a feed, with their dates, authors and texts.

use crate::document::{BlockKind, FileDetails};
use crate::error::Result;
use crate::read::blocks::DocumentBuilder;
use crate::read::{Input, ReadFile, html};

use super::xml_events::{XmlEvent, for_each};

/// Reads a feed: each entry is a heading with its date, its author and its text.
pub(crate) fn feed(input: &Input<'_>) -> Result<ReadFile> {
    let text = input.text(false)?;
    let mut reader = Reader::default();
    for_each(input, &text, |event| {
        reader.read(event);
        Ok(())
    })?;
    Ok(ReadFile { document: reader.builder.finish(), details: reader.details, members: Vec::new() })
}

/// The parts of the feed or of an entry.
#[derive(Default)]
struct Parts {
    title: String,
    date: String,
    authors: Vec<String>,
    summary: String,
    content: String,
}

struct Open {
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
        if matches!(name.as_str(), "item" | "entry") {
            self.write_feed();
            self.entry = Some(Parts::default());
        }
        self.open.push(Open { name, text: String::new() });
    }

    fn end(&mut self) {
        let Some(Open { name, text }) = self.open.pop() else { return };
        let is_content = |open: &Open| matches!(&*open.name, "content" | "summary");
        let in_content = self.open.iter().any(is_content);
        let parent = self.open.last().map_or("", |open| &open.name);
        let has_title = matches!(parent, "item" | "entry" | "channel" | "feed");
        let text = text.trim().to_owned();
        let parts = self.entry.as_mut().unwrap_or(&mut self.feed);
        match name.as_str() {
            "item" | "entry" => self.write_entry(),
            "channel" | "feed" | "rss" | "RDF" => self.write_feed(),
            // XHTML within a text of Atom: its elements are separate lines of it.
            _ if in_content => {
                if let Some(parent) = self.open.last_mut() {
                    parent.text.push('\n');
                    parent.text.push_str(&text);
                }
            }
            "title" if has_title => parts.title = text,
            "pubDate" | "published" | "date" => parts.date = text,
            "updated" | "lastBuildDate" if parts.date.is_empty() => parts.date = text,
            "creator" | "name" | "author" if !text.is_empty() => parts.authors.push(text),
            "description" | "summary" | "subtitle" => parts.summary = text,
            "encoded" | "content" => parts.content = text,
            _ => {}
        }
    }

    fn write_feed(&mut self) {
        if std::mem::replace(&mut self.wrote_feed, true) {
            return;
        }
        let feed = std::mem::take(&mut self.feed);
        self.builder.push(BlockKind::Heading(1), &plain(&feed.title));
        html::read_fragment(&feed.summary, &mut self.builder);
        self.details.title = Some(plain(&feed.title)).filter(|title| !title.is_empty());
        self.details.date = Some(feed.date).filter(|date| !date.is_empty());
        self.details.authors = feed.authors;
    }

    fn write_entry(&mut self) {
        let Some(entry) = self.entry.take() else { return };
        self.builder.push(BlockKind::Heading(2), &plain(&entry.title));
        let mut line = vec![entry.date];
        line.extend(entry.authors);
        line.retain(|part| !part.is_empty());
        self.builder.push(BlockKind::Paragraph, &line.join(", "));
        let text = if entry.content.is_empty() { &entry.summary } else { &entry.content };
        html::read_fragment(text, &mut self.builder);
    }
}

/// The text of a title, which may be HTML.
fn plain(title: &str) -> String {
    let mut builder = DocumentBuilder::default();
    html::read_fragment(title, &mut builder);
    builder.finish().text.split_whitespace().collect::<Vec<_>>().join(" ")
}
