//! Whether an element is shown.

use super::declarations::Declared;
use super::selectors::Path;
use super::style_sheet::StyleSheet;
use super::tokens::Tag;

/// When an element is shown: a script may show what a style sheet hides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    Now,
    Later,
    Never,
}

impl StyleSheet {
    /// When an element within `path` is shown, by its attributes and by the rules of the page.
    pub(super) fn seen(&self, tag: &Tag, path: &Path) -> Seen {
        let own = tag.attribute("style").map(Declared::of).unwrap_or_default();
        if tag.is_hidden() || own.hides() {
            return Seen::Never;
        }
        let is_unseen =
            tag.is_modal() || tag.is_silent() || own.or(self.declared(tag, path)).hides();
        if is_unseen { Seen::Later } else { Seen::Now }
    }
}
