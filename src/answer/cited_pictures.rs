//! The pictures that an answer shows.

use std::rc::Rc;

use super::events::Citation;
use crate::document::Picture;
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
    /// What a text that links to it says of it; none for a picture that is found by its own words or
    /// within its document.
    pub linked_as: Option<String>,
}

impl CitedPicture {
    /// The picture.
    pub fn picture(&self) -> &Picture {
        &self.citation.document.document.pictures[self.picture]
    }

    /// What is said of it, without the words that were read in it.
    pub fn caption(&self) -> &str {
        let document = &self.citation.document.document;
        self.linked_as.as_deref().unwrap_or_else(|| document.caption(self.picture()))
    }

    /// The path of its file, where the cited document only links to it.
    pub(crate) fn link(&self) -> Option<&str> {
        self.picture().link.as_deref()
    }

    /// The same picture as the document of its file, which a document with a link to it stands for.
    pub(crate) fn of_file(self, file: Rc<StoredDocument>) -> Option<Self> {
        let span = file.document.pictures.first()?.span;
        let caption = self.caption().to_owned();
        let linked_as = Some(caption).filter(|caption| !caption.is_empty());
        let headings = String::new();
        let citation = Citation { document: file, chunk: 0, span, headings, ..self.citation };
        Some(Self { citation, picture: 0, linked_as })
    }

    pub(crate) fn is_same(&self, other: &Self) -> bool {
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
    is_shown.then(|| CitedPicture { citation: quote.clone(), picture, linked_as: None })
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
    let citation = Citation { span, ..quote.clone() };
    Some(CitedPicture { citation, picture, linked_as: None })
}

/// The pictures that the question belongs to, in the order of the passages.
fn shown_by(passages: &[Passage]) -> impl Iterator<Item = CitedPicture> {
    passages.iter().enumerate().filter_map(|(number, passage)| {
        let picture = passage.picture?.picture as usize;
        let span = passage.document.document.pictures.get(picture)?.span;
        let citation = Citation::at(number, span, passages);
        Some(CitedPicture { citation, picture, linked_as: None })
    })
}
