//! Pages that are read later than the rest of their document.

use super::{Block, Document, Picture, PlaceMark, Span};

/// What stands between two pages.
const BETWEEN: &str = "\n\n";

impl Document {
    /// Puts the text of a page, which begins with a place, before that of later pages, and before
    /// what is on no page. Of its pictures as many are kept as make `max_pictures` with those that
    /// are there.
    pub(crate) fn insert_page(&mut self, number: u32, mut page: Self, max_pictures: usize) {
        for mark in &mut page.places {
            mark.place.page = Some(number);
        }
        page.pictures.truncate(max_pictures.saturating_sub(self.pictures.len()));
        let is_later = |mark: &PlaceMark| mark.place.page.is_none_or(|page| page > number);
        let next = self.places.iter().find(|mark| is_later(mark)).map(|mark| mark.start as usize);
        let at = next.unwrap_or(self.text.len());
        let is_last = at == self.text.len();
        let before = if is_last && at > 0 { BETWEEN } else { "" };
        let after = if is_last { "" } else { BETWEEN };
        let start = at + before.len();
        let inserted = format!("{before}{}{after}", page.text);
        self.text.insert_str(at, &inserted);
        let at = at as u32;
        self.shift_from(at, inserted.len() as u32);
        page.shift_from(0, start as u32);
        insert_sorted(&mut self.blocks, page.blocks, |block: &Block| block.span.start < at);
        insert_sorted(&mut self.places, page.places, |mark: &PlaceMark| mark.start < at);
        insert_sorted(&mut self.pictures, page.pictures, |it: &Picture| it.span.start < at);
    }

    /// Moves everything that begins at byte `at` or later by so many bytes.
    fn shift_from(&mut self, at: u32, bytes: u32) {
        let shift = |span: &mut Span| {
            if span.start >= at {
                *span = Span { start: span.start + bytes, end: span.end + bytes };
            }
        };
        self.blocks.iter_mut().for_each(|block| shift(&mut block.span));
        self.pictures.iter_mut().for_each(|picture| shift(&mut picture.span));
        for mark in self.places.iter_mut().filter(|mark| mark.start >= at) {
            mark.start += bytes;
        }
    }
}

/// Inserts `more` behind the items that come before them.
fn insert_sorted<T>(items: &mut Vec<T>, more: Vec<T>, is_before: impl Fn(&T) -> bool) {
    let at = items.partition_point(is_before);
    items.splice(at..at, more);
}

#[cfg(test)]
mod tests {
    use super::super::{BlockKind, Place};
    use super::*;
    use crate::test;

    fn page(number: Option<u32>, text: &str) -> Document {
        let span = Span::new(0..text.len());
        let place = Place { page: number, ..Place::default() };
        Document {
            text: text.to_owned(),
            blocks: vec![Block { span, kind: BlockKind::Paragraph }],
            places: vec![PlaceMark { start: 0, place }],
            pictures: vec![Picture { span, width: 1, height: 1, thumbnail: Vec::new() }],
        }
    }

    /// The texts of the blocks, with their pages, and the texts of the pictures.
    fn content(document: &Document) -> (Vec<(&str, Option<u32>)>, Vec<&str>) {
        let block = |block: &Block| {
            (document.slice(block.span), document.place(block.span).and_then(|place| place.page))
        };
        let pictures = document.pictures.iter().map(|picture| document.slice(picture.span));
        (document.blocks.iter().map(block).collect(), pictures.collect())
    }

    #[test]
    fn pages_stand_in_their_order_and_before_what_is_on_no_page() {
        let mut document = Document::default();
        document.insert_page(2, page(None, "two"), 9);
        document.insert_page(4, page(None, "four"), 9);
        document.insert_page(1, page(None, "one"), 9);
        document.insert_page(3, page(None, "three"), 9);
        assert_eq!(document.text, "one\n\ntwo\n\nthree\n\nfour");
        let pages = [("one", 1), ("two", 2), ("three", 3), ("four", 4)];
        let (blocks, pictures) = content(&document);
        assert_eq!(blocks, pages.map(|(text, page)| (text, Some(page))));
        assert_eq!(pictures, pages.map(|(text, _)| text));

        let mut fields = page(Some(1), "first");
        let start = fields.text.len() as u32;
        fields.text.push_str("\n\nfield");
        fields.places.push(PlaceMark { start: start + 2, place: Place::default() });
        fields.insert_page(2, page(None, "second"), 1);
        assert_eq!(fields.text, "first\n\nsecond\n\nfield");
        assert_eq!(content(&fields).1, ["first"], "one picture is kept");
    }
}
