//! A cache of documents.

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

/// Bytes of text in the cache at most. A longer document is there alone: a question reads it for each
/// passage that it finds.
const MAX_CACHED_BYTES: usize = 16 << 20;

/// Reads documents from a store, and caches some of them: successive questions often need the
/// same ones.
#[derive(Debug, Default)]
pub(crate) struct DocumentCache {
    cached: RefCell<HashMap<DocumentId, Rc<StoredDocument>>>,
    bytes: Cell<usize>,
}

impl DocumentCache {
    /// The document that was found in the index. Its text must be the one that was indexed.
    pub(crate) async fn get(&self, store: &dyn Store, found: &Found) -> Result<Rc<StoredDocument>> {
        let id = found.info().id;
        if let Some(cached) = self.cached.borrow().get(&id) {
            // The same text may have been added again under another name.
            if cached.info == **found.info() && cached.shipped.as_ref() == found.shipped() {
                return Ok(cached.clone());
            }
        }
        let shipped = found.shipped().cloned();
        let document = Rc::new(StoredDocument { shipped, ..read_document(store, id).await? });
        let text = document.text();
        let is_part = |span: Span| text.get(span.range()).is_some();
        if text.len() != found.text_bytes() || !found.spans().all(is_part) {
            return Err(corrupt(&document_key(id), "a chunk lies outside its text"));
        }
        self.insert(document.clone());
        Ok(document)
    }

    /// Drops the documents that are `gone`.
    pub(crate) fn forget_if(&self, gone: impl Fn(DocumentId) -> bool) {
        let mut cached = self.cached.borrow_mut();
        cached.retain(|&id, _| !gone(id));
        self.bytes.set(cached.values().map(|document| document.text().len()).sum());
    }

    fn insert(&self, document: Rc<StoredDocument>) {
        let id = document.id();
        self.forget_if(|cached| cached == id);
        let bytes = document.text().len();
        if self.bytes.get() + bytes > MAX_CACHED_BYTES {
            self.cached.borrow_mut().clear();
            self.bytes.set(0);
        }
        self.bytes.set(self.bytes.get() + bytes);
        self.cached.borrow_mut().insert(document.id(), document);
    }
}
