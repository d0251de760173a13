//! What only native programs have, where `browser` is what only web pages have.

/// The attribute of unit tests, which is another one in a browser.
#[cfg(test)]
pub(crate) use core::prelude::v1::test;

#[cfg(feature = "engine")]
pub use crate::kernel::use_threads;
#[cfg(feature = "engine")]
pub use crate::store::DirectoryStore;
