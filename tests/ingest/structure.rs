//! Chunks keep what belongs together: slides, tables, code, footnotes, captions.

use multimodal_rag::{Block, BlockKind, Chunk, Document, Place, PlaceMark, Span};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use BlockKind::{Boilerplate, Caption, Code, Footnote, Heading, Paragraph, TableHeader, TableRow};

use crate::chunks::chunks;
use crate::rng::Rng;

/// A document of these blocks, separated by empty lines.
fn document_of(blocks: &[(BlockKind, &str)]) -> Document {
    let mut document = Document::default();
    for &(kind, text) in blocks {
        push(&mut document, kind, text, None);
    }
    document
}

fn push(document: &mut Document, kind: BlockKind, text: &str, place: Option<Place>) {
    if !document.text.is_empty() {
        document.text.push_str("\n\n");
    }
    let start = document.text.len();
    document.text.push_str(text);
    if let Some(place) =
        place.filter(|place| document.places.last().map(|m| &m.place) != Some(place))
    {
        document.places.push(PlaceMark { start: start as u32, place });
    }
    document.blocks.push(Block { span: Span::new(start..document.text.len()), kind });
}

fn words(count: usize) -> String {
    vec!["word"; count].join(" ")
}

/// The texts that are embedded.
fn embedded(document: &Document, max_tokens: usize) -> Vec<String> {
    let text = |chunk: &Chunk| chunk.embedded_text(document);
    chunks(document, max_tokens).iter().map(text).collect()
}

#[test]
fn boilerplate_is_not_embedded_and_breaks_nothing_in_two() {
    let document = document_of(&[
        (Boilerplate, "The Daily Page"),
        (Paragraph, "Rain fell."),
        (Boilerplate, "Page 1 of 2"),
        (Boilerplate, "The Daily Page"),
        (Paragraph, "Then it stopped."),
        (Boilerplate, "Page 2 of 2"),
    ]);
    assert_eq!(embedded(&document, 100), ["Rain fell.\nThen it stopped."]);
    let span = chunks(&document, 100)[0].span;
    assert!(document.slice(span).starts_with("Rain") && document.slice(span).ends_with("stopped."));
}

#[test]
fn a_document_of_boilerplate_alone_is_embedded() {
    let document = document_of(&[(Boilerplate, "Home"), (Boilerplate, "About us")]);
    assert_eq!(embedded(&document, 100), ["Home\n\nAbout us"]);
}

#[test]
fn the_header_of_a_table_is_repeated_with_its_later_rows() {
    let mut document = document_of(&[
        (Heading(1), "Staff"),
        (Paragraph, "These work here."),
        (TableHeader, "Name | Age"),
        (TableHeader, "first | years"),
    ]);
    for number in 0..60 {
        push(&mut document, TableRow, &format!("Person {number} | {}", 20 + number), None);
    }
    push(&mut document, Paragraph, &words(30), None);
    let texts = embedded(&document, 60);
    assert!(
        texts[0].starts_with("Staff\nThese work here.\n\nName | Age\n\nfirst | years\n\nPerson 0")
    );
    for text in &texts[1..texts.len() - 1] {
        assert!(text.starts_with("Staff\nName | Age first | years\nPerson "), "{text}");
    }
    let last = chunks(&document, 60).pop().unwrap();
    assert_eq!((last.headings.as_str(), last.table_header.as_str()), ("Staff", ""));
    assert!(texts.len() > 5);
}

#[test]
fn the_last_cells_of_a_long_header_are_left_out_of_later_chunks() {
    let header = (0..40).map(|n| format!("column {n}")).collect::<Vec<_>>().join(" | ");
    let mut document = document_of(&[(TableHeader, &header)]);
    for number in 0..40 {
        push(&mut document, TableRow, &format!("{number} | {}", words(10)), None);
    }
    let found = chunks(&document, 100);
    assert_eq!(
        found.last().unwrap().table_header,
        header.split(" | ").take(6).collect::<Vec<_>>().join(" | ")
    );
}

#[test]
fn a_table_begins_with_its_header_its_caption_and_its_first_row_together() {
    for before in [80, 90, 95, 99, 120] {
        let document = document_of(&[
            (Paragraph, &words(before)),
            (Caption, "Table 1: what it costs"),
            (TableHeader, "Item | Price"),
            (TableRow, "Chair | forty pounds and five pence"),
            (TableRow, &words(60)),
        ]);
        let found = embedded(&document, 100);
        let text = found.iter().find(|text| text.contains("Table 1")).unwrap();
        assert!(text.contains("Item | Price") && text.contains("Chair"), "{before}: {text}");
    }
}

#[test]
fn a_footnote_stays_with_the_block_that_calls_it() {
    for before in [60, 90, 100, 190, 200] {
        let document = document_of(&[
            (Paragraph, &words(before)),
            (Paragraph, "Glass is a liquid[1]."),
            (Footnote, "[1] This is disputed by most who measure it."),
            (Footnote, "[2] And by others."),
            (Paragraph, &words(90)),
        ]);
        let found = embedded(&document, 220);
        let text = found.iter().find(|text| text.contains("Glass")).unwrap();
        assert!(text.contains("disputed") && text.contains("others"), "{before}: {text}");
    }
}

#[test]
fn the_caption_of_a_figure_stays_with_the_paragraph_before_it() {
    for before in [60, 150, 190, 198] {
        let document = document_of(&[
            (Paragraph, &words(before)),
            (Paragraph, "The mill is shown in figure 1."),
            (Caption, "Figure 1: the mill in winter"),
            (Paragraph, &words(150)),
        ]);
        let found = embedded(&document, 240);
        let text = found.iter().find(|text| text.contains("Figure 1:")).unwrap();
        assert!(text.contains("is shown"), "{before}: {text}");
    }
}

#[test]
fn code_that_fits_is_not_cut() {
    let code = (0..40).map(|n| format!("let x{n} = {n};")).collect::<Vec<_>>().join("\n");
    for before in [10, 90, 130, 180] {
        let document = document_of(&[(Paragraph, &words(before)), (Code, &code)]);
        let found = embedded(&document, 254);
        assert!(found.iter().any(|text| text.contains(&code)), "{before}");
    }
}

#[test]
fn a_slide_that_fits_is_one_chunk_and_no_chunk_has_two() {
    let mut document = Document::default();
    for number in 1..=6 {
        let slide = || Some(Place::slide(number));
        if number != 4 {
            push(&mut document, Heading(1), &format!("Slide {number}"), slide());
        }
        push(&mut document, Paragraph, &words(110), slide());
        push(&mut document, Heading(2), "A heading within it", slide());
        push(&mut document, Paragraph, &words(110), slide());
    }
    push(&mut document, Heading(1), "Thank you", Some(Place::slide(7)));
    let found = chunks(&document, 254);
    let headings: Vec<&str> = found.iter().map(|chunk| chunk.headings.as_str()).collect();
    assert_eq!(headings, ["Slide 1", "Slide 2", "Slide 3", "", "Slide 5", "Slide 6", ""]);
    for (number, chunk) in (1..).zip(&found) {
        assert_eq!(document.place(chunk.span), Some(Place::slide(number)));
    }
    assert_eq!(document.slice(found[6].span), "Thank you");
}

#[test]
fn sheets_and_messages_are_not_joined() {
    let mut document = Document::default();
    for name in ["Q1", "Q2"] {
        let place = Place { sheet: Some(name.into()), ..Place::default() };
        push(&mut document, TableRow, "1 | 2", Some(place));
    }
    for from in ["Ada", "Bo"] {
        let place = Place { message: Some(from.into()), ..Place::default() };
        push(&mut document, Paragraph, "Hello.", Some(place));
    }
    assert_eq!(embedded(&document, 254), ["1 | 2", "1 | 2", "Hello.", "Hello."]);
}

#[test]
fn pages_are_joined() {
    let mut document = Document::default();
    for page in 1..=3 {
        push(&mut document, Paragraph, "It goes on.", Some(Place::page(page)));
    }
    assert_eq!(chunks(&document, 254).len(), 1);
}

#[test]
fn chunks_of_any_structure_hold_every_invariant() {
    let kinds = [
        Heading(1),
        Heading(2),
        Paragraph,
        Paragraph,
        BlockKind::ListItem,
        Code,
        TableHeader,
        TableRow,
        TableRow,
        Boilerplate,
        Footnote,
        Caption,
    ];
    for seed in 1..=1500_u64 {
        println!("seed {seed}");
        let mut rng = Rng::new(seed);
        let mut document = Document::default();
        let mut place = None;
        for _ in 0..rng.below(30) {
            if rng.below(6) == 0 {
                let number = rng.below(4) as u32;
                let name = || Some(number.to_string());
                place = match rng.below(4) {
                    0 => Some(Place::page(number)),
                    1 => Some(Place { sheet: name(), ..Place::default() }),
                    2 => Some(Place { message: name(), ..Place::default() }),
                    _ => Some(Place::slide(number)),
                };
            }
            let most = [4, 30, 200][rng.below(3)];
            let text =
                words(1 + rng.below(most)).replace("word word word", "word. Some | cells\nof it");
            push(&mut document, kinds[rng.below(kinds.len())], &text, place.clone());
        }
        for max_tokens in [8, 8 + rng.below(60), 254] {
            let found = chunks(&document, max_tokens);
            found.iter().for_each(|chunk| assert_is_in_one_place(&document, chunk));
        }
    }
}

/// All blocks of a chunk are on one slide or sheet or in one message, and it neither begins
/// nor ends with boilerplate.
fn assert_is_in_one_place(document: &Document, chunk: &Chunk) {
    let is_within =
        |block: &&Block| block.span.start < chunk.span.end && chunk.span.start < block.span.end;
    let blocks: Vec<&Block> = document.blocks.iter().filter(is_within).collect();
    let is_content = |block: &&&Block| block.kind != Boilerplate;
    let places = blocks.iter().filter(is_content).map(|block| {
        document.place(block.span).map(|place| (place.slide, place.sheet, place.message))
    });
    let places: Vec<_> = places.map(Option::unwrap_or_default).collect();
    assert!(places.windows(2).all(|pair| pair[0] == pair[1]), "{chunk:?}");
    if document.blocks.iter().any(|block| block.kind != Boilerplate) {
        assert!(blocks.first().unwrap().kind != Boilerplate, "{chunk:?}");
        assert!(blocks.last().unwrap().kind != Boilerplate, "{chunk:?}");
    }
}
