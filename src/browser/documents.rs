//! Bindings of the engine's documents: adding, listing, the files that are kept, and the queue.

use wasm_bindgen::prelude::*;

use super::blob_source::BlobBuilder;
use super::engine::EngineHandle;
use super::options::{self, AddFile};
use super::{CancelHandle, convert, file_content, task};
use crate::engine::AddedDocument;
use crate::error::Result;
use crate::runtime::Task;

#[wasm_bindgen]
impl EngineHandle {
    /// Adds a file: a Blob, bytes or a text, and `{ name, type, metadata, replaces, sameName,
    /// password, original }`.
    pub async fn add(
        &self,
        content: JsValue,
        options: JsValue,
        cancel: &CancelHandle,
        on_progress: Option<js_sys::Function>,
    ) -> Result<JsValue, JsValue> {
        let task = task(cancel, on_progress);
        let added = async {
            let options = AddFile::read(&options)?;
            let bytes = file_content::bytes(&content, &options.name).await?;
            self.engine.add(options.file(&bytes), &task).await
        };
        self.added(added.await)
    }

    /// All documents, in the order of adding, members after their container.
    pub async fn documents(&self) -> Result<Vec<JsValue>, JsValue> {
        let documents = self.engine.documents().await.map_err(convert::thrown)?;
        Ok(documents.iter().map(convert::document).collect())
    }

    /// The text of a document, which spans point into.
    pub async fn text(&self, id: JsValue) -> Result<String, JsValue> {
        let id = options::text(&id, "id").map_err(convert::thrown)?;
        let document = self.engine.document(&id).await.map_err(convert::thrown)?;
        Ok(document.text().to_owned())
    }

    /// Removes a document, and its members.
    pub async fn remove(&self, id: JsValue) -> Result<(), JsValue> {
        let id = options::text(&id, "id").map_err(convert::thrown)?;
        self.engine.remove(&id).await.map_err(convert::thrown)?;
        self.maintain_in_background();
        Ok(())
    }

    /// The file that a document was read from: `{ blob, name, type }`. Options: `{ password }`.
    pub async fn original(&self, id: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
        let read = async {
            let id = options::text(&id, "id")?;
            let password = options::password(&options)?;
            let mut file = BlobBuilder::default();
            let mut write = |piece: &[u8]| file.push(&piece.into());
            let task = Task::default();
            let info = self.engine.original(&id, password.as_deref(), &mut write, &task).await?;
            Ok(convert::original(&file.finish()?, &info))
        };
        read.await.map_err(convert::thrown)
    }

    /// The file of a picture within the file of a document: `{ blob, name, type }`. Options:
    /// `{ password }`.
    pub async fn picture(
        &self,
        id: JsValue,
        number: JsValue,
        options: JsValue,
    ) -> Result<JsValue, JsValue> {
        let read = async {
            let id = options::text(&id, "id")?;
            let number = options::picture_number(&number)?;
            let password = options::password(&options)?;
            let task = Task::default();
            let picture = self.engine.picture(&id, number, password.as_deref(), &task).await?;
            let mut file = BlobBuilder::default();
            file.push(&picture.bytes.as_slice().into())?;
            Ok(convert::picture(&file.finish()?, number, &picture))
        };
        read.await.map_err(convert::thrown)
    }

    /// Reads the file of a document again. Options: `{ password }`.
    pub async fn reread(
        &self,
        id: JsValue,
        options: JsValue,
        cancel: &CancelHandle,
        on_progress: Option<js_sys::Function>,
    ) -> Result<JsValue, JsValue> {
        let task = task(cancel, on_progress);
        let read = async {
            let id = options::text(&id, "id")?;
            let password = options::password(&options)?;
            self.engine.reread(&id, password.as_deref(), &task).await
        };
        self.added(read.await)
    }

    /// Puts a file into the queue, and returns its number. Takes what `add` takes.
    pub async fn enqueue(&self, content: JsValue, options: JsValue) -> Result<f64, JsValue> {
        let enqueued = async {
            let options = AddFile::read(&options)?;
            let bytes = file_content::bytes(&content, &options.name).await?;
            self.engine.enqueue(options.file(&bytes), &Task::default()).await
        };
        enqueued.await.map(|number| number as f64).map_err(convert::thrown)
    }

    /// The files of the queue: `{ number, name, bytes }[]`.
    pub async fn queued(&self) -> Result<JsValue, JsValue> {
        let files = self.engine.queued().await.map_err(convert::thrown)?;
        Ok(convert::queued(&files))
    }

    /// Adds a file of the queue.
    #[wasm_bindgen(js_name = addQueued)]
    pub async fn add_queued(
        &self,
        number: JsValue,
        cancel: &CancelHandle,
        on_progress: Option<js_sys::Function>,
    ) -> Result<JsValue, JsValue> {
        let task = task(cancel, on_progress);
        let added = async {
            let number = options::queue_number(&number)?;
            self.engine.add_queued(number, &task).await
        };
        self.added(added.await)
    }

    /// Empties the queue.
    #[wasm_bindgen(js_name = clearQueue)]
    pub async fn clear_queue(&self) -> Result<(), JsValue> {
        self.engine.clear_queue().await.map_err(convert::thrown)
    }
}

impl EngineHandle {
    fn added(&self, added: Result<AddedDocument>) -> Result<JsValue, JsValue> {
        let added = added.map_err(convert::thrown)?;
        self.maintain_in_background();
        Ok(convert::document(&added))
    }
}
