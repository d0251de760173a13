//! Sentences of passages -> their vectors, each computed once.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::document::{DocumentId, Span};
use crate::embed::{Embedder, batches};
use crate::error::{Error, Result};
use crate::retrieve::Passage;
use crate::runtime::{Runtime, Task};

/// Vectors in the cache: 6 MB at 384 dimensions.
const MAX_CACHED_VECTORS: usize = 4096;

/// A cache of sentence vectors, so that a further question about a passage is quick.
#[derive(Debug, Default)]
pub(crate) struct SentenceVectors(HashMap<Place, Rc<[f32]>>);

/// A sentence: its document, and its span there.
type Place = (DocumentId, Span);

impl SentenceVectors {
    fn get(&self, place: &Place) -> Option<Rc<[f32]>> {
        self.0.get(place).cloned()
    }

    fn insert(&mut self, place: Place, vector: Rc<[f32]>) {
        if self.0.len() >= MAX_CACHED_VECTORS {
            self.0.clear();
        }
        self.0.insert(place, vector);
    }

    /// Removes the vectors of the documents for which `is_removed` returns true.
    pub(crate) fn remove_if(&mut self, is_removed: impl Fn(DocumentId) -> bool) {
        self.0.retain(|(id, _), _| !is_removed(*id));
    }
}

/// What embeds sentences.
#[derive(Clone, Copy)]
pub(crate) struct SentenceEmbedder<'a> {
    pub(crate) embedder: &'a Embedder,
    pub(crate) vectors: &'a RefCell<SentenceVectors>,
    pub(crate) runtime: &'a dyn Runtime,
    pub(crate) task: &'a Task,
}

impl SentenceEmbedder<'_> {
    /// The vectors of sentences: of each, the index of its passage and its span. Embeds those that
    /// are not in the cache, one batch per step.
    pub(crate) async fn embed(
        &self,
        sentences: &[(usize, Span)],
        passages: &[Passage],
    ) -> Result<Vec<Rc<[f32]>>> {
        let place = |&(passage, span): &(usize, Span)| (passages[passage].document.id(), span);
        // Copied first: an overlapping call may clear the cache while this one waits.
        let mut known: HashMap<Place, Rc<[f32]>> = HashMap::new();
        let mut missing = Vec::new();
        let mut texts = Vec::new();
        for sentence in sentences {
            if let Some(vector) = self.vectors.borrow().get(&place(sentence)) {
                known.insert(place(sentence), vector);
            } else {
                missing.push(place(sentence));
                let text = &passages[sentence.0].document.text()[sentence.1.range()];
                texts.push(self.embedder.tokenize_passage(text)?);
            }
        }
        let mut missing = missing.into_iter();
        for batch in batches(texts.into_iter().map(Ok)) {
            for (vector, place) in self.embedder.embed(&batch?)?.into_iter().zip(missing.by_ref()) {
                let vector: Rc<[f32]> = vector.into();
                self.vectors.borrow_mut().insert(place, vector.clone());
                known.insert(place, vector);
            }
            self.task.step(self.runtime).await?;
        }
        let vector = |sentence| {
            let vector = known.get(&place(sentence)).cloned();
            vector.ok_or_else(|| Error::Internal { detail: "a sentence has no vector".to_owned() })
        };
        sentences.iter().map(vector).collect()
    }
}
