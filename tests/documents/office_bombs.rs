//! Small office files that would take gigabytes or hours: they are refused at once. What real
//! files have most of is read.

use std::time::Duration;

use multimodal_rag::{Error, ReadFile};

use crate::bombs::read_within;
use crate::office_files::{docx, open_document, pptx, shared_strings, xlsx, xlsx_with};

/// What a file may take, whether it is read or refused.
const MAX_BYTES: u64 = 512 << 20;
const MAX_TIME: Duration = Duration::from_secs(20);
/// A text that is too long to be copied to a thousand cells.
const LONG: usize = 100_000;

fn read_soon(name: &str, bytes: &[u8]) -> Result<ReadFile, Error> {
    read_within(name, bytes, MAX_BYTES, MAX_TIME)
}

fn is_refused(name: &str, bytes: &[u8]) {
    let error = read_soon(name, bytes).unwrap_err();
    assert_eq!(error.code(), "too_large", "{error}");
    // Not by the text that came out of it, which is too late.
    assert!(!error.to_string().starts_with("The text"), "{error}");
}

fn is_read(name: &str, bytes: &[u8]) {
    read_soon(name, bytes).unwrap();
}

fn long() -> String {
    "x".repeat(LONG)
}

mod word {
    use super::*;

    const SPACE: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

    fn paragraph(content: &str) -> Vec<u8> {
        docx(&format!("<w:p>{content}</w:p>"), &[])
    }

    fn runs(count: usize) -> String {
        "<w:r><w:t>a</w:t></w:r>".repeat(count)
    }

    fn cell(properties: &str, text: &str) -> String {
        let text = format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>");
        format!("<w:tc><w:tcPr>{properties}</w:tcPr>{text}</w:tc>")
    }

    fn table(rows: &[String]) -> Vec<u8> {
        let rows: String = rows.iter().map(|row| format!("<w:tr>{row}</w:tr>")).collect();
        docx(&format!("<w:tbl>{rows}</w:tbl>"), &[])
    }

    fn item(list: usize) -> String {
        let number = format!("<w:ilvl w:val=\"0\"/><w:numId w:val=\"{list}\"/>");
        let properties = format!("<w:pPr><w:numPr>{number}</w:numPr></w:pPr>");
        format!("<w:p>{properties}<w:r><w:t>x</w:t></w:r></w:p>")
    }

    fn lists(body: &str, format: &str, start: u64) -> Vec<u8> {
        let level = format!(
            "<w:lvl w:ilvl=\"0\"><w:start w:val=\"{start}\"/><w:numFmt w:val=\"{format}\"/>\
             <w:lvlText w:val=\"%1.\"/></w:lvl>"
        );
        let list =
            |id: usize| format!("<w:num w:numId=\"{id}\"><w:abstractNumId w:val=\"0\"/></w:num>");
        let numbering = format!(
            "<w:numbering xmlns:w=\"{SPACE}\"><w:abstractNum w:abstractNumId=\"0\">{level}\
             </w:abstractNum>{}{}</w:numbering>",
            list(1),
            list(2)
        );
        docx(body, &[("word/numbering.xml", &numbering)])
    }

    #[test]
    fn runs_of_a_paragraph_whose_properties_are_sought_among_them() {
        is_refused("a.docx", &paragraph(&runs(100_000)));
        is_refused("a.docx", &paragraph(&format!("<w:r>{}</w:r>", "<w:t>a</w:t>".repeat(50_000))));
        is_read("a.docx", &paragraph(&runs(6_000)));
        is_read("a.docx", &paragraph(&("<w:pPr/>".to_owned() + &runs(100_000))));
    }

    #[test]
    fn paragraphs_within_each_other_by_text_boxes() {
        let open = "<w:p><w:pPr/><w:r><w:txbxContent>".repeat(50);
        let close = "</w:txbxContent></w:r></w:p>".repeat(50);
        let body = format!("{open}<w:p><w:pPr/>{}</w:p>{close}", runs(50_000));
        is_refused("a.docx", &docx(&body, &[]));
    }

    #[test]
    fn comments_around_all_paragraphs() {
        let begin: String =
            (0..5_000).map(|id| format!("<w:commentRangeStart w:id=\"{id}\"/>")).collect();
        let others = "<w:p><w:r><w:t>a</w:t></w:r></w:p>".repeat(20_000);
        is_refused("a.docx", &docx(&format!("<w:p>{begin}</w:p>{others}"), &[]));
        is_refused("a.docx", &paragraph(&begin.repeat(10)));
    }

    #[test]
    fn lines_of_code_without_end() {
        let styles = format!(
            "<w:styles xmlns:w=\"{SPACE}\"><w:style w:type=\"paragraph\" w:styleId=\"Listing\">\
             <w:basedOn w:val=\"A\"/></w:style><w:style w:styleId=\"A\"><w:name w:val=\"Source \
             Code\"/></w:style></w:styles>"
        );
        let line = "<w:p><w:pPr><w:pStyle w:val=\"Listing\"/></w:pPr><w:r><w:t>foo bar bar\
                    </w:t></w:r></w:p>";
        let file = |lines| docx(&line.repeat(lines), &[("word/styles.xml", &styles)]);
        is_refused("a.docx", &file(20_000));
        is_read("a.docx", &file(1_000));
    }

    #[test]
    fn lists_that_go_on_after_empty_paragraphs() {
        let body = |items| (item(1) + "<w:p/>").repeat(items);
        is_refused("a.docx", &lists(&body(20_000), "bullet", 1));
        is_read("a.docx", &lists(&body(2_000), "bullet", 1));
        let text = "<w:p><w:r><w:t>x</w:t></w:r></w:p>";
        let body = (text.to_owned() + &(item(1) + "<w:p/>").repeat(3)).repeat(10_000);
        is_refused("a.docx", &lists(&body, "bullet", 1));
    }

    #[test]
    fn lists_that_alternate() {
        let body = |items: usize| (item(1) + &item(2)).repeat(items / 2);
        is_read("a.docx", &lists(&body(30_000), "bullet", 1));
        is_refused("a.docx", &lists(&body(120_000), "bullet", 1));
    }

    #[test]
    fn numbers_of_lists_that_are_millions_of_letters() {
        is_refused("a.docx", &lists(&item(1), "upperLetter", 2_000_000_000));
        is_read("a.docx", &lists(&item(1).repeat(10_000), "lowerLetter", 1));
    }

    #[test]
    fn texts_in_merged_cells() {
        let wide = cell("<w:gridSpan w:val=\"900\"/>", &long());
        is_refused("a.docx", &table(&[wide, cell("", "y")]));
        let mut rows = vec![cell("<w:vMerge w:val=\"restart\"/>", &long())];
        rows.resize(5_000, cell("<w:vMerge/>", ""));
        is_refused("a.docx", &table(&rows));
        let title = cell("<w:gridSpan w:val=\"20\"/>", &"x".repeat(2_000));
        is_read("a.docx", &table(&[title, cell("", "y").repeat(20)]));
    }

    #[test]
    fn texts_in_merged_cells_within_merged_cells() {
        let span = "<w:tcPr><w:gridSpan w:val=\"100\"/></w:tcPr>";
        let inner = format!(
            "<w:tbl><w:tr><w:tc>{span}<w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc></w:tr></w:tbl>",
            "x".repeat(10_000)
        );
        is_refused("a.docx", &table(&[format!("<w:tc>{span}{inner}<w:p/></w:tc>")]));
    }

    #[test]
    fn cells_with_formatted_text() {
        let cell = "<w:tc><w:p><w:r><w:rPr><w:b/></w:rPr><w:t>a</w:t></w:r></w:p></w:tc>";
        is_refused("a.docx", &table(&vec![cell.repeat(10); 6_000]));
        is_read("a.docx", &table(&vec![cell.repeat(10); 1_000]));
    }

    #[test]
    fn attributes_of_one_element() {
        let attributes: String = (0..100_000).map(|number| format!(" a{number}=\"\"")).collect();
        is_refused("a.docx", &docx(&format!("<w:p{attributes}/>"), &[]));
    }
}

mod slides {
    use super::*;

    fn shape(paragraphs: &str) -> Vec<u8> {
        pptx(&format!("<p:sp><p:spPr/><p:txBody><a:bodyPr/>{paragraphs}</p:txBody></p:sp>"))
    }

    fn table(rows: &str) -> Vec<u8> {
        pptx(&format!(
            "<p:graphicFrame><a:graphic><a:graphicData uri=\"http://schemas.openxmlformats.org/\
             drawingml/2006/table\"><a:tbl>{rows}</a:tbl></a:graphicData></a:graphic>\
             </p:graphicFrame>"
        ))
    }

    fn cell(attributes: &str, text: &str) -> String {
        let paragraph = format!("<a:p><a:r><a:t>{text}</a:t></a:r></a:p>");
        format!("<a:tc {attributes}><a:txBody>{paragraph}</a:txBody></a:tc>")
    }

    #[test]
    fn runs_of_a_paragraph() {
        let runs = |count| format!("<a:p>{}</a:p>", "<a:r><a:t>a</a:t></a:r>".repeat(count));
        is_read("a.pptx", &shape(&runs(600_000)));
        is_refused("a.pptx", &shape(&runs(700_000)));
    }

    #[test]
    fn paragraphs_of_a_shape() {
        let item = |level: usize| {
            let marker = ["<a:buAutoNum type=\"arabicPeriod\"/>", "<a:buChar char=\"x\"/>"];
            let properties = format!("<a:pPr lvl=\"{level}\">{}</a:pPr>", marker[level % 2]);
            format!("<a:p>{properties}<a:r><a:t>x</a:t></a:r></a:p>")
        };
        let items = item(0) + &item(3) + &item(5);
        is_refused("a.pptx", &shape(&items.repeat(7_000)));
        is_read("a.pptx", &shape(&items.repeat(1_000)));
    }

    #[test]
    fn texts_in_merged_cells() {
        let rest = "<a:tc hMerge=\"1\"/>".repeat(899);
        let row = cell("gridSpan=\"900\"", &long()) + &rest;
        is_refused("a.pptx", &table(&format!("<a:tr>{row}</a:tr>")));
        let row = cell("gridSpan=\"9999\" rowSpan=\"9999\"", "abc").repeat(100);
        is_refused("a.pptx", &table(&format!("<a:tr>{row}</a:tr>").repeat(100)));
    }
}

mod sheet {
    use super::*;

    fn rows(count: usize, cell: &str) -> String {
        let rows: String =
            (1..=count).map(|row| format!("<row r=\"{row}\">{cell}</row>")).collect();
        format!("<sheetData>{rows}</sheetData>")
    }

    #[test]
    fn a_long_text_that_many_cells_share() {
        let strings = format!("<si><t>{}</t></si>", "x".repeat(1 << 20));
        let data = |count| rows(count, &"<c t=\"s\"><v>0</v></c>".repeat(10));
        is_refused("a.xlsx", &shared_strings(&strings, &data(10_000)));
        is_read("a.xlsx", &shared_strings("<si><t>Paid</t></si>", &data(10_000)));
    }

    #[test]
    fn a_long_text_in_merged_cells() {
        let cell = format!("<c r=\"B2\" t=\"inlineStr\"><is><t>{}</t></is></c>", long());
        let sheet = |last| {
            format!(
                "<sheetData><row r=\"2\">{cell}</row></sheetData>\
                 <mergeCells><mergeCell ref=\"B2:B{last}\"/></mergeCells>"
            )
        };
        is_refused("a.xlsx", &xlsx(&[("S", "visible", &sheet(9_000))]));
        is_read("a.xlsx", &xlsx(&[("S", "visible", &sheet(9))]));
    }

    #[test]
    fn a_long_format_of_numbers() {
        let format = "0.0".to_owned() + &"\\x".repeat(500_000);
        let styles = format!(
            "<styleSheet><numFmts><numFmt numFmtId=\"200\" formatCode=\"{format}\"/></numFmts>\
             <cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"200\"/></cellXfs></styleSheet>"
        );
        let data = rows(1_000, "<c s=\"1\"><v>1.5</v></c>");
        is_refused("a.xlsx", &xlsx_with(&data, &[("styles", &styles)]));
    }

    #[test]
    fn sheets_that_are_held_from_the_first_to_the_last_cell() {
        let data = "<sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row>\
                    <row r=\"4000\"><c r=\"ALL4000\"><v>2</v></c></row></sheetData>";
        is_refused("a.xlsx", &xlsx(&[("A", "visible", data), ("B", "visible", data)]));
        is_read("a.xlsx", &xlsx(&[("A", "visible", data)]));
    }
}

mod document {
    use super::*;

    fn cell(attributes: &str, content: &str) -> String {
        format!(
            "<table:table-cell office:value-type=\"string\" {attributes}>{content}\
             </table:table-cell>"
        )
    }

    fn table(rows: &str) -> String {
        format!("<table:table table:name=\"S\">{rows}</table:table>")
    }

    fn row(attributes: &str, cells: &str) -> String {
        format!("<table:table-row {attributes}>{cells}</table:table-row>")
    }

    #[test]
    fn long_texts_in_repeated_and_spanning_cells() {
        let text = format!("<text:p>{}</text:p>", long());
        for attributes in [
            "table:number-columns-repeated=\"900\"",
            "table:number-columns-spanned=\"900\"",
            "table:number-rows-spanned=\"30\" table:number-columns-spanned=\"30\"",
        ] {
            let table = table(&row("", &cell(attributes, &text)));
            is_refused("a.odt", &open_document("text", &table));
            is_refused("a.ods", &open_document("spreadsheet", &table));
        }
        let table = table(&row("table:number-rows-repeated=\"900\"", &cell("", &text)));
        is_refused("a.ods", &open_document("spreadsheet", &table));
    }

    #[test]
    fn spaces_that_are_counted() {
        let paragraph = "<text:p>a<text:s text:c=\"4000000000\"/>b</text:p>";
        is_refused("a.odt", &open_document("text", paragraph));
    }

    #[test]
    fn tables_within_each_other() {
        let nested = |depth: usize| {
            (0..depth).fold("<text:p>a</text:p>".to_owned(), |content, _| {
                table(&row("", &(cell("", &content) + &cell("", "<text:p>b</text:p>"))))
            })
        };
        is_refused("a.odt", &open_document("text", &nested(40)));
        is_read("a.odt", &open_document("text", &nested(8)));
    }

    #[test]
    fn cells_that_are_apart_in_a_sheet() {
        let (text, empty) = (cell("", "<text:p>a</text:p>"), "<table:table-cell/>");
        // An empty paragraph does not join the cells beside it.
        for between in [empty.to_owned(), cell("", "<text:p/>")] {
            let odd = row("", &(text.clone() + &between).repeat(20));
            let even = row("", &(between.clone() + &text).repeat(20));
            let sheet = |count| table(&(odd.clone() + &even).repeat(count));
            is_refused("a.ods", &open_document("spreadsheet", &sheet(1_000)));
            is_read("a.ods", &open_document("spreadsheet", &sheet(50)));
        }
        let full = table(&row("", &text.repeat(10)).repeat(10_000));
        is_read("a.ods", &open_document("spreadsheet", &full));
    }

    #[test]
    fn spans_and_lists_that_are_many() {
        let spans = "<text:span>a</text:span>".repeat(900_000);
        is_read("a.odt", &open_document("text", &format!("<text:p>{spans}</text:p>")));
        let list = |style: usize| {
            format!(
                "<text:list text:style-name=\"L{style}\"><text:list-item><text:p>x</text:p>\
                 </text:list-item></text:list>"
            )
        };
        let lists = (list(1) + &list(2)).repeat(40_000);
        is_read("a.odt", &open_document("text", &lists));
    }
}

mod rtf {
    use super::*;

    fn row(definition: &str, cells: &str) -> String {
        format!("\\trowd{definition} {cells}\\row ")
    }

    fn file(content: &str) -> Vec<u8> {
        format!("{{\\rtf1 {content}}}").into_bytes()
    }

    #[test]
    fn texts_in_merged_cells() {
        let ends = |mark: &str| -> String {
            (2..900).map(|column| format!("{mark}\\cellx{}", column * 100)).collect()
        };
        let text = long();
        let merged = row(
            &format!("\\clmgf\\cellx100{}", ends("\\clmrg")),
            &format!("{text}\\cell{}", "\\cell".repeat(898)),
        );
        is_refused("a.rtf", &file(&merged));
        let wide = row("\\cellx89900", &format!("{text}\\cell"));
        let narrow = row(&format!("\\cellx100{}", ends("")), &"\\cell".repeat(899));
        is_refused("a.rtf", &file(&(wide + &narrow)));
        let above = row("\\clvmgf\\cellx100\\cellx200", &format!("{text}\\cell y\\cell"));
        let below = row("\\clvmrg\\cellx100\\cellx200", "\\cell y\\cell");
        is_refused("a.rtf", &file(&(above.clone() + &below.repeat(1_000))));
        is_read("a.rtf", &file(&(above + &below.repeat(10))));
    }

    #[test]
    fn a_picture_in_a_merged_cell_is_no_text() {
        let picture = format!("{{\\pict\\pngblip {}}}", "00".repeat(1 << 20));
        let wide = row("\\cellx89900", &format!("{picture} x\\cell"));
        let ends: String = (1..50).map(|column| format!("\\cellx{}", column * 100)).collect();
        let narrow = row(&format!("{ends}\\cellx89900"), &"y\\cell ".repeat(50));
        is_read("a.rtf", &file(&(wide + &narrow)));
    }

    #[test]
    fn groups_of_a_paragraph() {
        is_read("a.rtf", &file(&("{\\b a}b".repeat(500_000) + "\\par")));
    }
}
