//! Large tables: a description is embedded, and their rows are in chunks that are not.

use multimodal_rag::{
    Block, BlockKind, Chunk, ChunkBudget, Chunker, Document, MAX_EMBEDDED_ROWS, Place, PlaceMark,
    Span,
};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use BlockKind::{Caption, Heading, Paragraph, TableHeader, TableRow};

use crate::chunks::count;

const ROWS: usize = MAX_EMBEDDED_ROWS + 200;

fn push(document: &mut Document, kind: BlockKind, text: &str) {
    if !document.text.is_empty() {
        document.text.push('\n');
    }
    let start = document.text.len();
    document.text.push_str(text);
    document.blocks.push(Block { span: Span::new(start..document.text.len()), kind });
}

fn push_rows(document: &mut Document, rows: usize, row: impl Fn(usize) -> String) {
    (0..rows).for_each(|number| push(document, TableRow, &row(number)));
}

fn table(header: &str, rows: usize, row: impl Fn(usize) -> String) -> Document {
    let mut document = Document::default();
    push(&mut document, TableHeader, header);
    push_rows(&mut document, rows, row);
    document
}

/// The chunks with whether they are embedded, and the texts of those that are.
fn cut(document: &Document, max_tokens: usize) -> (Vec<(Chunk, bool)>, Vec<String>) {
    let budget = ChunkBudget { max_tokens, count: &count };
    let mut chunker = Chunker::new(document, budget).unwrap().named("prices.csv");
    let mut chunks: Vec<(Chunk, bool)> = Vec::new();
    while let Some(chunk) = chunker.next() {
        let is_embedded = chunker.is_embedded(&chunk);
        let tokens = count(&chunk.embedded_text(document));
        assert!(tokens <= max_tokens, "{tokens} of {max_tokens} tokens: {chunk:?}");
        chunks.push((chunk, is_embedded));
    }
    assert_all_rows_are_in_chunks(document, &chunks);
    let embedded = chunks.iter().filter(|(_, is_embedded)| *is_embedded);
    let texts = embedded.map(|(chunk, _)| chunk.embedded_text(document)).collect();
    (chunks, texts)
}

fn assert_all_rows_are_in_chunks(document: &Document, chunks: &[(Chunk, bool)]) {
    let mut end = 0;
    for (Chunk { span, .. }, _) in chunks {
        let between = &document.text[end..span.start as usize];
        assert!(between.trim().is_empty() || !between.contains('|'), "{between:?} is in no chunk");
        end = span.end as usize;
    }
    assert!(document.text[end..].trim().is_empty());
}

fn prices(rows: usize) -> Document {
    let cities = ["Porto", "Lisboa", "Oslo"];
    table("id | city | price | day | note | empty", rows, |row| {
        let (city, day) = (cities[row % 3], 1 + row % 28);
        format!("{} | {city} | {}.50 | 2024-03-{day:02} | note {row} |", 5000 + row, 1 + row % 90)
    })
}

#[test]
fn a_large_table_is_described_and_only_the_description_is_embedded() {
    let (chunks, embedded) = cut(&prices(ROWS), 200);
    let description = "Table prices.csv, 1,200 rows: id: number, 5000 to 6199; \
        city: text, 3 values: Lisboa, Oslo, Porto; price: number, 1.50 to 90.50; \
        day: date, 2024-03-01 to 2024-03-28; \
        note: text, over 1,000 values, such as note 0, note 1, note 10, note 100, note 101; \
        empty: empty";
    assert_eq!(chunks[0].0.table_header, description);
    assert_eq!(embedded.len(), 1);
    let rows =
        "id | city | price | day | note | empty\n5000 | Porto | 1.50 | 2024-03-01 | note 0 |";
    assert!(embedded[0].starts_with(&format!("{description}\n{rows}")), "{}", embedded[0]);
    for (chunk, is_embedded) in &chunks[1..] {
        assert!(!is_embedded);
        assert_eq!(chunk.table_header, "id | city | price | day | note | empty");
    }
}

#[test]
fn a_table_that_is_not_large_is_embedded_row_by_row() {
    let (chunks, embedded) = cut(&prices(MAX_EMBEDDED_ROWS), 200);
    assert_eq!(embedded.len(), chunks.len());
    assert!(chunks.len() > 50);
    assert!(chunks.iter().all(|(chunk, _)| !chunk.table_header.starts_with("Table")));
}

#[test]
fn a_table_of_texts_is_embedded_however_many_there_are() {
    let review = "It stood in the hall for a year and never once lost its colour. ".repeat(4);
    let document = table("product | review", ROWS, |row| match row % 3 {
        0 => format!("chair {row} | good"),
        _ => format!("lamp {row} | {review}"),
    });
    let (chunks, embedded) = cut(&document, 200);
    assert_eq!(embedded.len(), chunks.len());
}

#[test]
fn the_rows_of_a_large_table_are_in_chunks_of_the_usual_size() {
    let mut document = prices(ROWS);
    let (large, _) = cut(&document, 500);
    document.blocks.truncate(MAX_EMBEDDED_ROWS);
    document.text.truncate(document.blocks[MAX_EMBEDDED_ROWS - 1].span.end as usize);
    let (small, _) = cut(&document, 500);
    let rows = |chunks: &[(Chunk, bool)], document: &Document| {
        let lines = |(chunk, _): &(Chunk, bool)| document.slice(chunk.span).lines().count();
        let lines: Vec<usize> = chunks[1..chunks.len() - 1].iter().map(lines).collect();
        lines.iter().sum::<usize>() as f64 / lines.len() as f64
    };
    let (large, small) = (rows(&large, &prices(ROWS)), rows(&small, &document));
    assert!((large / small - 1.0).abs() < 0.2, "{large} rows a chunk for {small}");
}

#[test]
fn a_large_table_shares_no_chunk_with_what_is_around_it() {
    let mut document = Document::default();
    push(&mut document, Heading(1), "Prices");
    push(&mut document, Paragraph, "These are the prices.");
    push(&mut document, Caption, "Table 1: all of them");
    push(&mut document, TableHeader, "city | price");
    push_rows(&mut document, ROWS, |row| format!("Porto | {row}"));
    push(&mut document, Paragraph, "That was all.");
    let (_, embedded) = cut(&document, 100);
    let described = "Prices\nTable prices.csv, 1,200 rows: city: text, 1 value: Porto; \
        price: number, 0 to 1199\nTable 1: all of them\ncity | price\nPorto | 0";
    let [before, table, after] = &embedded[..] else { panic!("{embedded:?}") };
    assert_eq!(before, "Prices\nThese are the prices.");
    assert!(table.starts_with(described), "{table}");
    assert_eq!(after, "Prices\nThat was all.");
}

#[test]
fn each_large_table_is_described_and_a_repeated_header_begins_no_table() {
    let mut document = table("city | price", ROWS, |row| format!("Porto | {row}"));
    push(&mut document, TableHeader, "city | price");
    push_rows(&mut document, 5, |row| format!("Oslo | {row}"));
    push(&mut document, TableHeader, "name | age");
    push_rows(&mut document, ROWS, |row| format!("Ann | {row}"));
    push(&mut document, TableHeader, "pet | age");
    push_rows(&mut document, 5, |row| format!("Rex | {row}"));
    let (_, embedded) = cut(&document, 200);
    assert_eq!(embedded.len(), 3, "{embedded:?}");
    let city = "Table prices.csv, 1,205 rows: city: text, 2 values: Porto, Oslo";
    assert!(embedded[0].starts_with(city), "{}", embedded[0]);
    assert!(embedded[1].starts_with("Table prices.csv, 1,200 rows: name: text, 1 value: Ann"));
    assert!(embedded[2].starts_with("pet | age\nRex | 0"));
}

#[test]
fn the_rows_of_each_sheet_are_a_table_of_their_own() {
    let mut document = Document::default();
    for sheet in ["May", "June"] {
        let start = document.text.len() as u32 + u32::from(!document.text.is_empty());
        let place = Place { sheet: Some(sheet.into()), ..Place::default() };
        document.places.push(PlaceMark { start, place });
        push_rows(&mut document, MAX_EMBEDDED_ROWS - 1, |row| format!("{sheet} | {row}"));
    }
    let (chunks, embedded) = cut(&document, 200);
    assert_eq!(embedded.len(), chunks.len());
}

#[test]
fn columns_that_do_not_fit_are_left_out_at_the_end() {
    let document = prices(ROWS);
    let described = |max_tokens| cut(&document, max_tokens).0[0].0.table_header.clone();
    assert_eq!(
        described(60),
        "Table prices.csv, 1,200 rows: id: number, 5000 to 6199; \
         city: text, 3 values: Lisboa, Oslo, Porto; price: number, 1.50 to 90.50"
    );
    assert_eq!(described(12), "Table prices.csv, 1,200 rows");
    assert_eq!(described(8), "");
}

#[test]
fn a_large_table_without_a_header_has_numbered_columns() {
    let mut document = Document::default();
    push_rows(&mut document, ROWS, |row| format!("Porto | {row}"));
    let (_, embedded) = cut(&document, 200);
    let described = "Table prices.csv, 1,200 rows: column 1: text, 1 value: Porto; \
        column 2: number, 0 to 1199\nPorto | 0\nPorto | 1";
    assert_eq!(embedded.len(), 1);
    assert!(embedded[0].starts_with(described), "{}", embedded[0]);
}

#[test]
fn ragged_rows_wide_tables_and_huge_cells_do_no_harm() {
    let ragged = table("a | b | c", ROWS, |row| vec!["x"; row % 7].join(" | ") + "y");
    let wide = (0..10_000).map(|number| format!("c{number}")).collect::<Vec<_>>().join(" | ");
    let wide = table(&wide, ROWS, |row| format!("{row}{}", " | 7".repeat(row % 50)));
    let huge = table("name | text", ROWS, |row| match row {
        3 | 900 => format!("{} | {}", "y".repeat(1 << 20), "long words ".repeat(90_000)),
        _ => format!("n{row} | short"),
    });
    let same = table("a | a", ROWS, |_| "- | -".to_owned());
    for document in [ragged, wide, huge, same] {
        for max_tokens in [8, 100, 500] {
            let (_, embedded) = cut(&document, max_tokens);
            assert_eq!(embedded.len(), 1);
        }
    }
}
