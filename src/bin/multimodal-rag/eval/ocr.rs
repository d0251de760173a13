//! Measures how well words in pictures are read, and found: pages with known text, and a question to
//! each.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Instant;

use clap::{Args, ValueEnum};
use multimodal_rag::{
    AnswerEvent, AskOptions, Engine, FileToRead, Filter, MemoryStore, Ocr, OcrModels, ReadLimits,
    SourceFile, Task, Unwatched, read_file,
};
use rapidfuzz::distance::levenshtein;
use serde::Deserialize;
use serde_json::json;

use crate::Failure;
use crate::files;
use crate::models::{self, AnswerReaderArgument, ModelArgument};
use crate::process_reader::ReaderArguments;
use crate::read_file::load_ocr;
use crate::runtime::{NativeRuntime, block_on};

/// Measures words in pictures: the rate of wrong characters, and questions whose answer is in them.
#[derive(Args)]
pub(crate) struct EvalOcr {
    /// A folder of pages NUMBER-KIND-STATE.png or .jpg, each with its lines in ….gold.txt, and
    /// questions.json, a list of { file, question, answer }.
    folder: PathBuf,
    /// Measure pages with these numbers. What is tuned on the even ones is reported on the odd ones.
    #[arg(long, value_enum, default_value = "all")]
    pages: PageChoice,
    /// Fail if more characters are wrong, over all pages.
    #[arg(long)]
    max_errors: Option<f64>,
    /// Fail if a smaller share of the questions is quoted right.
    #[arg(long)]
    min_quoted: Option<f64>,
    #[command(flatten)]
    model: ModelArgument,
    #[command(flatten)]
    answer_reader: AnswerReaderArgument,
    #[command(flatten)]
    reader: ReaderArguments,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PageChoice {
    All,
    Even,
    Odd,
}

#[derive(Deserialize)]
struct Question {
    file: String,
    question: String,
    answer: String,
}

/// A page that was read.
struct Page {
    name: String,
    wrong: usize,
    characters: usize,
    milliseconds: u128,
}

impl EvalOcr {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let folder =
            self.reader.ocr().ok_or("There are no models that read: name them by --ocr.")?;
        let models = load_ocr(&folder)?;
        let paths = pages(&self.folder, self.pages)?;
        let read: Vec<Page> =
            paths.iter().map(|path| measure(path, &models)).collect::<Result<_, _>>()?;
        let errors = print_errors(&read)?;
        let quoted = self.measure_questions(&paths)?;
        if self.max_errors.is_some_and(|most| errors > most) {
            return Err(format!("{errors:.4} of the characters are wrong.").into());
        }
        if self.min_quoted.is_some_and(|least| quoted < least) {
            return Err(format!("{quoted:.2} of the questions are quoted right.").into());
        }
        Ok(())
    }

    /// The share of the questions whose first quote, of their own page, holds the answer: pages of
    /// one kind have the same sentences with other facts.
    fn measure_questions(&self, paths: &[PathBuf]) -> Result<f64, Failure> {
        let questions: Vec<Question> =
            serde_json::from_slice(&files::read_file(&self.folder.join("questions.json"))?)?;
        let engine = self.open()?;
        for path in paths {
            let (name, bytes) = (name_of(path), files::read_file(path)?);
            let metadata = json!({ "file": name }).to_string();
            let metadata = Some(&*metadata);
            let file = SourceFile { name: &name, bytes: &bytes, metadata, ..SourceFile::default() };
            block_on(engine.add(file, &Task::default()))?;
        }
        let (mut asked, mut right) = (0_usize, 0_usize);
        for Question { file, question, answer } in &questions {
            if !paths.iter().any(|path| name_of(path) == *file) {
                continue;
            }
            asked += 1;
            let filter = Filter::parse(&json!({ "file": file }))?;
            let quote = first_quote(&engine, question, filter)?.unwrap_or_default();
            let is_right = squeezed(&quote).contains(&squeezed(answer));
            right += usize::from(is_right);
            if !is_right {
                writeln!(io::stdout(), "{file}: \"{question}\" is {answer}, quoted: {quote:?}")?;
            }
        }
        writeln!(io::stdout(), "first quote holds the answer   {right} of {asked}")?;
        Ok(right as f64 / asked.max(1) as f64)
    }

    fn open(&self) -> Result<Engine, Failure> {
        let embedder = models::load_embedder(&self.model.model, false)?;
        let (store, runtime) = (Box::new(MemoryStore::new()), Rc::new(NativeRuntime::new()));
        let engine =
            block_on(Engine::open(store, runtime, Rc::new(embedder), None, &Task::default()))?;
        let engine = self.answer_reader.apply(engine)?;
        let reader = Rc::new(self.reader.reader()?);
        Ok(engine.with_file_reader(reader).with_read_limits(self.reader.limits()))
    }
}

fn first_quote(engine: &Engine, question: &str, filter: Filter) -> Result<Option<String>, Failure> {
    let options = AskOptions { max_tokens: 0, filter: Some(filter), ..AskOptions::default() };
    let mut quote = None;
    let mut emit = |event| {
        if let AnswerEvent::Quote(citation) = event {
            quote.get_or_insert_with(|| citation.text().to_owned());
        }
    };
    block_on(engine.ask(question, &options, &Task::default(), &mut emit))?;
    Ok(quote)
}

/// Reads a page, and counts its wrong characters. Spaces do not count, nor the marks between cells.
fn measure(path: &Path, models: &OcrModels) -> Result<Page, Failure> {
    let (name, bytes) = (name_of(path), files::read_file(path)?);
    let gold = files::read_file(&path.with_extension("gold.txt"))?;
    let gold = squeezed(&String::from_utf8_lossy(&gold));
    let file = FileToRead {
        name: &name,
        bytes: &bytes,
        ocr: Some(models as &dyn Ocr),
        ..FileToRead::default()
    };
    let started = Instant::now();
    let (_, read) = read_file(&file, &ReadLimits::default(), &Unwatched)?;
    let milliseconds = started.elapsed().as_millis();
    let text = squeezed(&read.document.text);
    let wrong = levenshtein::distance(text.chars(), gold.chars());
    Ok(Page { name, wrong, characters: gold.chars().count(), milliseconds })
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '|').collect()
}

/// Prints the rates of wrong characters by kind and state. Returns that over all.
fn print_errors(pages: &[Page]) -> io::Result<f64> {
    let mut out = io::stdout();
    let mut groups: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for page in pages {
        let stem = page.name.split('.').next().unwrap_or_default();
        let of = stem.split('-').skip(1).map(str::to_owned).chain(["over all".to_owned()]);
        for group in of {
            let (wrong, characters) = groups.entry(group).or_default();
            *wrong += page.wrong;
            *characters += page.characters;
        }
    }
    let rate = |(wrong, characters): &(usize, usize)| *wrong as f64 / (*characters).max(1) as f64;
    for (group, counts) in &groups {
        writeln!(out, "{group:12} {:.4}", rate(counts))?;
    }
    let mut spent: Vec<u128> = pages.iter().map(|page| page.milliseconds).collect();
    spent.sort_unstable();
    let median = spent.get(spent.len() / 2).copied().unwrap_or_default();
    writeln!(out, "a page takes {median} ms")?;
    Ok(groups.get("over all").map_or(0.0, rate))
}

/// The pictures of a folder, in order.
fn pages(folder: &Path, choice: PageChoice) -> Result<Vec<PathBuf>, Failure> {
    let unreadable = |error| format!("The folder {} cannot be read: {error}.", folder.display());
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let is_picture = path.extension().is_some_and(|ending| ending == "png" || ending == "jpg");
        let name = name_of(&path);
        let number: u32 = name.split('-').next().and_then(|it| it.parse().ok()).unwrap_or(0);
        let is_chosen = match choice {
            PageChoice::All => true,
            PageChoice::Even => number.is_multiple_of(2),
            PageChoice::Odd => !number.is_multiple_of(2),
        };
        paths.extend((is_picture && is_chosen).then_some(path));
    }
    paths.sort();
    Ok(paths)
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
