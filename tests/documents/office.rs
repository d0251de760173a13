//! Office files: what is read of them.

use multimodal_rag::{BlockKind, Document, ReadFile};

use super::office_files::{compound, docx, open_document, package, xlsx};
use super::read::read;

fn read_file(name: &str, bytes: &[u8]) -> ReadFile {
    read(name, None, bytes).unwrap_or_else(|error| panic!("{name}: {error}")).1
}

/// The kind and text of each block.
fn blocks(document: &Document) -> Vec<(BlockKind, &str)> {
    document.blocks.iter().map(|block| (block.kind, document.slice(block.span))).collect()
}

/// The place of each block for people.
fn places(document: &Document) -> Vec<String> {
    let place = |span| document.place(span).map(|place| place.to_string()).unwrap_or_default();
    document.blocks.iter().map(|block| place(block.span)).collect()
}

const STYLES: &str = "<w:styles xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">\
    <w:docDefaults><w:rPrDefault><w:rPr><w:lang w:val=\"en-GB\"/></w:rPr></w:rPrDefault></w:docDefaults>\
    <w:style w:type=\"paragraph\" w:styleId=\"Heading1\"><w:name w:val=\"heading 1\"/></w:style></w:styles>";

#[test]
fn word_has_headings_tables_footnotes_and_its_properties() {
    let body = "<w:p><w:pPr><w:pStyle w:val=\"Heading1\"/></w:pPr><w:r><w:t>Bees</w:t></w:r></w:p>\
        <w:p><w:r><w:t xml:space=\"preserve\">A hive has </w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>one</w:t></w:r>\
        <w:r><w:t xml:space=\"preserve\"> queen</w:t></w:r><w:r><w:footnoteReference w:id=\"2\"/></w:r><w:r><w:t>.</w:t></w:r></w:p>\
        <w:p><w:ins><w:r><w:t>Added.</w:t></w:r></w:ins><w:del><w:r><w:delText>Gone.</w:delText></w:r></w:del></w:p>\
        <w:tbl><w:tblGrid><w:gridCol/><w:gridCol/></w:tblGrid>\
        <w:tr><w:tc><w:tcPr><w:gridSpan w:val=\"2\"/></w:tcPr><w:p><w:r><w:t>Honey</w:t></w:r></w:p></w:tc></w:tr>\
        <w:tr><w:tc><w:p><w:r><w:t>Lime</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>12 kg</w:t></w:r></w:p></w:tc></w:tr></w:tbl>";
    let notes = "<w:footnotes xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">\
        <w:footnote w:id=\"2\"><w:p><w:r><w:t>Rarely two.</w:t></w:r></w:p></w:footnote></w:footnotes>";
    let core = "<cp:coreProperties xmlns:cp=\"a\" xmlns:dc=\"b\" xmlns:dcterms=\"c\"><dc:title>On bees</dc:title>\
        <dc:creator>R. Okafor; M. Lind</dc:creator><dcterms:modified>2025-05-03T10:00:00Z</dcterms:modified></cp:coreProperties>";
    let links = "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
        <Relationship Id=\"r1\" Target=\"footnotes.xml\" \
        Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes\"/></Relationships>";
    let further = [
        ("word/styles.xml", STYLES),
        ("word/footnotes.xml", notes),
        ("word/_rels/document.xml.rels", links),
        ("docProps/core.xml", core),
    ];
    let read = read_file("bees.docx", &docx(body, &further));
    let expected = [
        (BlockKind::Heading(2), "Bees"),
        (BlockKind::Paragraph, "A hive has one queen."),
        (BlockKind::Footnote, "Rarely two."),
        (BlockKind::Paragraph, "Added."),
        (BlockKind::TableHeader, "Honey | Honey"),
        (BlockKind::TableRow, "Lime | 12 kg"),
    ];
    assert_eq!(blocks(&read.document), expected);
    let details = &read.details;
    assert_eq!(details.title.as_deref(), Some("On bees"));
    assert_eq!(details.authors, ["R. Okafor", "M. Lind"]);
    assert_eq!(details.date.as_deref(), Some("2025-05-03T10:00:00Z"));
    assert_eq!(details.language.as_deref(), Some("en-GB"));
}

#[test]
fn a_file_with_macros_says_that_they_were_not_run() {
    let body = "<w:p><w:r><w:t>Text</w:t></w:r></w:p>";
    let read = read_file("a.docm", &docx(body, &[("word/vbaProject.bin", "program")]));
    assert_eq!(read.details.warnings, ["The file has macros; they were not run."]);
}

#[test]
fn every_row_of_a_sheet_has_its_cells_and_a_hidden_sheet_says_so() {
    let cell = |name: &str, text: &str| {
        format!("<c r=\"{name}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
    };
    let data = format!(
        "<sheetData><row r=\"3\">{}{}</row><row r=\"4\">{}<c r=\"C4\"><v>1.5</v></c></row></sheetData>",
        cell("B3", "Item"),
        cell("C3", "Cost"),
        cell("B4", "Tea")
    );
    let hidden = format!("<sheetData><row r=\"1\">{}</row></sheetData>", cell("A1", "Secret"));
    let file = xlsx(&[("Q3", "visible", &data), ("Old", "hidden", &hidden)]);
    let read = read_file("costs.xlsx", &file);
    let expected = [
        (BlockKind::Heading(1), "Q3"),
        (BlockKind::TableHeader, "Item | Cost"),
        (BlockKind::TableRow, "Tea | 1.5"),
        (BlockKind::Heading(1), "Old (hidden)"),
        (BlockKind::TableRow, "Secret"),
    ];
    assert_eq!(blocks(&read.document), expected);
    let expected = ["sheet Q3", "sheet Q3, B3:C3", "sheet Q3, B4:C4", "sheet Old", "sheet Old, A1"];
    assert_eq!(places(&read.document), expected);
    assert_eq!(read.details.pages, Some(2));
    assert_eq!(read.details.warnings, ["The sheet \"Old\" is hidden."]);
}

#[test]
fn open_document_has_headings_and_sheets_with_cells() {
    let text = "<text:h text:outline-level=\"1\">Hives</text:h><text:p>Wood lasts.</text:p>";
    let read = read_file("hives.odt", &open_document("text", text));
    let found = blocks(&read.document);
    assert_eq!(found.iter().map(|block| block.1).collect::<Vec<_>>(), ["Hives", "Wood lasts."]);
    assert!(matches!(found[0].0, BlockKind::Heading(_)));
    let cell = |text: &str| {
        format!(
            "<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>"
        )
    };
    let sheet = format!(
        "<table:table table:name=\"Costs\"><table:table-row>{}{}</table:table-row>\
         <table:table-row>{}{}</table:table-row><table:table-row table:number-rows-repeated=\"1048574\"/></table:table>",
        cell("Item"),
        cell("Cost"),
        cell("Tea"),
        cell("5")
    );
    let read = read_file("costs.ods", &open_document("spreadsheet", &sheet));
    assert_eq!(read.document.text, "Costs\n\nItem | Cost\nTea | 5");
    assert_eq!(places(&read.document), ["sheet Costs", "sheet Costs, A1:B1", "sheet Costs, A2:B2"]);
}

#[test]
fn rtf_is_read_without_marks_of_bold_text() {
    let rtf = r"{\rtf1\ansi{\stylesheet{\s1 heading 1;}}\pard\s1 Memo\par\pard Some {\b bold} text, 2 * 3.\par}";
    let read = read_file("memo.rtf", rtf.as_bytes());
    let expected =
        [(BlockKind::Heading(2), "Memo"), (BlockKind::Paragraph, "Some bold text, 2 * 3.")];
    assert_eq!(blocks(&read.document), expected);
}

#[test]
fn a_message_of_outlook_has_its_sender_and_text() {
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let (subject, sender, body) =
        (utf16("Harvest"), utf16("R. Okafor"), utf16("Twelve kilos.\r\n\r\nMore in June."));
    let mut properties = vec![0u8; 32];
    properties.extend([0x40, 0, 0x39, 0, 6, 0, 0, 0]);
    // 2025-05-03T10:30:00Z in steps of 100 ns from 1601 on.
    properties.extend(133_907_418_000_000_000_u64.to_le_bytes());
    let file = compound(&[
        ("__properties_version1.0", &properties),
        ("__substg1.0_0037001F", &subject),
        ("__substg1.0_0C1A001F", &sender),
        ("__substg1.0_1000001F", &body),
    ]);
    let read = read_file("harvest.msg", &file);
    let expected = [
        (BlockKind::Heading(1), "Harvest"),
        (BlockKind::Paragraph, "From: R. Okafor\nDate: 3 May 2025, 10:30 +00:00"),
        (BlockKind::Paragraph, "Twelve kilos."),
        (BlockKind::Paragraph, "More in June."),
    ];
    assert_eq!(blocks(&read.document), expected);
    assert_eq!(places(&read.document)[0], "3 May 2025, R. Okafor");
    assert_eq!(read.details.date.as_deref(), Some("2025-05-03T10:30:00Z"));
}

#[test]
fn a_message_of_outlook_may_be_a_page_in_its_own_encoding() {
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let page = b"<meta charset=windows-1252><title>Mail</title><p>The caf\xe9 opens.</p>";
    let file = compound(&[
        ("__properties_version1.0", &[0; 32]),
        ("__substg1.0_0037001F", &utf16("Harvest")),
        ("__substg1.0_0C1A001F", &utf16("R. Okafor")),
        ("__substg1.0_10130102", page),
    ]);
    let read = read_file("harvest.msg", &file);
    let expected = [
        (BlockKind::Heading(1), "Harvest"),
        (BlockKind::Paragraph, "From: R. Okafor"),
        (BlockKind::Paragraph, "The caf\u{e9} opens."),
    ];
    assert_eq!(blocks(&read.document), expected);
    assert_eq!(read.details.title.as_deref(), Some("Harvest"));
    assert_eq!(read.details.authors, ["R. Okafor"]);
}

#[test]
fn a_binary_file_is_told_by_its_root_whatever_it_is_called() {
    let cases = [
        ("WordDocument", "Word 97"),
        ("Workbook", "Excel 97"),
        ("PowerPoint Document", "PowerPoint 97"),
        ("__properties_version1.0", "Outlook message"),
    ];
    for (stream, name) in cases {
        let file = compound(&[(stream, b"nothing")]);
        let file = multimodal_rag::FileToRead { name: "x.dat", bytes: &file, ..Default::default() };
        assert_eq!(multimodal_rag::recognize(&file).unwrap().name, name);
    }
}

#[test]
fn a_missing_part_is_named() {
    let file = package(&[("[Content_Types].xml", "<Types/>"), ("word/other.xml", "<a/>")]);
    let error = read("a.docx", None, &file).unwrap_err();
    assert_eq!(error.code(), "damaged_file");
    assert!(error.to_string().contains("word/document.xml is missing"), "{error}");
}

#[test]
fn raised_and_struck_runs_of_word_keep_their_meaning() {
    let run = |style: &str, text: &str| {
        format!("<w:r><w:rPr>{style}</w:rPr><w:t xml:space=\"preserve\">{text}</w:t></w:r>")
    };
    let raised = "<w:vertAlign w:val=\"superscript\"/>";
    let lowered = "<w:vertAlign w:val=\"subscript\"/>";
    let body = [
        run("", "10"),
        run(raised, "6"),
        run("", " cells of H"),
        run(lowered, "2"),
        run("", "O, "),
        run("<w:strike/>", "40"),
        run("", " 30"),
    ];
    let file =
        read("a.docx", None, &docx(&format!("<w:p>{}</w:p>", body.concat()), &[])).unwrap().1;
    assert_eq!(file.document.text, "10^6 cells of H2O, ~~40~~ 30");
}
