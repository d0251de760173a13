//! The tags and texts of HTML, split as the standard says.
//!
//! There is no tree: a reader of text needs none, and building one takes time
//! with the square of the nesting. Every byte is looked at a bounded number of
//! times, whatever the input.

use std::borrow::Cow;

use super::entities;

/// One piece of HTML.
pub(super) enum Token<'a> {
    /// Text, its character references replaced.
    Text(Cow<'a, str>),
    /// A start tag.
    Start(Tag<'a>),
    /// The name in an end tag, in lower case.
    End(Cow<'a, str>),
}

/// A start tag, with the attributes that matter to who reads text.
#[derive(Default)]
pub(super) struct Tag<'a> {
    /// In lower case.
    pub(super) name: Cow<'a, str>,
    /// Ends with `/>`.
    pub(super) self_closing: bool,
    /// `hidden`, or a style that says so.
    pub(super) hidden: bool,
    /// The text that stands for an image.
    pub(super) alt: Option<Cow<'a, str>>,
    /// The number a list counts from.
    pub(super) start: Option<u64>,
}

/// Splits HTML into [`Token`]s; comments and declarations are left out.
pub(super) struct Tokens<'a> {
    source: &'a str,
    at: usize,
    /// The element whose content is raw text, after its start tag.
    raw: Option<Cow<'a, str>>,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(source: &'a str) -> Self {
        Self { source, at: 0, raw: None }
    }

    fn rest(&self) -> &'a str {
        &self.source[self.at..]
    }

    fn take(&mut self, bytes: usize) -> &'a str {
        let taken = &self.source[self.at..self.at + bytes];
        self.at += bytes;
        taken
    }

    fn take_until(&mut self, stops: impl Fn(u8) -> bool) -> &'a str {
        let rest = self.rest();
        self.take(rest.bytes().position(stops).unwrap_or(rest.len()))
    }

    /// Goes past the next `end`, or to the end of the source.
    fn skip_past(&mut self, end: &str) {
        let rest = self.rest();
        self.at += rest.find(end).map_or(rest.len(), |at| at + end.len());
    }

    /// The text up to the end tag of the element `name`, or to the end.
    fn raw_text(&mut self, name: &str) -> Token<'a> {
        let rest = self.rest();
        let ends = |at: usize| {
            let after = &rest.as_bytes()[at + 2..];
            after.get(..name.len()).is_some_and(|n| n.eq_ignore_ascii_case(name.as_bytes()))
                && after.get(name.len()).is_none_or(|&byte| ends_name(byte))
        };
        let end = rest.match_indices("</").map(|(at, _)| at).find(|&at| ends(at));
        let text = self.take(end.unwrap_or(rest.len()));
        Token::Text(if name == "title" { entities::decode(text) } else { Cow::Borrowed(text) })
    }

    /// Goes past a comment, which starts at the current place.
    fn skip_comment(&mut self) {
        self.at += "<!--".len();
        let rest = self.rest();
        let short = [">", "->"].into_iter().find(|end| rest.starts_with(end));
        let long = || {
            let closes = |at: usize| rest[..at].ends_with("--") || rest[..at].ends_with("--!");
            rest.match_indices('>').map(|(at, _)| at).find(|&at| closes(at)).map(|at| at + 1)
        };
        self.at += short.map(str::len).or_else(long).unwrap_or(rest.len());
    }

    fn start_tag(&mut self) -> Option<Token<'a>> {
        self.at += 1;
        let mut tag = Tag { name: lower(self.take_until(ends_name)), ..Tag::default() };
        self.attributes(&mut tag)?;
        // The slash of `<script/>` means nothing in HTML.
        if is_raw(&tag.name) {
            self.raw = Some(tag.name.clone());
        }
        Some(Token::Start(tag))
    }

    fn end_tag(&mut self) -> Option<Token<'a>> {
        self.at += 2;
        let name = lower(self.take_until(ends_name));
        self.attributes(&mut Tag::default())?;
        Some(Token::End(name))
    }

    /// Reads attributes and the end of a tag; `None` if the source ends first.
    fn attributes(&mut self, tag: &mut Tag<'a>) -> Option<()> {
        loop {
            self.take_until(|byte| !is_space(byte));
            match self.rest().as_bytes().first()? {
                b'>' => {
                    self.at += 1;
                    return Some(());
                }
                b'/' => {
                    self.at += 1;
                    tag.self_closing = self.rest().starts_with('>');
                }
                _ => self.attribute(tag)?,
            }
        }
    }

    fn attribute(&mut self, tag: &mut Tag<'a>) -> Option<()> {
        let from = self.at;
        // A name may begin with an equals sign, but not go on with one.
        self.at += usize::from(self.rest().starts_with('='));
        self.take_until(|byte| ends_name(byte) || byte == b'=');
        let name = &self.source[from..self.at];
        self.take_until(|byte| !is_space(byte));
        let mut value = "";
        if self.rest().starts_with('=') {
            self.at += 1;
            self.take_until(|byte| !is_space(byte));
            value = match self.rest().as_bytes().first()? {
                &quote @ (b'"' | b'\'') => {
                    self.at += 1;
                    let value = self.take_until(|byte| byte == quote);
                    self.at += 1;
                    if self.at > self.source.len() {
                        self.at = self.source.len();
                        return None;
                    }
                    value
                }
                _ => self.take_until(|byte| is_space(byte) || byte == b'>'),
            };
        }
        tag.note(name, value);
        Some(())
    }
}

impl<'a> Tag<'a> {
    fn note(&mut self, name: &str, value: &'a str) {
        if name.eq_ignore_ascii_case("hidden") {
            self.hidden = true;
        } else if name.eq_ignore_ascii_case("style") {
            self.hidden |= hides(value);
        } else if name.eq_ignore_ascii_case("alt") {
            // Of a repeated attribute the first counts.
            self.alt.get_or_insert_with(|| entities::decode(value));
        } else if name.eq_ignore_ascii_case("start") {
            self.start = value.trim().parse().ok();
        }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        if let Some(name) = self.raw.take() {
            return Some(self.raw_text(&name));
        }
        loop {
            let rest = self.rest();
            let mut next = rest.bytes().skip(1);
            match (rest.bytes().next()?, next.next(), next.next()) {
                (b'<', Some(b'!'), _) if rest.starts_with("<!--") => self.skip_comment(),
                (b'<', Some(b'!' | b'?'), _) => self.skip_past(">"),
                (b'<', Some(byte), _) if byte.is_ascii_alphabetic() => return self.start_tag(),
                (b'<', Some(b'/'), Some(byte)) if byte.is_ascii_alphabetic() => {
                    return self.end_tag();
                }
                (b'<', Some(b'/'), Some(_)) => self.skip_past(">"),
                _ => {
                    // A "<" that begins no tag is text.
                    let end = rest.bytes().skip(1).position(|byte| byte == b'<');
                    let end = end.map_or(rest.len(), |at| at + 1);
                    return Some(Token::Text(entities::decode(self.take(end))));
                }
            }
        }
    }
}

/// Elements whose content holds no tags.
fn is_raw(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "title"
            | "textarea"
            | "noscript"
            | "iframe"
            | "xmp"
            | "noembed"
            | "noframes"
    )
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c')
}

fn ends_name(byte: u8) -> bool {
    is_space(byte) || matches!(byte, b'/' | b'>')
}

fn lower(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(name.to_ascii_lowercase())
    } else {
        Cow::Borrowed(name)
    }
}

/// Whether an inline style takes the element out of sight.
fn hides(style: &str) -> bool {
    style.split(';').any(|rule| {
        rule.split_once(':').is_some_and(|(property, value)| {
            let (property, value) = (property.trim(), value.trim());
            (property.eq_ignore_ascii_case("display")
                && value.to_ascii_lowercase().starts_with("none"))
                || (property.eq_ignore_ascii_case("visibility")
                    && value.to_ascii_lowercase().starts_with("hidden"))
        })
    })
}
