//! Reader workers: workers of the package that read files with modules of their own.

use std::rc::Rc;

use async_trait::async_trait;
use futures_util::future::{Either, select};
use js_sys::{Promise, Uint8Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal};

use super::convert::{describe, property, text_property, to_js};
use super::ocr_files::OcrFiles;
use crate::document::FileKind;
use crate::error::{Error, Result};
use crate::format::{FileReader, FileToRead, Format, InlineFileReader, ReaderModule, recognize};
use crate::kernel::try_with_capacity;
use crate::read::{ReadFile, ReadLimits};
use crate::runtime::{Progress, Runtime, Stage, Task};

#[wasm_bindgen]
extern "C" {
    /// The class `ReaderWorkers` of `reader-workers.js`.
    #[derive(Debug, Clone)]
    pub type ReaderWorkers;

    /// A promise of what the reader module of this name returns for the file. It rejects with
    /// the reader's error, `{ code, message }`, or with `{ code }` where the worker was ended.
    /// `signal` ends the worker; the promise settles once it has ended.
    #[wasm_bindgen(method, catch, js_name = read)]
    fn read_in_worker(
        this: &ReaderWorkers,
        module: &str,
        request: &JsValue,
        bytes: Uint8Array,
        signal: &AbortSignal,
        on_step: &JsValue,
    ) -> Result<Promise, JsValue>;
}

/// What a reader worker is asked besides the bytes.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    name: &'a str,
    media_type: Option<&'a str>,
    password: Option<&'a str>,
    /// [`ReadLimits`] and the [`ImageInput`](crate::ImageInput), if any, in postcard's format.
    #[serde(with = "serde_bytes")]
    limits: Vec<u8>,
    /// The files of the models that read the words in a picture.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    ocr: JsValue,
    step_milliseconds: u32,
    milliseconds: u32,
}

/// Reads files whose reader is compiled in here, and the others in reader workers.
pub(super) struct WorkerFileReader {
    workers: ReaderWorkers,
    ocr: Option<OcrFiles>,
    runtime: Rc<dyn Runtime>,
}

impl WorkerFileReader {
    /// `ocr` are the files of the models that read the words in pictures: they are fetched when a
    /// picture is read.
    pub(super) fn new(
        workers: ReaderWorkers,
        ocr: Option<OcrFiles>,
        runtime: Rc<dyn Runtime>,
    ) -> Self {
        Self { workers, ocr, runtime }
    }

    /// The models' files, where a file of this format needs them and there are any.
    async fn ocr_for(
        &self,
        format: &Format,
        file: &FileToRead<'_>,
        task: &Task,
    ) -> Result<JsValue> {
        match &self.ocr {
            Some(ocr) if format.module == ReaderModule::Image && !file.skips_words => {
                ocr.open(&*self.runtime, task).await
            }
            _ => Ok(JsValue::UNDEFINED),
        }
    }

    /// A function for JavaScript that reports steps to the task.
    fn step_reporter(&self, task: &Task) -> Closure<dyn FnMut(f64, f64, String)> {
        let (task, runtime, since_ms) = (task.clone(), self.runtime.clone(), self.runtime.now_ms());
        Closure::new(move |done: f64, total: f64, unit: String| {
            let unit = Progress::unit_named(&unit);
            task.report(&*runtime, Stage::Parse, done as u64, total as u64, unit, since_ms);
        })
    }
}

#[async_trait(?Send)]
impl FileReader for WorkerFileReader {
    async fn read(
        &self,
        file: &FileToRead<'_>,
        limits: &ReadLimits,
        runtime: &dyn Runtime,
        task: &Task,
    ) -> Result<(FileKind, ReadFile)> {
        let format = recognize(file)?;
        if format.is_readable_here() {
            return InlineFileReader.read(file, limits, runtime, task).await;
        }
        // Without the models a picture is read as far as it can be.
        let (ocr, missing) = match self.ocr_for(format, file, task).await {
            Ok(ocr) => (ocr, None),
            Err(Error::Aborted) => return Err(Error::Aborted),
            Err(error) => (JsValue::UNDEFINED, Some(error)),
        };
        let request = Request {
            ocr,
            name: file.name,
            media_type: file.media_type,
            password: file.password,
            limits: postcard::to_allocvec(&(limits, file.image_input))
                .map_err(|_| undecodable())?,
            step_milliseconds: limits.step_milliseconds,
            milliseconds: limits.milliseconds,
        };
        let failed = |thrown| failure(&thrown, file.name, limits);
        let controller = AbortController::new().map_err(failed)?;
        let on_step = self.step_reporter(task);
        let answer = self.workers.read_in_worker(
            format.module.name(),
            &to_js(&request),
            file.bytes.into(),
            &controller.signal(),
            on_step.as_ref(),
        );
        let answer = JsFuture::from(answer.map_err(failed)?);
        let cancelled = std::pin::pin!(task.cancel.cancelled());
        let read = match select(answer, cancelled).await {
            Either::Left((read, _)) => read.map_err(failed)?,
            Either::Right(((), answer)) => {
                controller.abort();
                // The worker has ended then.
                let _ = answer.await;
                return Err(Error::Aborted);
            }
        };
        let (kind, mut read) = decode(&read.dyn_into::<Uint8Array>().map_err(|_| undecodable())?)?;
        read.details.warnings.extend(missing.map(|error| format!("{WORDS_NOT_READ} {error}")));
        Ok((kind, read))
    }
}

/// The warning of a picture whose words could not be read.
const WORDS_NOT_READ: &str = "The words in the picture were not read.";

/// What a reader module returned: of an archive, all its members. Without the memory for both it
/// and its copy, an error and not a trap.
fn decode(answer: &Uint8Array) -> Result<(FileKind, ReadFile)> {
    let length = answer.length() as usize;
    let mut encoded = try_with_capacity(length)?;
    drop(try_with_capacity::<u8>(length)?);
    encoded.resize(length, 0);
    answer.copy_to(&mut encoded);
    postcard::from_bytes(&encoded).map_err(|_| undecodable())
}

/// The browser may have kept the module of another version.
fn undecodable() -> Error {
    let message = "The reader of this kind of file is of another version than the engine. Reload the page, and add the file again.";
    Error::Reported { code: "version_mismatch", message: message.to_owned() }
}

/// The codes of errors of a reader's worker that are not those of a file.
const WORKER_CODES: [&str; 6] = [
    "download_failed",
    "version_mismatch",
    "worker_refused",
    "unsupported_browser",
    "aborted",
    "internal",
];

/// The error of a file that could not be read.
fn failure(thrown: &JsValue, name: &str, limits: &ReadLimits) -> Error {
    let code = text_property(thrown, "code");
    let code = code.as_deref().and_then(|code| {
        let of_worker = WORKER_CODES.into_iter().find(|&known| known == code);
        of_worker.or_else(|| Error::code_of_file(code))
    });
    let name = name.to_owned();
    match (code, text_property(thrown, "message")) {
        (Some("aborted"), _) => Error::Aborted,
        (Some(code), Some(message)) => Error::Reported { code, message },
        (Some("too_slow"), None) => {
            let spent = property(thrown, "milliseconds").and_then(|spent| spent.as_f64());
            let limit = f64::from(limits.milliseconds);
            Error::TooSlow { name, seconds: (spent.unwrap_or(limit) / 1000.0).round() as u32 }
        }
        (Some("too_large"), None) => Error::Reported {
            code: "too_large",
            message: format!(
                "\"{name}\" needs more memory to be read than the browser gives. Save it again in the program that made it, or split it into smaller files."
            ),
        },
        (Some("damaged_file"), None) => {
            Error::DamagedFile { name, detail: "its content makes the reader fail".into() }
        }
        _ => Error::Internal { detail: describe(thrown) },
    }
}
