//! The options of `Engine.open`.

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};

use super::convert::property;
use super::generator_files::GeneratorFiles;
use super::js_folder::JsFolder;
use super::model_source::ModelSource;
use super::ocr_files::OcrFiles;
use super::options::{Options, invalid};
use super::page_generator::PageGenerator;
use crate::error::Result;
use crate::index::VectorIndex;

/// The name of a knowledge base that is opened without one.
const DEFAULT_NAME: &str = "default";

/// The options of `Engine.open`.
pub(super) struct OpenOptions {
    pub(super) name: String,
    pub(super) storage: StorageOption,
    /// The folder that keeps it, in a program that has folders.
    pub(super) folder: Option<JsFolder>,
    /// The file of a knowledge base that is opened to read.
    pub(super) source: Option<ModelSource>,
    /// The files of knowledge bases that are searched beside it, by their names.
    pub(super) shipped: Vec<(String, ModelSource)>,
    pub(super) embedder: JsValue,
    pub(super) generator: Option<GeneratorOption>,
    pub(super) answer_reader: Option<ModelSource>,
    pub(super) image: Option<ModelSource>,
    pub(super) ocr: Option<OcrFiles>,
    pub(super) vector_index: VectorIndex,
    pub(super) embed_again: bool,
    /// Whether a worker of this page died while it had the knowledge base open.
    pub(super) after_failure: bool,
}

/// The option `storage`.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum StorageOption {
    Auto,
    Persistent,
    Memory,
}

impl OpenOptions {
    pub(super) fn read(options: &JsValue) -> Result<Self> {
        let mut options = Options::new(options)?;
        let name = checked_name(options.text("name")?)?;
        let storage = match options.value("storage") {
            None => StorageOption::Auto,
            Some(value) => StorageOption::read(&value)?,
        };
        // Opened by `handlers.js`.
        let folder = options.value("folder").map(JsCast::unchecked_into);
        let source = options.value("source");
        let source = source
            .map(|source| ModelSource::parse(&source, "source", "a knowledge base"))
            .transpose()?;
        let shipped = options.value("shipped").map(|list| read_shipped(&list)).transpose()?;
        let shipped = shipped.unwrap_or_default();
        let mut models = Options::new(&options.value("models").unwrap_or(JsValue::UNDEFINED))?;
        let embedder = models.value("embedder").unwrap_or(JsValue::UNDEFINED);
        let generator = models.value("generator");
        let generator = generator
            .map(|source| GeneratorOption::parse(&source, "models.generator"))
            .transpose()?;
        let answer_reader = models.value("answerReader");
        let answer_reader = answer_reader
            .map(|source| ModelSource::parse(&source, "models.answerReader", "a model"))
            .transpose()?;
        let image = models.value("image");
        let image = image
            .map(|source| ModelSource::parse(&source, "models.image", "a model"))
            .transpose()?;
        let ocr = models.value("ocr").map(|source| OcrFiles::parse(&source)).transpose()?;
        models.finish()?;
        let vector_index = match options.value("vectorIndex") {
            None => VectorIndex::default(),
            Some(value) => read_vector_index(&value)?,
        };
        let embed_again = options.boolean("embedAgain")?.unwrap_or(false);
        options.finish()?;
        let after_failure = false;
        Ok(Self {
            name,
            storage,
            folder,
            source,
            shipped,
            embedder,
            generator,
            answer_reader,
            image,
            ocr,
            vector_index,
            embed_again,
            after_failure,
        })
    }
}

/// The option `models.generator`.
#[derive(Clone)]
pub(super) enum GeneratorOption {
    Files(GeneratorFiles),
    /// One of the page.
    Page(PageGenerator),
}

impl GeneratorOption {
    /// Reads and checks it. Errors name the `option` that has it.
    pub(super) fn parse(source: &JsValue, option: &'static str) -> Result<Self> {
        match property(source, "page") {
            Some(page) => Ok(Self::Page(page.unchecked_into())),
            None => GeneratorFiles::parse(source, option).map(Self::Files),
        }
    }
}

impl StorageOption {
    fn read(value: &JsValue) -> Result<Self> {
        match value.as_string().as_deref() {
            Some("auto") => Ok(Self::Auto),
            Some("persistent") => Ok(Self::Persistent),
            Some("memory") => Ok(Self::Memory),
            _ => Err(invalid("storage", value, "\"auto\", \"persistent\" or \"memory\"")),
        }
    }
}

/// The option `shipped`: a list of `{ name, source }`, each of another name.
fn read_shipped(list: &JsValue) -> Result<Vec<(String, ModelSource)>> {
    let expected = "a list of { name, source }, each of another name";
    let wrong = || invalid("shipped", list, expected);
    let mut all: Vec<(String, ModelSource)> = Vec::new();
    for one in list.dyn_ref::<Array>().ok_or_else(wrong)?.iter() {
        let mut options = Options::new(&one)?;
        let name = options.text("name")?.filter(|name| !name.is_empty()).ok_or_else(wrong)?;
        let source = options.value("source").ok_or_else(wrong)?;
        options.finish()?;
        if all.iter().any(|(known, _)| *known == name) {
            return Err(wrong());
        }
        all.push((name, ModelSource::parse(&source, "shipped.source", "a knowledge base")?));
    }
    Ok(all)
}

fn read_vector_index(value: &JsValue) -> Result<VectorIndex> {
    let expected = "\"auto\", \"exact\" or \"graph\"";
    let choice = value.as_string().and_then(|name| VectorIndex::from_name(&name));
    choice.ok_or_else(|| invalid("vectorIndex", value, expected))
}

/// The name of a knowledge base, which is not empty.
pub(super) fn checked_name(name: Option<String>) -> Result<String> {
    let name = name.unwrap_or_else(|| DEFAULT_NAME.to_owned());
    let expected = "a name of at least one character";
    if name.is_empty() { Err(invalid("name", &name.into(), expected)) } else { Ok(name) }
}
