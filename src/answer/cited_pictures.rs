//! The pictures that an answer shows.

use super::events::Citation;
use crate::document::Picture;
use crate::lines::figure_numbers;
use crate::retrieve::Passage;

/// A picture that an answer shows.
#[derive(Debug, Clone, PartialEq)]
pub struct CitedPicture {
    /// Where it stands: a quote, or the span of the picture.
    pub citation: Citation,
    /// Its place among the pictures of the cited document.
    pub picture: usize,
}

impl CitedPicture {
    /// The picture.
    pub fn picture(&self) -> &Picture {
        &self.citation.document.document.pictures[self.picture]
    }

    fn is_same(&self, other: &Self) -> bool {
        self.citation.document.id() == other.citation.document.id() && self.picture == other.picture
    }
}

/// Each picture that is quoted or that a quote names, in the order of the quotes, then those that the
/// question belongs to by an image encoder. Pictures beside a quote are shown only where the question
/// `asks` for pictures.
pub(crate) fn cited_pictures(
    quotes: &[Citation],
    passages: &[Passage],
    asks: bool,
) -> Vec<CitedPicture> {
    let of_quotes =
        quotes.iter().filter_map(|quote| quoted(quote, asks).or_else(|| named_by(quote)));
    let mut cited: Vec<CitedPicture> = Vec::new();
    for picture in of_quotes.chain(shown_by(passages)) {
        if !cited.iter().any(|other| other.is_same(&picture)) {
            cited.push(picture);
        }
    }
    cited
}

/// The picture that the quote is of.
fn quoted(quote: &Citation, asks: bool) -> Option<CitedPicture> {
    let document = &quote.document.document;
    let picture = document.picture_of(quote.span)?;
    let is_shown = asks || !document.pictures[picture].is_beside;
    is_shown.then(|| CitedPicture { citation: quote.clone(), picture })
}

/// The picture whose number the quote names: "as Figure 3 shows".
fn named_by(quote: &Citation) -> Option<CitedPicture> {
    let document = &quote.document.document;
    let is_numbered = |picture: &Picture, number: &str| {
        !picture.is_beside && figure_numbers(document.slice(picture.span)).first() == Some(&number)
    };
    let numbers = figure_numbers(quote.text());
    let find = |number: &str| document.pictures.iter().position(|it| is_numbered(it, number));
    let picture = numbers.into_iter().find_map(find)?;
    let span = document.pictures[picture].span;
    Some(CitedPicture { citation: Citation { span, ..quote.clone() }, picture })
}

/// The pictures that the question belongs to, in the order of the passages.
fn shown_by(passages: &[Passage]) -> impl Iterator<Item = CitedPicture> {
    passages.iter().enumerate().filter_map(|(number, passage)| {
        let picture = passage.picture?.picture as usize;
        let span = passage.document.document.pictures.get(picture)?.span;
        Some(CitedPicture { citation: Citation::at(number, span, passages), picture })
    })
}
