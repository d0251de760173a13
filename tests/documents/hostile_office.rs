//! Office files that declare more than they have, or were cut or changed on the way.

use multimodal_rag::{FileToRead, ReadLimits, Unwatched, read_file};

use super::office_files::{compound, docx, open_document, xlsx};
use super::read::read;
use super::rng::Rng;

fn code(name: &str, bytes: &[u8]) -> &'static str {
    read(name, None, bytes).unwrap_err().code()
}

#[test]
fn an_encrypted_package_asks_for_its_password() {
    let file = compound(&[("EncryptionInfo", b"x"), ("EncryptedPackage", b"y")]);
    for name in ["a.docx", "a.xlsx", "a.pptx"] {
        assert_eq!(code(name, &file), "password_required");
    }
}

#[test]
fn an_encrypted_package_opens_with_its_password_alone() {
    for file in [
        include_bytes!("../fixtures/documents/locked-agile.xlsx").as_slice(),
        include_bytes!("../fixtures/documents/locked-standard.xlsx"),
    ] {
        let open = |password| {
            let file = FileToRead { name: "a.xlsx", bytes: file, password, ..Default::default() };
            read_file(&file, &ReadLimits::default(), &Unwatched)
        };
        assert_eq!(open(None).unwrap_err().code(), "password_required");
        assert_eq!(open(Some("closed")).unwrap_err().code(), "wrong_password");
        let plain = include_bytes!("../fixtures/documents/page/bee-yard.xlsx");
        let plain = read("a.xlsx", None, plain).unwrap();
        assert_eq!(open(Some("open")).unwrap().1.document, plain.1.document);
    }
}

#[test]
fn a_changed_encrypted_package_gives_text_or_a_typed_error() {
    let file = include_bytes!("../fixtures/documents/locked-standard.xlsx");
    let rng = &mut Rng::new(17);
    for _ in 0..40 {
        let mut bytes = file.to_vec();
        for _ in 0..4 {
            let at = rng.below(bytes.len());
            bytes[at] = rng.below(256) as u8;
        }
        bytes.truncate(bytes.len() - rng.below(2) * rng.below(bytes.len()));
        let password = Some("open");
        let file = FileToRead { name: "a.xlsx", bytes: &bytes, password, ..Default::default() };
        if let Err(error) = read_file(&file, &ReadLimits::default(), &Unwatched) {
            assert!(multimodal_rag::Error::code_of_file(error.code()).is_some(), "{error}");
        }
    }
}

#[test]
fn two_distant_cells_are_refused_before_a_grid_is_made() {
    let data = "<sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row>\
        <row r=\"1048576\"><c r=\"XFD1048576\"><v>2</v></c></row></sheetData>";
    assert_eq!(code("far.xlsx", &xlsx(&[("S", "visible", data)])), "too_large");
    let merged = "<sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row></sheetData>\
        <mergeCells><mergeCell ref=\"A1:XFD1048576\"/></mergeCells>";
    assert_eq!(code("merged.xlsx", &xlsx(&[("S", "visible", merged)])), "too_large");
}

#[test]
fn repeated_and_spanning_cells_of_open_document_are_counted() {
    let cell = |attributes: &str| {
        format!(
            "<table:table-cell office:value-type=\"string\" {attributes}><text:p>x</text:p></table:table-cell>"
        )
    };
    let repeated = format!(
        "<table:table><table:table-row table:number-rows-repeated=\"1000\">{0}{0}{0}</table:table-row></table:table>",
        cell("table:number-columns-repeated=\"1000\"")
    );
    assert_eq!(code("a.ods", &open_document("spreadsheet", &repeated)), "too_large");
    let spanning =
        cell("table:number-rows-spanned=\"1000000\" table:number-columns-spanned=\"1000000\"");
    let table = format!("<table:table><table:table-row>{spanning}</table:table-row></table:table>");
    assert_eq!(code("a.odt", &open_document("text", &table)), "too_large");
}

#[test]
fn millions_of_paragraphs_are_refused() {
    assert_eq!(code("a.docx", &docx(&"<w:p/>".repeat(300_000), &[])), "too_large");
    assert_eq!(
        code("a.rtf", format!("{{\\rtf1 {}}}", "a\\par ".repeat(300_000)).as_bytes()),
        "too_large"
    );
}

#[test]
fn a_package_that_expands_beyond_the_limit_is_refused() {
    let file = docx(&" ".repeat(32 << 20), &[]);
    assert_eq!(code("a.docx", &file), "too_large");
}

#[test]
fn document_types_and_deep_elements_are_refused() {
    let deep = "<w:tbl><w:tr><w:tc>".repeat(100);
    assert_eq!(code("a.docx", &docx(&deep, &[])), "too_large");
    let file = super::office_files::package(&[
        ("[Content_Types].xml", "<Types/>"),
        ("word/document.xml", "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>"),
    ]);
    assert_eq!(code("a.docx", &file), "damaged_file");
}

#[test]
fn changed_and_cut_files_give_text_or_a_typed_error() {
    let row = "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>";
    let sheet = format!("<sheetData>{row}</sheetData>");
    let files = [
        ("a.docx", docx("<w:p><w:r><w:t>Some text</w:t></w:r></w:p>", &[])),
        ("a.xlsx", xlsx(&[("S", "visible", &sheet)])),
        ("a.odt", open_document("text", "<text:p>Some text</text:p>")),
        ("a.rtf", br"{\rtf1 Some text\par\trowd\cellx100 a\cell\row}".to_vec()),
        (
            "a.msg",
            compound(&[("__properties_version1.0", b"p"), ("__substg1.0_1000001F", b"a\0b\0")]),
        ),
        ("a.xls", compound(&[("Workbook", &[9, 8, 16, 0, 0, 6, 5, 0])])),
        ("a.ppt", compound(&[("PowerPoint Document", b"p"), ("Current User", b"u")])),
        ("a.doc", compound(&[("WordDocument", &[0xec, 0xa5, 0xc1, 0]), ("1Table", b"t")])),
    ];
    let seed = super::rng::seed();
    let mut rng = Rng::new(seed);
    for (name, file) in &files {
        for _ in 0..60 {
            let mut bytes = file.clone();
            for _ in 0..1 + rng.below(8) {
                let at = rng.below(bytes.len());
                bytes[at] = rng.below(256) as u8;
            }
            if rng.below(4) == 0 {
                bytes.truncate(rng.below(bytes.len()).max(1));
            }
            let file = multimodal_rag::FileToRead { name, bytes: &bytes, ..Default::default() };
            let _ = multimodal_rag::read_file(&file, &Default::default(), &Unwatched);
        }
    }
}
