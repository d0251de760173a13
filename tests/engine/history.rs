//! A knowledge base with a past, and all of it as a file.

use multimodal_rag::{Engine, Task};

use crate::world::{BREAD, LIGHT, World, add, documents, many_sentences, text_file};

/// Some segments, a removed document and a merge behind it.
pub(crate) fn lived_in(world: World) -> (World, Engine) {
    let engine = world.open();
    add(&engine, LIGHT);
    add(&engine, BREAD);
    add(&engine, text_file("ships.txt", &many_sentences(60)));
    let light = documents(&engine)[0].info.id.to_string();
    pollster::block_on(engine.remove(&light)).unwrap();
    for number in 0..7 {
        let text = format!("The queen number {number} wore a crown.");
        add(&engine, text_file(&format!("{number}.txt"), &text));
    }
    pollster::block_on(engine.maintain(&Task::default())).unwrap();
    add(&engine, LIGHT);
    let queen = documents(&engine)[3].info.id.to_string();
    pollster::block_on(engine.remove(&queen)).unwrap();
    (world, engine)
}

/// The whole knowledge base as a file.
pub(crate) fn exported(engine: &Engine) -> Vec<u8> {
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
