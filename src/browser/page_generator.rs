//! A generator of the page, which the package asks for texts.

use async_trait::async_trait;
use js_sys::Promise;
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;

use super::convert::{describe, to_js};
use crate::error::{Error, Result};
use crate::generate::{ExternalGenerator, ExternalText, Sampling};
use crate::model::Message;
use crate::runtime::Task;

#[wasm_bindgen]
extern "C" {
    /// The class `PageGenerator` of `page-generator.js`.
    #[derive(Debug, Clone)]
    pub type PageGenerator;

    #[wasm_bindgen(method, getter, js_name = contextLength)]
    fn tokens_of_context(this: &PageGenerator) -> u32;

    /// Begins a text: `{ messages, maxTokens, temperature }`.
    #[wasm_bindgen(method, js_name = begin)]
    fn begin_text(this: &PageGenerator, request: &JsValue) -> PageText;

    /// The class `PageText` of `page-generator.js`.
    pub type PageText;

    /// A promise of the next piece, or of `undefined` at the end. It rejects with `{ message }`.
    #[wasm_bindgen(method, js_name = next)]
    fn next_piece(this: &PageText) -> Promise;

    /// Ends the text.
    #[wasm_bindgen(method)]
    fn stop(this: &PageText);
}

/// What the page's generator is asked.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    messages: Vec<Message>,
    max_tokens: usize,
    temperature: f64,
}

#[async_trait(?Send)]
impl ExternalGenerator for PageGenerator {
    fn context_length(&self) -> usize {
        self.tokens_of_context() as usize
    }

    async fn begin(
        &self,
        messages: Vec<Message>,
        max_tokens: usize,
        sampling: Sampling,
        task: &Task,
    ) -> Result<Box<dyn ExternalText>> {
        task.cancel.check()?;
        let request = Request { messages, max_tokens, temperature: sampling.temperature };
        Ok(Box::new(Text(self.begin_text(&to_js(&request)))))
    }
}

/// A text that ends when nobody waits for it.
struct Text(PageText);

impl Drop for Text {
    fn drop(&mut self) {
        self.0.stop();
    }
}

#[async_trait(?Send)]
impl ExternalText for Text {
    async fn next(&mut self, task: &Task) -> Result<Option<String>> {
        let next = task.unless_cancelled(JsFuture::from(self.0.next_piece())).await?;
        let piece = next.map_err(|error| failure(&error))?;
        Ok(piece.as_string())
    }
}

fn failure(error: &JsValue) -> Error {
    Error::GeneratorFailed { detail: describe(error) }
}
