//! Measures how well files are read, on files that have their content as Markdown beside them.
//!
//! The content of `NAME` is `NAME.gold.md`. Compared are the characters of the texts, the cells
//! of tables, and the headings.

mod content;
mod robust;
mod scores;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use multimodal_rag::{FileToRead, Format, ReadFile, ReadLimits, Unwatched, read_file, recognize};

use self::content::Content;
use self::scores::{Scores, Share};
use crate::{Failure, files};

/// The ending of the files with the right content.
const GOLD: &str = ".gold.md";
/// Kinds whose gold leaves out comments and speaker notes.
const WITHOUT_NOTES: [&str; 4] = ["DOCX", "PPTX", "XLSX", "ODF"];
/// Which kind is printed for a file of no known format.
const UNKNOWN: &str = "?";

/// Measures how well files are read, beside their content as Markdown.
#[derive(Args)]
pub(crate) struct EvalDocuments {
    /// A folder with files, and `NAME.gold.md` beside each file `NAME`.
    folder: PathBuf,
    /// Only read every file, each in a process of its own, and count how that ends. Fails where
    /// one takes longer than 20 s or more than 1 GiB of memory, or crashes.
    #[arg(long)]
    robust: bool,
    /// Reads the file that is given instead of a folder: what such a process does.
    #[arg(long, hide = true)]
    read_one: bool,
}

/// The files of a kind.
#[derive(Default)]
struct Kind {
    files: usize,
    scores: Scores,
}

impl EvalDocuments {
    pub(crate) fn run(self) -> Result<(), Failure> {
        if self.read_one {
            return robust::read_one(&self.folder);
        }
        if self.robust {
            return robust::run(&self.folder);
        }
        let mut files = Vec::new();
        find_files(&self.folder, &mut files, &|path| gold_of(path).is_file())?;
        if files.is_empty() {
            let folder = self.folder.display();
            return Err(
                format!("{folder} has no file with its content as {GOLD} beside it.").into()
            );
        }
        files.sort();
        let mut out = io::stdout().lock();
        let mut kinds: BTreeMap<String, Kind> = BTreeMap::new();
        let mut failed = 0;
        for path in &files {
            let name = path.strip_prefix(&self.folder).unwrap_or(path).display().to_string();
            let outcome = measure(path)?;
            let scores = columns(outcome.scores, 1);
            let Outcome { kind, failure, milliseconds, .. } = outcome;
            writeln!(out, "{name:<44} {kind:<5} {scores} {milliseconds:>6} ms")?;
            if let Some(failure) = failure {
                writeln!(out, "    failed: {failure}")?;
                failed += 1;
            }
            let kind = kinds.entry(kind).or_default();
            kind.files += 1;
            kind.scores += outcome.scores;
        }
        writeln!(out)?;
        for (name, kind) in &kinds {
            let files = format!("{} files", kind.files);
            writeln!(out, "{name:<44} {files:<9} {}", columns(kind.scores, kind.files))?;
        }
        writeln!(out, "{failed} of {} files failed", files.len())?;
        Ok(())
    }
}

/// The result for one file.
struct Outcome {
    kind: String,
    scores: Scores,
    /// Why the file was not read.
    failure: Option<String>,
    milliseconds: u128,
}

/// Collects the files in a folder and in those within it that are wanted.
fn find_files(
    folder: &Path,
    files: &mut Vec<PathBuf>,
    is_wanted: &dyn Fn(&Path) -> bool,
) -> Result<(), Failure> {
    let unreadable = |error| format!("The folder {} cannot be read: {error}.", folder.display());
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_dir() {
            find_files(&path, files, is_wanted)?;
        } else if is_wanted(&path) {
            files.push(path);
        }
    }
    Ok(())
}

fn gold_of(path: &Path) -> PathBuf {
    let mut gold = path.as_os_str().to_owned();
    gold.push(GOLD);
    gold.into()
}

fn measure(path: &Path) -> Result<Outcome, Failure> {
    let markdown = files::read_file(&gold_of(path))?;
    let gold = Content::of_markdown(&String::from_utf8_lossy(&markdown));
    let bytes = files::read_file(path)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let file = FileToRead { name: &name, bytes: &bytes, ..FileToRead::default() };
    let kind = recognize(&file).map_or_else(|_| UNKNOWN.to_owned(), kind_of);
    let start = Instant::now();
    let read = read(&file);
    let milliseconds = start.elapsed().as_millis();
    Ok(match read {
        Ok(ReadFile { document, .. }) => {
            let has_notes = !WITHOUT_NOTES.contains(&kind.as_str());
            let scores = Scores::of(&Content::of_document(&document, has_notes), &gold);
            Outcome { kind, scores, failure: None, milliseconds }
        }
        Err(failure) => Outcome {
            kind,
            scores: Scores::of_failure(&gold),
            failure: Some(failure),
            milliseconds,
        },
    })
}

/// Reads a file. A panic of its reader is a failure of the file alone.
fn read(file: &FileToRead<'_>) -> Result<ReadFile, String> {
    let read = || read_file(file, &ReadLimits::default(), &Unwatched);
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(read)) {
        Ok(read) => read.map(|(_, read)| read).map_err(|error| error.to_string()),
        Err(_) => Err("its reader panicked".to_owned()),
    }
}

/// The name of a format's files in the table: its usual ending. Those of OpenDocument are one
/// kind.
fn kind_of(format: &Format) -> String {
    match format.extensions.first() {
        Some(&("odt" | "ods" | "odp")) => "ODF".to_owned(),
        Some(ending) => ending.to_ascii_uppercase(),
        None => format.name.to_owned(),
    }
}

/// The scores of so many files.
fn columns(scores: Scores, files: usize) -> String {
    let mut columns = format!("similarity {:.3}", scores.similarity / files as f64);
    let shares =
        [("cells", scores.cells), ("headings", scores.headings), ("levels", scores.levels)];
    for (name, share) in shares {
        let share = Share::value(share).map_or("-".to_owned(), |value| format!("{value:.3}"));
        let _ = write!(columns, "  {name} {share:<5}");
    }
    columns
}
