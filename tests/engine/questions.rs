//! Questions as people write them: about a whole document, with conditions, after
//! another question; and texts of which there are several versions.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use multimodal_rag::{AnswerEvent, AskOptions, Engine, PastQuestion, Task};

use crate::harness::{Harness, add, collect_events, text_file};

fn ask(engine: &Engine, question: &str, history: Vec<PastQuestion>) -> Vec<AnswerEvent> {
    let options = AskOptions { max_tokens: 0, history, ..AskOptions::default() };
    pollster::block_on(collect_events(engine, question, &options, &Task::default())).unwrap()
}

fn quotes(engine: &Engine, question: &str) -> Vec<String> {
    let quote = |event: &AnswerEvent| match event {
        AnswerEvent::Quote(quote) => Some(quote.text().to_owned()),
        _ => None,
    };
    ask(engine, question, Vec::new()).iter().filter_map(quote).collect()
}

fn engine_with(files: &[(&str, &str)]) -> Engine {
    let engine = Harness::new().open();
    for (name, text) in files {
        add(&engine, text_file(name, text));
    }
    engine
}

#[test]
fn the_title_the_parts_and_a_summary_of_a_document_are_quoted() {
    let text = "# Charter of the garden\n\n## Plots\n\nThere are 42 plots.\n\n## Fees\n\nA plot costs 60 euros.";
    let engine = engine_with(&[("charter.md", text)]);
    assert_eq!(quotes(&engine, "What is the title of the document?"), ["Charter of the garden"]);
    assert_eq!(
        quotes(&engine, "How many sections does it have?"),
        ["Charter of the garden", "Plots", "Fees"]
    );
    let summary = quotes(&engine, "Summarize this document.");
    assert_eq!(summary, ["Charter of the garden", "There are 42 plots.", "A plot costs 60 euros."]);
    assert!(quotes(&engine, "Who is the author of this document?").is_empty(), "it does not say");
}

#[test]
fn every_version_of_a_text_is_found_and_copies_are_named() {
    let version = |days: u32| {
        format!(
            "Every employee is entitled to {days} days of paid leave. Requests are made in writing four weeks before."
        )
    };
    let (old, new) = (version(24), version(28));
    let engine = engine_with(&[
        ("leave-2021.txt", &*old),
        ("leave-2023.txt", &*new),
        ("copy.md", &*new),
        ("parking.txt", "The car park opens at six."),
    ]);
    let question = "How many days of paid leave?";
    let passages = pollster::block_on(engine.search(question, 3, None, &Task::default())).unwrap();
    let names: Vec<&str> = passages.iter().map(|p| &*p.document.info.name).collect();
    let leave: Vec<&&str> = names.iter().filter(|name| !name.starts_with("parking")).collect();
    assert_eq!(leave.len(), 2, "{names:?}");
    let copied = passages.iter().find(|p| p.text().contains("28 days")).unwrap();
    let all = [&copied.also_in[..], std::slice::from_ref(&copied.document.info.name)].concat();
    assert!(all.contains(&"copy.md".to_owned()) && all.contains(&"leave-2023.txt".to_owned()));
}

#[test]
fn a_question_may_exclude_words_and_choose_documents() {
    let engine = engine_with(&[
        ("harbour.txt", "The boat sails at nine."),
        ("river.txt", "The boat rows at ten."),
    ]);
    let names = |question: &str| {
        let found = pollster::block_on(engine.search(question, 5, None, &Task::default())).unwrap();
        found.iter().map(|p| p.document.info.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names("boat").len(), 2);
    assert_eq!(names("boat -rows"), ["harbour.txt"]);
    assert_eq!(names("boat name:river"), ["river.txt"]);
    assert_eq!(names("boat name:castle").len(), 2, "no document has it, so it is a word");
}

#[test]
fn an_option_of_a_command_that_a_document_has_excludes_nothing() {
    let engine = engine_with(&[
        ("tar.md", "`tar -xzf FILE` unpacks an archive."),
        ("boats.md", "Boats with a sail unpack their ropes at nine."),
    ]);
    assert!(quotes(&engine, "What does tar -xzf do?")[0].contains("unpacks an archive"));
    let task = Task::default();
    let found = pollster::block_on(engine.search("unpack -sail", 5, None, &task)).unwrap();
    assert!(found.iter().all(|passage| passage.document.info.name == "tar.md"));
}

#[test]
fn a_word_of_the_file_name_or_a_heading_counts() {
    let engine = engine_with(&[
        ("Mira Castellan.md", "- mobile: 555-0134"),
        ("Otto Brenner.md", "- mobile: 555-0199"),
        (
            "offices.md",
            "# Offices\n\n## Oslo\n\nNo parking.\n\n## Porto\n\nParking behind the house.",
        ),
    ]);
    assert!(quotes(&engine, "Mira Castellan mobile")[0].contains("555-0134"));
    let found = ask(&engine, "Is there parking in Oslo?", Vec::new());
    let quote = found.iter().find_map(|event| match event {
        AnswerEvent::Quote(quote) => Some(quote),
        _ => None,
    });
    assert_eq!(quote.map(|quote| quote.headings.as_str()), Some("Offices > Oslo"));
}

#[test]
fn a_follow_up_question_is_searched_with_the_words_of_the_last_one() {
    let engine = engine_with(&[
        ("madrid.txt", "The office in Madrid has parking behind the house."),
        ("oslo.txt", "The office in Oslo has parking below the street."),
    ]);
    let question = "Where is parking at the Madrid office?".to_owned();
    let past = PastQuestion { question, ..PastQuestion::default() };
    let events = ask(&engine, "And in Oslo?", vec![past]);
    let AnswerEvent::Passages(passages) = &events[0] else { panic!("{:?}", events[0]) };
    assert_eq!(passages[0].document.info.name, "oslo.txt");
}

#[test]
fn greetings_and_codes_that_no_document_has_are_not_answered() {
    let engine = engine_with(&[(
        "codes.txt",
        "The paint line has the code ZX-5520-RAG. Hi-fi repairs are next door.",
    )]);
    for question in ["hi", "thanks!", "Which line has the code ZX-49-RAG?", "\"ZX-49-RAG\""] {
        assert!(quotes(&engine, question).is_empty(), "{question}");
    }
    assert!(quotes(&engine, "ZX-5520-RAG")[0].contains("paint line"));
}

#[test]
fn a_sentence_with_the_whole_question_comes_before_its_words_in_several_sentences() {
    let spread = "The mill is white. The mill is old. The new key is red. The new door is green. The wheel is \
                  of oak. The wheel is of iron. He made soup. He made tea.";
    let together = "Many things were repaired over the years, such as the roof, the stairs, the doors and the \
                    windows on the side of the road. The new wheel of the mill was made in Hale by two brothers.";
    let engine = engine_with(&[("spread.txt", spread), ("together.txt", together)]);
    let question = "Who made the new wheel of the mill?";
    let passages = pollster::block_on(engine.search(question, 2, None, &Task::default())).unwrap();
    assert_eq!(passages[0].document.info.name, "together.txt");
    assert!(passages[0].lexical < passages[1].lexical, "BM25 alone prefers the other");
}

#[test]
fn a_follow_up_question_is_asked_alone_where_both_are_too_long() {
    let engine = engine_with(&[("oslo.txt", "The office in Oslo has parking.")]);
    let question: String = (0..2_000).map(|n| format!("word{n} ")).collect();
    let past = PastQuestion { question, ..PastQuestion::default() };
    let events = ask(&engine, "And in Oslo?", vec![past]);
    let AnswerEvent::Passages(passages) = &events[0] else { panic!("{:?}", events[0]) };
    assert_eq!(passages[0].document.info.name, "oslo.txt");
}

#[test]
fn a_question_of_the_history_is_limited_like_a_question() {
    let engine = engine_with(&[("oslo.txt", "The office in Oslo has parking.")]);
    let history =
        vec![PastQuestion { question: "long ".repeat(20_000), ..PastQuestion::default() }];
    let options = AskOptions { max_tokens: 0, history, ..AskOptions::default() };
    let task = Task::default();
    let asked = collect_events(&engine, "And in Oslo?", &options, &task);
    assert_eq!(pollster::block_on(asked).unwrap_err().code(), "too_large");
}

#[test]
fn what_the_last_question_excluded_is_no_word_of_a_follow_up() {
    let engine = engine_with(&[
        ("parking.txt", "The parking is behind the house of the office, below the trees."),
        ("boats.txt", "Sail."),
    ]);
    let past = PastQuestion { question: "parking -sail".to_owned(), ..PastQuestion::default() };
    let events = ask(&engine, "And there?", vec![past]);
    let AnswerEvent::Passages(passages) = &events[0] else { panic!("{:?}", events[0]) };
    assert!(passages[0].lexical > 0.0);
    let boats = passages.iter().find(|passage| passage.document.info.name == "boats.txt");
    assert!(boats.is_none_or(|boats| boats.lexical == 0.0));
}
