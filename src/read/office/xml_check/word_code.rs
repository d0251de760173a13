//! Which paragraphs of Word may be code.

use std::collections::{HashMap, HashSet};

use super::Element;

/// Parts of the names of styles of code.
const CODE_NAMES: [&str; 3] = ["code", "preformatted", "verbatim"];
/// Parts of the names of fonts in which all letters have the same width.
const CODE_FONTS: [&str; 5] = ["consolas", "courier", "lucida console", "menlo", "mon"];
/// The most styles that follow from each other.
const MAX_ANCESTORS: usize = 10;

/// The styles that were declared.
#[derive(Default)]
pub(super) struct Styles {
    code: HashSet<String>,
    based_on: HashMap<String, String>,
    /// The style that is open.
    open: Option<String>,
}

impl Styles {
    /// Looks at an element of the part of styles.
    pub(super) fn start(&mut self, element: &Element<'_>) {
        if element.name == b"style" {
            self.open = element.value(b"styleId");
        }
        let Some(style) = &self.open else { return };
        let is_code = match element.name {
            b"style" => is_code_name(style),
            b"name" => element.value(b"val").is_some_and(|name| is_code_name(&name)),
            b"rFonts" => has_code_font(element),
            b"basedOn" => {
                let base = element.value(b"val").unwrap_or_default();
                self.based_on.insert(style.clone(), base);
                false
            }
            _ => false,
        };
        if is_code {
            self.code.insert(style.clone());
        }
    }

    pub(super) fn end_style(&mut self) {
        self.open = None;
    }

    pub(super) fn is_code(&self, style: &str) -> bool {
        let ancestors = std::iter::successors(Some(style), |style| {
            self.based_on.get(*style).map(String::as_str)
        });
        ancestors.take(MAX_ANCESTORS).any(|style| self.code.contains(style))
    }
}

fn is_code_name(name: &str) -> bool {
    let name = name.to_lowercase();
    CODE_NAMES.iter().any(|part| name.contains(part))
}

pub(super) fn has_code_font(fonts: &Element<'_>) -> bool {
    fonts.value(b"ascii").is_some_and(|font| {
        let font = font.to_lowercase();
        CODE_FONTS.iter().any(|part| font.contains(part))
    })
}
