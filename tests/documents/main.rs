//! Readers of files: bytes -> document, members and details.
#![cfg(any(
    feature = "read-text",
    feature = "read-office",
    feature = "read-pdf",
    feature = "read-image",
    feature = "read-sql"
))]
#![allow(clippy::unwrap_used)]

#[cfg(all(feature = "read-image", feature = "engine"))]
#[path = "../support/image_encoders.rs"]
mod image_encoders;
#[path = "../support/read.rs"]
mod read;
#[path = "../support/rng.rs"]
mod rng;

#[cfg(feature = "read-text")]
mod archive;
#[cfg(all(any(feature = "read-office", feature = "read-pdf"), not(target_arch = "wasm32")))]
mod bombs;
#[cfg(all(feature = "read-sql", feature = "engine", not(target_arch = "wasm32")))]
mod database;
#[cfg(feature = "read-text")]
mod epub;
mod figures;
#[cfg(feature = "read-text")]
mod fixtures;
#[cfg(feature = "read-text")]
mod hostile_archive;
#[cfg(feature = "read-text")]
mod hostile_mail;
#[cfg(feature = "read-office")]
mod hostile_office;
#[cfg(feature = "read-pdf")]
mod hostile_pdf;
#[cfg(feature = "read-text")]
mod mail;
#[cfg(feature = "read-text")]
mod mailbox;
#[cfg(feature = "read-office")]
mod office;
#[cfg(all(feature = "read-office", not(target_arch = "wasm32")))]
mod office_bombs;
#[cfg(feature = "read-office")]
mod office_files;
#[cfg(feature = "read-pdf")]
mod pdf;
#[cfg(all(feature = "read-pdf", not(target_arch = "wasm32")))]
mod pdf_bombs;
#[cfg(feature = "read-pdf")]
mod pdf_file;
#[cfg(feature = "read-image")]
mod pictures;
#[cfg(all(feature = "read-image", feature = "engine"))]
mod pixels;
#[cfg(feature = "read-text")]
mod text;
