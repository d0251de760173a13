//! Commands on a knowledge base in a folder, or in memory for one question.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use clap::Args;
use multimodal_rag::{
    AnswerEvent, AskOptions, AskTimings, Citation, CitedPicture, Correction, DirectoryStore,
    DocumentId, DocumentInfo, EndReason, Engine, FileReader, FileToRead, Filter, GeneratorSource,
    MemoryStore, Passage, PastQuestion, ReadLimits, Sampling, Span, Store, StoredDocument, Task,
    Unsupported,
};

use crate::Failure;
use crate::add::add_asked;
use crate::files::read_file;
use crate::generator::{AdapterArgument, GeneratorFile};
use crate::models::{self, AnswerReaderArgument, ImageModelArgument, ModelArgument};
use crate::process_reader::ReaderArguments;
use crate::progress::task_with_progress;
use crate::runtime::{NativeRuntime, block_on};
use crate::vector_index::VectorIndexArgument;

/// The knowledge base of a command, and its embedder.
#[derive(Args)]
pub(crate) struct KnowledgeBaseArguments {
    /// Folder that keeps the knowledge base.
    #[arg(long)]
    store: PathBuf,
    #[command(flatten)]
    model: ModelArgument,
    /// Embed all documents again where another embedder did before.
    #[arg(long)]
    embed_again: bool,
    #[command(flatten)]
    image_model: ImageModelArgument,
    #[command(flatten)]
    reader: ReaderArguments,
}

impl KnowledgeBaseArguments {
    /// Opens a knowledge base that exists.
    pub(crate) fn open(&self) -> Result<Engine, Failure> {
        check_exists(&self.store)?;
        self.open_or_create()
    }

    /// Opens a knowledge base, or creates it.
    pub(crate) fn open_or_create(&self) -> Result<Engine, Failure> {
        let engine = open(Some(&self.store), &self.model.model, None, self.embed_again)?;
        let engine = self.image_model.apply(engine.with_read_limits(self.reader.limits()))?;
        Ok(engine.with_file_reader(Rc::new(self.reader.reader()?)))
    }
}

/// An error unless the folder holds a knowledge base. Only `add`, `import` and `ask` with files
/// create one.
fn check_exists(folder: &Path) -> Result<(), Failure> {
    if DirectoryStore::is_at(folder) {
        return Ok(());
    }
    let folder = folder.display();
    let advice = format!("`multimodal-rag add --store {folder} FILE…` makes one");
    Err(format!("There is no knowledge base in {folder}; {advice}.").into())
}

fn open(
    store: Option<&PathBuf>,
    model: &Path,
    generator: Option<GeneratorFile>,
    embed_again: bool,
) -> Result<Engine, Failure> {
    let store: Box<dyn Store> = match store {
        Some(folder) => Box::new(DirectoryStore::open(folder.clone())?),
        None => Box::new(MemoryStore::new()),
    };
    let embedder = Rc::new(models::load_embedder(model, false)?);
    let source = generator.map(|file| Box::new(file) as Box<dyn GeneratorSource>);
    let runtime = Rc::new(NativeRuntime::new());
    let task = task_with_progress();
    let engine = match embed_again {
        true => block_on(Engine::open_with_new_embedder(store, runtime, embedder, source, &task))?,
        false => block_on(Engine::open(store, runtime, embedder, source, &task))?,
    };
    for damaged in engine.damaged() {
        eprintln!("{}: {}", damaged.id, damaged.error);
    }
    let reader = ReaderArguments::default().reader()?;
    Ok(engine.with_file_reader(Rc::new(reader)))
}

/// The documents that are searched.
#[derive(Args)]
struct FilterArguments {
    /// A JSON object that the documents' metadata fits: {"year": {"gte": 2000}}.
    #[arg(long = "where", value_name = "JSON")]
    filter: Option<String>,
}

impl FilterArguments {
    fn parse(&self) -> Result<Option<Filter>, Failure> {
        let Some(json) = &self.filter else { return Ok(None) };
        let value = serde_json::from_str(json)
            .map_err(|error| format!("The value of --where is not JSON: {error}."))?;
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
    #[command(flatten)]
    model: ModelArgument,
    /// The generator, a GGUF file.
    #[arg(long, default_value = models::GENERATOR)]
    generator: PathBuf,
    /// An adapter (LoRA) of the generator: a GGUF file, or the folder of PEFT; several may be
    /// given. Scales are from -100 to 100 [default: 1].
    #[arg(long = "adapter", value_name = "FILE[=SCALE]")]
    adapters: Vec<AdapterArgument>,
    #[command(flatten)]
    answer_reader: AnswerReaderArgument,
    #[command(flatten)]
    image_model: ImageModelArgument,
    /// Quotes only, without a generator.
    #[arg(long)]
    quotes_only: bool,
    /// Tokens to generate at most.
    #[arg(long, default_value_t = 200)]
    max_tokens: usize,
    /// Show generated sentences that no passage supports, and say so, instead of "…".
    #[arg(long)]
    mark_unsupported: bool,
    /// Hold the generated text to words of the passages and of the question.
    #[arg(long)]
    context_bound: bool,
    /// The question asked before, which this one goes on from ("And when was it built?").
    #[arg(long, value_name = "QUESTION")]
    after: Option<String>,
    /// Passages to answer from.
    #[arg(long, default_value_t = 3)]
    limit: usize,
    #[command(flatten)]
    filter: FilterArguments,
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
        let generator = match self.quotes_only {
            true => None,
            false => Some(GeneratorFile::new(self.generator, self.adapters)?),
        };
        let filter = self.filter.parse()?;
        let engine = open(self.store.as_ref(), &self.model.model, generator, false)?;
        let engine = self.image_model.apply(self.answer_reader.apply(engine)?)?;
        add_asked(&engine, &self.files)?;
        let engine = self.vector_index.apply(engine)?;
        let sampling =
            Sampling { temperature: self.temperature, seed: self.seed, ..Sampling::default() };
        let (limit, max_tokens) = (self.limit, self.max_tokens);
        let past = |question| PastQuestion { question, ..PastQuestion::default() };
        let history = self.after.into_iter().map(past).collect();
        let unsupported =
            if self.mark_unsupported { Unsupported::Mark } else { Unsupported::default() };
        let context_bound = self.context_bound;
        let options = AskOptions {
            limit,
            filter,
            max_tokens,
            sampling,
            unsupported,
            context_bound,
            history,
            ..AskOptions::default()
        };
        let mut printer = Printer::default();
        let task = task_with_progress();
        let mut printed = Ok(());
        let mut print = |event| {
            if printed.is_ok() {
                printed = printer.print(event);
            }
            if printed.is_err() {
                task.cancel.cancel();
            }
        };
        block_on(engine.ask(&self.question, &options, &task, &mut print))?;
        Ok(printed?)
    }
}

/// Prints an answer while it is written, and its sources at the end. Each cited place has a
/// number, in the order of appearance.
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
            AnswerEvent::Image(CitedPicture { citation, .. }) => {
                let place = (citation.document.id(), citation.span);
                // One that is quoted is named with its quote.
                if !self.places.contains(&place) {
                    writeln!(out, "Picture: {}\n", self.describe_place(&citation))?;
                }
            }
            AnswerEvent::Corrections(corrections) => {
                for Correction { from, to } in corrections {
                    let [from, to] = [from, to].map(|word| in_quotes(&word));
                    writeln!(out, "No document has {from}. Asked with {to} instead.")?;
                }
                writeln!(out)?;
            }
            AnswerEvent::Answer { citation, confidence } => {
                let (text, percent) = (quoted_text(&citation), 100.0 * confidence);
                writeln!(out, "Answer: {text} ({percent:.0} % sure)\n")?;
            }
            AnswerEvent::Quote(quote) => {
                writeln!(out, "> {}\n  {}\n", quoted_text(&quote), self.describe_place(&quote))?;
            }
            AnswerEvent::Text(text) => {
                write!(out, "{text}")?;
                // Without a flush the text would appear all at once.
                out.flush()?;
                self.answer.push_str(&text);
            }
            AnswerEvent::Citation { citation, text } => {
                let claim = single_line(&self.answer[text]);
                let (place, source) = (self.describe_place(&citation), quoted_text(&citation));
                self.sources.push(format!("- {claim}\n  rests on {place}:\n  > {source}"));
            }
            AnswerEvent::Unsupported { sentence, .. } => {
                let claim = single_line(&sentence);
                self.sources.push(format!("- {claim}\n  is not supported by the documents"));
            }
            AnswerEvent::End { reason, timings } => {
                if reason == EndReason::NoAnswer {
                    writeln!(out, "Nothing in the documents is near enough to answer from.")?;
                }
                if !self.sources.is_empty() {
                    writeln!(out, "\n\nSources\n{}", self.sources.join("\n"))?;
                }
                eprintln!("\n{}", format_timings(&timings));
            }
        }
        Ok(())
    }

    /// The number, document and span of a citation.
    fn describe_place(&mut self, citation: &Citation) -> String {
        let Citation { document, span, .. } = citation;
        let place = (document.id(), *span);
        let known = self.places.iter().position(|&known| known == place);
        let number = known.unwrap_or_else(|| {
            self.places.push(place);
            self.places.len() - 1
        });
        let (Span { start, end }, source) = (span, source(document, *span));
        let place = format!("[{}] {source}, bytes {start} to {end} of its text", number + 1);
        match &*citation.headings {
            "" => place,
            headings => format!("{place}, below {}", in_quotes(headings)),
        }
    }
}

/// The name of a document, and where the span is in its file: "report.pdf, page 12".
fn source(document: &StoredDocument, span: Span) -> String {
    match document.document.place(span) {
        Some(place) => format!("{}, {place}", document.info.name),
        None => document.info.name.clone(),
    }
}

/// A text in quotation marks, without characters that control a terminal.
fn in_quotes(text: &str) -> String {
    format!("\"{}\"", text.replace(char::is_control, " "))
}

/// The cited text on one line, without the marker of a list item at its beginning.
fn quoted_text(citation: &Citation) -> String {
    let text = single_line(citation.text());
    let is_marker = |word: &str| {
        let digits = word.strip_suffix(['.', ')']).unwrap_or_default();
        let is_number =
            (1..=3).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        is_number || matches!(word, "-" | "*" | "+" | "•")
    };
    match text.split_once(' ') {
        Some((marker, rest)) if is_marker(marker) => rest.to_owned(),
        _ => text,
    }
}

/// The time of each completed stage, on one line.
fn format_timings(timings: &AskTimings) -> String {
    let stage = |name: &str, ms: Option<f64>| ms.map(|ms| format!("{name} {ms:.0} ms"));
    let counted = |name: &str, tokens: Option<usize>, ms: Option<f64>| {
        tokens.zip(ms).map(|(tokens, ms)| format!("{name} {tokens} tokens in {ms:.0} ms"))
    };
    [
        stage("question", timings.embed_ms),
        stage("search", timings.search_ms),
        stage("reading", timings.read_ms),
        stage("quotes", timings.quote_ms),
        stage("model", timings.load_ms),
        counted("prompt", timings.prompt_tokens, timings.prompt_ms),
        counted("answer", timings.tokens, timings.decode_ms),
        stage("checking", timings.check_ms),
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join(", ")
}

/// The text with every run of white space replaced by one space.
fn single_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Lists passages.
#[derive(Args)]
pub(crate) struct Search {
    #[command(flatten)]
    knowledge_base: KnowledgeBaseArguments,
    /// The question.
    #[arg(required_unless_present = "image")]
    question: Option<String>,
    /// A picture instead of a question: lists the pictures that are most like it.
    #[arg(long, value_name = "FILE", conflicts_with = "question")]
    image: Option<PathBuf>,
    /// Passages to list.
    #[arg(long, default_value_t = 5)]
    limit: usize,
    #[command(flatten)]
    filter: FilterArguments,
    #[command(flatten)]
    vector_index: VectorIndexArgument,
}

impl Search {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let filter = self.filter.parse()?;
        let engine = self.vector_index.apply(self.knowledge_base.open()?)?;
        let mut out = io::stdout().lock();
        for passage in self.find(&engine, filter.as_ref())? {
            let source = source(&passage.document, passage.span);
            let text = single_line(passage.text());
            writeln!(out, "{:.3}  {source}  {}\n       {text}\n", passage.score, passage.headings)?;
        }
        Ok(())
    }

    fn find(&self, engine: &Engine, filter: Option<&Filter>) -> Result<Vec<Passage>, Failure> {
        let (limit, task) = (self.limit, Task::default());
        let Some(path) = &self.image else {
            let question = self.question.as_deref().unwrap_or_default();
            return Ok(block_on(engine.search(question, limit, filter, &task))?);
        };
        let (name, bytes) = (path.display().to_string(), read_file(path)?);
        let file = FileToRead { name: &name, bytes: &bytes, ..FileToRead::default() };
        Ok(block_on(engine.search_image(&file, limit, filter, &task))?)
    }
}

/// Removes documents.
#[derive(Args)]
pub(crate) struct Remove {
    #[command(flatten)]
    knowledge_base: KnowledgeBaseArguments,
    /// Ids, as `list` prints them.
    #[arg(required = true)]
    ids: Vec<String>,
}

impl Remove {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let engine = self.knowledge_base.open()?;
        for id in &self.ids {
            block_on(engine.remove(id))?;
        }
        Ok(())
    }
}

/// Lists documents.
#[derive(Args)]
pub(crate) struct List {
    #[command(flatten)]
    knowledge_base: KnowledgeBaseArguments,
}

impl List {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        for added in block_on(self.knowledge_base.open()?.documents())? {
            let DocumentInfo { id, name, details, .. } = &*added.info;
            let chunks = added.chunks;
            writeln!(out, "{id}  {chunks} chunks  {}  {name}", details.reader)?;
            if let Some(title) = &details.title {
                writeln!(out, "    title: {title}")?;
            }
            for warning in &details.warnings {
                writeln!(out, "    warning: {warning}")?;
            }
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
    #[command(flatten)]
    model: ModelArgument,
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
                check_exists(&folder)?;
                let engine = open(Some(&folder), &self.model.model, None, false)?;
                find_document(&engine, &self.document)?.text().to_owned()
            }
            None => {
                let bytes = read_file(Path::new(&self.document))?;
                let file =
                    FileToRead { name: &self.document, bytes: &bytes, ..FileToRead::default() };
                let (limits, runtime) = (ReadLimits::default(), NativeRuntime::new());
                let reader = ReaderArguments::default().reader()?;
                let task = task_with_progress();
                block_on(reader.read(&file, &limits, &runtime, &task))?.1.document.text
            }
        };
        let to = self.to.unwrap_or(text.len());
        let part = text.get(self.from..to).ok_or_else(|| {
            let length = text.len();
            format!("Bytes {} to {to} of {length} are not a piece of the text.", self.from)
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
fn find_document(engine: &Engine, name_or_id: &str) -> Result<Rc<StoredDocument>, Failure> {
    let documents = block_on(engine.documents())?;
    let mut found =
        documents.iter().map(|added| &added.info).filter(|info| info.name == name_or_id);
    match (found.next(), found.next()) {
        (Some(info), None) => Ok(block_on(engine.document(&info.id.to_string()))?),
        (Some(_), Some(_)) => Err(format!(
            "Several documents are named {name_or_id}: give an id, as `list` prints them."
        )
        .into()),
        (None, _) => Ok(block_on(engine.document(name_or_id))?),
    }
}
