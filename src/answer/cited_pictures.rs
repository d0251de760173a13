//! The pictures that an answer shows.

use super::events::Citation;
use crate::document::Picture;
use crate::lines::figure_numbers;

/// A citation of each picture that is quoted or that a quote names, in the order of the quotes. Pictures
/// beside a quote are shown only where the question `asks` for pictures.
pub(crate) fn cited_pictures(quotes: &[Citation], asks: bool) -> Vec<Citation> {
    let mut cited: Vec<Citation> = Vec::new();
    for quote in quotes {
        let of_quote = quote.picture().filter(|picture| asks || !picture.is_beside);
        let Some(citation) = of_quote.map(|_| quote.clone()).or_else(|| named_by(quote)) else {
            continue;
        };
        let is_same = |other: &Citation| {
            other.document.id() == citation.document.id() && other.picture() == citation.picture()
        };
        if !cited.iter().any(is_same) {
            cited.push(citation);
        }
    }
    cited
}

/// The picture whose number the quote names: "as Figure 3 shows".
fn named_by(quote: &Citation) -> Option<Citation> {
    let document = &quote.document.document;
    let text = |picture: &Picture| document.slice(picture.span);
    let is_numbered = |picture: &&Picture, number: &str| {
        !picture.is_beside && figure_numbers(text(picture)).first() == Some(&number)
    };
    let numbers = figure_numbers(quote.text());
    let find = |number: &str| document.pictures.iter().find(|it| is_numbered(it, number));
    let picture = numbers.into_iter().find_map(find)?;
    Some(Citation { span: picture.span, ..quote.clone() })
}
