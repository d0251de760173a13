//! The options of a call: each is read by its name and checked for its type, and names that the
//! call does not have are refused. The core checks the ranges.

use js_sys::{Array, Float32Array, Object};
use wasm_bindgen::{JsCast, JsValue};

use super::convert::property;
use crate::answer::{AskOptions, Unsupported};
use crate::engine::{QueryOptions, RowsOptions, SourceFile};
use crate::error::{Error, Result};
use crate::generate::{GenerateOptions, Sampling};
use crate::index::Filter;
use crate::model::{EmbedderOptions, Pooling};
use crate::question::PastQuestion;
use crate::sql_value::SqlValue;

/// Passages that one search may return.
const MAX_SEARCH_LIMIT: usize = 100;
const DEFAULT_SEARCH_LIMIT: usize = 5;
/// Characters of a wrong value that an error repeats.
const MAX_SHOWN_CHARS: usize = 60;

/// The options of one call. An option that is `undefined` or `null` is not given.
pub(super) struct Options {
    object: JsValue,
    /// The names that were read.
    known: Vec<&'static str>,
}

impl Options {
    /// Reads a plain object; `undefined` has no options.
    pub(super) fn new(object: &JsValue) -> Result<Self> {
        if object.is_undefined() || object.is_null() || object.is_object() {
            return Ok(Self { object: object.clone(), known: Vec::new() });
        }
        Err(invalid("options", object, "a plain object"))
    }

    pub(super) fn value(&mut self, name: &'static str) -> Option<JsValue> {
        self.known.push(name);
        property(&self.object, name)
    }

    /// An option that `convert` turns into what the core takes; an error where it cannot.
    fn converted<T>(
        &mut self,
        name: &'static str,
        expected: &'static str,
        convert: impl FnOnce(&JsValue) -> Option<T>,
    ) -> Result<Option<T>> {
        let Some(value) = self.value(name) else { return Ok(None) };
        convert(&value).map(Some).ok_or_else(|| invalid(name, &value, expected))
    }

    pub(super) fn text(&mut self, name: &'static str) -> Result<Option<String>> {
        self.converted(name, "a string", JsValue::as_string)
    }

    /// An option with two values, of which the first one is the default. Whether it is the
    /// second one.
    fn choice(
        &mut self,
        name: &'static str,
        values: [&str; 2],
        expected: &'static str,
    ) -> Result<bool> {
        let chosen = |value: &JsValue| {
            let text = value.as_string()?;
            values.iter().position(|&value| value == text).map(|place| place == 1)
        };
        Ok(self.converted(name, expected, chosen)?.unwrap_or(false))
    }

    pub(super) fn boolean(&mut self, name: &'static str) -> Result<Option<bool>> {
        self.converted(name, "true or false", JsValue::as_bool)
    }

    pub(super) fn number(&mut self, name: &'static str) -> Result<Option<f64>> {
        self.converted(name, "a number", JsValue::as_f64)
    }

    pub(super) fn whole_number<T: TryFrom<u64>>(
        &mut self,
        name: &'static str,
    ) -> Result<Option<T>> {
        self.converted(name, "a whole number from 0 on", whole_number)
    }

    /// Refuses the options that were not read.
    pub(super) fn finish(self) -> Result<()> {
        let Some(object) = self.object.dyn_ref::<Object>() else { return Ok(()) };
        let names = Object::keys(object);
        let unknown = names
            .iter()
            .filter_map(|name| name.as_string())
            .filter(|name| !self.known.contains(&name.as_str()))
            .find(|name| property(&self.object, name).is_some());
        match unknown {
            None => Ok(()),
            Some(option) => Err(Error::UnknownOption { option, known: self.known.join(", ") }),
        }
    }
}

/// The error of an option, or an argument, that has a wrong value.
pub(super) fn invalid(option: &'static str, value: &JsValue, expected: &'static str) -> Error {
    Error::InvalidOption { option, got: shown(value), expected }
}

/// A text that is an argument of a call.
pub(super) fn text(value: &JsValue, name: &'static str) -> Result<String> {
    value.as_string().ok_or_else(|| invalid(name, value, "a string"))
}

/// A vector that is an argument or an option of a call.
pub(super) fn vector(value: &JsValue, name: &'static str) -> Result<Vec<f32>> {
    let vector = value.dyn_ref::<Float32Array>().map(Float32Array::to_vec);
    vector.ok_or_else(|| invalid(name, value, "a Float32Array"))
}

/// A number of the queue that is an argument of a call.
pub(super) fn queue_number(value: &JsValue) -> Result<u64> {
    whole_number(value).ok_or_else(|| invalid("number", value, "a whole number from 0 on"))
}

/// The number of a picture within a file that is an argument of a call.
pub(super) fn picture_number(value: &JsValue) -> Result<u32> {
    whole_number(value).ok_or_else(|| invalid("number", value, "a whole number from 0 on"))
}

/// The options of a file that is added.
#[derive(Debug)]
pub(super) struct AddFile {
    pub(super) name: String,
    pub(super) media_type: Option<String>,
    metadata: Option<String>,
    replaces: Option<String>,
    replaces_same_name: bool,
    password: Option<String>,
    drops_original: bool,
    vector: Option<Vec<f32>>,
}

impl AddFile {
    pub(super) fn read(options: &JsValue) -> Result<Self> {
        let mut options = Options::new(options)?;
        let (name, media_type) = (options.text("name")?, options.text("type")?);
        let metadata = options.value("metadata").map(|value| metadata(&value)).transpose()?;
        let replaces = options.text("replaces")?;
        let expected = "\"add\" or \"replace\"";
        let replaces_same_name = options.choice("sameName", ["add", "replace"], expected)?;
        let password = options.text("password")?;
        let expected = "\"keep\" or \"drop\"";
        let drops_original = options.choice("original", ["keep", "drop"], expected)?;
        let vector = options.value("vector").map(|value| vector(&value, "vector")).transpose()?;
        options.finish()?;
        let untitled = if media_type.is_some() { "untitled" } else { "untitled.txt" };
        Ok(Self {
            name: name.unwrap_or_else(|| untitled.to_owned()),
            media_type: media_type.filter(|media_type| !media_type.is_empty()),
            metadata,
            replaces,
            replaces_same_name,
            password,
            drops_original,
            vector,
        })
    }

    /// The file with this content.
    pub(super) fn file<'a>(&'a self, bytes: &'a [u8]) -> SourceFile<'a> {
        SourceFile {
            name: &self.name,
            mime: self.media_type.as_deref(),
            bytes,
            metadata: self.metadata.as_deref(),
            replaces: self.replaces.as_deref(),
            replaces_same_name: self.replaces_same_name,
            password: self.password.as_deref(),
            drops_original: self.drops_original,
            vector: self.vector.as_deref(),
        }
    }
}

/// The only option of a call that reads a stored file.
pub(super) fn password(options: &JsValue) -> Result<Option<String>> {
    let mut options = Options::new(options)?;
    let password = options.text("password")?;
    options.finish()?;
    Ok(password)
}

/// Several texts that are an argument of a call.
pub(super) fn texts(value: &JsValue, name: &'static str) -> Result<Vec<String>> {
    all_texts(value).ok_or_else(|| invalid(name, value, "an array of strings"))
}

/// The passages that feedback names: the good ones and the bad ones.
pub(super) fn judged(options: &JsValue) -> Result<[Vec<String>; 2]> {
    let mut options = Options::new(options)?;
    let expected = "an array of the chunkId of passages";
    let good = options.converted("good", expected, all_texts)?.unwrap_or_default();
    let bad = options.converted("bad", expected, all_texts)?.unwrap_or_default();
    options.finish()?;
    Ok([good, bad])
}

/// The limit and the filter of a search.
pub(super) fn search(options: &JsValue) -> Result<(usize, Option<Filter>)> {
    let mut options = Options::new(options)?;
    let expected = "a whole number from 1 to 100";
    let limit = options.converted("limit", expected, |value| {
        whole_number(value).filter(|limit| (1..=MAX_SEARCH_LIMIT).contains(limit))
    })?;
    let filter = options.value("where").map(|value| filter(&value)).transpose()?;
    options.finish()?;
    Ok((limit.unwrap_or(DEFAULT_SEARCH_LIMIT), filter))
}

/// The options of rows of a table.
pub(super) fn table_rows(options: &JsValue) -> Result<RowsOptions> {
    let (mut options, defaults) = (Options::new(options)?, RowsOptions::default());
    let rows = RowsOptions {
        start: options.whole_number("start")?.unwrap_or(defaults.start),
        limit: options.whole_number("limit")?.unwrap_or(defaults.limit),
        order_by: options.text("orderBy")?,
        is_descending: options.boolean("descending")?.unwrap_or(defaults.is_descending),
    };
    options.finish()?;
    Ok(rows)
}

/// The options of a query.
pub(super) fn query(options: &JsValue) -> Result<QueryOptions> {
    let (mut options, defaults) = (Options::new(options)?, QueryOptions::default());
    let expected = "an array of strings, numbers, bigints and null";
    let params = options.converted("params", expected, |value| {
        value.dyn_ref::<Array>()?.iter().map(|value| sql_value(&value)).collect()
    })?;
    let query = QueryOptions {
        params: params.unwrap_or_default(),
        limit: options.whole_number("limit")?.unwrap_or(defaults.limit),
        milliseconds: options.whole_number("timeout")?.unwrap_or(defaults.milliseconds),
    };
    options.finish()?;
    Ok(query)
}

fn sql_value(value: &JsValue) -> Option<SqlValue> {
    if value.is_null() {
        return Some(SqlValue::Null);
    }
    if value.is_bigint() {
        return i64::try_from(value.clone()).ok().map(SqlValue::Integer);
    }
    if let Some(text) = value.as_string() {
        return Some(SqlValue::Text(text));
    }
    let number = value.as_f64()?;
    let is_safe = number.fract() == 0.0 && number.abs() <= js_sys::Number::MAX_SAFE_INTEGER;
    Some(if is_safe { SqlValue::Integer(number as i64) } else { SqlValue::Real(number) })
}

/// The options of an answer.
pub(super) fn ask(options: &JsValue) -> Result<AskOptions> {
    let (mut options, defaults) = (Options::new(options)?, AskOptions::default());
    let asked = AskOptions {
        limit: options.whole_number("limit")?.unwrap_or(defaults.limit),
        filter: options.value("where").map(|value| filter(&value)).transpose()?,
        max_tokens: options.whole_number("maxTokens")?.unwrap_or(defaults.max_tokens),
        sampling: sampling(&mut options)?,
        unsupported: options
            .converted("unsupported", "\"hide\" or \"mark\"", unsupported)?
            .unwrap_or(defaults.unsupported),
        context_bound: options.boolean("contextBound")?.unwrap_or(defaults.context_bound),
        history: options
            .converted("history", "an array of objects with a question", past_questions)?
            .unwrap_or_default(),
        adapters: adapters(&mut options)?,
    };
    options.finish()?;
    Ok(asked)
}

fn unsupported(value: &JsValue) -> Option<Unsupported> {
    match value.as_string()?.as_str() {
        "hide" => Some(Unsupported::Hide),
        "mark" => Some(Unsupported::Mark),
        _ => None,
    }
}

/// Objects with a `question`, and perhaps its `quotes` and its `answer`.
fn past_questions(value: &JsValue) -> Option<Vec<PastQuestion>> {
    let past = |value: JsValue| {
        let question = property(&value, "question")?.as_string()?;
        let quotes = match property(&value, "quotes") {
            Some(quotes) => all_texts(&quotes)?,
            None => Vec::new(),
        };
        let answer = match property(&value, "answer") {
            Some(answer) => answer.as_string()?,
            None => String::new(),
        };
        Some(PastQuestion { question, quotes, answer })
    };
    value.dyn_ref::<Array>()?.iter().map(past).collect()
}

/// The options of a generated text.
pub(super) fn generate(options: &JsValue) -> Result<GenerateOptions> {
    let (mut options, defaults) = (Options::new(options)?, GenerateOptions::default());
    let asked = GenerateOptions {
        max_tokens: options.whole_number("maxTokens")?.unwrap_or(defaults.max_tokens),
        sampling: sampling(&mut options)?,
        stop: options.converted("stop", "an array of strings", all_texts)?.unwrap_or_default(),
        prompt_lookup: options.boolean("promptLookup")?.unwrap_or(defaults.prompt_lookup),
        bound: None,
        adapters: adapters(&mut options)?,
    };
    options.finish()?;
    Ok(asked)
}

/// The options of an embedder that is loaded from its original files.
pub(super) fn embedder(options: &JsValue) -> Result<EmbedderOptions> {
    let (mut options, defaults) = (Options::new(options)?, EmbedderOptions::default());
    let pooling = |value: &JsValue| match value.as_string()?.as_str() {
        "mean" => Some(Pooling::Mean),
        "cls" => Some(Pooling::Cls),
        _ => None,
    };
    let asked = EmbedderOptions {
        pooling: options
            .converted("pooling", "\"mean\" or \"cls\"", pooling)?
            .unwrap_or(defaults.pooling),
        query_prefix: options.text("queryPrefix")?.unwrap_or(defaults.query_prefix),
        passage_prefix: options.text("passagePrefix")?.unwrap_or(defaults.passage_prefix),
        max_tokens: options.whole_number("maxTokens")?.unwrap_or(defaults.max_tokens),
        languages: defaults.languages,
        calibration: defaults.calibration,
    };
    options.finish()?;
    Ok(asked)
}

fn sampling(options: &mut Options) -> Result<Sampling> {
    let defaults = Sampling::default();
    Ok(Sampling {
        temperature: options.number("temperature")?.unwrap_or(defaults.temperature),
        top_k: options.whole_number("topK")?,
        top_p: options.number("topP")?,
        seed: options.whole_number("seed")?.unwrap_or(defaults.seed),
    })
}

/// The scale of each adapter of the generator.
fn adapters(options: &mut Options) -> Result<Option<Vec<f32>>> {
    options.converted("adapters", "an array of numbers", |value| {
        let scale = |scale: JsValue| scale.as_f64().map(|scale| scale as f32);
        value.dyn_ref::<Array>()?.iter().map(scale).collect()
    })
}

/// A number of JavaScript's that is whole, not negative and exact.
fn whole_number<T: TryFrom<u64>>(value: &JsValue) -> Option<T> {
    let number = value.as_f64()?;
    let is_exact =
        number.fract() == 0.0 && (0.0..=js_sys::Number::MAX_SAFE_INTEGER).contains(&number);
    is_exact.then(|| T::try_from(number as u64).ok()).flatten()
}

fn all_texts(value: &JsValue) -> Option<Vec<String>> {
    value.dyn_ref::<Array>()?.iter().map(|text| text.as_string()).collect()
}

/// A value as errors show it: texts, numbers and truth values as they are, others by their type.
fn shown(value: &JsValue) -> String {
    if let Some(text) = value.as_string() {
        let cut = text.char_indices().nth(MAX_SHOWN_CHARS).map_or(text.len(), |(at, _)| at);
        return format!("{:?}", &text[..cut]);
    }
    let simple = value.as_f64().map(|number| number.to_string());
    simple.or_else(|| value.as_bool().map(|is_true| is_true.to_string())).unwrap_or_else(|| {
        if value.is_null() { "null".to_owned() } else { format!("of type {}", type_name(value)) }
    })
}

fn type_name(value: &JsValue) -> String {
    value.js_typeof().as_string().unwrap_or_default()
}

/// The option `where`.
fn filter(value: &JsValue) -> Result<Filter> {
    let text = js_sys::JSON::stringify(value).ok().and_then(|text| text.as_string());
    let value = text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    Filter::parse(&value)
}

/// The option `metadata` as JSON, which the core stores unread.
fn metadata(value: &JsValue) -> Result<String> {
    let invalid = || invalid("metadata", value, "a plain object that JSON can hold");
    if !value.is_object() || value.is_instance_of::<js_sys::Array>() {
        return Err(invalid());
    }
    let text = js_sys::JSON::stringify(value.unchecked_ref::<Object>()).map_err(|_| invalid())?;
    text.as_string().ok_or_else(invalid)
}
