//! Pictures within files: where they stand, and what is said of them.

use multimodal_rag::{Area, BlockKind, Document, FoundPicture, PictureAt, PictureSpot, ReadFile};

fn read(name: &str, bytes: &[u8]) -> ReadFile {
    crate::read::read(name, None, bytes).unwrap().1
}

const PNG: &[u8] = include_bytes!("../fixtures/pictures/harbour-status.png");

/// The file of this ending among the fixtures.
fn mill(ending: &str) -> ReadFile {
    let bytes: &[u8] = match ending {
        "docx" => include_bytes!("../fixtures/pictures/mill.docx"),
        "pptx" => include_bytes!("../fixtures/pictures/mill.pptx"),
        "odt" => include_bytes!("../fixtures/pictures/mill.odt"),
        "epub" => include_bytes!("../fixtures/pictures/mill.epub"),
        _ => include_bytes!("../fixtures/pictures/mill.pdf"),
    };
    read(&format!("mill.{ending}"), bytes)
}

/// The texts of the pictures, whether each stands beside its text, and where it is on its page.
fn spots(read: &ReadFile) -> Vec<(&str, bool, Option<Area>)> {
    let spot = |picture: &FoundPicture| {
        let PictureAt::Text(spot) = picture.at else { panic!("it is a page") };
        let PictureSpot { span, is_beside, area } = spot;
        (read.document.slice(span), is_beside, area)
    };
    read.pictures.iter().map(spot).collect()
}

const ALTERNATIVE: &str = "A pump between two pipes";
const CAPTION: &str = "Figure 1: The pump of the mill";

#[cfg(any(feature = "read-office", feature = "read-text"))]
fn both() -> String {
    both_lines(ALTERNATIVE, CAPTION)
}

#[cfg(feature = "read-office")]
#[test]
fn a_figure_of_an_office_file_has_its_alternative_text_and_its_caption() {
    for ending in ["docx", "odt"] {
        let read = mill(ending);
        let text = &read.document.text;
        assert_eq!(spots(&read), [(&*both(), false, None)], "{ending}: {text}");
        assert!(read.pictures[0].bytes.starts_with(b"\x89PNG"), "{ending}");
    }
    let read = mill("pptx");
    assert_eq!(spots(&read), [(ALTERNATIVE, false, None)], "{}", read.document.text);
    let PictureAt::Text(spot) = read.pictures[0].at else { panic!("it is a page") };
    assert_eq!(read.document.place(spot.span).and_then(|place| place.slide), Some(2));
}

#[cfg(feature = "read-text")]
#[test]
fn a_figure_of_a_book_has_its_alternative_text_and_its_caption() {
    let read = mill("epub");
    assert_eq!(spots(&read), [(&*both(), false, None)], "{}", read.document.text);
    assert!(read.document.text.contains("\n\nThe sluice is opened"), "{}", read.document.text);
}

#[cfg(feature = "read-pdf")]
#[test]
fn a_figure_of_a_pdf_is_drawn_with_its_caption_and_its_place_and_a_logo_is_not() {
    let read = mill("pdf");
    let area = Area { left: 1167, top: 2073, right: 8667, bottom: 5122 };
    assert_eq!(spots(&read), [(CAPTION, false, Some(area))], "{}", read.document.text);
    assert!(read.pictures[0].bytes.starts_with(b"\xff\xd8\xff"), "it is a JPEG");
    assert_eq!(read.details.warnings, [""; 0]);
}

#[cfg(all(feature = "read-pdf", not(target_arch = "wasm32")))]
#[test]
fn a_form_of_a_pdf_that_paints_itself_is_followed_once() {
    let mut file = crate::pdf_file::PdfFile::new();
    let form = file.next_number();
    let resources = format!("/Resources << /Font << /F 3 0 R >> /XObject << /X {form} 0 R >> >>");
    let dictionary = format!("/Type /XObject /Subtype /Form /BBox [0 0 600 800] {resources}");
    file.stream(&dictionary, &"/X Do ".repeat(200));
    let text = crate::pdf_file::text(&[(50, 700, "The gate is closed.")]);
    let content = file.stream("", &format!("{text}{}", "/X Do ".repeat(200)));
    file.page_of(&format!("/Contents {content} 0 R {resources}"));
    let started = std::time::Instant::now();
    let read = read("a.pdf", &file.bytes());
    assert_eq!((&*read.document.text, read.pictures.len()), ("The gate is closed.", 0));
    assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
}

fn embedded() -> String {
    format!("data:image/png;base64,{}", base64::encode(PNG))
}

#[test]
fn pictures_in_the_source_of_a_page_are_found() {
    let image = embedded();
    let page = format!(
        "<p>The crane waits.</p><figure><img alt=\"The state of the harbour\" src=\"{image}\">\
         <figcaption>Figure 2: Harbour</figcaption></figure><p>It is repaired.\
         <p style=\"display: none\"><img src=\"{image}\">"
    );
    let read = read("page.html", page.as_bytes());
    let spot = ("The state of the harbour\n\nFigure 2: Harbour", false, None);
    assert_eq!(spots(&read), [spot]);
    assert_eq!(read.pictures[0].bytes, PNG);
}

#[test]
fn pictures_in_the_source_of_markdown_are_found() {
    let image = embedded();
    let note =
        format!("# Crane\n\nIt waits.\n\n![The state of the harbour]({image})\n\nThe end.\n");
    let found = read("note.md", note.as_bytes());
    assert_eq!(spots(&found), [("The state of the harbour", false, None)]);
    assert_eq!(found.document.text, "Crane\n\nIt waits.\n\nThe state of the harbour\n\nThe end.");
    let within = read("note.md", format!("It waits ![]({image}) here.").as_bytes());
    assert_eq!(spots(&within), [("It waits  here.", true, None)]);
    let no_text = read("note.md", format!("![]({image})").as_bytes());
    assert_eq!((no_text.document, spots_of(&no_text.pictures)), (Document::default(), 1));
}

fn spots_of(pictures: &[FoundPicture]) -> usize {
    pictures.iter().filter(|picture| matches!(picture.at, PictureAt::Text(_))).count()
}

#[test]
fn links_to_picture_files_are_found_and_other_addresses_are_not() {
    let links = |found: &ReadFile| -> Vec<(String, Option<String>)> {
        let texts = spots(found).into_iter().map(|(text, ..)| text.to_owned());
        texts.zip(found.pictures.iter().map(|picture| picture.link.clone())).collect()
    };
    let expected = [
        (both_lines("The pump", "Figure 1: The pump"), Some("images/p 17.png".to_owned())),
        ("The gate".to_owned(), Some("gate.jpg".to_owned())),
    ];
    let note = "# Mill\n\nWater.\n\n![The pump](images/p%2017.png)\n\nFigure 1: The pump\n\n\
                ![Badge](https://example.org/badge.png)\n\n![[gate.jpg|The gate]]\n";
    assert_eq!(links(&read("note.md", note.as_bytes())), expected);
    let page = "<h1>Mill</h1><p>Water.</p><img src='images/p%2017.png' alt='The pump'>\
                <p>Figure 1: The pump</p><img src='//example.org/badge.png' alt='Badge'>\
                <p><img src='gate.jpg?v=2' alt='The gate'></p>";
    assert_eq!(links(&read("page.html", page.as_bytes())), expected);
    let many: String = (0..70).map(|number| format!("![]({number}.png)\n\nText.\n\n")).collect();
    let found = read("many.md", many.as_bytes());
    assert_eq!((found.pictures.len(), found.details.warnings), (64, Vec::new()));
}

#[test]
fn a_heading_that_is_a_picture_stays_one_and_a_picture_without_words_changes_nothing() {
    let kinds = |name: &str, text: &str| -> Vec<(BlockKind, String)> {
        let document = read(name, text.as_bytes()).document;
        let blocks = document.blocks.iter();
        blocks.map(|block| (block.kind, document.slice(block.span).to_owned())).collect()
    };
    let expected = |list: &[(BlockKind, &str)]| -> Vec<(BlockKind, String)> {
        list.iter().map(|&(kind, text)| (kind, text.to_owned())).collect()
    };
    let (title, text) = ((BlockKind::Heading(1), "Mill"), (BlockKind::Paragraph, "It turns."));
    assert_eq!(kinds("a.md", "# ![Mill](logo.png)\n\nIt turns.\n"), expected(&[title, text]));
    let page = "<title>Mill</title><h1><img src='logo.png'></h1><p>It turns.</p>";
    assert_eq!(kinds("a.html", page), expected(&[title, text]));
    let list = "<ul><li><img src='dot.png' alt=''><p>It turns.</p></li></ul>";
    assert_eq!(kinds("a.html", list), expected(&[(BlockKind::ListItem, "- It turns.")]));
    let table = "<table><tr><td><img src='a.png'></td><td><img src='b.png'></td></tr>\
                 <tr><td>Speed</td><td>9</td></tr></table>";
    assert_eq!(kinds("a.html", table), expected(&[(BlockKind::TableRow, "Speed | 9")]));
}

fn both_lines(first: &str, second: &str) -> String {
    format!("{first}\n\n{second}")
}
