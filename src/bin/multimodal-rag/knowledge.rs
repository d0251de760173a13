//! Commands on a knowledge base in a folder, or in memory for one question.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use clap::Args;
use multimodal_rag::{
    DirectoryStore, DocumentInfo, Engine, FileReader, FileToRead, Filter, GeneratorSource,
    InlineSqlRunner, MemoryStore, Passage, ReadLimits, Runtime, Store, StoredDocument, Task,
};

use crate::Failure;
use crate::files::read_file;
use crate::generator::GeneratorFile;
use crate::models::{self, ImageModelArgument, ModelArgument};
use crate::printed::{single_line, source};
use crate::process_reader::ReaderArguments;
use crate::progress::task_with_progress;
use crate::runtime::{NativeRuntime, block_on, milliseconds};
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
        self.open_on(Rc::new(NativeRuntime::new()))
    }

    /// Opens a knowledge base, or creates it.
    pub(crate) fn open_or_create(&self) -> Result<Engine, Failure> {
        self.open_or_create_on(Rc::new(NativeRuntime::new()))
    }

    /// Opens a knowledge base that exists, on another runtime.
    pub(crate) fn open_on(&self, runtime: Rc<dyn Runtime>) -> Result<Engine, Failure> {
        check_exists(&self.store)?;
        self.open_or_create_on(runtime)
    }

    /// Opens a knowledge base, or creates it, on another runtime.
    pub(crate) fn open_or_create_on(&self, runtime: Rc<dyn Runtime>) -> Result<Engine, Failure> {
        let store = Some(&self.store);
        let engine = on_runtime(runtime, store, &self.model.model, None, self.embed_again)?;
        let engine = self.image_model.apply(engine.with_read_limits(self.reader.limits()))?;
        Ok(engine.with_file_reader(Rc::new(self.reader.reader()?)))
    }
}

/// Opens a knowledge base that is kept nowhere.
pub(crate) fn open_in_memory(
    model: &ModelArgument,
    image_model: &ImageModelArgument,
    reader: &ReaderArguments,
) -> Result<Engine, Failure> {
    let engine = open(None, &model.model, None, false)?.with_read_limits(reader.limits());
    let engine = image_model.apply(engine)?;
    Ok(engine.with_file_reader(Rc::new(reader.reader()?)))
}

/// An error unless the folder holds a knowledge base. Only `add`, `import` and `ask` with files
/// create one.
pub(crate) fn check_exists(folder: &Path) -> Result<(), Failure> {
    if DirectoryStore::is_at(folder) {
        return Ok(());
    }
    let folder = folder.display();
    let advice = format!("`multimodal-rag add --store {folder} FILE…` makes one");
    Err(format!("There is no knowledge base in {folder}; {advice}.").into())
}

pub(crate) fn open(
    store: Option<&PathBuf>,
    model: &Path,
    generator: Option<GeneratorFile>,
    embed_again: bool,
) -> Result<Engine, Failure> {
    on_runtime(Rc::new(NativeRuntime::new()), store, model, generator, embed_again)
}

fn on_runtime(
    runtime: Rc<dyn Runtime>,
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
    let task = task_with_progress();
    let engine = match embed_again {
        true => block_on(Engine::open_with_new_embedder(store, runtime, embedder, source, &task))?,
        false => block_on(Engine::open(store, runtime, embedder, source, &task))?,
    };
    for damaged in engine.damaged() {
        eprintln!("{}: {}", damaged.id, damaged.error);
    }
    let reader = ReaderArguments::default().reader()?;
    let sql_runner = InlineSqlRunner::new(milliseconds);
    Ok(engine.with_file_reader(Rc::new(reader)).with_sql_runner(Rc::new(sql_runner)))
}

/// The documents that are searched.
#[derive(Args)]
pub(crate) struct FilterArguments {
    /// A JSON object that the documents' metadata fits: {"year": {"gte": 2000}}.
    #[arg(long = "where", value_name = "JSON")]
    filter: Option<String>,
}

impl FilterArguments {
    pub(crate) fn parse(&self) -> Result<Option<Filter>, Failure> {
        let Some(json) = &self.filter else { return Ok(None) };
        let value = serde_json::from_str(json)
            .map_err(|error| format!("The value of --where is not JSON: {error}."))?;
        Ok(Some(Filter::parse(&value)?))
    }
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
