//! A knowledge base that was read while its embedder was not there yet.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use multimodal_rag::{Engine, Preload, Result, Task};

use crate::world::{
    BREAD, BREAD_QUESTION, LIGHT, LIGHT_QUESTION, World, add, found, names, text_file, watched,
};

fn read_ahead(world: &World) -> Preload {
    let store = world.store();
    pollster::block_on(Preload::of(&*store, &*world.runtime, &Task::default()))
}

fn open(world: &World, ahead: Preload, task: &Task) -> Result<Engine> {
    let (runtime, embedder) = (world.runtime.clone(), world.embedder.clone());
    pollster::block_on(Engine::open_preloaded(world.store(), ahead, runtime, embedder, None, task))
}

/// What can be seen of an engine, or why there is none.
fn seen(opened: Result<Engine>) -> impl PartialEq + std::fmt::Debug {
    let engine = opened.map_err(|error| error.to_string())?;
    let answers = [LIGHT_QUESTION, BREAD_QUESTION].map(|question| found(&engine, question));
    Ok::<_, String>((names(&engine), answers, engine.damaged()))
}

#[test]
fn segments_that_were_read_ahead_are_not_read_again() {
    let (world, engine) = World::with_files();
    let before = seen(Ok(engine));
    let (task, progress) = watched();
    let engine = open(&world, read_ahead(&world), &task);
    assert_eq!(progress.borrow().len(), 0);
    assert_eq!(seen(engine), before);
}

#[test]
fn what_changed_since_it_was_read_ahead_is_read_anew() {
    let world = World::new();
    let engine = world.open();
    let light = add(&engine, LIGHT).info.id.to_string();
    add(&engine, text_file("tides.txt", "Tides follow the moon."));
    let ahead = read_ahead(&world);
    add(&engine, BREAD);
    pollster::block_on(engine.remove(&light)).unwrap();
    let opened = open(&world, ahead, &Task::default());
    assert_eq!(seen(opened), seen(Ok(engine)));
}

#[test]
fn damage_is_found_and_mended_the_same_whether_it_was_read_ahead_or_not() {
    let (world, _) = World::with_files();
    let whole = world.records.all();
    for key in whole.keys() {
        for is_lost in [true, false] {
            let mut records = whole.clone();
            match records.get_mut(key) {
                Some(record) if !is_lost => *record.last_mut().unwrap() ^= 1,
                _ => drop(records.remove(key)),
            }
            let opened = [false, true].map(|is_ahead| {
                world.records.set_all(&records);
                let ahead = if is_ahead { read_ahead(&world) } else { Preload::default() };
                seen(open(&world, ahead, &Task::default()))
            });
            assert_eq!(opened[0], opened[1], "{key}, lost: {is_lost}");
        }
    }
}

#[test]
fn documents_without_any_other_record_are_derived_from_though_it_was_read_ahead() {
    let (world, engine) = World::with_files();
    let before = seen(Ok(engine));
    let mut records = world.records.all();
    records.retain(|key, _| key.starts_with("document/"));
    world.records.set_all(&records);
    assert_eq!(seen(open(&world, read_ahead(&world), &Task::default())), before);
}
