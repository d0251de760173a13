//! Leases and locks of stores that are shared within one thread.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use futures_util::lock::Mutex;

use super::{Lease, NamedLock};
use crate::error::{Error, Result};

/// The holder of the lease, and the names that are locked.
#[derive(Debug, Default)]
pub(super) struct Holders {
    epoch: Cell<u64>,
    writing: RefCell<Arc<Mutex<()>>>,
    held_names: Rc<RefCell<BTreeSet<String>>>,
}

/// Releases a name when it is dropped.
struct HeldName {
    name: String,
    held_names: Rc<RefCell<BTreeSet<String>>>,
}

impl Drop for HeldName {
    fn drop(&mut self) {
        self.held_names.borrow_mut().remove(&self.name);
    }
}

impl Holders {
    pub(super) async fn lease(&self) -> Lease {
        let writing = self.writing.borrow().clone();
        let held = writing.lock_owned().await;
        Lease::new(self.epoch.get(), held)
    }

    /// An error unless `lease` is valid.
    pub(super) fn check(&self, lease: &Lease) -> Result<()> {
        if lease.epoch() == self.epoch.get() { Ok(()) } else { Err(Error::LeaseLost) }
    }

    /// Takes the lease from its holder.
    pub(super) fn revoke_lease(&self) {
        self.epoch.set(self.epoch.get() + 1);
        self.writing.take();
    }

    pub(super) fn try_lock(&self, name: &str) -> Option<NamedLock> {
        if !self.held_names.borrow_mut().insert(name.to_owned()) {
            return None;
        }
        Some(NamedLock::new(HeldName {
            name: name.to_owned(),
            held_names: self.held_names.clone(),
        }))
    }
}
