//! Splits HTML into tags and texts by the rules of the standard.
//!
//! There is no tree: text needs none, and building one takes quadratic time in the nesting.
//! Only [`KEPT_ATTRIBUTES`] are kept, so that finding repeated attributes is quick too.
//! Without a tree it is only estimated whether a tag is inside a drawing or a formula, where
//! the rules of XML apply.

use std::borrow::Cow;

use html5gum::emitters::callback::{Callback, CallbackEmitter, CallbackEvent};
use html5gum::{Emitter, ForwardingEmitter, Span, State, Tokenizer, naive_next_state};

use super::elements::{Role, role};
use crate::read::lists::{Digits, Numbering};
use crate::read::shown_picture::{ShownPicture, shown_picture};

/// The attributes that affect the text.
const KEPT_ATTRIBUTES: [&str; 24] = [
    "alt",
    "aria-hidden",
    "aria-modal",
    "checked",
    "class",
    "colspan",
    "content",
    "hidden",
    "href",
    "id",
    "lang",
    "media",
    "name",
    "open",
    "property",
    "reversed",
    "role",
    "rowspan",
    "src",
    "start",
    "style",
    "title",
    "type",
    "value",
];

/// One piece of HTML.
pub(in crate::read) enum Token {
    /// Text, its character references replaced.
    Text(String),
    /// A start tag.
    Start(Tag),
    /// The name in an end tag, in lower case.
    End(String),
}

/// A start tag.
#[derive(Default)]
pub(in crate::read) struct Tag {
    /// In lower case.
    pub(in crate::read) name: String,
    /// Ends with `/>`, where that can have a meaning.
    pub(in crate::read) self_closing: bool,
    attributes: Vec<(Cow<'static, str>, String)>,
}

impl Tag {
    /// Whether `hidden` hides the element. What a search within the page finds is not hidden.
    pub(in crate::read) fn is_hidden(&self) -> bool {
        let is_found = |hidden: &str| hidden.trim().eq_ignore_ascii_case("until-found");
        self.attribute("hidden").is_some_and(|hidden| !is_found(hidden))
    }

    /// Whether the element is left out for those who hear the page, or closed until a script
    /// opens it.
    pub(in crate::read) fn is_silent(&self) -> bool {
        self.attribute("aria-hidden") == Some("true")
            || (self.name == "dialog" && self.attribute("open").is_none())
    }

    /// The alternative text of an image.
    pub(in crate::read) fn alt(&self) -> Option<&str> {
        self.attribute("alt")
    }

    /// The image, where it is in the page itself or in a file beside it.
    pub(in crate::read) fn shown_picture(&self) -> Option<ShownPicture> {
        self.attribute("src").and_then(shown_picture)
    }

    /// How the items of a numbered list are numbered.
    pub(in crate::read) fn numbering(&self) -> Numbering {
        let start = self.attribute("start").and_then(|start| start.trim().parse().ok());
        let digits = match self.attribute("type").map(str::trim) {
            Some("a") => Digits::Letters { is_upper: false },
            Some("A") => Digits::Letters { is_upper: true },
            Some("i") => Digits::Roman { is_upper: false },
            Some("I") => Digits::Roman { is_upper: true },
            _ => Digits::Decimal,
        };
        // Without its length, a reversed list is numbered as it stands.
        let is_reversed = start.is_some() && self.attribute("reversed").is_some();
        Numbering { next: start.unwrap_or(1), is_reversed, digits }
    }

    /// The number that an item of a list gives itself.
    pub(in crate::read) fn value(&self) -> Option<u64> {
        self.attribute("value")?.trim().parse().ok()
    }

    /// How many columns and rows a cell extends over.
    pub(in crate::read) fn spans(&self) -> (usize, usize) {
        let span = |name| self.attribute(name).and_then(|span| span.trim().parse().ok());
        (span("colspan").unwrap_or(1), span("rowspan").unwrap_or(1))
    }

    /// The address of a link.
    #[allow(dead_code, reason = "only the reader of bookmarks shows it")]
    pub(in crate::read) fn address(&self) -> Option<&str> {
        self.attribute("href")
    }

    /// The part of the page that an element of no such meaning is by its ARIA role.
    pub(in crate::read) fn landmark(&self) -> Option<Role> {
        match self.attribute("role")? {
            "main" | "article" => Some(Role::Main),
            "navigation" | "banner" | "contentinfo" | "search" | "complementary" => {
                Some(Role::Aside)
            }
            _ => None,
        }
    }

    /// Whether the element covers the page until it is closed: a question about cookies.
    pub(in crate::read) fn is_modal(&self) -> bool {
        self.attribute("aria-modal") == Some("true")
            || self.attribute("role") == Some("alertdialog")
    }

    /// An attribute that is kept.
    pub(in crate::read) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(kept, _)| *kept == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Splits HTML into [`Token`]s without comments and declarations. Takes time and memory
/// linear in the source.
pub(in crate::read) fn tokens(source: &str) -> impl Iterator<Item = Token> {
    tokens_with(source, &[])
}

/// The same tokens. Their tags have these further attributes.
pub(in crate::read) fn tokens_with(
    source: &str,
    attributes: &[String],
) -> impl Iterator<Item = Token> {
    let is_xml = source.trim_start().starts_with("<?xml");
    let attributes = attributes.to_vec();
    let collector = Collector { is_xml, attributes, ..Collector::default() };
    let events = CallbackEmitter::new(collector);
    Tokenizer::new_with_emitter(source, TokenEmitter { events }).map(|Ok(token)| token)
}

/// Lets the [`Collector`] make the decisions that otherwise need a tree.
struct TokenEmitter {
    events: CallbackEmitter<Collector, Token>,
}

impl ForwardingEmitter for TokenEmitter {
    type Token = Token;

    fn inner(&mut self) -> &mut impl Emitter<Token = Token> {
        &mut self.events
    }

    fn should_emit_errors(&mut self) -> bool {
        false
    }

    fn emit_current_tag(&mut self) -> Option<State> {
        // Always `None`, as it does not switch states by itself.
        let _ = self.events.emit_current_tag();
        self.events.callback_mut().next_state.take()
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&mut self) -> bool {
        let collector = self.events.callback_mut();
        collector.is_xml || collector.foreign > 0
    }
}

/// Turns the tokenizer's events into tokens.
#[derive(Default)]
struct Collector {
    /// The tag being read.
    tag: Tag,
    /// Whether the next value belongs to the tag's last kept attribute.
    value_is_kept: bool,
    /// The tokenizer's state after the last start tag, if the element contains no tags.
    next_state: Option<State>,
    /// The number of open drawings and formulas.
    foreign: usize,
    /// Whether the page is XML.
    is_xml: bool,
    /// The further attributes that are kept.
    attributes: Vec<String>,
}

impl Callback<Token, ()> for Collector {
    fn handle_event(&mut self, event: CallbackEvent<'_>, _: Span<()>) -> Option<Token> {
        match event {
            CallbackEvent::String { value } => return Some(Token::Text(text(value))),
            CallbackEvent::OpenStartTag { name } => {
                self.tag = Tag { name: text(name), ..Tag::default() };
            }
            CallbackEvent::AttributeName { name } => self.begin_attribute(name),
            CallbackEvent::AttributeValue { value } => self.end_attribute(value),
            CallbackEvent::CloseStartTag { self_closing } => {
                return Some(self.start_tag(self_closing));
            }
            CallbackEvent::EndTag { name } => return Some(self.end_tag(name)),
            CallbackEvent::Comment { .. }
            | CallbackEvent::Doctype { .. }
            | CallbackEvent::Error(_) => {}
        }
        None
    }
}

impl Collector {
    fn begin_attribute(&mut self, name: &[u8]) {
        let usual = KEPT_ATTRIBUTES.into_iter().find(|kept| kept.as_bytes() == name);
        let further = || self.attributes.iter().find(|kept| kept.as_bytes() == name).cloned();
        let kept = usual.map(Cow::Borrowed).or_else(|| further().map(Cow::Owned));
        // The first of repeated attributes counts.
        let new = kept.filter(|kept| self.tag.attribute(kept).is_none());
        self.value_is_kept = new.is_some();
        self.tag.attributes.extend(new.map(|kept| (kept, String::new())));
    }

    fn end_attribute(&mut self, value: &[u8]) {
        if let Some((_, kept)) = self.tag.attributes.last_mut().filter(|_| self.value_is_kept) {
            *kept = text(value);
        }
    }

    fn start_tag(&mut self, self_closing: bool) -> Token {
        let mut tag = std::mem::take(&mut self.tag);
        tag.self_closing = self_closing;
        let is_foreign = is_foreign(&tag.name);
        if is_foreign && !self_closing {
            self.foreign += 1;
        } else if !matches!(role(&tag.name), Role::Inline | Role::Invisible | Role::Void) {
            // An element of the page ends all drawings and formulas.
            self.foreign = 0;
        }
        let closed_as_xml = self_closing && self.is_xml;
        if self.foreign == 0 && !closed_as_xml {
            self.next_state = next_state(&tag.name);
            // The slash of `<script/>` has no meaning in HTML.
            tag.self_closing &= self.next_state.is_none();
        }
        Token::Start(tag)
    }

    fn end_tag(&mut self, name: &[u8]) -> Token {
        // Attributes of an end tag have no meaning.
        self.tag = Tag::default();
        let name = text(name);
        self.foreign = self.foreign.saturating_sub(usize::from(is_foreign(&name)));
        Token::End(name)
    }
}

/// Whether the element `name` contains no HTML but a language of its own.
fn is_foreign(name: &str) -> bool {
    matches!(name, "svg" | "math")
}

/// The tokenizer's state inside the element `name`, if it contains no tags.
fn next_state(name: &str) -> Option<State> {
    match name {
        // The library has a wrong name for it.
        "noframes" => Some(State::RawText),
        _ => naive_next_state(name.as_bytes()),
    }
}

/// The source is valid UTF-8, and so is every part of it.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
