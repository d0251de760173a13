//! The generator of an engine: loaded when it is first needed, and exchanged for another.

use std::cell::RefCell;
use std::rc::Rc;

use async_trait::async_trait;
use futures_util::lock::Mutex;

use super::Engine;
use crate::error::Result;
use crate::generate::{ExternalGenerator, Generator};
use crate::runtime::Task;

/// Loads the generator when it is first needed.
#[async_trait(?Send)]
pub trait GeneratorSource {
    /// Loads the generator. Called again after it failed or was cancelled.
    async fn load(&self, task: &Task) -> Result<Generator>;
}

/// Where the generator comes from, and the generator once it is loaded.
pub(super) struct GeneratorSlot {
    source: RefCell<Option<Rc<dyn GeneratorSource>>>,
    /// The one that is used instead.
    external: RefCell<Option<Rc<dyn ExternalGenerator>>>,
    /// Locked while one is loaded.
    loaded: Mutex<Option<Loaded>>,
}

/// A generator with the source that it was loaded from.
struct Loaded {
    source: Rc<dyn GeneratorSource>,
    generator: Rc<Generator>,
}

impl GeneratorSlot {
    pub(super) fn new(source: Option<Box<dyn GeneratorSource>>) -> Self {
        let (external, loaded) = (RefCell::new(None), Mutex::new(None));
        Self { source: RefCell::new(source.map(Rc::from)), external, loaded }
    }
}

impl Engine {
    /// Answers are written by the generator of `source` from now on, or by none. It is loaded when it
    /// is first needed. A running answer ends with the one that it began with.
    pub fn use_generator(&self, source: Option<Box<dyn GeneratorSource>>) {
        self.generators.external.replace(None);
        self.generators.source.replace(source.map(Rc::from));
        // The memory of the last one is needed for the next one.
        if let Some(mut loaded) = self.generators.loaded.try_lock() {
            *loaded = None;
        }
    }

    /// Answers are written by a generator of the caller from now on.
    pub fn use_external_generator(&self, generator: Rc<dyn ExternalGenerator>) {
        self.use_generator(None);
        self.generators.external.replace(Some(generator));
    }

    pub(super) fn external_generator(&self) -> Option<Rc<dyn ExternalGenerator>> {
        self.generators.external.borrow().clone()
    }

    /// The generator, if it is loaded.
    pub fn loaded_generator(&self) -> Option<Rc<Generator>> {
        let loaded = self.generators.loaded.try_lock()?;
        loaded.as_ref().map(|loaded| loaded.generator.clone())
    }

    /// Loads the generator if it is not loaded yet. None for an engine without one.
    pub async fn load_generator(&self, task: &Task) -> Result<Option<Rc<Generator>>> {
        self.check_open()?;
        // A second caller waits for the first one, and may cancel.
        let mut loaded = task.unless_cancelled(self.generators.loaded.lock()).await?;
        let Some(source) = self.generators.source.borrow().clone() else { return Ok(None) };
        if let Some(known) = loaded.as_ref().filter(|known| Rc::ptr_eq(&known.source, &source)) {
            return Ok(Some(known.generator.clone()));
        }
        *loaded = None;
        let generator = Rc::new(source.load(task).await?);
        *loaded = Some(Loaded { source, generator: generator.clone() });
        Ok(Some(generator))
    }
}
