//! A knowledge base after several changes, and its export.

use multimodal_rag::{Engine, Task};

use crate::harness::{BREAD, Harness, LIGHTHOUSE, add, documents, many_sentences, text_file};

/// An engine after additions, removals and a merge.
pub(crate) fn with_history(harness: Harness) -> (Harness, Engine) {
    let engine = harness.open();
    add(&engine, LIGHTHOUSE);
    add(&engine, BREAD);
    add(&engine, text_file("ships.txt", &many_sentences(60)));
    let light = documents(&engine)[0].info.id.to_string();
    pollster::block_on(engine.remove(&light)).unwrap();
    for number in 0..7 {
        let text = format!("The queen number {number} wore a crown.");
        add(&engine, text_file(&format!("{number}.txt"), &text));
    }
    pollster::block_on(engine.maintain(&Task::default())).unwrap();
    add(&engine, LIGHTHOUSE);
    let queen = documents(&engine)[3].info.id.to_string();
    pollster::block_on(engine.remove(&queen)).unwrap();
    (harness, engine)
}

/// The export of the knowledge base.
pub(crate) fn export(engine: &Engine) -> Vec<u8> {
    let mut file = Vec::new();
    let mut write = |piece: &[u8]| {
        if piece.is_empty() {
            file.clear();
        }
        file.extend(piece);
        Ok(())
    };
    pollster::block_on(engine.export(&mut write, &Task::default())).unwrap();
    file
}
