//! Knowledge bases that are searched beside the engine's own, and that nothing changes.
//!
//! Each lies in a memory store of its own. Its segments are added to the index that questions read, and not to the
//! state that changes begin with: so nothing of it is ever written to the engine's store.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use async_trait::async_trait;

use super::Engine;
use crate::document::DocumentId;
use crate::embed::Embedder;
use crate::error::{Error, Result};
use crate::index::Index;
use crate::knowledge_base::KnowledgeBase;
use crate::runtime::{Runtime, Task};
use crate::source::ByteSource;
use crate::store::{Batch, Lease, MemoryStore, NamedLock, Store};

/// The records of a shipped knowledge base that are read.
const READ_PREFIXES: [&str; 2] = ["document/", "original/"];

/// A knowledge base that was exported, to be searched beside another one.
pub struct ShippedKnowledgeBase {
    name: Rc<str>,
    store: Box<dyn Store>,
    index: Index,
}

impl ShippedKnowledgeBase {
    /// Reads the file that [`Engine::export`] wrote. Results call it `name`.
    ///
    /// # Errors
    /// Those of [`Engine::import`]: [`Error::EmbedderMismatch`] where another embedder made it,
    /// [`Error::CorruptExport`], [`Error::RecordTooNew`].
    pub async fn open(
        name: &str,
        file: &dyn ByteSource,
        embedder: &Rc<Embedder>,
        runtime: &Rc<dyn Runtime>,
        task: &Task,
    ) -> Result<Self> {
        let store = Box::new(MemoryStore::new());
        Engine::import(file, &*store, Some(embedder), &**runtime, task).await?;
        let engine = Engine::open(store, runtime.clone(), embedder.clone(), None, task).await?;
        let Engine { store, state, .. } = engine;
        Ok(Self { name: name.into(), store, index: state.into_inner().index })
    }
}

/// The shipped knowledge bases of an engine.
#[derive(Default)]
pub(super) struct Shipped {
    all: Rc<[ShippedKnowledgeBase]>,
    /// Documents that cannot be read.
    left_out: RefCell<BTreeSet<DocumentId>>,
    /// The last index of the engine, and the same with the shipped ones.
    joined: RefCell<Option<(Index, Index)>>,
}

impl Shipped {
    fn new(all: Vec<ShippedKnowledgeBase>) -> Self {
        Self { all: all.into(), ..Self::default() }
    }

    /// An index of the engine with the documents of the shipped ones. One that is in several is that of the first:
    /// the engine's own before all.
    fn beside(&self, own: &Index) -> Index {
        if self.all.is_empty() {
            return own.clone();
        }
        if let Some((known, joined)) = &*self.joined.borrow()
            && known.is_same(own)
        {
            return joined.clone();
        }
        let left_out = self.left_out.borrow();
        let is_left_out = |id: DocumentId| left_out.contains(&id);
        let joined = self.all.iter().fold(own.clone(), |joined, shipped| {
            joined.with_shipped(&shipped.name, &shipped.index, &is_left_out)
        });
        self.joined.replace(Some((own.clone(), joined.clone())));
        joined
    }

    /// Whether a document is in one of them.
    fn has(&self, id: DocumentId) -> bool {
        self.all.iter().any(|shipped| shipped.index.find(id).is_some())
    }
}

impl Engine {
    /// The engine with knowledge bases that are searched beside its own. What would change a document of one fails
    /// with [`Error::ReadOnly`]. A document that is in the engine's own as well is that one.
    pub fn with_shipped(self, all: Vec<ShippedKnowledgeBase>) -> Self {
        let shipped = Shipped::new(all);
        let store = Box::new(LayeredStore { own: self.store, shipped: shipped.all.clone() });
        Self { store, shipped, ..self }
    }

    /// The state that questions read: with the shipped knowledge bases.
    pub(super) async fn readable(&self, task: &Task) -> Result<KnowledgeBase> {
        let mut state = self.current(task).await?;
        state.index = self.shipped.beside(&state.index);
        Ok(state)
    }

    /// The index that questions read, as far as it is known now.
    pub(super) fn readable_index(&self) -> Index {
        self.shipped.beside(&self.state.borrow().index)
    }

    /// An error for a document that is only in a shipped knowledge base.
    pub(super) fn check_own(&self, id: &str) -> Result<()> {
        let id = DocumentId::parse(id);
        let is_own = |id: DocumentId| self.state.borrow().index.find(id).is_some();
        match id.is_some_and(|id| self.shipped.has(id) && !is_own(id)) {
            true => Err(Error::ReadOnly),
            false => Ok(()),
        }
    }

    /// Leaves a document of a shipped knowledge base out of search; returns whether it is one.
    pub(super) fn leave_out_shipped(&self, id: DocumentId) -> bool {
        let is_shipped = self.state.borrow().index.find(id).is_none() && self.shipped.has(id);
        if is_shipped {
            self.shipped.left_out.borrow_mut().insert(id);
            self.shipped.joined.take();
        }
        is_shipped
    }
}

/// The engine's store, in which the records of shipped documents can be read as well.
struct LayeredStore {
    own: Box<dyn Store>,
    shipped: Rc<[ShippedKnowledgeBase]>,
}

#[async_trait(?Send)]
impl Store for LayeredStore {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        if let Some(record) = self.own.get(key).await? {
            return Ok(Some(record));
        }
        if !READ_PREFIXES.iter().any(|prefix| key.starts_with(prefix)) {
            return Ok(None);
        }
        for shipped in &*self.shipped {
            if let Some(record) = shipped.store.get(key).await? {
                return Ok(Some(record));
            }
        }
        Ok(None)
    }

    async fn keys(&self, prefix: &str) -> Result<Vec<String>> {
        self.own.keys(prefix).await
    }

    async fn lease(&self) -> Result<Lease> {
        self.own.lease().await
    }

    async fn commit(&self, batch: Batch, lease: &Lease) -> Result<()> {
        self.own.commit(batch, lease).await
    }

    async fn try_lock(&self, name: &str) -> Result<Option<NamedLock>> {
        self.own.try_lock(name).await
    }

    fn take_changed(&self) -> bool {
        self.own.take_changed()
    }

    async fn free_bytes(&self) -> Option<u64> {
        self.own.free_bytes().await
    }
}
