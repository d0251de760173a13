//! Pages and pictures that are read later than the rest of their document.

use super::{Area, Block, Document, Picture, PictureSpot, Place, PlaceMark, Span};

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
        keep_pictures(&mut page.pictures, max_pictures.saturating_sub(self.pictures.len()));
        let at = self.start_after(number);
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

    /// Keeps the pictures of a page without words, where an image encoder knows what they show: beside
    /// the text of the page before.
    pub(crate) fn insert_wordless_page(&mut self, number: u32, mut pictures: Vec<Picture>) {
        pictures.retain(|picture| picture.vector.is_some());
        let at = self.start_after(number);
        let before = self.blocks.iter().rev().find(|block| block.span.end as usize <= at);
        let span = before.map_or(Span::new(at..at), |block| block.span);
        for picture in &mut pictures {
            (picture.span, picture.is_beside) = (span, true);
        }
        insert_sorted(&mut self.pictures, pictures, |it: &Picture| it.span.start <= span.start);
    }

    /// Where the text of later pages begins, and what is on no page.
    fn start_after(&self, number: u32) -> usize {
        let is_later = |mark: &PlaceMark| mark.place.page.is_none_or(|page| page > number);
        let next = self.places.iter().find(|mark| is_later(mark)).map(|mark| mark.start as usize);
        next.unwrap_or(self.text.len())
    }

    /// Puts what was read of the picture with this number after what the text says of it. The
    /// places of pictures further on change, so that several are put from the last to the first.
    pub(crate) fn insert_picture(&mut self, number: u32, spot: PictureSpot, mut read: Self) {
        let Some(mut picture) = read.pictures.pop() else { return };
        let at = spot.span.end as usize;
        let (before, after) = match (at, self.text.is_empty()) {
            (_, true) => ("", ""),
            (0, _) => ("", BETWEEN),
            _ => (BETWEEN, ""),
        };
        picture.number = Some(number);
        picture.is_beside = spot.is_beside && read.text.is_empty();
        picture.span = spot.span;
        if !read.text.is_empty() {
            let start = at + before.len();
            let end = start + read.text.len();
            let first = if spot.is_beside { start } else { spot.span.start as usize };
            picture.span = Span::new(first..end);
            let base = self.place_before(at);
            self.text.insert_str(at, &format!("{before}{}{after}", read.text));
            let inserted = (before.len() + read.text.len() + after.len()) as u32;
            self.shift_from(if at == 0 { 0 } else { at as u32 + 1 }, inserted);
            read.shift_from(0, start as u32);
            self.insert_lines(read.places, start, end, (&base, spot.area));
            insert_sorted(&mut self.blocks, read.blocks, |it| (it.span.start as usize) < start);
        }
        let start = picture.span.start;
        insert_sorted(&mut self.pictures, vec![picture], |it| it.span.start < start);
    }

    /// Notes that the text links to a picture, where there is text.
    pub(crate) fn link_picture(&mut self, spot: PictureSpot, path: String) {
        if self.blocks.is_empty() {
            return;
        }
        let PictureSpot { span, is_beside, .. } = spot;
        let picture = Picture { span, is_beside, link: Some(path), ..Picture::default() };
        insert_sorted(&mut self.pictures, vec![picture], |it| it.span.start < span.start);
    }

    /// Inserts the places of lines in a picture, and again that of the text around it.
    fn insert_lines(
        &mut self,
        lines: Vec<PlaceMark>,
        start: usize,
        end: usize,
        (base, area): (&Place, Option<Area>),
    ) {
        if lines.is_empty() {
            return;
        }
        let next = self.blocks.iter().map(|block| block.span.start).find(|it| *it >= end as u32);
        let back = next.filter(|next| self.places.iter().all(|mark| mark.start != *next));
        let back = back.map(|start| PlaceMark { start, place: base.clone() });
        let lines = lines.into_iter().map(|line| on_page(line, base, area));
        let places = lines.chain(back).collect();
        insert_sorted(&mut self.places, places, |mark| (mark.start as usize) < start);
    }

    /// The place of what ends at byte `at`.
    fn place_before(&self, at: usize) -> Place {
        let after = self.places.partition_point(|mark| (mark.start as usize) < at.max(1));
        after.checked_sub(1).map(|mark| self.places[mark].place.clone()).unwrap_or_default()
    }

    /// Moves everything that begins at byte `at` or later by so many bytes, and stretches what is
    /// around it.
    fn shift_from(&mut self, at: u32, bytes: u32) {
        let shift = |span: &mut Span| {
            let is_after = span.start >= at;
            span.start += if is_after { bytes } else { 0 };
            span.end += if is_after || span.end > at { bytes } else { 0 };
        };
        self.blocks.iter_mut().for_each(|block| shift(&mut block.span));
        self.pictures.iter_mut().for_each(|picture| shift(&mut picture.span));
        for mark in self.places.iter_mut().filter(|mark| mark.start >= at) {
            mark.start += bytes;
        }
    }
}

/// The place of a line that was read in a picture, which is on the page or slide `base`, at `area` of
/// it.
fn on_page(mark: PlaceMark, base: &Place, area: Option<Area>) -> PlaceMark {
    let PlaceMark { start, place: line } = mark;
    let of_line = line.area.map(|line| area.map_or(line, |picture| line.within(picture)));
    PlaceMark { start, place: Place { area: of_line, sureness: line.sureness, ..base.clone() } }
}

/// Keeps so many pictures, and of the others what an image encoder made of them.
fn keep_pictures(pictures: &mut Vec<Picture>, count: usize) {
    let mut number = 0;
    pictures.retain_mut(|picture| {
        number += 1;
        if number > count {
            picture.thumbnail.clear();
        }
        number <= count || picture.vector.is_some()
    });
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

    fn picture(span: Span) -> Picture {
        Picture { span, width: 1, height: 1, ..Picture::default() }
    }

    fn page(number: Option<u32>, text: &str) -> Document {
        let span = Span::new(0..text.len());
        let place = Place { page: number, ..Place::default() };
        Document {
            text: text.to_owned(),
            blocks: vec![Block { span, kind: BlockKind::Paragraph }],
            places: vec![PlaceMark { start: 0, place }],
            pictures: vec![picture(span)],
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
    /// What was read of a picture with these lines.
    fn read_picture(lines: &[&str]) -> Document {
        let mut document = Document { pictures: vec![picture(Span::default())], ..page(None, "") };
        (document.blocks, document.places) = (Vec::new(), Vec::new());
        for (top, line) in (0..).zip(lines) {
            let between = if document.text.is_empty() { "" } else { BETWEEN };
            document.text.push_str(between);
            let start = document.text.len();
            document.text.push_str(line);
            let span = Span::new(start..document.text.len());
            document.blocks.push(Block { span, kind: BlockKind::Paragraph });
            let area = Area { left: 0, top: top * 1000, right: 10_000, bottom: top * 1000 + 500 };
            let place = Place { area: Some(area), sureness: Some(90), ..Place::default() };
            document.places.push(PlaceMark { start: start as u32, place });
        }
        document
    }

    fn spot(document: &Document, text: &str, is_beside: bool) -> PictureSpot {
        let start = document.text.find(text).expect("it is there");
        let span = Span::new(start..start + text.len());
        PictureSpot { span, is_beside, area: None }
    }

    #[test]
    fn words_of_a_picture_stand_after_its_caption_and_on_its_page() {
        let mut document = page(Some(3), "Before");
        for text in ["Figure 1: Pump", "After"] {
            let start = document.text.len() + BETWEEN.len();
            document.text.push_str(&format!("{BETWEEN}{text}"));
            let span = Span::new(start..document.text.len());
            document.blocks.push(Block { span, kind: BlockKind::Paragraph });
        }
        document.pictures.clear();
        let area = Some(Area { left: 5000, top: 2000, right: 10_000, bottom: 4000 });
        let spot = PictureSpot { area, ..spot(&document, "Figure 1: Pump", false) };
        document.insert_picture(0, spot, read_picture(&["Valve", "Inlet"]));
        assert_eq!(document.text, "Before\n\nFigure 1: Pump\n\nValve\n\nInlet\n\nAfter");
        let (blocks, pictures) = content(&document);
        assert!(blocks.iter().all(|(_, page)| *page == Some(3)), "{blocks:?}");
        assert_eq!(pictures, ["Figure 1: Pump\n\nValve\n\nInlet"]);
        assert_eq!(document.pictures[0].number, Some(0));
        let place = |text: &str| {
            let start = document.text.find(text).expect("it is there");
            document.place(Span::new(start..start + text.len())).expect("it has a place")
        };
        let inlet = Area { left: 5000, top: 2200, right: 10_000, bottom: 2300 };
        assert_eq!(place("Inlet").area, Some(inlet));
        assert_eq!((place("After").area, place("After").sureness), (None, None));
        assert_eq!(place("Figure").area, None);
    }

    #[test]
    fn a_picture_without_a_caption_is_its_words_or_else_the_text_beside_it() {
        let mut document = page(None, "Before");
        document.pictures.clear();
        let beside = spot(&document, "Before", true);
        document.insert_picture(1, beside, read_picture(&[]));
        document.insert_picture(0, beside, read_picture(&["Stop"]));
        assert_eq!(document.text, "Before\n\nStop");
        let spans = document.pictures.iter().map(|it| (document.slice(it.span), it.is_beside));
        assert_eq!(spans.collect::<Vec<_>>(), [("Before", true), ("Stop", false)]);

        let mut empty = Document::default();
        empty.insert_picture(0, PictureSpot::default(), read_picture(&["Exit"]));
        assert_eq!((&*empty.text, content(&empty).1), ("Exit", vec!["Exit"]));
    }
}
