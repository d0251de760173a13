//! Commands over a knowledge base: in a folder, or in memory for one question.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use clap::Args;
use multimodal_rag::{
    AnswerEvent, AskOptions, AskTimings, Citation, DirectoryStore, DocumentId, EndReason, Engine,
    Filter, GeneratorSource, MemoryStore, Sampling, SourceFile, Span, Store, StoredDocument, Task,
};

use crate::models::{self, GeneratorFile};
use crate::progress::shown;
use crate::runtime::{NativeRuntime, run};
use crate::vector_index::VectorIndexArgument;
use crate::{Failure, read};

/// Which knowledge base, and with which embedder.
#[derive(Args)]
pub(crate) struct Base {
    /// Folder that keeps the knowledge base.
    #[arg(long)]
    store: PathBuf,
    /// The embedder: a packed file, or the folder of the original files.
    #[arg(long, default_value = models::EMBEDDER)]
    model: PathBuf,
    /// Embed all documents again where another embedder did before.
    #[arg(long)]
    embed_again: bool,
}

impl Base {
    /// Opens it where it exists.
    pub(crate) fn open(&self) -> Result<Engine, Failure> {
        check_exists(&self.store)?;
        self.open_or_make()
    }

    fn open_or_make(&self) -> Result<Engine, Failure> {
        open(Some(&self.store), &self.model, None, self.embed_again)
    }
}

/// Fails where there is no knowledge base: only adding makes one.
fn check_exists(folder: &Path) -> Result<(), Failure> {
    if DirectoryStore::is_at(folder) {
        return Ok(());
    }
    let folder = folder.display();
    let make_one = format!("`multimodal-rag add --store {folder} FILE…` makes one");
    Err(format!("There is no knowledge base in {folder}; {make_one}.").into())
}

fn open(
    store: Option<&PathBuf>,
    model: &Path,
    generator: Option<PathBuf>,
    embed_again: bool,
) -> Result<Engine, Failure> {
    let store: Box<dyn Store> = match store {
        Some(folder) => Box::new(DirectoryStore::open(folder.clone())?),
        None => Box::new(MemoryStore::new()),
    };
    let embedder = Rc::new(models::load_embedder(model, false)?);
    let source = match generator {
        Some(path) => Some(Box::new(GeneratorFile::new(path)?) as Box<dyn GeneratorSource>),
        None => None,
    };
    let runtime = Rc::new(NativeRuntime::new());
    let task = shown();
    let engine = match embed_again {
        true => run(Engine::open_with_new_embedder(store, runtime, embedder, source, &task))?,
        false => run(Engine::open(store, runtime, embedder, source, &task))?,
    };
    for damaged in engine.damaged() {
        eprintln!("{}: {}", damaged.id, damaged.error);
    }
    Ok(engine)
}

/// What is said of files besides their bytes.
#[derive(Args, Default)]
struct About {
    /// A JSON object to keep beside each file; `--where` chooses by it.
    #[arg(long)]
    metadata: Option<String>,
    /// The id of a document that the file replaces.
    #[arg(long)]
    replaces: Option<String>,
}

fn add(engine: &Engine, files: &[PathBuf], about: &About) -> Result<(), Failure> {
    let metadata = about.metadata.as_deref();
    if let Some(metadata) = metadata {
        serde_json::from_str::<serde_json::Map<_, serde_json::Value>>(metadata)
            .map_err(|error| format!("The metadata is no JSON object: {error}."))?;
    }
    for path in files {
        let bytes = read(path)?;
        let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        let replaces = about.replaces.as_deref();
        let file = SourceFile { name: &name, mime: None, bytes: &bytes, metadata, replaces };
        let added = run(engine.add(file, &shown()))?;
        let note = if added.already_added { ", already there" } else { "" };
        eprintln!("{name}: {} chunks{note} ({})", added.chunks, added.info.id);
    }
    Ok(())
}

/// Which documents are searched.
#[derive(Args)]
struct Chosen {
    /// A JSON object that the documents' metadata fits: {"year": {"gte": 2000}}.
    #[arg(long = "where", value_name = "JSON")]
    filter: Option<String>,
}

impl Chosen {
    fn filter(&self) -> Result<Option<Filter>, Failure> {
        let Some(json) = &self.filter else { return Ok(None) };
        let value = serde_json::from_str(json)
            .map_err(|error| format!("What --where is given is no JSON: {error}."))?;
        Ok(Some(Filter::parse(&value)?))
    }
}

/// Answers a question.
#[derive(Args)]
pub(crate) struct Ask {
    /// The question.
    question: String,
    /// Files to answer from.
    files: Vec<PathBuf>,
    /// Folder that keeps the knowledge base; without it, only the files are asked.
    #[arg(long)]
    store: Option<PathBuf>,
    /// The embedder: a packed file, or the folder of the original files.
    #[arg(long, default_value = models::EMBEDDER)]
    model: PathBuf,
    /// The generator, a GGUF file.
    #[arg(long, default_value = models::GENERATOR)]
    generator: PathBuf,
    /// Quotes only, without a generator.
    #[arg(long)]
    quotes_only: bool,
    /// Tokens to generate at most.
    #[arg(long, default_value_t = 200)]
    max_tokens: usize,
    /// Passages to answer from.
    #[arg(long, default_value_t = 3)]
    limit: usize,
    #[command(flatten)]
    chosen: Chosen,
    #[command(flatten)]
    vector_index: VectorIndexArgument,
    /// 0: always the likeliest token; above: more varied.
    #[arg(long, default_value_t = 0.0)]
    temperature: f64,
    /// Equal seeds give equal answers.
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

impl Ask {
    pub(crate) fn run(self) -> Result<(), Failure> {
        if let (Some(folder), []) = (&self.store, &*self.files) {
            check_exists(folder)?;
        }
        let generator = (!self.quotes_only).then_some(self.generator);
        let filter = self.chosen.filter()?;
        let engine = open(self.store.as_ref(), &self.model, generator, false)?;
        add(&engine, &self.files, &About::default())?;
        let engine = self.vector_index.apply(engine)?;
        let sampling =
            Sampling { temperature: self.temperature, seed: self.seed, ..Sampling::default() };
        let (limit, max_tokens) = (self.limit, self.max_tokens);
        let options = AskOptions { limit, filter, max_tokens, sampling };
        let mut printer = Printer::default();
        let task = shown();
        let mut printed = Ok(());
        let mut print = |event| {
            if printed.is_ok() {
                printed = printer.print(event);
            }
            if printed.is_err() {
                task.cancel.cancel();
            }
        };
        run(engine.ask(&self.question, &options, &task, &mut print))?;
        Ok(printed?)
    }
}

/// Prints an answer as it comes, its sources at the end. Each place that is cited
/// has a number of its own, in the order of appearance.
#[derive(Default)]
struct Printer {
    answer: String,
    sources: Vec<String>,
    places: Vec<(DocumentId, Span)>,
}

impl Printer {
    fn print(&mut self, event: AnswerEvent) -> io::Result<()> {
        let mut out = io::stdout().lock();
        match event {
            AnswerEvent::Passages(_) => {}
            AnswerEvent::Quote(quote) => {
                writeln!(out, "> {}\n  {}\n", without_marker(&quote), self.place(&quote))?;
            }
            AnswerEvent::Text(text) => {
                write!(out, "{text}")?;
                // Without a flush the text would come all at once.
                out.flush()?;
                self.answer.push_str(&text);
            }
            AnswerEvent::Citation { citation, text } => {
                let claim = one_line(&self.answer[text]);
                let (place, source) = (self.place(&citation), without_marker(&citation));
                self.sources.push(format!("- {claim}\n  rests on {place}:\n  > {source}"));
            }
            AnswerEvent::Unsupported { text } => {
                let claim = one_line(&self.answer[text]);
                self.sources.push(format!("- {claim}\n  is not supported by the documents"));
            }
            AnswerEvent::End { reason, timings } => {
                if reason == EndReason::NoAnswer {
                    writeln!(out, "Nothing in the documents is near enough to answer from.")?;
                }
                if !self.sources.is_empty() {
                    writeln!(out, "\n\nSources\n{}", self.sources.join("\n"))?;
                }
                eprintln!("\n{}", spent(&timings));
            }
        }
        Ok(())
    }

    /// Where a citation points, by its number.
    fn place(&mut self, citation: &Citation) -> String {
        let Citation { document, span, .. } = citation;
        let place = (document.id(), *span);
        let known = self.places.iter().position(|&known| known == place);
        let number = known.unwrap_or_else(|| {
            self.places.push(place);
            self.places.len() - 1
        });
        let Span { start, end } = span;
        format!("[{}] {}, bytes {start} to {end} of its text", number + 1, document.info.name)
    }
}

/// The cited text on one line, without the mark of the list item that it begins with.
fn without_marker(citation: &Citation) -> String {
    let text = one_line(citation.text());
    let is_mark = |word: &str| {
        let digits = word.strip_suffix(['.', ')']).unwrap_or_default();
        let is_number =
            (1..=3).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        is_number || matches!(word, "-" | "*" | "+" | "•")
    };
    match text.split_once(' ') {
        Some((mark, rest)) if is_mark(mark) => rest.to_owned(),
        _ => text,
    }
}

/// What each stage took that was reached.
fn spent(timings: &AskTimings) -> String {
    let stage = |name: &str, ms: Option<f64>| ms.map(|ms| format!("{name} {ms:.0} ms"));
    let counted = |name: &str, tokens: Option<usize>, ms: Option<f64>| {
        tokens.zip(ms).map(|(tokens, ms)| format!("{name} {tokens} tokens in {ms:.0} ms"))
    };
    [
        stage("question", timings.embed_ms),
        stage("search", timings.search_ms),
        stage("quotes", timings.quote_ms),
        stage("model", timings.load_ms),
        counted("prompt", timings.prompt_tokens, timings.prompt_ms),
        counted("answer", timings.tokens, timings.decode_ms),
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join(", ")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Adds files.
#[derive(Args)]
pub(crate) struct Add {
    #[command(flatten)]
    base: Base,
    #[command(flatten)]
    about: About,
    /// Files to add.
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

impl Add {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let engine = self.base.open_or_make()?;
        add(&engine, &self.files, &self.about)?;
        Ok(run(engine.maintain(&shown()))?)
    }
}

/// Lists passages.
#[derive(Args)]
pub(crate) struct Search {
    #[command(flatten)]
    base: Base,
    /// The question.
    question: String,
    /// Passages to list.
    #[arg(long, default_value_t = 5)]
    limit: usize,
    #[command(flatten)]
    chosen: Chosen,
    #[command(flatten)]
    vector_index: VectorIndexArgument,
}

impl Search {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let filter = self.chosen.filter()?;
        let engine = self.vector_index.apply(self.base.open()?)?;
        let mut out = io::stdout().lock();
        for passage in
            run(engine.search(&self.question, self.limit, filter.as_ref(), &Task::default()))?
        {
            let (name, text) = (&passage.document.info.name, one_line(passage.text()));
            writeln!(out, "{:.3}  {name}  {}\n       {text}\n", passage.score, passage.headings)?;
        }
        Ok(())
    }
}

/// Removes documents.
#[derive(Args)]
pub(crate) struct Remove {
    #[command(flatten)]
    base: Base,
    /// Ids, as `list` prints them.
    #[arg(required = true)]
    ids: Vec<String>,
}

impl Remove {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let engine = self.base.open()?;
        for id in &self.ids {
            run(engine.remove(id))?;
        }
        Ok(())
    }
}

/// Lists documents.
#[derive(Args)]
pub(crate) struct List {
    #[command(flatten)]
    base: Base,
}

impl List {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        for added in run(self.base.open()?.documents())? {
            let document = &added.info;
            writeln!(out, "{}  {} chunks  {}", document.id, added.chunks, document.name)?;
        }
        Ok(())
    }
}

/// Prints a document's text.
#[derive(Args)]
pub(crate) struct Text {
    /// A document of the knowledge base, by name or id; without --store, a file.
    document: String,
    /// Folder that keeps the knowledge base.
    #[arg(long)]
    store: Option<PathBuf>,
    /// The embedder: a packed file, or the folder of the original files.
    #[arg(long, default_value = models::EMBEDDER)]
    model: PathBuf,
    /// Byte to begin at.
    #[arg(long, default_value_t = 0)]
    from: usize,
    /// Byte to end before [default: the end].
    #[arg(long)]
    to: Option<usize>,
}

impl Text {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let text = match self.store {
            Some(folder) => {
                let base = Base { store: folder, model: self.model, embed_again: false };
                let engine = base.open()?;
                named(&engine, &self.document)?.text().to_owned()
            }
            None => {
                let bytes = read(&PathBuf::from(&self.document))?;
                multimodal_rag::read_file(&self.document, None, &bytes)?.1.text
            }
        };
        let to = self.to.unwrap_or(text.len());
        let part = text.get(self.from..to).ok_or_else(|| {
            let length = text.len();
            format!("No text stands from byte {} to byte {to} of {length}.", self.from)
        })?;
        let mut out = io::stdout().lock();
        out.write_all(part.as_bytes())?;
        if !part.ends_with('\n') {
            writeln!(out)?;
        }
        Ok(())
    }
}

/// The document with this name, or this id.
fn named(engine: &Engine, name_or_id: &str) -> Result<Rc<StoredDocument>, Failure> {
    let documents = run(engine.documents())?;
    let mut found =
        documents.iter().map(|added| &added.info).filter(|info| info.name == name_or_id);
    match (found.next(), found.next()) {
        (Some(info), None) => Ok(run(engine.document(&info.id.to_string()))?),
        (Some(_), Some(_)) => Err(format!(
            "Several documents are named {name_or_id}: give an id, as `list` prints them."
        )
        .into()),
        (None, _) => Ok(run(engine.document(name_or_id))?),
    }
}
