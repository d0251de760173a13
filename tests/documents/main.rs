//! Files of every format become documents.
#![allow(clippy::unwrap_used)]

#[path = "../support/read.rs"]
mod read;
#[cfg(feature = "read-text")]
mod text;
