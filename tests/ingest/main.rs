//! Files become documents, documents become chunks: what must hold for any input.
#![allow(clippy::unwrap_used)]

mod chunks;
mod encodings;
mod large_tables;
mod parsing;
mod pieces;
#[path = "../support/read.rs"]
mod read;
#[path = "../support/rng.rs"]
mod rng;
mod sentences;
mod structure;

use multimodal_rag::Document;

use crate::read::read;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

const TALE: &[u8] = include_bytes!("../fixtures/documents/tale.txt");
const KILN: &[u8] = include_bytes!("../fixtures/documents/kiln.md");
const BEES: &[u8] = include_bytes!("../fixtures/documents/bees.html");

fn document(name: &str, bytes: &[u8]) -> Document {
    let document = read(name, None, bytes).unwrap().1.document;
    assert_document_holds(&document);
    document
}

fn assert_document_holds(document: &Document) {
    let mut end = 0;
    for block in &document.blocks {
        let range = block.span.range();
        assert!(document.text[end..range.start].trim().is_empty(), "text between blocks");
        assert!(!document.text[range.clone()].trim().is_empty(), "blank block");
        end = range.end;
    }
    assert!(document.text[end..].trim().is_empty(), "text after the last block");
    let unseen = |c: char| c.is_control() && c != '\n' && c != '\t';
    assert!(!document.text.contains(unseen));
}
