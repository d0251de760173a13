//! Asking: the order of events, quotes, citations, and questions that are refused.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use multimodal_rag::{
    AnswerEvent, AskOptions, Citation, EndReason, Engine, Passage, Result, Sampling, Task,
    Unsupported,
};

use crate::harness::{
    BREAD, BREAD_QUESTION, Harness, LIGHTHOUSE, LIGHTHOUSE_QUESTION, add, ask, collect_events,
    many_sentences, text_file, try_ask,
};

fn end(events: &[AnswerEvent]) -> EndReason {
    match events.last() {
        Some(AnswerEvent::End { reason, .. }) => *reason,
        other => panic!("the last event is {other:?}"),
    }
}

fn quotes(events: &[AnswerEvent]) -> Vec<&Citation> {
    let mut quotes = Vec::new();
    for event in events {
        if let AnswerEvent::Quote(citation) = event {
            quotes.push(citation);
        }
    }
    quotes
}

fn text(events: &[AnswerEvent]) -> String {
    let piece = |event: &AnswerEvent| match event {
        AnswerEvent::Text(piece) => Some(piece.clone()),
        _ => None,
    };
    events.iter().filter_map(piece).collect()
}

fn search(engine: &Engine, question: &str, limit: usize) -> Result<Vec<Passage>> {
    pollster::block_on(engine.search(question, limit, None, &Task::default()))
}

/// The position of each kind of event in an answer.
fn order(event: &AnswerEvent) -> usize {
    match event {
        AnswerEvent::Passages(_) => 0,
        AnswerEvent::Corrections(_) => 1,
        AnswerEvent::Table(_) => 2,
        AnswerEvent::Answer { .. } => 3,
        AnswerEvent::Quote(_) => 4,
        AnswerEvent::Image(_) => 5,
        AnswerEvent::Text(_) | AnswerEvent::Citation { .. } | AnswerEvent::Unsupported { .. } => 6,
        AnswerEvent::End { .. } => 7,
    }
}

#[test]
fn passages_come_first_then_quotes_then_text_then_the_end() {
    let (_, engine) = Harness::with_files();
    for (question, name, fact) in [
        (
            LIGHTHOUSE_QUESTION,
            LIGHTHOUSE.name,
            "The keeper of the lighthouse lit the lamp every evening.",
        ),
        (BREAD_QUESTION, BREAD.name, "The bread stays in the oven for fifty minutes."),
    ] {
        let events = ask(&engine, question);
        let places: Vec<usize> = events.iter().map(order).collect();
        assert!(places.is_sorted(), "{places:?}");
        assert_eq!(places.iter().filter(|place| **place == 0).count(), 1);
        assert_eq!(places.iter().filter(|place| **place == 7).count(), 1);
        assert!(places.contains(&4), "{question}: {:?}", events.last());
        let quotes = quotes(&events);
        assert!((1..=3).contains(&quotes.len()));
        assert_eq!((quotes[0].document.info.name.as_str(), quotes[0].text()), (name, fact));
        let AnswerEvent::Passages(passages) = &events[0] else { panic!("{:?}", events[0]) };
        for quote in quotes {
            let passage = &passages[quote.number - 1];
            assert_eq!((passage.document.id(), passage.chunk), (quote.document.id(), quote.chunk));
            assert!(passage.span.start <= quote.span.start && quote.span.end <= passage.span.end);
        }
        let AnswerEvent::End { reason, timings } = events.last().unwrap() else { panic!() };
        assert!(matches!(reason, EndReason::Stop | EndReason::Length));
        assert!(timings.embed_ms.is_some() && timings.decode_ms.is_some());
        assert!(timings.prompt_tokens.is_some_and(|tokens| tokens > 20));
        assert!(timings.tokens.is_some_and(|tokens| (1..=30).contains(&tokens)));
    }
}

#[test]
fn each_sentence_of_the_text_is_cited_or_marked_unsupported_once_and_in_order() {
    let (_, engine) = Harness::with_files();
    for seed in 0..5 {
        let sampling = Sampling { temperature: 2.0, seed, ..Default::default() };
        let options = AskOptions {
            max_tokens: 80,
            sampling,
            unsupported: Unsupported::Mark,
            ..Default::default()
        };
        let task = Task::default();
        let events =
            pollster::block_on(collect_events(&engine, LIGHTHOUSE_QUESTION, &options, &task))
                .unwrap();
        let whole = text(&events);
        let mut known = String::new();
        let mut checked = 0;
        for event in &events {
            match event {
                AnswerEvent::Text(piece) => known.push_str(piece),
                AnswerEvent::Citation { text, .. } | AnswerEvent::Unsupported { text, .. } => {
                    assert!(text.start >= checked && text.end > text.start);
                    // A sentence is complete when it is judged. Only white space is between two.
                    assert!(!known[text.clone()].trim().is_empty());
                    assert!(whole[checked..text.start].trim().is_empty());
                    checked = text.end;
                }
                _ => {}
            }
        }
        assert!(whole[checked..].trim().is_empty(), "{:?}", &whole[checked..]);
    }
}

#[test]
fn citations_slice_the_text_of_the_document_exactly_in_every_script() {
    let harness = Harness::new();
    let engine = harness.open();
    let source = "Ünïcödé 東京 🙂 — «старый» café. The keeper of the lighthouse – naïve, \u{301}老 – \
                  lit the lamp 🏮 every evening. Москва 🌊 の light.\n\nMore ✓.";
    add(&engine, text_file("letters.txt", source));
    let events = ask(&engine, LIGHTHOUSE_QUESTION);
    let quotes = quotes(&events);
    assert!(quotes[0].text().starts_with("The keeper of the lighthouse – naïve"));
    assert!(quotes[0].text().ends_with("🏮 every evening."), "{:?}", quotes[0].text());
    for quote in quotes {
        let id = quote.document.id().to_string();
        let document = pollster::block_on(engine.document(&id)).unwrap();
        assert_eq!(document.text().get(quote.span.range()), Some(quote.text()));
        assert_eq!(quote.text().trim(), quote.text());
    }
    for passage in search(&engine, LIGHTHOUSE_QUESTION, 10).unwrap() {
        assert_eq!(source.get(passage.span.range()), Some(passage.text()));
    }
}

#[test]
fn equal_questions_get_equal_answers_and_another_seed_gives_another_one() {
    let (_, engine) = Harness::with_files();
    assert_eq!(text(&ask(&engine, LIGHTHOUSE_QUESTION)), text(&ask(&engine, LIGHTHOUSE_QUESTION)));
    let seeded = |seed| {
        let sampling = Sampling { temperature: 1.0, seed, ..Default::default() };
        let options = AskOptions {
            max_tokens: 30,
            sampling,
            unsupported: Unsupported::Mark,
            ..Default::default()
        };
        let task = Task::default();
        text(
            &pollster::block_on(collect_events(&engine, LIGHTHOUSE_QUESTION, &options, &task))
                .unwrap(),
        )
    };
    assert_eq!(seeded(1), seeded(1));
    assert_ne!(seeded(1), seeded(2));
}

#[test]
fn without_a_generator_an_answer_ends_after_its_quotes() {
    let harness = Harness::new();
    let engine = harness.open_without_generator();
    add(&engine, LIGHTHOUSE);
    let events = ask(&engine, LIGHTHOUSE_QUESTION);
    assert_eq!(end(&events), EndReason::NoGenerator);
    assert!(!quotes(&events).is_empty());
    assert_eq!(text(&events), "");
    let loaded = pollster::block_on(engine.load_generator(&Task::default())).unwrap();
    assert!(loaded.is_none());
}

#[test]
fn the_generator_is_not_loaded_for_an_answer_of_no_tokens() {
    let (harness, engine) = Harness::with_files();
    let options = AskOptions { max_tokens: 0, ..Default::default() };
    let task = Task::default();
    let events =
        pollster::block_on(collect_events(&engine, LIGHTHOUSE_QUESTION, &options, &task)).unwrap();
    assert_eq!(end(&events), EndReason::NoGenerator);
    assert!(!quotes(&events).is_empty());
    assert_eq!(harness.loads.get(), 0);
    ask(&engine, LIGHTHOUSE_QUESTION);
    ask(&engine, BREAD_QUESTION);
    assert_eq!(harness.loads.get(), 1);
    assert!(engine.loaded_generator().is_some());
}

#[test]
fn a_question_that_no_passage_is_near_to_gets_no_answer() {
    let (harness, engine) = Harness::with_files();
    let events = ask(&engine, "Does the zoo vaccine the violin elephant volcano?");
    assert_eq!(end(&events), EndReason::NoAnswer);
    assert!(quotes(&events).is_empty());
    assert_eq!(text(&events), "");
    assert_eq!(harness.loads.get(), 0);
}

#[test]
fn a_question_that_cannot_be_asked_gives_an_error() {
    let (_, engine) = Harness::with_files();
    let empty = Harness::new().open();
    let long = "bread ".repeat(127);
    let huge = "bread ".repeat(20_000);
    let cases: [(&Engine, &str, &str); 6] = [
        (&engine, "", "empty_question"),
        (&engine, " \n\t", "empty_question"),
        (&engine, &long, "question_too_long"),
        (&engine, &huge, "too_large"),
        (&empty, BREAD_QUESTION, "empty_knowledge_base"),
        (&empty, "", "empty_question"),
    ];
    for (engine, question, code) in cases {
        let error = try_ask(engine, question, &Task::default()).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert_eq!(search(engine, question, 3).unwrap_err().code(), code);
    }
    assert!(search(&engine, &"bread ".repeat(126), 1).is_ok());
}

#[test]
fn options_out_of_range_are_refused_before_any_work() {
    let (harness, engine) = Harness::with_files();
    let yields = harness.runtime.yields();
    let cold = Sampling { temperature: -1.0, ..Default::default() };
    let none = Sampling { top_k: Some(0), ..Default::default() };
    let wrong = [
        AskOptions { limit: 0, ..Default::default() },
        AskOptions { limit: 21, ..Default::default() },
        AskOptions { sampling: cold, ..Default::default() },
        AskOptions { sampling: none, ..Default::default() },
    ];
    for options in wrong {
        let task = Task::default();
        let error =
            pollster::block_on(collect_events(&engine, LIGHTHOUSE_QUESTION, &options, &task));
        assert_eq!(error.unwrap_err().code(), "invalid_option", "{options:?}");
    }
    assert_eq!(search(&engine, LIGHTHOUSE_QUESTION, 0).unwrap_err().code(), "invalid_option");
    assert_eq!(harness.runtime.yields(), yields);
    assert_eq!(harness.loads.get(), 0);
}

#[test]
fn a_search_returns_as_many_passages_as_requested_best_first() {
    let (_, engine) = Harness::with_files();
    let all = engine.chunk_count();
    for limit in [1, 2, all, all + 5] {
        let passages = search(&engine, LIGHTHOUSE_QUESTION, limit).unwrap();
        assert_eq!(passages.len(), limit.min(all));
        assert!(passages.is_sorted_by(|a, b| a.score >= b.score));
    }
    let best = search(&engine, LIGHTHOUSE_QUESTION, 1).unwrap();
    assert_eq!(best[0].document.info.name, LIGHTHOUSE.name);
    assert_eq!(best[0].headings, "The lighthouse");
}

#[test]
fn an_answer_always_fits_into_the_context_and_a_question_that_does_not_is_refused() {
    let harness = Harness::new();
    let engine = harness.open();
    // Hundreds of sentences that are relevant to the question.
    add(&engine, text_file("ships.txt", &many_sentences(200)));
    let question = "Which ship carries timber to the harbour?";
    let task = Task::default();
    for max_tokens in [1, 30, 200, 400, 100_000] {
        let unsupported = Unsupported::Mark;
        let options = AskOptions { max_tokens, limit: 20, unsupported, ..Default::default() };
        let events =
            pollster::block_on(collect_events(&engine, question, &options, &task)).unwrap();
        assert!(!text(&events).is_empty() || max_tokens == 1);
        let AnswerEvent::End { reason, timings } = events.last().unwrap() else { panic!() };
        assert!(matches!(reason, EndReason::Stop | EndReason::Length));
        assert!(timings.prompt_tokens.unwrap() + timings.tokens.unwrap() <= 512);
        assert!(timings.prompt_tokens.unwrap() > 200, "{max_tokens}: {timings:?}");
    }
    let long = format!("{question} {}", "1234567 ".repeat(17));
    let options = AskOptions { max_tokens: 400, ..Default::default() };
    let answer = pollster::block_on(collect_events(&engine, &long, &options, &task));
    assert_eq!(answer.unwrap_err().code(), "question_too_long");
}
