//! Queries over the tables of files.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use multimodal_rag::{
    DocumentId, DocumentInfo, DocumentTables, FileReader, FileToRead, InlineSqlRunner, ReadFile,
    RowSource, SqlResult, SqlRunner, SqlValue, Task,
};

use crate::Failure;
use crate::files::read_file;
use crate::parameter::value_of;
use crate::process_reader::ReaderArguments;
use crate::runtime::{NativeRuntime, block_on, milliseconds};
use crate::spreadsheet_text::as_text;

/// Places of rows that are printed for one row of a result.
const SHOWN_SOURCES: usize = 5;

/// Runs one SELECT over the tables of files: CSV, spreadsheets, databases of SQLite, HTML and all others.
#[derive(Args)]
pub(crate) struct Query {
    /// The query, in the SQL of SQLite. `multimodal-rag tables FILE…` lists the names of tables and columns.
    sql: String,
    /// The files.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The values of `?1`, `?2` … in the query: 7, -3 and 0.5 are numbers, anything else is a text, as 01234 and 1e3.
    #[arg(long = "param", value_name = "VALUE")]
    params: Vec<String>,
    /// The most rows of the result.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    limit: u32,
    /// Seconds after which the query is ended.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=600))]
    timeout: u32,
    /// Print after each row which rows of the files it is from.
    #[arg(long)]
    sources: bool,
    /// The password of encrypted files.
    #[arg(long)]
    password: Option<String>,
    #[command(flatten)]
    reader: ReaderArguments,
}

impl Query {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let documents = read_documents(&self.files, self.password.as_deref(), &self.reader)?;
        let tables = DocumentTables::new(documents);
        let params = self.params.iter().map(|text| value_of(text)).collect();
        let request = tables.request(&self.sql, params, self.limit, self.timeout * 1000);
        let runner = InlineSqlRunner::new(milliseconds);
        let result = block_on(runner.run(request, &NativeRuntime::new(), &Task::default()));
        let result = result.map_err(|error| tables.with_names(error))?;
        print(&result, self.sources.then_some(&tables))?;
        if result.is_truncated {
            eprintln!("There are more rows: --limit allows more.");
        }
        Ok(())
    }
}

/// The documents of files, and of the files within them.
pub(crate) fn read_documents(
    files: &[PathBuf],
    password: Option<&str>,
    reader: &ReaderArguments,
) -> Result<Vec<(DocumentInfo, multimodal_rag::Document)>, Failure> {
    let (limits, reader) = (reader.limits(), reader.reader()?);
    let mut documents = Vec::new();
    for path in files {
        let (name, bytes) = (path.display().to_string(), read_file(path)?);
        let file = FileToRead { name: &name, bytes: &bytes, password, ..FileToRead::default() };
        let task = Task::default();
        let read = block_on(reader.read(&file, &limits, &NativeRuntime::new(), &task))?;
        let (kind, ReadFile { document, details, .. }) = read;
        let info = DocumentInfo {
            id: DocumentId::of(kind, &bytes),
            name,
            kind,
            bytes: bytes.len() as u64,
            sequence: documents.len() as u64,
            added_at: 0.0,
            metadata: "{}".to_owned(),
            details,
            container: None,
            has_original: false,
        };
        documents.push((info, document));
    }
    Ok(documents)
}

/// Prints a result as CSV, whose texts are no formulas.
fn print(result: &SqlResult, tables: Option<&DocumentTables>) -> Result<(), Failure> {
    let mut writer = csv::Writer::from_writer(io::stdout().lock());
    let titles = result.columns.iter().map(|title| as_text(title));
    writer.write_record(titles.chain(tables.map(|_| "(from)".to_owned())))?;
    for (row, sources) in result.rows.iter().zip(&result.sources) {
        let from = tables.map(|tables| places(sources, tables));
        writer.write_record(row.iter().map(text).chain(from))?;
    }
    writer.flush()?;
    io::stdout().flush()?;
    Ok(())
}

fn text(value: &SqlValue) -> String {
    match value {
        SqlValue::Null => String::new(),
        SqlValue::Integer(number) => number.to_string(),
        SqlValue::Real(number) => number.to_string(),
        SqlValue::Text(text) => as_text(text),
    }
}

/// "sales.csv, rows 3–3; …"
fn places(sources: &[RowSource], tables: &DocumentTables) -> String {
    let all = sources.iter().flat_map(|source| source.rows.iter().map(|row| (&source.table, *row)));
    let shown = all.clone().take(SHOWN_SOURCES).filter_map(|(table, row)| {
        let (name, place) = tables.place_of_row(table, row)?;
        Some(if place.is_empty() {
            format!("{name}, row {}", row + 1)
        } else {
            format!("{name}, {place}")
        })
    });
    let mut shown: Vec<String> = shown.collect();
    let count: u32 = sources.iter().map(|source| source.row_count).sum();
    let more = (count as usize).saturating_sub(shown.len());
    shown.extend((more > 0).then(|| format!("{more} more rows")));
    shown.join("; ")
}
