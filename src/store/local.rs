//! Leases and claims among those who share a store within one thread.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use futures_util::lock::Mutex;

use super::{Claim, Lease};
use crate::error::{Error, Result};

/// Who may write, and which names are taken.
#[derive(Debug, Default)]
pub(super) struct Holders {
    epoch: Cell<u64>,
    writing: RefCell<Arc<Mutex<()>>>,
    claimed: Rc<RefCell<BTreeSet<String>>>,
}

/// Gives a name back.
struct Claimed {
    name: String,
    claimed: Rc<RefCell<BTreeSet<String>>>,
}

impl Drop for Claimed {
    fn drop(&mut self) {
        self.claimed.borrow_mut().remove(&self.name);
    }
}

impl Holders {
    pub(super) async fn lease(&self) -> Lease {
        let writing = self.writing.borrow().clone();
        let held = writing.lock_owned().await;
        Lease::new(self.epoch.get(), held)
    }

    /// An error unless `lease` is the one that counts.
    pub(super) fn check(&self, lease: &Lease) -> Result<()> {
        if lease.epoch() == self.epoch.get() { Ok(()) } else { Err(Error::Overtaken) }
    }

    /// Takes the right to write from whoever has it.
    pub(super) fn overtake(&self) {
        self.epoch.set(self.epoch.get() + 1);
        self.writing.take();
    }

    pub(super) fn claim(&self, name: &str) -> Option<Claim> {
        if !self.claimed.borrow_mut().insert(name.to_owned()) {
            return None;
        }
        Some(Claim::new(Claimed { name: name.to_owned(), claimed: self.claimed.clone() }))
    }
}
