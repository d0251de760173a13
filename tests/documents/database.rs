//! Databases of SQLite: what is read of them, and what hostile ones cannot do.

use std::time::Instant;

use multimodal_rag::{BlockKind, DocumentTables, ReadFile};
use rusqlite::{Connection, MAIN_DB};

use crate::read::read;
use crate::rng::{Rng, seed};

/// The file of a database that these statements make.
fn database(sql: &str) -> Vec<u8> {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(sql).unwrap();
    connection.serialize(MAIN_DB).unwrap().to_vec()
}

fn school() -> Vec<u8> {
    database(
        "CREATE TABLE pupils (id INTEGER PRIMARY KEY, name TEXT NOT NULL, born TEXT);
         CREATE TABLE marks (pupil INTEGER REFERENCES pupils (id), subject TEXT, mark REAL, note BLOB);
         CREATE INDEX by_name ON pupils (name);
         INSERT INTO pupils VALUES (1, 'Ann | Lee', '2011-05-03'), (2, 'Bob\n Öz', NULL);
         INSERT INTO marks VALUES (1, 'Maths', 1.5, x'00ff'), (2, 'Maths', 2, NULL);",
    )
}

fn read_database(bytes: &[u8]) -> ReadFile {
    read("school.db", None, bytes).unwrap().1
}

#[test]
fn each_table_is_a_table_of_the_document() {
    let read = read_database(&school());
    let text = &read.document.text;
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    let expected = [
        "pupils",
        "id | name | born",
        "1 | Ann\u{a0}|\u{a0}Lee | 2011-05-03",
        "2 | Bob Öz |",
        "marks",
        "pupil refers to id of pupils.",
        "pupil | subject | mark | note",
        "1 | Maths | 1.5 | (2 bytes)",
        "2 | Maths | 2 |",
    ];
    assert_eq!(lines, expected);
    let row = read.document.blocks.iter().find(|block| block.kind == BlockKind::TableRow).unwrap();
    let place = read.document.place(row.span).unwrap();
    assert_eq!((place.sheet.as_deref(), place.rows), (Some("pupils"), Some((1, 1))));
}

#[test]
fn its_tables_are_queried_by_their_names() {
    let read = read_database(&school());
    let info = multimodal_rag::DocumentInfo {
        id: multimodal_rag::DocumentId::of(multimodal_rag::FileKind::new(68), b"school"),
        name: "school.db".to_owned(),
        kind: multimodal_rag::FileKind::new(68),
        bytes: 0,
        sequence: 0,
        added_at: 0.0,
        metadata: "{}".to_owned(),
        details: read.details.clone(),
        container: None,
        has_original: false,
    };
    let tables = DocumentTables::new(vec![(info, read.document)]);
    let names: Vec<&str> = tables.tables().iter().map(|table| table.name.as_str()).collect();
    assert_eq!(names, ["pupils", "marks"]);
    let kinds: Vec<&str> = tables.tables()[0].columns().map(|(_, kind, _)| kind.name()).collect();
    assert_eq!(kinds, ["integer", "text", "date"]);
}

#[test]
fn a_database_with_a_log_is_read_without_it() {
    let mut bytes = school();
    bytes[18] = 2;
    bytes[19] = 2;
    let read = read_database(&bytes);
    assert!(read.document.text.contains("Bob"));
    assert!(read.details.warnings[0].contains("-wal"), "{:?}", read.details.warnings);
    let log = [&b"\x37\x7f\x06\x82"[..], &[0; 60]].concat();
    let error = crate::read::read("school.db-wal", None, &log).unwrap_err();
    assert_eq!(error.code(), "unsupported_format");
}

#[test]
fn views_triggers_and_virtual_tables_are_not_run() {
    let read = read_database(&database(
        "CREATE TABLE a (x);
         INSERT INTO a VALUES (1);
         CREATE TABLE generated (x, y AS (x * 2), z AS (upper('z' || x)) STORED);
         INSERT INTO generated (x) VALUES (4);
         CREATE TABLE keyed (k TEXT PRIMARY KEY, v) WITHOUT ROWID;
         INSERT INTO keyed VALUES ('key', 'value');
         CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n;
         CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM a; END;
         CREATE VIRTUAL TABLE words USING fts5(text);
         INSERT INTO words VALUES ('the tide mill grinds');",
    ));
    let text = &read.document.text;
    assert!(text.contains("4 | 8 | Z4") && text.contains("key | value"), "{text}");
    assert!(!text.contains("endless"));
    // The texts of a virtual table are in a table that is none.
    assert!(text.contains("tide mill grinds"), "{text}");
    assert!(
        read.details
            .warnings
            .iter()
            .any(|it| it.contains("Virtual tables") && it.contains("words"))
    );
}

#[test]
fn tables_of_many_columns_with_long_names_are_read_whole() {
    let columns: Vec<String> = (0..2_000).map(|at| format!("{}_{at}", "name".repeat(20))).collect();
    let read = read_database(&database(&format!(
        "CREATE TABLE wide ({}); INSERT INTO wide (name{}_1999) VALUES ('the last');",
        columns.join(", "),
        "name".repeat(19),
    )));
    assert!(read.document.text.contains("the last"));
    assert!(read.document.text.contains("name_1999"));
    assert!(read.details.warnings.is_empty(), "{:?}", read.details.warnings);
}

#[test]
fn large_and_small_numbers_are_written_with_an_exponent() {
    let read = read_database(&database(
        "CREATE TABLE t (x REAL);
         INSERT INTO t VALUES (1.5e19), (2.5), (-1e300), (1e-20), (0.0), (123456.5);",
    ));
    for number in ["1.5e19", "2.5", "-1e300", "1e-20", "123456.5"] {
        assert!(read.document.text.contains(number), "{number}");
    }
}

#[test]
fn names_that_are_no_text_are_left_out() {
    let mut bytes = school();
    // The name within the schema, and the one that the table is found by.
    while let Some(at) = bytes.windows(5).position(|window| window == b"marks") {
        bytes[at..at + 5].copy_from_slice(b"\xff\xfe\xff\xfe\xff");
    }
    let read = read_database(&bytes);
    assert!(read.document.text.contains("Ann"));
    assert!(read.details.warnings.iter().any(|it| it.contains("names are no text")));
    let mut bytes = school();
    let at = bytes.windows(7).position(|window| window == b"subject").unwrap();
    bytes[at] = 0xff;
    assert!(read_database(&bytes).document.text.contains("pupil | mark | note"));
}

/// Databases of which something is wrong: cut, with other numbers in their headers, or with bytes changed by
/// chance.
fn hostile() -> Vec<(String, Vec<u8>)> {
    let whole = database(
        "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT, c);
         CREATE INDEX i ON t (b);
         CREATE TABLE long (x);
         INSERT INTO long VALUES (hex(zeroblob(20000)));
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 500)
         INSERT INTO t SELECT i, 'row ' || i, i * 1.5 FROM n;",
    );
    let mut files = Vec::new();
    for part in 1..20 {
        files.push((format!("cut at {part}/20"), whole[..whole.len() * part / 20].to_vec()));
    }
    for (name, at, bytes) in [
        ("page size 0", 16, &[0, 0][..]),
        ("page size 1", 16, &[0, 1]),
        ("page size 3", 16, &[0, 3]),
        ("page size 512", 16, &[2, 0]),
        ("page size 32768", 16, &[128, 0]),
        ("format 9", 18, &[9, 9]),
        ("reserved 255", 20, &[255]),
        ("payload fractions", 21, &[1, 1, 1]),
        ("more pages than there are", 28, &[255, 255, 255, 255]),
        ("no pages", 28, &[0, 0, 0, 0]),
        ("free list at page 2", 32, &[0, 0, 0, 2, 0, 0, 0, 9]),
        ("schema format 99", 44, &[0, 0, 0, 99]),
        ("auto vacuum", 52, &[0, 0, 0, 3]),
        ("UTF-16", 56, &[0, 0, 0, 2]),
        ("no encoding", 56, &[0, 0, 0, 7]),
        ("no cells", 103, &[0, 0]),
        ("65535 cells", 103, &[255, 255]),
        ("a page of another kind", 100, &[2]),
        ("a page of no kind", 100, &[7]),
        ("an inner page", 100, &[5]),
    ] {
        let mut bytes_of_file = whole.clone();
        bytes_of_file[at..at + bytes.len()].copy_from_slice(bytes);
        files.push((name.to_owned(), bytes_of_file));
    }
    let mut rng = Rng::new(seed());
    for count in [1, 4, 16, 64, 256, 1024] {
        for number in 0..15 {
            let mut bytes = whole.clone();
            for _ in 0..count {
                let at = 16 + rng.below(bytes.len() - 16);
                bytes[at] = rng.below(256) as u8;
            }
            files.push((format!("{count} bytes by chance, {number}"), bytes));
        }
    }
    files.push(("only the magic".to_owned(), b"SQLite format 3\0".to_vec()));
    files.push(("zeros".to_owned(), [&b"SQLite format 3\0"[..], &[0; 5000]].concat()));
    files
}

#[test]
fn a_hundred_hostile_files_are_read_or_refused_soon() {
    let hostile = hostile();
    assert!(hostile.len() >= 100, "{}", hostile.len());
    for (name, bytes) in hostile {
        let started = Instant::now();
        match read("hostile.db", None, &bytes) {
            Ok((_, read)) => assert!(read.document.text.len() < 1 << 20, "{name}"),
            Err(error) => assert!(
                matches!(error.code(), "damaged_file" | "empty_document" | "too_large"),
                "{name}: {error}"
            ),
        }
        assert!(started.elapsed().as_secs() < 10, "{name}");
    }
}

#[test]
fn a_database_that_is_damaged_in_part_gives_the_rest() {
    let mut bytes = school();
    let page = usize::from(u16::from_be_bytes([bytes[16], bytes[17]]));
    // The page of the table that was made last.
    let last = bytes.windows(5).rposition(|window| window == b"Maths").unwrap() / page * page;
    bytes[last] = 7;
    let read = read_database(&bytes);
    assert!(read.document.text.contains("Ann"));
    assert!(read.details.warnings.iter().any(|it| it.contains("\"marks\" is damaged")));
}
