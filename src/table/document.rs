//! The tables of a document.

use super::Table;
use crate::document::{Block, BlockKind, Document, Span};

/// Separates the cells of a row.
const SEPARATOR: &str = " | ";

/// A table of a document, and where its cells are.
#[derive(Debug)]
pub struct DocumentTable {
    /// The caption, or the heading above it; empty without one.
    pub title: String,
    /// Its cells as data.
    pub table: Table,
    /// The rows, without that of the header.
    pub rows: Vec<Span>,
    /// The cells of each row, as many as it has.
    pub cells: Vec<Vec<Span>>,
}

/// The tables of a document that have a header and a row, in their order. A row with more cells than
/// the header is left out: one of its cells holds what parts cells.
pub fn tables_of(document: &Document) -> Vec<DocumentTable> {
    let mut tables = Vec::new();
    let (mut heading, mut caption) = ("", None);
    let mut blocks = document.blocks.iter().peekable();
    while let Some(block) = blocks.next() {
        let text = document.slice(block.span);
        match block.kind {
            BlockKind::Heading(_) => heading = text,
            BlockKind::TableHeader => {
                let header = cells_of(document, block);
                let mut rows = Vec::new();
                // Rows of the header stand before all others: the table tells which they are.
                let is_body = |rows: &Vec<&Block>| {
                    rows.last().is_some_and(|row| row.kind == BlockKind::TableRow)
                };
                while let Some(row) = blocks.next_if(|next| match next.kind {
                    BlockKind::TableRow => true,
                    BlockKind::TableHeader => !is_body(&rows) || document.slice(next.span) == text,
                    _ => false,
                }) {
                    rows.push(row);
                }
                tables.extend(table(document, caption.unwrap_or(heading), &header, &rows));
            }
            _ => {}
        }
        // Other captions are those of pictures.
        caption = (block.kind == BlockKind::Caption).then_some(text);
    }
    tables
}

fn table(
    document: &Document,
    title: &str,
    header: &[Span],
    rows: &[&Block],
) -> Option<DocumentTable> {
    let rows = rows.iter().map(|row| (row.span, cells_of(document, row)));
    let (rows, cells): (Vec<Span>, Vec<Vec<Span>>) =
        rows.filter(|(_, cells)| cells.len() <= header.len()).unzip();
    if rows.is_empty() || header.len() < 2 {
        return None;
    }
    let text = |span: &Span| document.slice(*span).trim().to_owned();
    let texts = |spans: &Vec<Span>| spans.iter().map(text).collect::<Vec<_>>();
    let header: Vec<String> = header.iter().map(text).collect();
    let table = Table::new(&header, &cells.iter().map(texts).collect::<Vec<_>>());
    Some(DocumentTable { title: title.to_owned(), table, rows, cells })
}

fn cells_of(document: &Document, block: &Block) -> Vec<Span> {
    let text = document.slice(block.span);
    // White space at the end of a block is gone, and with it that of an empty last cell.
    let (text, ends_empty) = match text.strip_suffix(SEPARATOR.trim_end()) {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let mut start = block.span.start as usize;
    let cell = |part: &str| {
        let span = Span::new(start..start + part.len());
        start += part.len() + SEPARATOR.len();
        span
    };
    let mut cells: Vec<Span> = text.split(SEPARATOR).map(cell).collect();
    let end = block.span.end;
    cells.extend(ends_empty.then_some(Span { start: end, end }));
    cells
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    /// A document of lines: those that begin with "!" are headers, with "=" captions, with "|" rows.
    fn document(lines: &[&str]) -> Document {
        let mut document = Document::default();
        for line in lines {
            let kind = match line.chars().next() {
                Some('!') => BlockKind::TableHeader,
                Some('=') => BlockKind::Caption,
                Some('|') => BlockKind::TableRow,
                _ => BlockKind::Paragraph,
            };
            let start = document.text.len();
            document.text.push_str(line.trim_start_matches(['!', '=', '|']));
            document.blocks.push(Block { span: Span::new(start..document.text.len()), kind });
            document.text.push('\n');
        }
        document
    }

    #[test]
    fn tables_of_a_document_have_the_spans_of_their_cells() {
        let lines = [
            "Mills.",
            "=Table 1: Höhen",
            "!Mühle | Höhe",
            "|Obere | 14",
            "|Untere |",
            "|a | b | c",
            "End.",
        ];
        let document = document(&lines);
        let tables = tables_of(&document);
        let [table] = &tables[..] else { panic!("{} tables", tables.len()) };
        assert_eq!(table.title, "Table 1: Höhen");
        assert_eq!(table.table.row_count(), 2);
        let texts = |row: &Vec<Span>| row.iter().map(|it| document.slice(*it)).collect::<Vec<_>>();
        let cells: Vec<Vec<&str>> = table.cells.iter().map(texts).collect();
        assert_eq!(cells, [vec!["Obere", "14"], vec!["Untere", ""]]);
        assert_eq!(document.slice(table.rows[1]), "Untere |");
    }

    #[test]
    fn a_new_header_begins_a_new_table_and_an_old_caption_is_not_its_title() {
        let lines = ["=Figure 1", "Text.", "!A | B", "|1 | 2", "!C |", "|3 |", "!C |", "|5 | 6"];
        let document = document(&lines);
        let tables = tables_of(&document);
        let [first, second] = &tables[..] else { panic!("{} tables", tables.len()) };
        assert_eq!((first.title.as_str(), second.title.as_str()), ("", ""));
        assert_eq!((first.rows.len(), second.cells[0].len()), (1, 2));
        let names = |table: &DocumentTable| {
            table.table.columns().iter().map(|column| column.name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(
            (names(first), names(second)),
            (vec!["A".into(), "B".into()], vec!["C".into(), String::new()])
        );
    }

    #[test]
    fn a_header_alone_and_a_list_of_one_column_are_no_tables() {
        assert!(tables_of(&document(&["!Name | Age", "Text."])).is_empty());
        assert!(tables_of(&document(&["!Name", "|Ann", "|Bob"])).is_empty());
        assert!(tables_of(&Document::default()).is_empty());
    }
}
