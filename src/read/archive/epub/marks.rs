//! Marks in the source of a page: characters that stand where chapters, printed pages and notes
//! begin, so that they are found again in its text.

use std::collections::HashMap;

use super::navigation::Target;
use super::tags::{StartTag, end_name, next_tag};

/// The first of the characters that marks are made of. They are for private use, and a page that
/// has them loses them.
const FIRST: u32 = 0xf_0000;
/// How many marks a page may have.
const MAX_MARKS: usize = 0xfffd;
/// The roles of notes.
const NOTES: [&str; 4] = ["footnote", "endnote", "rearnote", "note"];

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
    /// A picture, and its alternative text.
    Picture {
        link: String,
        alternative: String,
    },
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
        let tag = next_tag(rest);
        rest = &rest[tag.len()..];
        marker.tag(tag, &mut by_id);
    }
    marker.copy(rest);
    MarkedPage { source: marker.out, marks: marker.marks }
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
        if let Some(name) = end_name(tag) {
            self.copy(tag);
            return self.end(name);
        }
        let Some(start) = StartTag::parse(tag) else { return self.copy(tag) };
        let marks = self.start(&start, by_id);
        // Before a cell there is no place for text.
        if matches!(start.name, "td" | "th") {
            self.copy(tag);
            marks.into_iter().for_each(|mark| self.mark(mark));
        } else {
            marks.into_iter().for_each(|mark| self.mark(mark));
            self.copy(tag);
        }
    }

    /// What begins with an element.
    fn start(&mut self, tag: &StartTag<'_>, by_id: &mut HashMap<&str, Vec<&Target>>) -> Vec<Mark> {
        let mut marks: Vec<Mark> = Vec::new();
        let id = tag.attribute("id").or(tag.attribute("name"));
        // Of several elements with one id, the first counts.
        if let Some(targets) = id.and_then(|id| by_id.remove(id)) {
            marks.extend(targets.into_iter().map(|target| Mark::Target(target.clone())));
        }
        let label = tag.attribute("title").or(tag.attribute("aria-label"));
        if let Some(label) = label.filter(|_| tag.has_role(&["pagebreak"])) {
            marks.push(Mark::Target(Target::Page(label.trim().to_owned())));
        }
        if self.note.is_none() && !tag.is_empty && tag.has_role(&NOTES) {
            marks.push(Mark::Note(id.unwrap_or_default().to_owned()));
            self.note = Some((tag.name.to_owned(), 0));
        }
        if let Some((element, depth)) = &mut self.note
            && element == tag.name
            && !tag.is_empty
        {
            *depth += 1;
        }
        if matches!(tag.name, "img" | "image")
            && let Some(link) = tag.attribute("src").or(tag.attribute("xlink:href"))
        {
            let alternative = tag.attribute("alt").unwrap_or_default().to_owned();
            marks.push(Mark::Picture { link: link.to_owned(), alternative });
        }
        if tag.has_role(&["noteref"]) {
            marks.extend(tag.attribute("href").map(|link| Mark::Call(link.to_owned())));
        }
        marks
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
