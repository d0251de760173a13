//! What the links and pictures of Markdown show.

use pulldown_cmark::LinkType;

use super::note_marks::link_text;

/// The open links and pictures, innermost last: where their text begins, and what is shown instead.
#[derive(Default)]
pub(super) struct OpenLinks(Vec<(usize, Shown)>);

enum Shown {
    /// Its text.
    Text,
    /// The name of what it leads to.
    Target(String),
    /// That name, if its text is a size.
    TargetOfSize(String),
}

impl OpenLinks {
    /// Begins a link or a picture at the end of `text`.
    pub(super) fn begin(
        &mut self,
        link_type: LinkType,
        target: &str,
        is_picture: bool,
        text: &str,
    ) {
        let shown = match link_type {
            LinkType::WikiLink { has_pothole: false } => Shown::Target(target.to_owned()),
            LinkType::WikiLink { .. } if is_picture => Shown::TargetOfSize(target.to_owned()),
            _ => Shown::Text,
        };
        self.0.push((text.len(), shown));
    }

    /// Ends the innermost one, and returns what it shows. A link to a note without a text of its own
    /// shows the name of the note; the text of a picture in a note may be its size.
    pub(super) fn end<'t>(&mut self, text: &'t mut String) -> &'t str {
        let Some((start, shown)) = self.0.pop() else { return "" };
        let is_size = |text: &str| text.chars().all(|c| c.is_ascii_digit() || c == 'x');
        let target = match shown {
            Shown::Target(target) => target,
            Shown::TargetOfSize(target) if text.get(start..).is_some_and(is_size) => target,
            _ => return text.get(start..).unwrap_or_default(),
        };
        if text.is_char_boundary(start) {
            text.truncate(start);
            text.push_str(&link_text(&target));
        }
        text.get(start..).unwrap_or_default()
    }
}
