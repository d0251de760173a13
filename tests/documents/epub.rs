//! Books.

use std::time::Instant;

use multimodal_rag::{BlockKind, Document, ReadFile};

use crate::archive::{deflated, zip_of};
use crate::mail::blocks;
use crate::read::read;
use crate::rng::{Rng, seed};

const CONTAINER: &str = r#"<?xml version="1.0"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/>
</rootfiles></container>"#;

const PACKAGE: &str = r#"<?xml version="1.0"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title>Bees &amp; Kilns</dc:title><dc:creator>A. Keeper</dc:creator><dc:creator>B. Potter</dc:creator>
<dc:language>en</dc:language><dc:date>2024-05-01</dc:date></metadata>
<manifest>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="one" href="text/one%20bees.xhtml" media-type="application/xhtml+xml"/>
<item id="two" href="text/two.xhtml" media-type="application/xhtml+xml"/>
<item id="cover" href="cover.jpg" media-type="image/jpeg"/>
</manifest>
<spine><itemref idref="cover"/><itemref idref="nav"/><itemref idref="one"/><itemref idref="two"/><itemref idref="one"/></spine>
</package>"#;

const NAV: &str = r##"<?xml version="1.0"?>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"><body>
<nav epub:type="toc"><h1>Contents</h1><ol>
<li><a href="text/one%20bees.xhtml">Bees</a></li>
<li><a href="text/two.xhtml">Kilns</a><ol>
<li><a href="text/two.xhtml#glaze">The <i>glaze</i></a></li></ol></li></ol></nav>
<nav epub:type="page-list"><ol><li><a href="text/one%20bees.xhtml#p1">xi</a></li>
<li><a href="text/two.xhtml#p2">12</a></li><li><a href="text/two.xhtml#p3">13</a></li></ol></nav>
</body></html>"##;

const ONE: &str = r##"<?xml version="1.0"?>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">
<head><title>part0001</title></head><body><span id="p1"/>
<p>A hive has one queen.<a epub:type="noteref" href="#n1">1</a> She lays eggs.</p>
<p>Workers live for six weeks.</p>
<aside epub:type="footnote" id="n1"><p>Sometimes two, for a day.</p></aside>
<aside epub:type="footnote" id="n2"><p>A note that nothing calls.</p></aside>
</body></html>"##;

const TWO: &str = r##"<html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body>
<h2>Kilns, fired</h2><p>A kiln is heated <span id="p2"></span>slowly.</p>
<p>It cools for a day.</p>
<table><tr id="glaze"><td>Cone</td><td id="p3">Heat</td></tr><tr><td>6</td><td>1,222 °C</td></tr></table>
</body></html>"##;

type Parts<'a> = Vec<(&'a str, &'a str)>;

fn parts() -> Parts<'static> {
    vec![
        ("mimetype", "application/epub+zip"),
        ("META-INF/container.xml", CONTAINER),
        ("OEBPS/book.opf", PACKAGE),
        ("OEBPS/nav.xhtml", NAV),
        ("OEBPS/text/one bees.xhtml", ONE),
        ("OEBPS/text/two.xhtml", TWO),
    ]
}

fn replaced<'a>(path: &str, content: &'a str) -> Parts<'a> {
    let mut parts: Parts<'a> = parts();
    match parts.iter_mut().find(|(it, _)| *it == path) {
        Some(part) => part.1 = content,
        None => panic!("{path}"),
    }
    parts
}

fn packed(parts: &[(&str, &str)]) -> Vec<u8> {
    let files: Vec<(&str, &[u8])> = parts.iter().map(|(path, it)| (*path, it.as_bytes())).collect();
    let mimetype = zip::CompressionMethod::Stored;
    // The first member must not be compressed.
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (number, (path, content)) in files.into_iter().enumerate() {
        let options =
            if number == 0 { deflated().compression_method(mimetype) } else { deflated() };
        writer.start_file(path, options).unwrap();
        std::io::Write::write_all(&mut writer, content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn read_book(parts: &[(&str, &str)]) -> ReadFile {
    read("a.epub", None, &packed(parts)).unwrap().1
}

fn place(document: &Document, text: &str) -> String {
    let block = document.blocks.iter().find(|it| document.slice(it.span).starts_with(text));
    document.place(block.unwrap().span).map(|place| place.to_string()).unwrap_or_default()
}

#[test]
fn a_book_is_read_in_the_order_of_its_spine_with_its_chapters_as_headings() {
    use BlockKind::{Boilerplate, Footnote, Heading, Paragraph, TableRow};
    let file = read_book(&parts());
    let all = blocks(&file.document).into_iter();
    let (contents, text): (Vec<_>, Vec<_>) = all.partition(|(kind, _)| *kind == Boilerplate);
    assert_eq!(contents[0].1, "Contents");
    let expected = [
        (Heading(1), "Bees"),
        (Paragraph, "A hive has one queen.1 She lays eggs."),
        (Footnote, "Sometimes two, for a day."),
        (Paragraph, "Workers live for six weeks."),
        (Paragraph, "A note that nothing calls."),
        (Heading(2), "Kilns, fired"),
        (Paragraph, "A kiln is heated slowly."),
        (Paragraph, "It cools for a day."),
        (Heading(2), "The glaze"),
        (TableRow, "Cone | Heat"),
        (TableRow, "6 | 1,222 °C"),
    ];
    assert_eq!(text, expected);
}

#[test]
fn every_block_knows_its_chapter_and_its_printed_page() {
    let document = read_book(&parts()).document;
    assert_eq!(place(&document, "A hive"), "page xi (1), Bees");
    assert_eq!(place(&document, "Kilns, fired"), "page xi (1), Kilns");
    assert_eq!(place(&document, "A kiln"), "page xi (1), Kilns");
    assert_eq!(place(&document, "It cools"), "page 12, Kilns");
    assert_eq!(place(&document, "The glaze"), "page 12, The glaze");
    assert_eq!(place(&document, "6 | 1,222"), "page 13, The glaze");
}

#[test]
fn a_book_says_its_title_its_authors_its_language_and_its_date() {
    let details = read_book(&parts()).details;
    assert_eq!(details.title.as_deref(), Some("Bees & Kilns"));
    assert_eq!(details.authors, ["A. Keeper", "B. Potter"]);
    assert_eq!(details.language.as_deref(), Some("en"));
    assert_eq!(details.date.as_deref(), Some("2024-05-01"));
    assert_eq!(details.warnings, [] as [&str; 0]);
}

#[test]
fn a_book_of_the_second_version_has_its_chapters_from_its_ncx() {
    let package = PACKAGE.replace(
        r#"<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>"#,
        r#"<item id="nav" href="nav.xhtml" media-type="application/x-dtbncx+xml"/>"#,
    );
    let ncx = r#"<?xml version="1.0"?><!DOCTYPE ncx PUBLIC "-//NISO//DTD ncx 2005-1//EN" "x.dtd">
<ncx><docTitle><text>Title</text></docTitle><navMap><navPoint><navLabel><text>Of bees</text></navLabel>
<content src="text/one%20bees.xhtml"/><navPoint><navLabel><text>Inner</text></navLabel>
<content src="text/two.xhtml"/></navPoint></navPoint></navMap>
<pageList><pageTarget><navLabel><text>7</text></navLabel><content src="text/one%20bees.xhtml#p1"/></pageTarget></pageList></ncx>"#;
    let mut parts = replaced("OEBPS/book.opf", &package);
    parts[3].1 = ncx;
    let document = read_book(&parts).document;
    assert_eq!(blocks(&document)[0], (BlockKind::Heading(1), "Of bees"));
    assert_eq!(place(&document, "A hive"), "page 7, Of bees");
    assert_eq!(place(&document, "It cools"), "page 7, Inner");
}

#[test]
fn a_page_that_goes_on_with_a_chapter_belongs_to_it() {
    let nav = NAV.replace(r#"<li><a href="text/two.xhtml">Kilns</a>"#, "<li>");
    let nav = nav.replace("#glaze", "#nowhere");
    let document = read_book(&replaced("OEBPS/nav.xhtml", &nav)).document;
    assert_eq!(place(&document, "It cools"), "page 12, Bees");
}

#[test]
fn a_book_with_copy_protection_is_refused_but_one_with_encrypted_fonts_is_not() {
    let encryption = |algorithm: &str, path: &str| {
        format!(
            "<encryption><EncryptedData><EncryptionMethod Algorithm=\"{algorithm}\"/><CipherData>\
            <CipherReference URI=\"{path}\"/></CipherData></EncryptedData></encryption>"
        )
    };
    let with = |encryption: &str| {
        let mut parts = parts();
        parts.push(("META-INF/encryption.xml", encryption));
        read("a.epub", None, &packed(&parts))
    };
    let aes = "http://www.w3.org/2001/04/xmlenc#aes128-cbc";
    let error = with(&encryption(aes, "OEBPS/text/two.xhtml")).unwrap_err();
    assert_eq!(error.code(), "unsupported_format");
    assert!(error.to_string().contains("copy protection"), "{error}");
    assert!(with(&encryption("http://www.idpf.org/2008/embedding", "OEBPS/font.otf")).is_ok());
    assert!(with(&encryption(aes, "OEBPS/cover.jpg")).is_ok());
}

#[test]
fn a_missing_page_is_said_and_a_missing_package_is_an_error() {
    let mut parts = parts();
    parts.remove(4);
    let file = read_book(&parts);
    assert_eq!(file.details.warnings, ["1 of the pages of the book are missing or damaged."]);
    assert!(file.document.text.contains("It cools"));
    parts.remove(2);
    assert_eq!(read("a.epub", None, &packed(&parts)).unwrap_err().code(), "damaged_file");
    let bare = packed(&[("mimetype", "application/epub+zip")]);
    assert_eq!(read("a.epub", None, &bare).unwrap_err().code(), "damaged_file");
}

#[test]
fn entities_of_a_book_are_not_expanded_and_nothing_outside_is_read() {
    let package = PACKAGE
        .replace("?>\n<package", "?>\n<!DOCTYPE p [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\"><!ENTITY f SYSTEM \"file:///etc/passwd\">]>\n<package")
        .replace("Bees &amp; Kilns", "Bees &b;&f; Kilns");
    let file = read_book(&replaced("OEBPS/book.opf", &package));
    assert_eq!(file.details.title.as_deref(), Some("Bees &b;&f; Kilns"));
    let package = PACKAGE.replace("text/two.xhtml", "../../../etc/passwd");
    let file = read_book(&replaced("OEBPS/book.opf", &package));
    assert_eq!(file.details.warnings, ["1 of the pages of the book are missing or damaged."]);
}

#[test]
fn a_page_with_many_marks_takes_time_linear_in_them() {
    let call = "<p>x<a epub:type=\"noteref\" href=\"#n\">1</a></p>".repeat(100_000);
    let note =
        format!("<aside epub:type=\"footnote\" id=\"n\">{}</aside>", "<p>note</p>".repeat(20_000));
    let page =
        format!("<html><body>{call}{note}{}</body></html>", "<i id=\"p1\"/>".repeat(100_000));
    let links = "<li><a href=\"text/one%20bees.xhtml#p1\">9</a></li>".repeat(50_000);
    let nav =
        NAV.replace("<ol><li><a href=\"text/one", &format!("<ol>{links}<li><a href=\"text/one"));
    let mut parts = replaced("OEBPS/text/one bees.xhtml", &page);
    parts[3].1 = &nav;
    let start = Instant::now();
    let file = read_book(&parts);
    assert!(start.elapsed().as_secs_f32() < 5.0, "{:?}", start.elapsed());
    assert!(file.document.text.matches("note\n").count() < 20_001);
}

#[test]
fn a_book_that_unpacks_to_too_much_is_refused() {
    let spaces = " ".repeat(64 << 20);
    let bytes = packed(&replaced("OEBPS/text/two.xhtml", &spaces));
    assert_eq!(read("a.epub", None, &bytes).unwrap_err().code(), "too_large");
}

#[test]
fn a_book_is_recognized_even_if_its_media_type_is_not_its_first_member() {
    let mut parts = parts();
    parts.rotate_left(1);
    for name in ["a.epub", "download", "a.zip"] {
        assert_eq!(read(name, None, &packed(&parts)).unwrap().1.details.reader, "EPUB");
    }
    let folders: Vec<(String, &str)> =
        parts.iter().map(|(path, content)| (format!("book/{path}"), *content)).collect();
    let folders: Vec<(&str, &str)> = folders.iter().map(|(path, it)| (&**path, *it)).collect();
    assert_eq!(read("a.zip", None, &packed(&folders)).unwrap().1.details.reader, "ZIP");
}

#[test]
fn a_zip_of_another_kind_is_no_book() {
    let zip = zip_of(&[("a.txt", b"text")], deflated());
    assert_eq!(read("a.epub", None, &zip).unwrap().1.details.reader, "ZIP");
}

#[test]
fn mutated_books_are_read_or_refused_without_a_panic() {
    let mut rng = Rng::new(seed());
    for _ in 0..600 {
        let mut contents: Vec<(&str, String)> =
            parts().into_iter().map(|(path, content)| (path, content.to_owned())).collect();
        for _ in 0..=rng.below(6) {
            let part = 1 + rng.below(contents.len() - 1);
            let text = &mut contents[part].1;
            let at = text.floor_char_boundary(rng.below(text.len()));
            let end = text.ceil_char_boundary((at + rng.below(40)).min(text.len()));
            match rng.below(3) {
                0 => text.replace_range(at..end, ""),
                1 => {
                    let repeated = text[at..end].to_owned();
                    text.insert_str(at, &repeated);
                }
                _ => text.insert_str(
                    at,
                    ["<", "\"", "&#x0;", "\u{f0000}", "</aside>", "<td>"][rng.below(6)],
                ),
            }
        }
        let parts: Vec<(&str, &str)> =
            contents.iter().map(|(path, it)| (*path, it.as_str())).collect();
        if let Ok((_, file)) = read("a.epub", None, &packed(&parts)) {
            let text = &file.document.text;
            let is_blank = |it: &multimodal_rag::Block| text[it.span.range()].trim().is_empty();
            assert!(!file.document.blocks.iter().any(is_blank));
        }
    }
}

#[test]
fn characters_that_marks_are_made_of_are_left_out_of_a_page() {
    let page = TWO.replace("It cools", "It \u{f0000}cools&#xF0001;");
    let document = read_book(&replaced("OEBPS/text/two.xhtml", &page)).document;
    assert!(document.text.contains("It cools for a day."));
}

#[test]
fn a_note_at_the_end_of_the_book_stands_where_it_is_called() {
    let one = ONE.replace("#n1", "two.xhtml#end1");
    let two = TWO.replace(
        "</body>",
        "<ol><li role=\"doc-endnote\" id=\"end1\"><p>See the glossary.</p></li></ol></body>",
    );
    let mut parts = replaced("OEBPS/text/two.xhtml", &two);
    parts[4].1 = &one;
    let document = read_book(&parts).document;
    let found = blocks(&document);
    let call = found.iter().position(|(_, text)| text.starts_with("A hive")).unwrap();
    assert_eq!(found[call + 1], (BlockKind::Footnote, "1. See the glossary."));
    assert_eq!(document.text.matches("glossary").count(), 1);
}

#[test]
fn a_chapter_whose_heading_follows_its_number_has_no_second_one() {
    let two = TWO.replace("<h2>", "<p>Two</p><h2>");
    let document = read_book(&replaced("OEBPS/text/two.xhtml", &two)).document;
    let headings = blocks(&document);
    assert!(headings.contains(&(BlockKind::Paragraph, "Two")));
    assert!(!headings.contains(&(BlockKind::Heading(1), "Kilns")));
}
