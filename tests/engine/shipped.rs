//! Knowledge bases that a site ships, searched beside one's own. The oracle is one knowledge base of all documents.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use std::rc::Rc;

use multimodal_rag::{AnswerEvent, Engine, Error, Runtime, ShippedKnowledgeBase, SourceFile, Task};
use pollster::block_on;

use crate::harness::{
    BREAD, BREAD_QUESTION, Harness, LIGHTHOUSE, LIGHTHOUSE_QUESTION, add, ask, documents, embedder,
    find, many_sentences, names, text_file,
};
use crate::history::export;

/// The export of a knowledge base of these files.
fn exported(files: &[SourceFile<'_>]) -> Vec<u8> {
    let harness = Harness::new();
    let engine = harness.open();
    files.iter().for_each(|file| drop(add(&engine, file.clone())));
    export(&engine)
}

fn shipped(harness: &Harness, name: &str, file: &[u8]) -> Result<ShippedKnowledgeBase, Error> {
    let runtime: Rc<dyn Runtime> = harness.runtime.clone();
    let file = file.to_vec();
    let task = Task::default();
    block_on(ShippedKnowledgeBase::open(name, &file, &harness.embedder, &runtime, &task))
}

fn open_with(harness: &Harness, all: &[(&str, &[u8])]) -> Engine {
    let open = |(name, file): &(&str, &[u8])| shipped(harness, name, file).unwrap();
    harness.open().with_shipped(all.iter().map(open).collect())
}

/// Where each document is from, by its name.
fn origins(engine: &Engine) -> Vec<(String, Option<String>)> {
    let all = documents(engine);
    all.iter().map(|it| (it.info.name.clone(), it.shipped.as_deref().map(str::to_owned))).collect()
}

#[test]
fn ranking_is_that_of_one_knowledge_base_of_all_documents() {
    let stone = text_file("stone.txt", "A tower of stone was built after the storm.");
    let many = many_sentences(60);
    let long = text_file("long.txt", &many);
    let files = [LIGHTHOUSE, BREAD, stone, long];
    let whole = Harness::new();
    let oracle = whole.open();
    files.iter().for_each(|file| drop(add(&oracle, file.clone())));

    let harness = Harness::new();
    let docs = exported(&files[..2]);
    let engine = open_with(&harness, &[("docs", &docs)]);
    files[2..].iter().for_each(|file| drop(add(&engine, file.clone())));
    for question in [LIGHTHOUSE_QUESTION, BREAD_QUESTION, "Which storm burned a tower?", "salt"] {
        let (mut found, mut expected) = (find(&engine, question), find(&oracle, question));
        // Equal scores may come in another order.
        for list in [&mut found, &mut expected] {
            list.sort_by(|one, other| other.2.total_cmp(&one.2).then(one.0.cmp(&other.0)));
        }
        assert_eq!(found, expected, "{question}");
    }
}

#[test]
fn passages_and_quotes_say_which_knowledge_base_they_are_from() {
    let harness = Harness::new();
    let docs = exported(&[LIGHTHOUSE]);
    let engine = open_with(&harness, &[("docs", &docs)]);
    add(&engine, BREAD);
    let expected =
        [("bread.txt".to_owned(), None), ("lighthouse.md".to_owned(), Some("docs".to_owned()))];
    let mut found = origins(&engine);
    found.sort();
    assert_eq!(found, expected);
    for (question, origin) in [(LIGHTHOUSE_QUESTION, Some("docs")), (BREAD_QUESTION, None)] {
        let mut quotes = 0;
        for event in ask(&engine, question) {
            let AnswerEvent::Quote(quote) = event else { continue };
            assert_eq!(quote.document.shipped.as_deref(), origin, "{question}");
            quotes += 1;
        }
        assert!(quotes > 0);
    }
}

#[test]
fn what_is_shipped_cannot_be_changed_and_is_not_written() {
    let harness = Harness::new();
    let docs = exported(&[LIGHTHOUSE]);
    let keys_before = {
        drop(harness.open());
        harness.records.keys()
    };
    let engine = open_with(&harness, &[("docs", &docs)]);
    let id = documents(&engine)[0].info.id.to_string();
    assert_eq!(block_on(engine.remove(&id)), Err(Error::ReadOnly));
    let reread = block_on(engine.reread(&id, None, &Task::default()));
    assert_eq!(reread.unwrap_err(), Error::ReadOnly);
    block_on(engine.maintain(&Task::default())).unwrap();
    assert_eq!(harness.records.keys(), keys_before);
    // Many small segments of one's own are merged, and never with the shipped one.
    for number in 0..12 {
        add(&engine, text_file(&format!("{number}.txt"), &format!("Lamp {number} hangs here.")));
    }
    block_on(engine.maintain(&Task::default())).unwrap();
    assert_eq!(find(&engine, LIGHTHOUSE_QUESTION)[0].0, "lighthouse.md");
    // The export has the engine's own documents, and so has the store.
    let again = Harness::new();
    let alone = open_with(&again, &[("mine", &export(&engine))]);
    assert!(!names(&alone).contains(&"lighthouse.md".to_owned()));
    drop(engine);
    assert_eq!(names(&harness.open()).len(), 12);
}

#[test]
fn a_document_that_is_in_both_is_ones_own_until_it_is_removed() {
    let harness = Harness::new();
    let docs = exported(&[LIGHTHOUSE, BREAD]);
    let engine = open_with(&harness, &[("docs", &docs), ("again", &docs)]);
    assert_eq!(documents(&engine).len(), 2);
    let passages = |engine: &Engine| {
        find(engine, LIGHTHOUSE_QUESTION).iter().filter(|it| it.0 == "lighthouse.md").count()
    };
    let before = passages(&engine);
    let own = add(&engine, LIGHTHOUSE);
    assert!(!own.already_added);
    let origin = |name: &str| origins(&engine).into_iter().find(|(it, _)| it == name).unwrap().1;
    assert_eq!((origin("lighthouse.md"), origin("bread.txt")), (None, Some("docs".to_owned())));
    assert_eq!(passages(&engine), before);
    block_on(engine.remove(&own.info.id.to_string())).unwrap();
    assert_eq!(origin("lighthouse.md"), Some("docs".to_owned()));
    assert_eq!(find(&engine, LIGHTHOUSE_QUESTION)[0].0, "lighthouse.md");
}

#[test]
fn one_that_does_not_fit_is_refused() {
    let docs = exported(&[LIGHTHOUSE]);
    let harness = Harness::new();
    for length in [0, 10, docs.len() - 1] {
        let error = shipped(&harness, "docs", &docs[..length]).err().expect("it is cut");
        assert_eq!(error.code(), "corrupt_export", "{length} bytes");
    }
    let other = Harness { embedder: embedder(16), ..Harness::new() };
    assert_eq!(shipped(&other, "docs", &docs).err().unwrap().code(), "embedder_mismatch");
}
