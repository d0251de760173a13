//! The tables of a file, and what they say to a question.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use multimodal_rag::{
    CatalogTable, DocumentTables, TABLE_CONFIDENCE, TableAnswer, TableValue, TableWeights,
    answer_table,
};

use crate::Failure;
use crate::process_reader::ReaderArguments;
use crate::query::read_documents;

/// The most numbers of rows that are printed.
const SHOWN_ROWS: usize = 10;

/// Lists the tables of files.
#[derive(Args)]
pub(crate) struct Tables {
    /// The files: CSV, spreadsheets, databases of SQLite, HTML, and all others that are read.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Compute the answer of each table to this question, where a plan is sure.
    #[arg(long, value_name = "QUESTION")]
    ask: Option<String>,
    /// The password of an encrypted file.
    #[arg(long)]
    password: Option<String>,
    #[command(flatten)]
    reader: ReaderArguments,
}

impl Tables {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let documents = read_documents(&self.files, self.password.as_deref(), &self.reader)?;
        let tables = DocumentTables::new(documents);
        if tables.tables().is_empty() {
            return Err("No table is in what was given.".into());
        }
        for table in tables.tables() {
            print_table(table)?;
            if let (Some(question), Some(data)) = (&self.ask, tables.data(table)) {
                let answer = answer_table(question, &data, TableWeights::trained());
                print_answer(answer.filter(|it| it.confidence >= TABLE_CONFIDENCE).as_ref())?;
            }
        }
        Ok(())
    }
}

fn print_table(table: &CatalogTable) -> io::Result<()> {
    let mut out = io::stdout();
    let title = match table.title() {
        "" => String::new(),
        title => format!(", \"{}\"", title.replace('\n', " ")),
    };
    writeln!(out, "{} ({}{title}): {} rows", table.name, table.document.name, table.row_count())?;
    for (name, kind, unit) in table.columns() {
        let unit = if unit.is_empty() { String::new() } else { format!(", {unit}") };
        writeln!(out, "  {name} ({}{unit})", kind.name())?;
    }
    Ok(())
}

fn print_answer(answer: Option<&TableAnswer>) -> io::Result<()> {
    let mut out = io::stdout();
    let Some(answer) = answer else {
        return writeln!(out, "  No plan is sure to answer the question.");
    };
    let values: Vec<String> = answer.values.iter().map(TableValue::to_string).collect();
    writeln!(out, "\n  {}", values.join(", "))?;
    writeln!(out, "  {} (confidence {:.2})", answer.explanation, answer.confidence)?;
    let rows: Vec<String> = answer.rows.iter().map(|row| (row + 1).to_string()).collect();
    match rows.len().checked_sub(SHOWN_ROWS) {
        None | Some(0) => writeln!(out, "  from the rows {}", rows.join(", "))?,
        Some(more) => {
            writeln!(out, "  from the rows {} and {more} more", rows[..SHOWN_ROWS].join(", "))?;
        }
    }
    writeln!(out, "  {}", answer.sql)
}
