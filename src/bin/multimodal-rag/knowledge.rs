//! Commands over a knowledge base: in a folder, or in memory for one question.

use std::io::Write;
use std::path::PathBuf;
use std::rc::Rc;

use clap::Args;
use multimodal_rag::{
    AnswerEvent, AskOptions, AskTimings, Citation, DirectoryStore, EndReason, Engine,
    GeneratorSource, MemoryStore, Sampling, SourceFile, Store, Task,
};

use crate::models::{self, GeneratorFile};
use crate::native::{NativeHost, run};
use crate::progress::shown;
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
}

impl Base {
    fn open(&self) -> Result<Engine, Failure> {
        open(Some(&self.store), &self.model, None)
    }
}

fn open(
    store: Option<&PathBuf>,
    model: &PathBuf,
    generator: Option<PathBuf>,
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
    let host = Rc::new(NativeHost::new());
    let engine = run(Engine::open(store, host, embedder, source, &Task::default()))?;
    for damaged in engine.damaged() {
        eprintln!("{}: {}", damaged.id, damaged.error);
    }
    Ok(engine)
}

fn add(engine: &Engine, files: &[PathBuf]) -> Result<(), Failure> {
    for path in files {
        let bytes = read(path)?;
        let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        let file = SourceFile { name: &name, mime: None, bytes: &bytes, metadata: None };
        let added = run(engine.add(file, &shown()))?;
        let note = if added.already_added { ", already there" } else { "" };
        eprintln!("{name}: {} chunks{note} ({})", added.chunks, added.document.id);
    }
    Ok(())
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
    /// 0: always the likeliest token; above: more varied.
    #[arg(long, default_value_t = 0.0)]
    temperature: f64,
    /// Equal seeds give equal answers.
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

impl Ask {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let generator = (!self.quotes_only).then_some(self.generator);
        let engine = open(self.store.as_ref(), &self.model, generator)?;
        add(&engine, &self.files)?;
        let sampling =
            Sampling { temperature: self.temperature, seed: self.seed, ..Sampling::default() };
        let options = AskOptions { limit: self.limit, max_tokens: self.max_tokens, sampling };
        let mut printer = Printer::default();
        let task = shown();
        run(engine.ask(&self.question, &options, &task, &mut |event| printer.print(event)))?;
        Ok(())
    }
}

/// Prints an answer as it comes, its sources at the end.
#[derive(Default)]
struct Printer {
    answer: String,
    sources: Vec<String>,
}

impl Printer {
    fn print(&mut self, event: AnswerEvent) {
        match event {
            AnswerEvent::Passages(_) => {}
            AnswerEvent::Quote(quote) => {
                println!("> {}\n  {}\n", one_line(quote.text()), place(&quote));
            }
            AnswerEvent::Text(text) => {
                print!("{text}");
                // Without a flush the text would come all at once.
                let _ = std::io::stdout().flush();
                self.answer.push_str(&text);
            }
            AnswerEvent::Citation { citation, text } => {
                let claim = one_line(&self.answer[text]);
                let source = one_line(citation.text());
                let place = place(&citation);
                self.sources.push(format!("[{}] {claim}\n    {place}: {source}", citation.number));
            }
            AnswerEvent::Unsupported { text } => {
                let claim = one_line(&self.answer[text]);
                self.sources.push(format!("[?] {claim}\n    not supported by the documents"));
            }
            AnswerEvent::End { reason, timings } => self.print_end(reason, &timings),
        }
    }

    fn print_end(&self, reason: EndReason, timings: &AskTimings) {
        if reason == EndReason::NoAnswer {
            println!("Nothing in the documents is near enough to answer from.");
        }
        if !self.sources.is_empty() {
            println!("\n\nSources\n{}", self.sources.join("\n"));
        }
        eprintln!("\n{}", spent(timings));
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

fn place(citation: &Citation) -> String {
    let Citation { number, document, span, .. } = citation;
    format!("[{number}] {}, bytes {} to {}", document.name, span.start, span.end)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Adds files.
#[derive(Args)]
pub(crate) struct Add {
    #[command(flatten)]
    base: Base,
    /// Files to add.
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

impl Add {
    pub(crate) fn run(self) -> Result<(), Failure> {
        add(&self.base.open()?, &self.files)
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
}

impl Search {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let engine = self.base.open()?;
        for passage in run(engine.search(&self.question, self.limit, &Task::default()))? {
            println!("{:.3}  {}  {}", passage.score, passage.document.name, passage.headings);
            println!("       {}\n", one_line(passage.text()));
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
        for added in self.base.open()?.documents()? {
            let document = &added.document;
            println!("{}  {} chunks  {}", document.id, added.chunks, document.name);
        }
        Ok(())
    }
}
