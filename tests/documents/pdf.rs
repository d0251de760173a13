//! PDF files become text with pages, headings, tables and notes.

use multimodal_rag::{
    BlockKind, Document, FileToRead, PictureAt, ReadFile, ReadLimits, Unwatched, read_file,
};

use crate::pdf_file::{PdfFile, text};
use crate::read::read;

fn read_pdf(bytes: &[u8]) -> ReadFile {
    read("a.pdf", None, bytes).unwrap().1
}

fn blocks(document: &Document) -> Vec<(BlockKind, &str)> {
    document.blocks.iter().map(|block| (block.kind, document.slice(block.span))).collect()
}

/// The place of the block that contains a text.
fn place_of(document: &Document, text: &str) -> String {
    let block = document.blocks.iter().find(|block| document.slice(block.span).contains(text));
    let span = block.unwrap_or_else(|| panic!("{text}: {}", document.text)).span;
    document.place(span).map(|place| place.to_string()).unwrap_or_default()
}

#[test]
fn each_block_has_its_page_and_the_file_its_details() {
    let mut file = PdfFile::new();
    file.text_page(&[(50, 700, "The ferry leaves at noon.")]);
    file.text_page(&[(50, 700, "The museum closes at five.")]);
    let info = file
        .object("<< /Title (Harbour guide) /Author (R. Okafor) /ModDate (D:20250503101400Z) >>");
    file.trailer(&format!("/Info {info} 0 R"));
    file.catalog("/Lang (en-GB)");
    let read = read_pdf(&file.bytes());
    assert_eq!(place_of(&read.document, "ferry"), "page 1");
    assert_eq!(place_of(&read.document, "museum"), "page 2");
    let details = read.details;
    assert_eq!(details.title.as_deref(), Some("Harbour guide"));
    assert_eq!(details.authors, ["R. Okafor"]);
    assert_eq!(details.date.as_deref(), Some("2025-05-03T10:14:00Z"));
    assert_eq!(details.language.as_deref(), Some("en-GB"));
    assert_eq!((details.pages, details.warnings), (Some(2), Vec::<String>::new()));
}

#[test]
fn pages_have_the_labels_that_are_printed_on_them() {
    let mut file = PdfFile::new();
    for number in 1..=4 {
        file.text_page(&[(50, 700, &format!("Text of leaf {number} for readers."))]);
    }
    file.catalog(
        "/PageLabels << /Nums [0 << /S /r >> 2 << /S /D >> 3 << /P (A-) /S /D /St 7 >>] >>",
    );
    let document = read_pdf(&file.bytes()).document;
    let places = ["leaf 1", "leaf 2", "leaf 3", "leaf 4"].map(|leaf| place_of(&document, leaf));
    assert_eq!(places, ["page i (1)", "page ii (2)", "page 1 (3)", "page A-7 (4)"]);
}

#[test]
fn columns_are_read_one_after_the_other() {
    let mut lines = Vec::new();
    for row in 0..12 {
        lines.push((40, 700 - row * 14, "left words run on down the first"));
        lines.push((320, 700 - row * 14, "right words follow in the second"));
    }
    let mut file = PdfFile::new();
    file.text_page(&lines);
    let text = read_pdf(&file.bytes()).document.text;
    let (last_left, first_right) = (text.rfind("left").unwrap(), text.find("right").unwrap());
    assert!(last_left < first_right, "{text}");
}

#[test]
fn headers_and_footers_of_many_pages_are_boilerplate_and_stay_in_the_text() {
    let mut file = PdfFile::new();
    for number in 1..=5 {
        file.text_page(&[
            (50, 780, "Harbour Authority Report"),
            (50, 600, &format!("Paragraph {number} says what happened in that year.")),
            (50, 580, "It goes on for a second line of text."),
            (50, 20, &format!("Draft version, sheet {number}")),
        ]);
    }
    let document = read_pdf(&file.bytes()).document;
    let blocks = blocks(&document);
    let kinds = |text: &str| -> Vec<BlockKind> {
        blocks.iter().filter(|(_, block)| block.contains(text)).map(|(kind, _)| *kind).collect()
    };
    assert_eq!(kinds("Harbour Authority"), [BlockKind::Boilerplate; 5], "{blocks:?}");
    assert_eq!(kinds("Draft version"), [BlockKind::Boilerplate; 5], "{blocks:?}");
    assert!(!kinds("what happened").contains(&BlockKind::Boilerplate));
}

#[test]
fn bookmarks_make_headings_of_their_lines() {
    let mut file = PdfFile::new();
    file.text_page(&[
        (50, 700, "2 Leave for parents"),
        (50, 660, "Parents have a right to forty days of leave in each year."),
    ]);
    let page = 5;
    let outline = file.object("<< /Type /Outlines /First 7 0 R /Last 7 0 R /Count 1 >>");
    file.object(&format!(
        "<< /Title (Leave for parents) /Parent {outline} 0 R /Dest [{page} 0 R /Fit] >>"
    ));
    file.catalog(&format!("/Outlines {outline} 0 R"));
    let document = read_pdf(&file.bytes()).document;
    assert_eq!(blocks(&document)[0], (BlockKind::Heading(1), "2 Leave for parents"));
}

#[test]
fn form_fields_notes_and_attachments_are_read() {
    let mut file = PdfFile::new();
    let note = file.object(
        "<< /Type /Annot /Subtype /Text /Rect [0 0 9 9] /T (Ada) /Contents (Check this date.) >>",
    );
    let field = file.object("<< /FT /Tx /T (Surname) /V (Lovelace) >>");
    let content = file.stream("/Type /EmbeddedFile", "The bulbs are in the cellar.");
    let attached = file.object(&format!(
        "<< /Type /Filespec /F (notes.txt) /UF (../notes.txt) /EF << /F {content} 0 R >> >>"
    ));
    file.page(&text(&[(50, 700, "A form to be filled in.")]), &format!("/Annots [{note} 0 R]"));
    file.catalog(&format!("/AcroForm << /Fields [{field} 0 R] >>"));
    file.catalog(&format!("/Names << /EmbeddedFiles << /Names [(notes.txt) {attached} 0 R] >> >>"));
    let read = read_pdf(&file.bytes());
    assert!(read.document.text.contains("Note by Ada: Check this date."), "{}", read.document.text);
    assert_eq!(place_of(&read.document, "Note by Ada"), "page 1");
    assert!(read.document.text.contains("Surname: Lovelace"), "{}", read.document.text);
    assert_eq!(read.members.len(), 1);
    assert_eq!(read.members[0].path, "notes.txt");
    assert_eq!(read.members[0].bytes, b"The bulbs are in the cellar.");
}

#[test]
fn a_rotated_page_is_read_as_it_is_shown() {
    let upright = [(60, 500, "First line of the slide"), (60, 450, "Second line of the slide")];
    for (rotation, matrix) in
        [(90, "0 1 -1 0 600 0"), (180, "-1 0 0 -1 600 800"), (270, "0 -1 1 0 0 800")]
    {
        let mut file = PdfFile::new();
        let content = format!("{matrix} cm\n{}", text(&upright));
        file.page(&content, &format!("/Rotate {rotation}"));
        let text = read_pdf(&file.bytes()).document.text;
        let (first, second) = (text.find("First line of the slide"), text.find("Second line"));
        assert!(first.is_some() && first < second, "{rotation}: {text}");
    }
}

#[test]
fn pages_without_text_become_pictures_whose_words_can_be_read() {
    let mut file = PdfFile::new();
    file.text_page(&[(50, 700, "The only page that has some text on it.")]);
    file.page("0 0 m 100 100 l S", "");
    file.page("0 0 m 100 100 l S", "");
    let read = read_pdf(&file.bytes());
    assert_eq!(read.details.warnings, [""; 0]);
    let pages: Vec<PictureAt> = read.pictures.iter().map(|scan| scan.at).collect();
    assert_eq!(pages, [PictureAt::Page(2), PictureAt::Page(3)]);
    for scan in &read.pictures {
        assert!(scan.bytes.starts_with(b"\xff\xd8\xff"), "it is a JPEG");
    }
}

#[test]
fn numbers_in_columns_without_lines_are_rows_of_a_table() {
    let mut lines = vec![(50, 740, "Ducks that were counted in each year")];
    lines.extend([(60, 700, "Year"), (110, 700, "Freshwater ducks")]);
    let years = ["2019", "2020", "2021", "2022"];
    let counts = ["120", "135", "150", "170"];
    for (row, (year, count)) in years.into_iter().zip(counts).enumerate() {
        let y = 686 - 14 * row as i32;
        lines.extend([(75, y, year), (175, y, count)]);
    }
    let mut file = PdfFile::new();
    file.text_page(&lines);
    let document = read_pdf(&file.bytes()).document;
    let blocks = blocks(&document);
    let rows = &blocks[1..];
    assert_eq!(blocks[0].1, "Ducks that were counted in each year");
    assert_eq!(rows[0], (BlockKind::TableHeader, "Year | Freshwater ducks"), "{blocks:?}");
    assert_eq!(rows[1], (BlockKind::TableRow, "2019 | 120"));
    assert_eq!(rows[4], (BlockKind::TableRow, "2022 | 170"));
}

#[test]
fn a_text_above_a_table_is_no_row_of_it() {
    let mut lines = vec![(50, 660, "The ferry leaves at noon.")];
    for (row, (bell, time)) in [("Bell", "Noon"), ("Lamp", "Dusk")].into_iter().enumerate() {
        let y = 600 - 14 * row as i32;
        lines.extend([(50, y, bell), (170, y, time)]);
    }
    let mut file = PdfFile::new();
    file.text_page(&lines);
    let document = read_pdf(&file.bytes()).document;
    let expected = [
        (BlockKind::Paragraph, "The ferry leaves at noon."),
        (BlockKind::TableHeader, "Bell | Noon"),
        (BlockKind::TableRow, "Lamp | Dusk"),
    ];
    assert_eq!(blocks(&document), expected);
}

/// A file with this content, attached under a name: the number of its specification.
fn attached(file: &mut PdfFile, name: &str, content: &str) -> usize {
    let content = file.stream("/Type /EmbeddedFile", content);
    file.object(&format!("<< /Type /Filespec /F ({name}) /EF << /F {content} 0 R >> >>"))
}

#[test]
fn addresses_of_links_are_read_with_their_texts() {
    let mut file = PdfFile::new();
    let mut link = |rectangle: &str, address: &str| {
        file.object(&format!(
            "<< /Type /Annot /Subtype /Link /Rect [{rectangle}] /A << /S /URI /URI ({address}) >> >>"
        ))
    };
    let form = link("49 695 200 715", "https://fair.example/register?year=9");
    let shown = link("49 655 300 675", "https://fair.example/map/");
    let image = link("300 300 400 400", "https://fair.example/tickets");
    let lines = [(50, 700, "The registration page"), (50, 660, "See fair.example/map for it.")];
    let links = format!("/Annots [{form} 0 R {shown} 0 R {image} 0 R]");
    file.page(&text(&lines), &links);
    file.page(&text(&[(50, 700, "Once more the registration page")]), &links);
    let document = read_pdf(&file.bytes()).document;
    let found: Vec<&str> = document.text.lines().filter(|line| line.starts_with("Link")).collect();
    let expected = [
        "Link \"The registration page\": https://fair.example/register?year=9",
        "Link: https://fair.example/tickets",
    ];
    assert_eq!(found, expected, "{}", document.text);
    assert_eq!(place_of(&document, "register?year"), "page 1");
}

#[test]
fn attachments_of_the_file_and_of_its_pages_have_names_of_their_own() {
    let mut file = PdfFile::new();
    let [first, second, third] =
        ["One.", "Two.", "Three."].map(|content| attached(&mut file, "notes.txt", content));
    let pin = file.object(&format!(
        "<< /Type /Annot /Subtype /FileAttachment /Rect [0 0 9 9] /FS {third} 0 R >>"
    ));
    let again = file.object(&format!(
        "<< /Type /Annot /Subtype /FileAttachment /Rect [0 0 9 9] /FS {first} 0 R >>"
    ));
    let pins = format!("/Annots [{pin} 0 R {again} 0 R]");
    file.page(&text(&[(50, 700, "Files are pinned here.")]), &pins);
    file.catalog(&format!(
        "/Names << /EmbeddedFiles << /Names [(a) {first} 0 R (b) {second} 0 R] >> >>"
    ));
    let read = read_pdf(&file.bytes());
    let members: Vec<(&str, &[u8])> =
        read.members.iter().map(|member| (member.path.as_str(), &*member.bytes)).collect();
    let expected: [(&str, &[u8]); 3] =
        [("notes.txt", b"One."), ("notes (2).txt", b"Two."), ("notes (3).txt", b"Three.")];
    assert_eq!(members, expected);
    assert_eq!(read.details.warnings, Vec::<String>::new());
}

#[test]
fn attachments_over_the_limits_are_named_in_a_warning() {
    let mut file = PdfFile::new();
    let files: Vec<String> = ["a.txt", "b.txt", "c.txt"]
        .map(|name| format!("({name}) {} 0 R", attached(&mut file, name, name)))
        .to_vec();
    file.text_page(&[(50, 700, "Three files are attached.")]);
    file.catalog(&format!("/Names << /EmbeddedFiles << /Names [{}] >> >>", files.join(" ")));
    let bytes = file.bytes();
    let limits = ReadLimits { members: 1, ..ReadLimits::default() };
    let input = FileToRead { name: "a.pdf", bytes: &bytes, ..FileToRead::default() };
    let (_, read) = read_file(&input, &limits, &Unwatched).unwrap();
    let expected =
        "Left out were attachments that are more or larger than the limits allow: b.txt, c.txt.";
    assert_eq!((read.members.len(), read.details.warnings), (1, vec![expected.to_owned()]));
}
