//! Bindings of an image encoder without a knowledge base.

use js_sys::Float32Array;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::model_source::ModelSource;
use super::runtime::BrowserRuntime;
use super::{Backend, CancelHandle, convert, options, task};
use crate::embed::ImageEmbedder;
use crate::error::{Error, Result};

/// An image encoder without a knowledge base.
#[wasm_bindgen]
pub struct ImageEmbedderHandle {
    embedder: ImageEmbedder,
}

#[wasm_bindgen]
impl ImageEmbedderHandle {
    /// Loads it from one packed file.
    pub async fn load(
        source: JsValue,
        yield_now: js_sys::Function,
        cancel: &CancelHandle,
        on_progress: Option<js_sys::Function>,
    ) -> Result<ImageEmbedderHandle, JsValue> {
        let task = task(cancel, on_progress);
        let runtime = BrowserRuntime::new(yield_now);
        let load = async {
            let source = ModelSource::parse(&source, "source", "a model")?;
            let file = source.open(&runtime, &task).await?;
            ImageEmbedder::load(&file, &runtime, &task).await
        };
        Ok(Self { embedder: load.await.map_err(convert::thrown)? })
    }

    /// The unit vector of a square of pixels, four bytes each: red, green, blue, and one that is not
    /// read.
    #[wasm_bindgen(js_name = embedImage)]
    pub fn embed_image(&self, rgba: &[u8], width: u32) -> Result<Float32Array, JsValue> {
        self.vector_of(rgba, width).map_err(convert::thrown)
    }

    /// The unit vector of a text.
    #[wasm_bindgen(js_name = embedText)]
    pub fn embed_text(&self, text: JsValue) -> Result<Float32Array, JsValue> {
        let text = options::text(&text, "text").map_err(convert::thrown)?;
        let vector = self.embedder.embed_text(&text).map_err(convert::thrown)?;
        Ok(Float32Array::from(vector.as_slice()))
    }

    /// `{ dimensions, side, fingerprint, backend }`
    pub fn info(&self) -> JsValue {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Info {
            dimensions: usize,
            side: u32,
            fingerprint: String,
            backend: Backend,
        }
        convert::to_js(&Info {
            dimensions: self.embedder.dimensions(),
            side: self.embedder.input().side,
            fingerprint: self.embedder.fingerprint().to_string(),
            backend: Backend::in_use(None),
        })
    }
}

impl ImageEmbedderHandle {
    fn vector_of(&self, rgba: &[u8], width: u32) -> Result<Float32Array> {
        let side = self.embedder.input().side;
        let (pixels, _) = rgba.as_chunks::<4>();
        if width != side || pixels.len() != (side as usize).pow(2) {
            let got = format!("{} pixels in rows of {width}", pixels.len());
            let expected = "an ImageData of as many pixels a side as the encoder takes";
            return Err(Error::InvalidOption { option: "image", got, expected });
        }
        let rgb: Vec<u8> =
            pixels.iter().flat_map(|&[red, green, blue, _]| [red, green, blue]).collect();
        let vector = self.embedder.embed_image(&rgb)?;
        Ok(Float32Array::from(vector.as_slice()))
    }
}
