//! Which parts of a document belong together.

use crate::document::{BlockKind, Document, Place, Span};

/// The blocks of a document as the chunker sees them: boilerplate is passed over.
pub(super) struct Structure<'a> {
    document: &'a Document,
    /// Whether the document has nothing else.
    is_all_boilerplate: bool,
}

impl<'a> Structure<'a> {
    pub(super) fn new(document: &'a Document) -> Self {
        let is_boilerplate = |kind| kind == BlockKind::Boilerplate;
        let is_all_boilerplate = document.blocks.iter().all(|block| is_boilerplate(block.kind));
        Self { document, is_all_boilerplate }
    }

    /// The first block from `index` on that is not passed over.
    pub(super) fn content_from(&self, index: usize) -> Option<usize> {
        (index..self.document.blocks.len()).find(|&block| self.is_content(block))
    }

    /// The level of a block that is a heading. A slide is not divided: what is not its first
    /// block is no heading.
    pub(super) fn heading(&self, block: usize) -> Option<u8> {
        let BlockKind::Heading(level) = self.kind(block) else { return None };
        let is_within_slide =
            || self.is_slide(block) && self.before(block).is_some() && !self.starts_place(block);
        (!is_within_slide()).then_some(level)
    }

    /// Whether the block is on a slide.
    pub(super) fn is_slide(&self, block: usize) -> bool {
        self.place(block).is_some_and(|place| place.slide.is_some())
    }

    /// Whether the block is on another slide or sheet or in another message than the one
    /// before it.
    pub(super) fn starts_place(&self, block: usize) -> bool {
        if self.document.places.is_empty() {
            return false;
        }
        let Some(before) = self.before(block) else { return false };
        let key = |place: &'a Place| (place.slide, &place.sheet, &place.message);
        self.place(before).map(key) != self.place(block).map(key)
    }

    /// The block after this one, if both belong together: a block and its footnote, a caption
    /// and its table or the block before it, the header and the first row of a table.
    pub(super) fn held_by(&self, block: usize) -> Option<usize> {
        let next = self.content_from(block + 1)?;
        let is_table =
            |kind| matches!(kind, BlockKind::TableHeader | BlockKind::TableRow | BlockKind::Code);
        let is_held = match (self.kind(block), self.kind(next)) {
            (_, BlockKind::Footnote) | (BlockKind::TableHeader, BlockKind::TableRow) => true,
            (BlockKind::Caption, kind) if is_table(kind) => true,
            (_, BlockKind::Caption) => {
                let after = self.content_from(next + 1).map(|after| self.kind(after));
                !after.is_some_and(is_table)
            }
            _ => false,
        };
        (is_held && !self.starts_place(next)).then_some(next)
    }

    fn kind(&self, block: usize) -> BlockKind {
        self.document.blocks[block].kind
    }

    fn is_content(&self, block: usize) -> bool {
        self.is_all_boilerplate || self.kind(block) != BlockKind::Boilerplate
    }

    /// The last block before this one that is not passed over.
    fn before(&self, block: usize) -> Option<usize> {
        (0..block).rev().find(|&before| self.is_content(before))
    }

    fn place(&self, block: usize) -> Option<&'a Place> {
        let Span { start, .. } = self.document.blocks[block].span;
        let after = self.document.places.partition_point(|mark| mark.start <= start);
        after.checked_sub(1).map(|mark| &self.document.places[mark].place)
    }
}
