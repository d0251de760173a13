//! Archives: ZIP, TAR and gzip give their members, which are read as documents of their own; an
//! EPUB is one document.
//!
//! A declared size is never trusted: members are unpacked against a [`Budget`](budget::Budget).

mod budget;
mod epub;
mod gzip;
mod member_list;
mod tar;
mod zip;
mod zip_salvage;

pub(crate) use epub::epub;
pub(crate) use gzip::gzip;
pub(crate) use tar::tar;
pub(crate) use zip::zip;
