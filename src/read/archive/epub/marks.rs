//! Marks in the source of a page: characters that stand where chapters, printed pages and notes
//! begin, so that they are found again in its text.

use std::collections::HashMap;

use super::navigation::Target;

/// The first of the characters that marks are made of. They are for private use, and a page that
/// has them loses them.
const FIRST: u32 = 0xf_0000;
/// How many marks a page may have.
const MAX_MARKS: usize = 0xfffd;

/// What a mark stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mark {
    /// A chapter or a printed page begins.
    Target(Target),
    /// The note of this id begins.
    Note(String),
    NoteEnd,
    /// The note that this link leads to is called.
    Call(String),
}

/// A page with marks in it, and their meanings.
pub(super) struct MarkedPage {
    pub(super) source: String,
    marks: Vec<Mark>,
}

impl MarkedPage {
    /// The mark that a character is.
    pub(super) fn mark(&self, character: char) -> Option<&Mark> {
        self.marks.get((character as u32).checked_sub(FIRST)? as usize)
    }
}

/// Whether a character may be a mark.
pub(super) fn is_mark(character: char) -> bool {
    (FIRST..FIRST + MAX_MARKS as u32).contains(&(character as u32))
}

/// Marks a page of XHTML. Takes time linear in its bytes.
pub(super) fn marked(source: &str, targets: &[(Option<String>, Target)]) -> MarkedPage {
    let mut by_id: HashMap<&str, Vec<&Target>> = HashMap::new();
    for (id, target) in targets {
        if let Some(id) = id {
            by_id.entry(id).or_default().push(target);
        }
    }
    let mut marker = Marker { out: String::with_capacity(source.len()), ..Marker::default() };
    if !source.trim_start().starts_with("<?xml") {
        // The rules of XML hold whether the page says so or not.
        marker.out.push_str("<?xml version=\"1.0\"?>");
    }
    let mut rest = source;
    while let Some(at) = rest.find('<') {
        marker.copy(&rest[..at]);
        rest = &rest[at..];
        let tag = tag(rest);
        rest = &rest[tag.len()..];
        marker.tag(tag, &mut by_id);
    }
    marker.copy(rest);
    MarkedPage { source: marker.out, marks: marker.marks }
}

/// The tag, comment or stray `<` that a text begins with.
fn tag(text: &str) -> &str {
    let end = |mark: &str| text.find(mark).map_or(text.len(), |at| at + mark.len());
    if text.starts_with("<!--") {
        return &text[..end("-->")];
    }
    if text.starts_with("<![CDATA[") {
        return &text[..end("]]>")];
    }
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (byte, quote) {
            (b'"' | b'\'', None) => quote = Some(byte),
            (byte, Some(open)) if byte == open => quote = None,
            (b'>', None) => return &text[..=at],
            // A tag does not contain another one.
            (b'<', None) if at > 0 => return &text[..at],
            _ => {}
        }
    }
    text
}

#[derive(Default)]
struct Marker {
    out: String,
    marks: Vec<Mark>,
    /// The element of the note around, and how often it is open.
    note: Option<(String, usize)>,
}

impl Marker {
    fn copy(&mut self, text: &str) {
        if text.contains(is_mark) {
            self.out.extend(text.chars().filter(|&character| !is_mark(character)));
        } else {
            self.out.push_str(text);
        }
    }

    fn mark(&mut self, mark: Mark) {
        if self.marks.len() < MAX_MARKS {
            let character = char::from_u32(FIRST + self.marks.len() as u32);
            self.out.push(character.expect("private use, no surrogate"));
            self.marks.push(mark);
        }
    }

    fn tag(&mut self, tag: &str, by_id: &mut HashMap<&str, Vec<&Target>>) {
        let inner = tag.trim_start_matches('<').trim_end_matches('>');
        if let Some(name) = inner.strip_prefix('/') {
            self.copy(tag);
            return self.end(name.trim());
        }
        let name = inner.split([' ', '\t', '\r', '\n', '/']).next().unwrap_or_default();
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return self.copy(tag);
        }
        let attributes = attributes(&inner[name.len()..]);
        let attribute = |name: &str| {
            let found = attributes.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| *value)
        };
        let id = attribute("id").or(attribute("name"));
        let mut marks: Vec<Mark> = Vec::new();
        // Of several elements with one id, the first counts.
        if let Some(targets) = id.and_then(|id| by_id.remove(id)) {
            marks.extend(targets.into_iter().map(|target| Mark::Target(target.clone())));
        }
        let roles = [attribute("epub:type"), attribute("role")];
        let role = |wanted: &str| {
            let roles = roles.iter().flatten().flat_map(|roles| roles.split_whitespace());
            roles.into_iter().any(|role| role.trim_start_matches("doc-") == wanted)
        };
        if role("pagebreak")
            && let Some(label) = attribute("title").or(attribute("aria-label"))
        {
            marks.push(Mark::Target(Target::Page(label.trim().to_owned())));
        }
        let is_note = role("footnote") || role("endnote") || role("rearnote") || role("note");
        if is_note && self.note.is_none() && !inner.ends_with('/') {
            marks.push(Mark::Note(id.unwrap_or_default().to_owned()));
            self.note = Some((name.to_owned(), 0));
        }
        if let Some((element, depth)) = &mut self.note
            && element == name
            && !inner.ends_with('/')
        {
            *depth += 1;
        }
        if role("noteref") {
            marks.extend(attribute("href").map(|link| Mark::Call(link.to_owned())));
        }
        // Before a cell there is no place for text.
        let is_cell = matches!(name, "td" | "th");
        if is_cell {
            self.copy(tag);
        }
        marks.into_iter().for_each(|mark| self.mark(mark));
        if !is_cell {
            self.copy(tag);
        }
    }

    fn end(&mut self, name: &str) {
        let Some((element, depth)) = &mut self.note else { return };
        if element == name {
            *depth -= 1;
            if *depth == 0 {
                self.note = None;
                self.mark(Mark::NoteEnd);
            }
        }
    }
}

/// The attributes in a start tag that have a value.
fn attributes(mut text: &str) -> Vec<(&str, &str)> {
    let mut attributes = Vec::new();
    while let Some((name, rest)) = text.split_once('=') {
        let rest = rest.trim_start();
        let Some(quote) = rest.chars().next().filter(|quote| matches!(quote, '"' | '\'')) else {
            text = rest;
            continue;
        };
        let Some((value, after)) = rest[1..].split_once(quote) else { break };
        let name = name.rsplit(char::is_whitespace).find(|name| !name.is_empty());
        attributes.extend(name.map(|name| (name, value)));
        text = after;
    }
    attributes
}
