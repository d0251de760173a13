//! Where the tables of a document are: their headers, rows and cells.

use std::iter::Peekable;
use std::ops::Range;

use super::Table;
use crate::document::{Block, BlockKind, Document, Span};

/// Separates the cells of a row.
const SEPARATOR: &str = " | ";

/// A table of a document: where its cells are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TableSpans {
    /// The caption, or the heading above it; empty without one.
    pub(crate) title: String,
    /// The rows of its header.
    header: Vec<Span>,
    /// The rows below it.
    pub(crate) rows: Vec<Span>,
    /// Where the cells of each row end in `cells`; those of the header first.
    ends: Vec<u32>,
    cells: Vec<Span>,
    width: usize,
}

impl TableSpans {
    /// The tables of a document, in their order: a header and rows, or rows with as many cells each.
    pub(crate) fn all_of(document: &Document) -> Vec<Self> {
        let mut tables = Vec::new();
        let (mut heading, mut caption) = ("", None);
        let mut blocks = document.blocks.iter().peekable();
        while let Some(block) = blocks.next() {
            let text = document.slice(block.span);
            let title = caption.unwrap_or(heading);
            match block.kind {
                BlockKind::Heading(_) => heading = text,
                BlockKind::TableHeader => {
                    let (header, rows) = with_header(document, block, &mut blocks);
                    tables.extend(Self::new(document, title, &header, &rows));
                }
                BlockKind::TableRow => {
                    let mut rows = vec![block];
                    while let Some(row) = blocks.next_if(|next| next.kind == BlockKind::TableRow) {
                        rows.push(row);
                    }
                    let table = Self::new(document, title, &[], &rows);
                    tables.extend(table.filter(Self::is_regular));
                }
                _ => {}
            }
            // Other captions are those of pictures.
            caption = (block.kind == BlockKind::Caption).then_some(text);
        }
        tables
    }

    fn new(document: &Document, title: &str, header: &[&Block], rows: &[&Block]) -> Option<Self> {
        let mut table = Self {
            title: title.to_owned(),
            header: header.iter().map(|block| block.span).collect(),
            rows: rows.iter().map(|block| block.span).collect(),
            ends: Vec::with_capacity(header.len() + rows.len()),
            cells: Vec::new(),
            width: 0,
        };
        for block in header.iter().chain(rows) {
            let before = table.cells.len();
            push_cells(document, block, &mut table.cells);
            table.width = table.width.max(table.cells.len() - before);
            table.ends.push(u32::try_from(table.cells.len()).ok()?);
        }
        (!rows.is_empty() && table.width > 0).then_some(table)
    }

    /// Whether it has several rows of several cells, all of them as many.
    fn is_regular(&self) -> bool {
        let mut ends = self.ends.iter().enumerate();
        let is_even = ends.all(|(row, &end)| end as usize == (row + 1) * self.width);
        self.rows.len() > 1 && self.width > 1 && is_even
    }

    /// Whether its columns have names of their own.
    pub(crate) fn has_header(&self) -> bool {
        !self.header.is_empty()
    }

    /// Its cells as data, with these names of its first columns, and without the others.
    pub(crate) fn data(&self, document: &Document, names: &[String]) -> Table {
        let cells =
            |row| (0..names.len()).map(|at| self.cell(document, row, at).to_owned()).collect();
        let rows: Vec<Vec<String>> = (0..self.rows.len()).map(cells).collect();
        Table::new(names, &rows)
    }

    /// How many cells its longest row has.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// Where it begins.
    pub(crate) fn start(&self) -> Span {
        self.header.first().or(self.rows.first()).copied().unwrap_or_default()
    }

    /// All of it.
    pub(crate) fn span(&self) -> Span {
        let last = self.rows.last().copied().unwrap_or_default();
        Span { start: self.start().start, end: last.end }
    }

    /// What its header says of a column: its rows, one after the other.
    pub(crate) fn header(&self, document: &Document, column: usize) -> String {
        let mut parts: Vec<&str> = Vec::new();
        for row in 0..self.header.len() {
            let text = self.at(row, column).map_or("", |span| document.slice(span)).trim();
            if !text.is_empty() && parts.last() != Some(&text) {
                parts.push(text);
            }
        }
        parts.join(" ")
    }

    /// The text of a cell; empty where its row is shorter.
    pub(crate) fn cell<'d>(&self, document: &'d Document, row: usize, column: usize) -> &'d str {
        self.cell_span(row, column).map_or("", |span| document.slice(span).trim())
    }

    /// Where a cell is; none where its row is shorter.
    pub(crate) fn cell_span(&self, row: usize, column: usize) -> Option<Span> {
        self.at(self.header.len() + row, column)
    }

    /// The texts of a column.
    pub(crate) fn column<'d>(
        &self,
        document: &'d Document,
        column: usize,
    ) -> impl Iterator<Item = &'d str> + Clone {
        (0..self.rows.len()).map(move |row| self.cell(document, row, column))
    }

    fn at(&self, row: usize, column: usize) -> Option<Span> {
        self.cells.get(self.cells_of(row)?).and_then(|cells| cells.get(column)).copied()
    }

    fn cells_of(&self, row: usize) -> Option<Range<usize>> {
        let end = *self.ends.get(row)? as usize;
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        Some(start..end)
    }
}

/// The rows of a header that begins with `first`, and the rows below it.
fn with_header<'d>(
    document: &Document,
    first: &'d Block,
    blocks: &mut Peekable<std::slice::Iter<'d, Block>>,
) -> (Vec<&'d Block>, Vec<&'d Block>) {
    let (mut header, mut rows): (_, Vec<&Block>) = (vec![first], Vec::new());
    // Rows of the header stand before all others; a repeated one is left out.
    while let Some(next) = blocks.next_if(|next| match next.kind {
        BlockKind::TableRow => true,
        BlockKind::TableHeader => {
            rows.is_empty() || document.slice(next.span) == document.slice(first.span)
        }
        _ => false,
    }) {
        match next.kind {
            BlockKind::TableRow => rows.push(next),
            _ if rows.is_empty() => header.push(next),
            _ => {}
        }
    }
    (header, rows)
}

fn push_cells(document: &Document, block: &Block, cells: &mut Vec<Span>) {
    let text = document.slice(block.span);
    // White space at the end of a block is gone, and with it that of an empty last cell.
    let (text, ends_empty) = match text.strip_suffix(SEPARATOR.trim_end()) {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let (base, bytes) = (block.span.start as usize, text.as_bytes());
    let mut start = 0;
    // Cells are short: byte by byte is quicker than a search for the separator.
    for bar in 1..bytes.len().saturating_sub(1) {
        if bytes[bar] == b'|' && bytes[bar - 1] == b' ' && bytes[bar + 1] == b' ' && bar > start {
            cells.push(Span::new(base + start..base + bar - 1));
            start = bar + SEPARATOR.len() - 1;
        }
    }
    cells.push(Span::new(base + start..base + text.len()));
    let end = block.span.end;
    cells.extend(ends_empty.then_some(Span { start: end, end }));
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
        let tables = TableSpans::all_of(&document);
        let [table] = &tables[..] else { panic!("{} tables", tables.len()) };
        assert_eq!(table.title, "Table 1: Höhen");
        let cell = |row, column| table.cell_span(row, column).map(|span| document.slice(span));
        assert_eq!([cell(0, 0), cell(0, 1)], [Some("Obere"), Some("14")]);
        assert_eq!([cell(1, 0), cell(1, 1), cell(1, 2)], [Some("Untere"), Some(""), None]);
        assert_eq!(document.slice(table.rows[1]), "Untere |");
        // A row may be longer than the header.
        assert_eq!((table.width(), cell(2, 2)), (3, Some("c")));
        let data = table.data(&document, &["Mill".to_owned()]);
        assert_eq!((data.row_count(), data.columns().len()), (3, 1));
    }

    #[test]
    fn a_new_header_begins_a_new_table_and_an_old_caption_is_not_its_title() {
        let lines = ["=Figure 1", "Text.", "!A | B", "|1 | 2", "!C |", "|3 |", "!C |", "|5 | 6"];
        let document = document(&lines);
        let tables = TableSpans::all_of(&document);
        let [first, second] = &tables[..] else { panic!("{} tables", tables.len()) };
        assert_eq!((first.title.as_str(), second.title.as_str()), ("", ""));
        // The second one repeats its header, which is no row.
        assert_eq!((first.rows.len(), second.rows.len()), (1, 2));
        let names = |table: &TableSpans| [0, 1].map(|at| table.header(&document, at));
        assert_eq!(
            (names(first), names(second)),
            (["A", "B"].map(Into::into), ["C", ""].map(Into::into))
        );
    }

    #[test]
    fn a_header_of_several_rows_is_one() {
        let document = document(&["!Name | Goals | Goals", "! | home | away", "|Ann | 1 | 2"]);
        let tables = TableSpans::all_of(&document);
        let headers = [0, 1, 2].map(|at| tables[0].header(&document, at));
        assert_eq!(headers, ["Name", "Goals home", "Goals away"].map(String::from));
    }

    #[test]
    fn a_list_with_a_title_is_a_table_of_one_column() {
        let document = document(&["!Name", "|Ann", "|Bob"]);
        let tables = TableSpans::all_of(&document);
        assert_eq!((tables.len(), tables[0].width(), tables[0].rows.len()), (1, 1, 2));
    }

    #[test]
    fn rows_without_a_header_are_a_table_where_they_are_alike() {
        let count = |lines: &[&str]| {
            let tables = TableSpans::all_of(&document(lines));
            assert!(tables.iter().all(|table| !table.has_header()));
            tables.len()
        };
        assert_eq!(count(&["|Ann | 1", "|Bob | 2"]), 1);
        assert_eq!(count(&["|Ann | 1", "|Bob | 2", "Text.", "|a | b", "|c | d"]), 2);
        assert_eq!(count(&["|Ann | 1", "|Bob"]), 0);
        assert_eq!(count(&["|Ann", "|Bob"]), 0);
        assert_eq!(count(&["|Ann | 1"]), 0);
    }

    #[test]
    fn a_header_alone_is_no_table() {
        assert!(TableSpans::all_of(&document(&["!Name | Age", "Text."])).is_empty());
        assert!(TableSpans::all_of(&Document::default()).is_empty());
    }
}
