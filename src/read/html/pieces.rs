//! The blocks of a page, with the pictures in them.

use super::tokens::Tag;
use crate::document::BlockKind;
use crate::read::blocks::DocumentBuilder;
use crate::read::shown_picture::ShownPicture;

/// A block of text, before it is known whether the page marks its content.
pub(super) struct Piece {
    pub(super) kind: BlockKind,
    pub(super) text: String,
    pub(super) in_main: bool,
    pub(super) in_aside: bool,
    /// Whether a style sheet hides it, or a script closes it.
    pub(super) is_unseen: bool,
    pub(super) pictures: BlockPictures,
}

/// The pictures in a block.
#[derive(Default)]
pub(super) struct BlockPictures {
    shown: Vec<ShownPicture>,
    /// The alternative texts of pictures.
    alternative: String,
}

impl BlockPictures {
    pub(super) fn add(&mut self, tag: &Tag) {
        self.alternative.extend(tag.alt());
        self.shown.extend(tag.shown_picture());
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// Whether a text is nothing but what stands for them.
    pub(super) fn are_all_of(&self, text: &str) -> bool {
        !self.shown.is_empty() && self.alternative.trim() == text.trim()
    }

    /// Takes those of `other` too.
    pub(super) fn append(&mut self, mut other: Self) {
        self.shown.append(&mut other.shown);
    }
}

impl Piece {
    /// Writes the text, and the pictures after it. A text that is nothing but what stands for a
    /// picture is the alternative text of that one.
    pub(super) fn push_to(self, builder: &mut DocumentBuilder) {
        let is_heading = matches!(self.kind, BlockKind::Heading(_));
        let is_alternative = !is_heading && self.pictures.are_all_of(&self.text);
        if !is_alternative {
            builder.push(self.kind, &self.text);
        }
        for (at, picture) in self.pictures.shown.into_iter().enumerate() {
            let is_first = at == 0 && is_alternative;
            builder.push_shown(picture, if is_first { &self.text } else { "" });
        }
    }
}
