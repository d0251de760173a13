//! The rules of a page's style sheets that hide elements.

use std::collections::HashMap;

use cssparser::{Delimiter, ParseError, Parser, ParserInput, Token};

use super::declarations::Declared;
use super::tokens::{Tag, Token as HtmlToken, tokens};

/// The most selectors that are kept, and of them those that are found by the same name.
const MAX_SELECTORS: usize = 1000;
const MAX_SELECTORS_OF_NAME: usize = 20;
/// How deep rules for media are nested.
const MAX_DEPTH: usize = 8;
/// The most classes of an element that are looked up.
const MAX_CLASSES: usize = 20;

/// What style sheets say of elements, by selectors that need no tree: `p`, `.x`, `#x`, `p.x.y`.
#[derive(Default)]
pub(super) struct StyleSheet {
    /// By one name of their selector: the id, or else a class, or else the element.
    rules: HashMap<String, Vec<Rule>>,
    count: usize,
}

struct Rule {
    selector: Selector,
    declared: Declared,
    /// Where it stands among all.
    order: usize,
}

/// The names that an element must have: `p`, `.x`, `#x`.
struct Selector(Vec<String>);

impl StyleSheet {
    /// Reads all style sheets within a page.
    pub(super) fn of(source: &str) -> Self {
        let mut sheet = Self::default();
        if !source.as_bytes().windows(6).any(|start| start.eq_ignore_ascii_case(b"<style")) {
            return sheet;
        }
        let mut is_open = false;
        for token in tokens(source) {
            match token {
                HtmlToken::Start(tag) => {
                    let media = tag.attribute("media").unwrap_or("");
                    is_open = tag.name == "style" && is_for_screens(media);
                }
                HtmlToken::Text(text) if is_open => {
                    sheet.read(&mut Parser::new(&mut ParserInput::new(&text)), 0);
                }
                _ => {}
            }
        }
        sheet
    }

    /// Reads rules up to the end of their block.
    fn read(&mut self, parser: &mut Parser<'_, '_>, depth: usize) {
        while self.count < MAX_SELECTORS {
            parser.skip_whitespace();
            let start = parser.position();
            let at_rule = match parser.next() {
                Ok(Token::AtKeyword(name)) => Some(name.to_ascii_lowercase()),
                Ok(Token::CDO | Token::CDC | Token::CurlyBracketBlock) => continue,
                Ok(_) => None,
                Err(_) => return,
            };
            let end = if at_rule.is_some() { Delimiter::Semicolon } else { Delimiter::None };
            let _ = parser.parse_until_before(Delimiter::CurlyBracketBlock | end, skip_all);
            let prelude = parser.slice_from(start);
            if !matches!(parser.next(), Ok(Token::CurlyBracketBlock)) {
                continue;
            }
            match at_rule.as_deref() {
                None => {
                    let declared = parser.parse_nested_block(|inner| {
                        Ok::<_, ParseError<'_, ()>>(Declared::read(inner))
                    });
                    self.add(prelude, declared.unwrap_or_default());
                }
                Some(name) if applies(name, prelude) && depth < MAX_DEPTH => {
                    let _ = parser.parse_nested_block(|inner| {
                        self.read(inner, depth + 1);
                        skip_all(inner)
                    });
                }
                // Its block is skipped.
                Some(_) => {}
            }
        }
    }

    fn add(&mut self, selectors: &str, declared: Declared) {
        if declared == Declared::default() {
            return;
        }
        let mut input = ParserInput::new(selectors);
        let selectors =
            Parser::new(&mut input).parse_comma_separated_ignoring_errors(Selector::parse);
        for selector in selectors {
            let Some(name) = selector.key().map(str::to_owned) else { continue };
            let order = self.count;
            let rules = self.rules.entry(name).or_default();
            if rules.len() < MAX_SELECTORS_OF_NAME && self.count < MAX_SELECTORS {
                rules.push(Rule { selector, declared, order });
                self.count += 1;
            }
        }
    }

    /// What is said of an element.
    pub(super) fn declared(&self, tag: &Tag) -> Declared {
        if self.rules.is_empty() {
            return Declared::default();
        }
        let classes = classes(tag).map(|class| format!(".{class}"));
        let id = tag.attribute("id").map(|id| format!("#{id}"));
        let keys = classes.chain(id).chain([tag.name.clone()]);
        let mut rules: Vec<&Rule> = keys
            .filter_map(|key| self.rules.get(&key))
            .flatten()
            .filter(|rule| rule.selector.matches(tag))
            .collect();
        rules.sort_by_key(|rule| std::cmp::Reverse((rule.selector.weight(), rule.order)));
        rules.iter().fold(Declared::default(), |said, rule| said.or(rule.declared))
    }
}

impl Selector {
    /// Reads a selector that needs no tree. What is around all elements is left out.
    fn parse<'i>(parser: &mut Parser<'i, '_>) -> Result<Self, ParseError<'i, ()>> {
        let mut names = Vec::new();
        parser.skip_whitespace();
        while let Ok(token) = parser.next_including_whitespace().cloned() {
            match token {
                Token::Ident(name) if names.is_empty() => names.push(name.to_ascii_lowercase()),
                Token::IDHash(name) => names.push(format!("#{name}")),
                Token::Delim('.') => names.push(format!(".{}", parser.expect_ident()?)),
                Token::Delim('*') if names.is_empty() => {}
                Token::WhiteSpace(_) if parser.is_exhausted() => {}
                Token::WhiteSpace(_)
                    if names.iter().all(|name| name == "html" || name == "body") =>
                {
                    names.clear();
                }
                other => return Err(parser.new_unexpected_token_error(other)),
            }
        }
        Ok(Self(names))
    }

    /// The name that the fewest elements have.
    fn key(&self) -> Option<&str> {
        self.0.iter().map(String::as_str).max_by_key(|name| match name.as_bytes().first() {
            Some(b'#') => 2,
            Some(b'.') => 1,
            _ => 0,
        })
    }

    /// How many ids, classes and elements it names.
    fn weight(&self) -> (usize, usize, usize) {
        let count = |mark: char| self.0.iter().filter(|name| name.starts_with(mark)).count();
        let (ids, classes) = (count('#'), count('.'));
        (ids, classes, self.0.len() - ids - classes)
    }

    fn matches(&self, tag: &Tag) -> bool {
        self.0.iter().all(|name| match name.split_at_checked(1) {
            Some(("#", id)) => tag.attribute("id") == Some(id),
            Some((".", class)) => classes(tag).any(|own| own == class),
            _ => tag.name == *name,
        })
    }
}

fn classes(tag: &Tag) -> impl Iterator<Item = &str> {
    tag.attribute("class").unwrap_or("").split_ascii_whitespace().take(MAX_CLASSES)
}

/// Whether the rules within another one apply to what is shown on a screen of any size.
fn applies(name: &str, prelude: &str) -> bool {
    match name {
        "layer" => true,
        "media" => is_for_screens(prelude.get("@media".len()..).unwrap_or("")),
        _ => false,
    }
}

/// Whether a list of media has all screens in it.
fn is_for_screens(media: &str) -> bool {
    let is_screen =
        |medium: &str| matches!(medium, "" | "all" | "screen" | "only screen" | "only all");
    media.split(',').any(|medium| is_screen(&medium.trim().to_ascii_lowercase()))
}

fn skip_all<'i>(parser: &mut Parser<'i, '_>) -> Result<(), ParseError<'i, ()>> {
    while parser.next().is_ok() {}
    Ok(())
}
