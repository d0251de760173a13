//! Selectors of style sheets, and whether an element matches one.
//!
//! They may name an element, its classes, its id and its attributes, and in the same way the
//! elements around it. What else CSS has, such as `:hover`, is no selector here: it matches
//! nothing, so that it hides nothing.

use std::cell::Cell;

use cssparser::{ParseError, Parser, Token};

use super::tokens::Tag;

/// The most classes of an element that are looked up.
const MAX_CLASSES: usize = 20;
/// The most elements that one selector names.
const MAX_COMPOUNDS: usize = 8;
/// The most elements around another one that are known.
const MAX_PATH: usize = 512;
/// The most comparisons with elements around another one, of all of a page. Further ones fail.
const MAX_COMPARISONS: usize = 10_000_000;

/// A selector such as `.news > p.old`.
pub(super) struct Selector {
    /// The element itself.
    subject: Compound,
    /// What is around it, innermost last.
    around: Vec<(Compound, Combinator)>,
}

/// How an element is related to the next one inside it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Combinator {
    Ancestor,
    Parent,
}

/// What one element must have: `p`, `.x`, `#x`, `[x]`.
#[derive(Default)]
struct Compound {
    /// The names, with their marks.
    names: Vec<String>,
    attributes: Vec<Condition>,
}

/// What an attribute must be.
struct Condition {
    name: String,
    test: Test,
    value: String,
}

#[derive(Clone, Copy)]
enum Test {
    Exists,
    Equals,
    HasWord,
    BeginsWithPart,
    BeginsWith,
    EndsWith,
    Contains,
}

impl Selector {
    pub(super) fn parse<'i>(parser: &mut Parser<'i, '_>) -> Result<Self, ParseError<'i, ()>> {
        let mut around: Vec<(Compound, Combinator)> = Vec::new();
        let mut subject = Compound::default();
        let mut is_read = false;
        parser.skip_whitespace();
        while let Ok(token) = parser.next_including_whitespace().cloned() {
            match token {
                Token::WhiteSpace(_) | Token::Delim('>') => {
                    let combinator = combinator(&token, parser);
                    let is_end = parser.is_exhausted();
                    if !is_read || (is_end && combinator == Combinator::Parent) {
                        return Err(parser.new_custom_error(()));
                    }
                    if is_end {
                        break;
                    }
                    is_read = false;
                    let outer = std::mem::take(&mut subject);
                    // These are around all elements, even if the page does not write them.
                    if !outer.is_root() {
                        around.push((outer, combinator));
                    }
                }
                token => {
                    subject.add(token, parser)?;
                    is_read = true;
                }
            }
        }
        let is_empty =
            |compound: &Compound| compound.names.is_empty() && compound.attributes.is_empty();
        let is_bounded = around.len() < MAX_COMPOUNDS && !is_empty(&subject);
        if !is_bounded {
            return Err(parser.new_custom_error(()));
        }
        Ok(Self { subject, around })
    }

    /// The name that the fewest elements have; none if it has no names.
    pub(super) fn key(&self) -> Option<&str> {
        self.subject.names.iter().map(String::as_str).max_by_key(|name| {
            match name.as_bytes().first() {
                Some(b'#') => 2,
                Some(b'.') => 1,
                _ => 0,
            }
        })
    }

    /// How many ids, classes and elements it names.
    pub(super) fn weight(&self) -> (usize, usize, usize) {
        let compounds = self.around.iter().map(|(outer, _)| outer).chain([&self.subject]);
        compounds.fold((0, 0, 0), |(ids, classes, elements), compound| {
            let count = |mark| compound.names.iter().filter(|name| name.starts_with(mark)).count();
            let (own_ids, own_classes) = (count('#'), count('.'));
            let own_elements = compound.names.len() - own_ids - own_classes;
            let own_classes = own_classes + compound.attributes.len();
            (ids + own_ids, classes + own_classes, elements + own_elements)
        })
    }

    /// The names of the attributes that it looks at.
    pub(super) fn attributes(&self) -> impl Iterator<Item = &str> {
        let compounds = self.around.iter().map(|(outer, _)| outer).chain([&self.subject]);
        compounds.flat_map(|compound| &compound.attributes).map(|condition| &*condition.name)
    }

    /// Whether it needs to know what is around an element.
    pub(super) fn looks_around(&self) -> bool {
        !self.around.is_empty()
    }

    /// Whether it selects an element that is within `path`.
    pub(super) fn matches(&self, tag: &Tag, path: &Path) -> bool {
        self.subject.matches(tag) && path.matches(&self.around, path.elements.len())
    }
}

/// Reads the rest of what stands between two compounds.
fn combinator(first: &Token<'_>, parser: &mut Parser<'_, '_>) -> Combinator {
    let is_child =
        |parser: &mut Parser<'_, '_>| parser.try_parse(|inner| inner.expect_delim('>')).is_ok();
    let is_parent = matches!(first, Token::Delim('>')) || is_child(parser);
    parser.skip_whitespace();
    if is_parent { Combinator::Parent } else { Combinator::Ancestor }
}

impl Compound {
    fn add<'i>(
        &mut self,
        token: Token<'i>,
        parser: &mut Parser<'i, '_>,
    ) -> Result<(), ParseError<'i, ()>> {
        let is_first = self.names.is_empty() && self.attributes.is_empty();
        match token {
            Token::Ident(name) if is_first => self.names.push(name.to_ascii_lowercase()),
            Token::IDHash(name) => self.names.push(format!("#{name}")),
            Token::Delim('.') => self.names.push(format!(".{}", parser.expect_ident()?)),
            Token::Delim('*') if is_first => {}
            Token::SquareBracketBlock => {
                self.attributes.push(parser.parse_nested_block(Condition::parse)?);
            }
            other => return Err(parser.new_unexpected_token_error(other)),
        }
        // A script takes this mark away.
        let is_temporary =
            |name: &str| matches!(name, ".no-js" | ".nojs") || name.ends_with("-cloak");
        let mut names = self.names.iter().chain(self.attributes.iter().map(|own| &own.name));
        if names.any(|name| is_temporary(name)) {
            return Err(parser.new_custom_error(()));
        }
        Ok(())
    }

    fn is_root(&self) -> bool {
        !self.names.is_empty()
            && self.attributes.is_empty()
            && self.names.iter().all(|name| name == "html" || name == "body")
    }

    fn matches(&self, tag: &Tag) -> bool {
        let has_names = self.names.iter().all(|name| match name.split_at_checked(1) {
            Some(("#", id)) => tag.attribute("id") == Some(id),
            Some((".", class)) => classes(tag).any(|own| own == class),
            _ => tag.name == *name,
        });
        has_names && self.attributes.iter().all(|condition| condition.matches(tag))
    }
}

impl Condition {
    fn parse<'i>(parser: &mut Parser<'i, '_>) -> Result<Self, ParseError<'i, ()>> {
        let name = parser.expect_ident()?.to_ascii_lowercase();
        let test = match parser.next().cloned() {
            Err(_) => return Ok(Self { name, test: Test::Exists, value: String::new() }),
            Ok(Token::Delim('=')) => Test::Equals,
            Ok(Token::IncludeMatch) => Test::HasWord,
            Ok(Token::DashMatch) => Test::BeginsWithPart,
            Ok(Token::PrefixMatch) => Test::BeginsWith,
            Ok(Token::SuffixMatch) => Test::EndsWith,
            Ok(Token::SubstringMatch) => Test::Contains,
            Ok(other) => return Err(parser.new_unexpected_token_error(other)),
        };
        let value = parser.expect_ident_or_string()?.to_string();
        Ok(Self { name, test, value })
    }

    fn matches(&self, tag: &Tag) -> bool {
        let Some(own) = tag.attribute(&self.name) else { return false };
        let value = &*self.value;
        match self.test {
            Test::Exists => true,
            Test::Equals => own == value,
            Test::HasWord => own.split_ascii_whitespace().any(|word| word == value),
            Test::BeginsWithPart => {
                own.strip_prefix(value).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
            }
            // An empty value matches nothing.
            _ if value.is_empty() => false,
            Test::BeginsWith => own.starts_with(value),
            Test::EndsWith => own.ends_with(value),
            Test::Contains => own.contains(value),
        }
    }
}

/// The classes of an element.
pub(super) fn classes(tag: &Tag) -> impl Iterator<Item = &str> {
    tag.attribute("class").unwrap_or("").split_ascii_whitespace().take(MAX_CLASSES)
}

/// The elements around the current one, outermost first.
#[derive(Default)]
pub(super) struct Path {
    elements: Vec<Element>,
    /// The comparisons that were made.
    comparisons: Cell<usize>,
}

struct Element {
    tag: Tag,
    /// The blocks that are open with it, which may be none of this path's elements.
    depth: usize,
    is_inline: bool,
}

impl Path {
    /// Begins a block; `depth` counts the open ones with it.
    pub(super) fn begin_block(&mut self, tag: Tag, depth: usize) {
        self.begin(Element { tag, depth, is_inline: false });
    }

    /// Begins an element in a line, inside of `depth` open blocks.
    pub(super) fn begin_inline(&mut self, tag: Tag, depth: usize) {
        self.begin(Element { tag, depth, is_inline: true });
    }

    fn begin(&mut self, element: Element) {
        if self.elements.len() < MAX_PATH {
            self.elements.push(element);
        }
    }

    /// Ends the innermost element of this name in the line.
    pub(super) fn end_inline(&mut self, name: &str, depth: usize) {
        let line = self.elements.iter().rev().take_while(|e| e.is_inline && e.depth == depth);
        let inward = line.take_while(|element| element.tag.name != name).count();
        let Some(at) = self.elements.len().checked_sub(inward + 1) else { return };
        if self.elements[at].is_inline && self.elements[at].tag.name == name {
            self.elements.truncate(at);
        }
    }

    /// Ends all elements inside of `depth` open blocks.
    pub(super) fn end_blocks(&mut self, depth: usize) {
        let kept = self.elements.iter().rposition(|element| element.depth <= depth);
        self.elements.truncate(kept.map_or(0, |at| at + 1));
    }

    /// Whether the first `length` elements are as `around` says, whose last one is innermost.
    fn matches(&self, around: &[(Compound, Combinator)], length: usize) -> bool {
        let Some(((compound, combinator), outer)) = around.split_last() else { return true };
        let nearest = match combinator {
            Combinator::Parent => length.saturating_sub(1),
            Combinator::Ancestor => 0,
        };
        (nearest..length).rev().any(|at| {
            self.comparisons.set(self.comparisons.get() + 1);
            self.comparisons.get() < MAX_COMPARISONS
                && compound.matches(&self.elements[at].tag)
                && self.matches(outer, at)
        })
    }
}
