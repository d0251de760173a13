//! Readers of office files: of Microsoft Office, OpenDocument and RTF.
//!
//! docling reads the formats; each file is checked before, because docling holds a whole file in
//! memory and trusts what it declares.

mod agile;
mod binary;
mod convert;
mod encryption;
mod grid;
mod inline;
mod labels;
mod markup;
mod media;
mod msg;
mod nodes;
mod output;
mod package;
mod packaged;
mod properties;
mod rtf;
mod rtf_check;
mod standard;
mod streams;
mod tree;
mod xls;
mod xml_check;

pub(crate) use binary::{doc, ppt};
pub(crate) use msg::msg;
pub(crate) use packaged::{docx, odp, ods, odt, pptx, xlsx};
pub(crate) use rtf::rtf;
pub(crate) use xls::xls;
