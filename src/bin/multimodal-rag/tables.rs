//! The tables of a file, and what they say to a question.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use multimodal_rag::{
    DocumentTable, FileReader, FileToRead, TABLE_CONFIDENCE, TableAnswer, TableValue, TableWeights,
    Task, answer_table, tables_of,
};

use crate::Failure;
use crate::files::read_file;
use crate::process_reader::ReaderArguments;
use crate::runtime::{NativeRuntime, block_on};

/// The most numbers of rows that are printed.
const SHOWN_ROWS: usize = 10;

/// Lists the tables of a file.
#[derive(Args)]
pub(crate) struct Tables {
    /// The file: CSV, a spreadsheet, HTML, and all others that are read.
    file: PathBuf,
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
        let (name, bytes) = (self.file.display().to_string(), read_file(&self.file)?);
        let password = self.password.as_deref();
        let file = FileToRead { name: &name, bytes: &bytes, password, ..FileToRead::default() };
        let (reader, limits) = (self.reader.reader()?, self.reader.limits());
        let task = Task::default();
        let (_, read) = block_on(reader.read(&file, &limits, &NativeRuntime::new(), &task))?;
        let tables = tables_of(&read.document);
        if tables.is_empty() {
            return Err(format!("{name} has no table with a header.").into());
        }
        for (place, table) in tables.iter().enumerate() {
            print_table(place + 1, table)?;
            if let Some(question) = &self.ask {
                let answer = answer_table(question, &table.table, TableWeights::trained());
                print_answer(answer.filter(|it| it.confidence >= TABLE_CONFIDENCE).as_ref())?;
            }
        }
        Ok(())
    }
}

fn print_table(number: usize, table: &DocumentTable) -> io::Result<()> {
    let mut out = io::stdout();
    let title = if table.title.is_empty() { "without a title" } else { &table.title };
    let columns = table.table.columns();
    writeln!(out, "Table {number}, {title}: {} rows", table.table.row_count())?;
    for column in columns {
        writeln!(out, "  {} ({})", column.name.replace('\n', " "), column.kind.name())?;
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
