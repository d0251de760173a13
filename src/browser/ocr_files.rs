//! The files of the models that read the words in pictures.

use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;
use web_sys::Blob;

use super::convert::property;
use super::model_source::ModelSource;
use crate::error::Result;
use crate::runtime::{Runtime, Task};

/// The package's `OcrSource`.
pub(super) struct OcrFiles {
    detection: ModelSource,
    recognition: ModelSource,
    characters: ModelSource,
}

impl OcrFiles {
    /// Reads and checks the option `models.ocr`.
    pub(super) fn parse(source: &JsValue) -> Result<Self> {
        let file = |name: &str, what: &str| {
            let source = property(source, name).unwrap_or(JsValue::UNDEFINED);
            ModelSource::parse(&source, "models.ocr", what)
        };
        Ok(Self {
            detection: file("detection", "a detection model")?,
            recognition: file("recognition", "a recognition model")?,
            characters: file("characters", "a list of characters")?,
        })
    }

    /// The files as Blobs, `{ detection, recognition, characters }`. They are fetched at the first
    /// call, and are in the cache from then on.
    pub(super) async fn open(&self, runtime: &dyn Runtime, task: &Task) -> Result<JsValue> {
        let files = Object::new();
        for (name, source) in [
            ("detection", &self.detection),
            ("recognition", &self.recognition),
            ("characters", &self.characters),
        ] {
            let blob: Blob = source.open(runtime, task).await?.into_blob();
            // Setting a property of a plain object does not fail.
            let _ = Reflect::set(&files, &name.into(), &blob);
        }
        Ok(files.into())
    }
}
