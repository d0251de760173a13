//! The rules of a page's style sheets that hide elements.

use std::collections::HashMap;

use cssparser::{Delimiter, ParseError, Parser, ParserInput, Token};

use super::declarations::Declared;
use super::selectors::{Path, Selector, classes};
use super::tokens::{Tag, Token as HtmlToken, tokens};

/// The most selectors that are kept, and of them those that are found by the same name.
const MAX_SELECTORS: usize = 1000;
const MAX_SELECTORS_OF_NAME: usize = 20;
/// How deep rules for media are nested.
const MAX_DEPTH: usize = 8;
/// The most attributes that selectors look at.
const MAX_ATTRIBUTES: usize = 32;
/// Finds the rules whose selectors have no name.
const ANY: &str = "*";

/// What style sheets say of elements.
#[derive(Default)]
pub(super) struct StyleSheet {
    /// By one name of what they select: the id, or else a class, or else the element.
    rules: HashMap<String, Vec<Rule>>,
    count: usize,
    /// The attributes that selectors look at.
    attributes: Vec<String>,
    looks_around: bool,
}

struct Rule {
    selector: Selector,
    declared: Declared,
    /// Where it stands among all.
    order: usize,
}

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
            let name = selector.key().unwrap_or(ANY).to_owned();
            let order = self.count;
            let rules = self.rules.entry(name).or_default();
            if rules.len() >= MAX_SELECTORS_OF_NAME || self.count >= MAX_SELECTORS {
                continue;
            }
            for attribute in selector.attributes() {
                let is_known = self.attributes.iter().any(|known| known == attribute);
                if !is_known && self.attributes.len() < MAX_ATTRIBUTES {
                    self.attributes.push(attribute.to_owned());
                }
            }
            self.looks_around |= selector.looks_around();
            rules.push(Rule { selector, declared, order });
            self.count += 1;
        }
    }

    /// The attributes of elements that are to be read for it.
    pub(super) fn attributes(&self) -> &[String] {
        &self.attributes
    }

    /// Whether it needs to know what is around elements.
    pub(super) fn looks_around(&self) -> bool {
        self.looks_around
    }

    /// What is said of an element.
    pub(super) fn declared(&self, tag: &Tag, path: &Path) -> Declared {
        if self.rules.is_empty() {
            return Declared::default();
        }
        let classes = classes(tag).map(|class| format!(".{class}"));
        let id = tag.attribute("id").map(|id| format!("#{id}"));
        let keys = classes.chain(id).chain([tag.name.clone(), ANY.to_owned()]);
        let mut rules: Vec<&Rule> = keys
            .filter_map(|key| self.rules.get(&key))
            .flatten()
            .filter(|rule| rule.selector.matches(tag, path))
            .collect();
        rules.sort_by_key(|rule| std::cmp::Reverse((rule.selector.weight(), rule.order)));
        rules.iter().fold(Declared::default(), |said, rule| said.or(rule.declared))
    }
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
