//! The pictures that an answer shows.

use std::rc::Rc;

use super::events::Citation;
use crate::document::{DocumentInfo, Picture};
use crate::knowledge_base::StoredDocument;
use crate::lines::figure_numbers;
use crate::retrieve::Passage;

/// A picture that an answer shows.
#[derive(Debug, Clone, PartialEq)]
pub struct CitedPicture {
    /// Where it stands: a quote, or the span of the picture.
    pub citation: Citation,
    /// Its place among the pictures of the cited document.
    pub picture: usize,
    /// Of a picture that is shown for a link to its file: what the text with the link says of it.
    pub linked_as: Option<String>,
}

impl CitedPicture {
    fn new(citation: Citation, picture: usize) -> Self {
        Self { citation, picture, linked_as: None }
    }

    /// The picture.
    pub fn picture(&self) -> &Picture {
        &self.citation.document.document.pictures[self.picture]
    }

    /// What is said of it, without the words that were read in it.
    pub fn caption(&self) -> &str {
        let document = &self.citation.document.document;
        let linked_as = self.linked_as.as_deref().filter(|text| !text.is_empty());
        linked_as.unwrap_or_else(|| document.caption(self.picture()))
    }

    /// The same picture in the document of its file, to which the cited document links.
    pub(crate) fn in_file(self, file: Rc<StoredDocument>) -> Option<Self> {
        let span = file.document.pictures.first()?.span;
        let linked_as = Some(self.caption().to_owned());
        let (chunk, headings) = (0, String::new());
        let citation = Citation { document: file, chunk, span, headings, ..self.citation };
        Some(Self { citation, picture: 0, linked_as })
    }

    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.citation.document.id() == other.citation.document.id() && self.picture == other.picture
    }
}

/// Whether a picture of a document can be shown.
type IsThere<'a> = &'a dyn Fn(&StoredDocument, &Picture) -> bool;

/// Each picture that is quoted or that a quote names, in the order of the quotes, then those that the
/// question belongs to by an image encoder. Pictures beside a quote are shown only where the question
/// `asks` for pictures. A link is among them where `leads` says that its file is there.
pub(crate) fn cited_pictures(
    quotes: &[Citation],
    passages: &[Passage],
    asks: bool,
    leads: &dyn Fn(&DocumentInfo, &str) -> bool,
) -> Vec<CitedPicture> {
    let is_there = |document: &StoredDocument, picture: &Picture| {
        picture.link.as_deref().is_none_or(|link| leads(&document.info, link))
    };
    let of_quotes = quotes
        .iter()
        .filter_map(|quote| quoted(quote, asks, &is_there).or_else(|| named_by(quote, &is_there)));
    let mut cited: Vec<CitedPicture> = Vec::new();
    for picture in of_quotes.chain(shown_by(passages)) {
        if !cited.iter().any(|other| other.is_same(&picture)) {
            cited.push(picture);
        }
    }
    cited
}

/// The picture that the quote is of.
fn quoted(quote: &Citation, asks: bool, is_there: IsThere<'_>) -> Option<CitedPicture> {
    let document = &quote.document.document;
    let is_shown = |&place: &usize| {
        let picture = &document.pictures[place];
        (asks || !picture.is_beside) && is_there(&quote.document, picture)
    };
    let picture = document.pictures_of(quote.span).find(is_shown)?;
    Some(CitedPicture::new(quote.clone(), picture))
}

/// The picture whose number the quote names: "as Figure 3 shows".
fn named_by(quote: &Citation, is_there: IsThere<'_>) -> Option<CitedPicture> {
    let document = &quote.document.document;
    let is_numbered = |picture: &Picture, number: &str| {
        !picture.is_beside
            && figure_numbers(document.slice(picture.span)).first() == Some(&number)
            && is_there(&quote.document, picture)
    };
    let numbers = figure_numbers(quote.text());
    let find = |number: &str| document.pictures.iter().position(|it| is_numbered(it, number));
    let picture = numbers.into_iter().find_map(find)?;
    let span = document.pictures[picture].span;
    Some(CitedPicture::new(Citation { span, ..quote.clone() }, picture))
}

/// The pictures that the question belongs to, in the order of the passages.
fn shown_by(passages: &[Passage]) -> impl Iterator<Item = CitedPicture> {
    passages.iter().enumerate().filter_map(|(number, passage)| {
        let picture = passage.picture?.picture as usize;
        let span = passage.document.document.pictures.get(picture)?.span;
        Some(CitedPicture::new(Citation::at(number, span, passages), picture))
    })
}
