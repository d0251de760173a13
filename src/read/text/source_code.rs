//! Source code, cut at functions, classes and the like by indentation and keywords. No language
//! is parsed: code that is not indented as usual is cut at blank lines.

use std::ops::Range;

use crate::document::{BlockKind, Place};
use crate::error::Result;
use crate::read::blocks::{DocumentBuilder, readable};
use crate::read::{Input, ReadFile};

use super::languages::Language;

/// Longer parts are cut at the definitions within them.
const MAX_PART_LINES: usize = 40;
/// How deep definitions are looked for within definitions.
const MAX_DEPTH: usize = 5;
/// The most bytes of a name, which stands in the place of each part within it.
const MAX_NAME_BYTES: usize = 100;
/// What closes a part that began further up.
const CLOSERS: &[&str] = &[
    "}", ")", "]", "{", "end", "fi", "done", "esac", "else", "elif", "elsif", "except", "catch",
    "finally", "rescue", "ensure", "#endif", "#else", "*/", "</",
];

/// Reads source code: each function with its comment is a block, with its lines and its name.
pub(crate) fn source_code(input: &Input<'_>) -> Result<ReadFile> {
    let text = input.text(false)?;
    let text = readable(&text);
    let lines: Vec<&str> = text.lines().collect();
    let extension = input.name.rsplit('.').next().unwrap_or("").to_ascii_lowercase();
    let mut reader = Reader {
        language: Language::of(&extension),
        lines: &lines,
        builder: DocumentBuilder::new(input),
        input,
    };
    reader.cut(0..lines.len(), "", 0)?;
    Ok(reader.builder.finish_within(input)?.into())
}

struct Reader<'a> {
    language: Language,
    lines: &'a [&'a str],
    builder: DocumentBuilder,
    input: &'a Input<'a>,
}

/// Lines that belong together, and what they define.
struct Part<'a> {
    lines: Range<usize>,
    name: Option<&'a str>,
    /// The line of the definition, after its comments.
    definition: usize,
}

impl<'a> Reader<'a> {
    /// Writes lines within `path`, cut at the definitions of the least indentation.
    fn cut(&mut self, range: Range<usize>, path: &str, depth: usize) -> Result<()> {
        for part in self.parts(range) {
            self.input.step(part.lines.start as u64, self.lines.len() as u64, "lines")?;
            let name = part.name.map(|name| &name[..name.floor_char_boundary(MAX_NAME_BYTES)]);
            let path = match name {
                Some(name) if path.is_empty() => name.to_owned(),
                Some(name) => format!("{path}.{name}"),
                None => path.to_owned(),
            };
            let inner = part.definition + 1..part.lines.end;
            let is_long = part.lines.len() > MAX_PART_LINES && part.name.is_some();
            if is_long && depth < MAX_DEPTH && self.has_definitions(inner.clone()) {
                let head = self.head_end(inner.clone());
                self.write(part.lines.start..head, &path);
                self.cut(head..part.lines.end, &path, depth + 1)?;
            } else {
                self.write(part.lines.clone(), &path);
            }
        }
        Ok(())
    }

    fn write(&mut self, range: Range<usize>, path: &str) {
        let filled = |&at: &usize| !self.lines[at].trim().is_empty();
        let (Some(first), Some(last)) = (range.clone().find(filled), range.rev().find(filled))
        else {
            return;
        };
        let place = Place {
            section: Some(path.to_owned()).filter(|path| !path.is_empty()),
            ..Place::lines(first as u32 + 1, last as u32 + 1)
        };
        self.builder.set_place(place);
        self.builder.push(BlockKind::Code, &self.lines[first..=last].join("\n"));
    }

    /// The least indentation of lines that are not blank.
    fn margin(&self, range: Range<usize>) -> usize {
        let filled = self.lines[range].iter().filter(|line| !line.trim().is_empty());
        filled
            .filter(|line| !is_closer(line.trim_start()))
            .map(|line| columns(line))
            .min()
            .unwrap_or(0)
    }

    fn has_definitions(&self, range: Range<usize>) -> bool {
        let margin = self.margin(range.clone());
        let names = range.filter(|&at| self.definition_at(at, margin).is_some());
        names.take(2).count() > 0
    }

    /// Where the fields and such before the first definition, and its comment, end.
    fn head_end(&self, range: Range<usize>) -> usize {
        let margin = self.margin(range.clone());
        let start = range.start;
        let first = range.clone().find(|&at| self.definition_at(at, margin).is_some());
        first.map_or(range.end, |at| self.with_comments(at, start))
    }

    /// The name that a line of this indentation defines.
    fn definition_at(&self, at: usize, margin: usize) -> Option<&'a str> {
        let line = self.lines[at];
        let has_body = self.lines.get(at + 1).is_some_and(|next| next.trim() == "{");
        let name = || self.language.defined_name(line.trim(), has_body);
        (columns(line) == margin).then(name).flatten()
    }

    /// The first of the comments directly above a line, not above `start`.
    fn with_comments(&self, at: usize, start: usize) -> usize {
        let above = (start..at).rev();
        let comments =
            above.take_while(|&line| self.language.is_comment(self.lines[line].trim_start()));
        comments.last().unwrap_or(at)
    }

    /// The parts of lines: one begins with each definition, and after a blank line.
    fn parts(&self, range: Range<usize>) -> Vec<Part<'a>> {
        let margin = self.margin(range.clone());
        let mut parts: Vec<Part<'a>> = Vec::new();
        let mut after_blank = true;
        for at in range.clone() {
            let line = self.lines[at];
            let text = line.trim_start();
            if text.is_empty() {
                after_blank = true;
                continue;
            }
            let is_outer = columns(line) <= margin && !is_closer(text);
            let name = self.definition_at(at, margin);
            let begins = parts.is_empty() || (is_outer && (after_blank || name.is_some()));
            let was_blank = std::mem::replace(&mut after_blank, false);
            if !begins {
                continue;
            }
            let start = match parts.last() {
                None => range.start,
                // A type on the line above, fields, an attribute.
                Some(part) if !was_blank && part.name.is_none() && at - part.lines.start <= 3 => {
                    part.lines.start
                }
                Some(part) => {
                    let above =
                        if part.name.is_none() { part.lines.start } else { part.definition + 1 };
                    if name.is_some() { self.with_comments(at, above) } else { at }
                }
            };
            // Comments directly above became a part of their own at the blank line before them.
            if parts.last().is_some_and(|part| part.lines.start >= start && part.name.is_none()) {
                parts.pop();
            }
            if let Some(part) = parts.last_mut() {
                part.lines.end = start;
            }
            parts.push(Part { lines: start..range.end, name, definition: at });
        }
        parts
    }
}

fn is_closer(text: &str) -> bool {
    CLOSERS.iter().any(|closer| {
        text.strip_prefix(closer).is_some_and(|rest| {
            !closer.ends_with(char::is_alphabetic)
                || !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_')
        })
    })
}

/// The width of a line's indentation, a tab being four.
fn columns(line: &str) -> usize {
    let indent = line.chars().take_while(|c| c.is_whitespace());
    indent.map(|c| if c == '\t' { 4 } else { 1 }).sum()
}
