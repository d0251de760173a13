//! Questions to tables with known answers, in the layout of WikiTableQuestions.

use std::collections::BTreeMap;
use std::path::Path;

use clap::ValueEnum;
use multimodal_rag::{Table, TableValue};

use crate::Failure;
use crate::files::read_file;

/// The tables whose questions are asked, in the order of their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum TableChoice {
    /// All of them.
    All,
    /// Those that the scorer was trained on: all but every fourth.
    Trained,
    /// Every fourth, which nothing was chosen on.
    Reported,
}

/// Of four tables that follow each other, the one that is reported.
const REPORTED: usize = 3;

/// A question, and what answers it.
pub(super) struct TableQuestion {
    pub(super) question: String,
    /// The number of its table.
    pub(super) table: usize,
    pub(super) answers: Vec<String>,
}

/// Questions and their tables, which are in the order of their names.
pub(super) struct TableSet {
    pub(super) questions: Vec<TableQuestion>,
    pub(super) tables: Vec<Table>,
    /// The texts of the cells of each table.
    pub(super) cells: Vec<Vec<String>>,
    /// Each table as CSV.
    pub(super) csv: Vec<String>,
}

impl TableChoice {
    pub(super) fn has(self, table: usize) -> bool {
        match self {
            Self::All => true,
            Self::Trained => table % 4 != REPORTED,
            Self::Reported => table % 4 == REPORTED,
        }
    }
}

impl TableSet {
    /// Reads the questions of a file, and the tables beside it.
    pub(super) fn read(file: &Path) -> Result<Self, Failure> {
        let text = String::from_utf8(read_file(file)?)
            .map_err(|_| format!("{} is no text in UTF-8.", file.display()))?;
        let folder = file.parent().unwrap_or(Path::new("."));
        let rows = text.lines().skip(1).filter(|line| !line.is_empty());
        let rows = rows.map(|line| line.split('\t').collect::<Vec<_>>()).collect::<Vec<_>>();
        let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
        for row in &rows {
            let [_, _, table, _] = row[..] else {
                return Err(format!(
                    "{} has a line without four columns: id, question, table, answer.",
                    file.display()
                )
                .into());
            };
            numbers.insert(table, 0);
        }
        let (mut tables, mut cells, mut csv) = (Vec::new(), Vec::new(), Vec::new());
        for (name, number) in &mut numbers {
            *number = tables.len();
            let (header, rows) = read_table(&folder.join(name))?;
            tables.push(Table::new(&header, &rows));
            csv.push(as_csv(&header, &rows)?);
            cells.push(rows.concat());
        }
        let question = |row: &Vec<&str>| TableQuestion {
            question: unescaped(row[1]),
            table: numbers[row[2]],
            answers: row[3].split('|').map(unescaped).collect(),
        };
        Ok(Self { questions: rows.iter().map(question).collect(), tables, cells, csv })
    }
}

impl TableQuestion {
    /// Whether values say the same as the answers, in any order.
    pub(super) fn is_answered_by(&self, values: &[TableValue]) -> bool {
        let has = |answer: &String| values.iter().any(|value| value.says(answer));
        let is_one = |value: &TableValue| self.answers.iter().any(|answer| value.says(answer));
        values.len() == self.answers.len()
            && self.answers.iter().all(has)
            && values.iter().all(is_one)
    }
}

/// Reads a table of comma-separated values in which a backslash escapes quotes.
fn read_table(path: &Path) -> Result<(Vec<String>, Vec<Vec<String>>), Failure> {
    let bytes = read_file(path)?;
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .escape(Some(b'\\'))
        .double_quote(false)
        .from_reader(&*bytes);
    let texts = |row: &csv::StringRecord| row.iter().map(str::to_owned).collect::<Vec<_>>();
    let header = texts(reader.headers()?);
    let rows = reader.records().map(|row| Ok(texts(&row?))).collect::<Result<Vec<_>, Failure>>()?;
    Ok((header, rows))
}

/// A table as other programs write CSV.
fn as_csv(header: &[String], rows: &[Vec<String>]) -> Result<String, Failure> {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    writer.write_record(header)?;
    rows.iter().try_for_each(|row| writer.write_record(row))?;
    Ok(String::from_utf8(writer.into_inner()?)?)
}

/// The text with its line breaks, bars and backslashes.
fn unescaped(text: &str) -> String {
    let mut characters = text.chars();
    let mut unescaped = String::with_capacity(text.len());
    while let Some(character) = characters.next() {
        unescaped.push(match character {
            '\\' => match characters.next() {
                Some('n') => '\n',
                Some('p') => '|',
                other => other.unwrap_or('\\'),
            },
            other => other,
        });
    }
    unescaped
}
