//! The tags and texts of HTML, split as the standard says.
//!
//! There is no tree: a reader of text needs none, and building one takes time
//! with the square of the nesting. Of the attributes only [`KEPT_ATTRIBUTES`] are
//! looked at, so that finding repeated ones takes no time either. What the
//! standard asks of a tree is guessed: whether a tag stands in a drawing or a
//! formula, where the rules of XML hold.

use html5gum::emitters::callback::{Callback, CallbackEmitter, CallbackEvent};
use html5gum::{Emitter, ForwardingEmitter, Span, State, Tokenizer, naive_next_state};

use super::html_elements::{Role, role};

/// The attributes that matter to who reads text.
const KEPT_ATTRIBUTES: [&str; 4] = ["alt", "hidden", "start", "style"];

/// One piece of HTML.
pub(super) enum Token {
    /// Text, its character references replaced.
    Text(String),
    /// A start tag.
    Start(Tag),
    /// The name in an end tag, in lower case.
    End(String),
}

/// A start tag.
#[derive(Default)]
pub(super) struct Tag {
    /// In lower case.
    pub(super) name: String,
    /// Ends with `/>`, in a place or an element where that may mean something.
    pub(super) self_closing: bool,
    attributes: Vec<(&'static str, String)>,
}

impl Tag {
    /// Whether `hidden` or a style takes the element out of sight.
    pub(super) fn hides(&self) -> bool {
        self.attribute("hidden").is_some() || self.attribute("style").is_some_and(hides)
    }

    /// The text that stands for an image.
    pub(super) fn alt(&self) -> Option<&str> {
        self.attribute("alt")
    }

    /// The number a list counts from.
    pub(super) fn start(&self) -> Option<u64> {
        self.attribute("start")?.trim().parse().ok()
    }

    fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(kept, _)| *kept == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Splits HTML into [`Token`]s; comments and declarations are left out. Takes
/// time and memory linear in the source.
pub(super) fn tokens(source: &str) -> impl Iterator<Item = Token> {
    let is_xml = source.trim_start().starts_with("<?xml");
    let collector = Collector { is_xml, ..Collector::default() };
    let events = CallbackEmitter::new(collector);
    Tokenizer::new_with_emitter(source, TokenEmitter { events }).map(|Ok(token)| token)
}

/// Lets the [`Collector`] decide what a tree would have to.
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
        // Always `None`: it has not been told to switch states.
        let _ = self.events.emit_current_tag();
        self.events.callback_mut().next_state.take()
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&mut self) -> bool {
        let collector = self.events.callback_mut();
        collector.is_xml || collector.foreign > 0
    }
}

/// Makes tokens of the tokenizer's events.
#[derive(Default)]
struct Collector {
    /// The tag being read.
    tag: Tag,
    /// The value that follows is that of the tag's last attribute.
    value_is_kept: bool,
    /// How to go on after the tag just read, if its content holds no tags.
    next_state: Option<State>,
    /// Drawings and formulas that are open.
    foreign: usize,
    /// The page is written as XML.
    is_xml: bool,
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
        let kept = KEPT_ATTRIBUTES.into_iter().find(|kept| kept.as_bytes() == name);
        // Of a repeated attribute the first counts.
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
        } else if !matches!(role(&tag.name), Role::Inline | Role::Unseen | Role::Void) {
            // No drawing or formula goes on behind an element of the page.
            self.foreign = 0;
        }
        let closed_as_xml = self_closing && self.is_xml;
        if self.foreign == 0 && !closed_as_xml {
            self.next_state = next_state(&tag.name);
            // The slash of `<script/>` means nothing in HTML.
            tag.self_closing &= self.next_state.is_none();
        }
        Token::Start(tag)
    }

    fn end_tag(&mut self, name: &[u8]) -> Token {
        // An end tag may have attributes, which mean nothing.
        self.tag = Tag::default();
        let name = text(name);
        self.foreign = self.foreign.saturating_sub(usize::from(is_foreign(&name)));
        Token::End(name)
    }
}

/// Whether the content of the element `name` follows rules of its own.
fn is_foreign(name: &str) -> bool {
    matches!(name, "svg" | "math")
}

/// How the content of the element `name` is read, if it holds no tags.
fn next_state(name: &str) -> Option<State> {
    match name {
        // The library knows it by a wrong name.
        "noframes" => Some(State::RawText),
        _ => naive_next_state(name.as_bytes()),
    }
}

/// The source is text, and so is every part that the tokenizer makes of it.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
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
