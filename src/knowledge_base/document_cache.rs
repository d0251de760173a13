//! Documents that were read lately.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use super::StoredDocument;
use super::records::{document_key, read_document};
use crate::document::{DocumentId, Span};
use crate::error::Result;
use crate::index::Found;
use crate::record::corrupt;
use crate::store::Store;

/// Bytes of text kept.
const MAX_CACHED_BYTES: usize = 16 << 20;

/// Reads documents from a store, and keeps some of them: questions after each other
/// often meet the same.
#[derive(Debug, Default)]
pub(crate) struct DocumentCache {
    kept: RefCell<HashMap<DocumentId, Rc<StoredDocument>>>,
    bytes: Cell<usize>,
}

impl DocumentCache {
    /// The document that was found in the index, which must be as it was indexed.
    pub(crate) async fn get(&self, store: &dyn Store, found: &Found) -> Result<Rc<StoredDocument>> {
        let id = found.info().id;
        if let Some(kept) = self.kept.borrow().get(&id) {
            // The same text may have been added under another name in the meantime.
            if kept.info == **found.info() {
                return Ok(kept.clone());
            }
        }
        let document = Rc::new(read_document(store, id).await?);
        let text = document.text();
        let is_part = |span: Span| text.get(span.range()).is_some();
        if text.len() != found.text_bytes() || !found.spans().all(is_part) {
            return Err(corrupt(&document_key(id), "a chunk is no part of its text"));
        }
        self.keep(document.clone());
        Ok(document)
    }

    /// Keeps nothing any longer of the documents that are `gone`.
    pub(crate) fn forget_if(&self, gone: impl Fn(DocumentId) -> bool) {
        let mut kept = self.kept.borrow_mut();
        kept.retain(|&id, _| !gone(id));
        self.bytes.set(kept.values().map(|document| document.text().len()).sum());
    }

    fn keep(&self, document: Rc<StoredDocument>) {
        let id = document.id();
        self.forget_if(|kept| kept == id);
        let bytes = document.text().len();
        if self.bytes.get() + bytes > MAX_CACHED_BYTES {
            self.kept.borrow_mut().clear();
            self.bytes.set(0);
        }
        if bytes <= MAX_CACHED_BYTES {
            self.bytes.set(self.bytes.get() + bytes);
            self.kept.borrow_mut().insert(document.id(), document);
        }
    }
}
