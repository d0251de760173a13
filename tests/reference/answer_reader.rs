//! The answer reader beside numpy, and what it does for questions and claims.

use std::path::Path;
use std::rc::Rc;

use multimodal_rag::internals::IdleRuntime;
use multimodal_rag::{
    AnswerEvent, AnswerReader, AskOptions, Embedder, Engine, MemoryStore, Readable, SourceFile,
    Task,
};
use serde::Deserialize;

use super::{E5, E5_SMALL, model_file};

/// A question with a text, and what numpy reads of it with the same weights, in f32.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReadRow {
    /// A row has a question or a claim.
    question: Option<String>,
    claim: Option<String>,
    text: String,
    answer: String,
    answer_logit: f32,
    /// Answerable, relevant, supported.
    decisions: [f32; 3],
}

fn answer_reader(embedder: Rc<Embedder>) -> AnswerReader {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters/answer-reader.safetensors");
    let file = std::fs::read(path).unwrap();
    pollster::block_on(AnswerReader::load(&file, embedder, &IdleRuntime, &Task::default())).unwrap()
}

#[test]
fn the_answer_reader_reads_as_numpy_does_with_both_vocabularies() {
    let rows: Vec<ReadRow> =
        serde_json::from_str(include_str!("../fixtures/reference/answer_reader.json")).unwrap();
    for model in [E5, E5_SMALL] {
        let (file, task) = (model_file(model), Task::default());
        let embedder = pollster::block_on(Embedder::load(&file, &IdleRuntime, &task)).unwrap();
        let reader = answer_reader(Rc::new(embedder));
        for row in &rows {
            let Some(question) = &row.question else { continue };
            let text = [Readable { context: "", text: &row.text }];
            let read = reader.read(question, &text, &IdleRuntime, &task);
            let reading = pollster::block_on(read).unwrap().remove(0);
            assert_eq!(row.text[reading.answer.clone()], row.answer, "{question}");
            assert_near(reading.answer_logit, row.answer_logit, question);
            assert_near(reading.answerable_logit, row.decisions[0], question);
            assert_near(reading.relevant_logit, row.decisions[1], question);
        }
        let claims = rows.iter().filter_map(|row| Some((row, row.claim.as_deref()?)));
        let pairs: Vec<_> = claims.clone().map(|(row, claim)| (claim, &*row.text)).collect();
        let logits = pollster::block_on(reader.support(&pairs, &IdleRuntime, &task)).unwrap();
        assert_eq!(logits.len(), 3);
        for ((row, claim), logit) in claims.zip(logits) {
            assert_near(logit, row.decisions[2], claim);
        }
    }
}

/// Activations of 8 bits move a logit by some tenths.
fn assert_near(got: f32, expected: f32, of: &str) {
    let most = 0.8 + 0.05 * expected.abs();
    assert!((got - expected).abs() < most, "{of}: {got}, {expected}");
}

const MILL: &str = "The restoration took eleven years. The boatbuilder Teodor Hale made the new gates \
                    of oak, and the mill has run ever since.";

/// An engine with an answer reader and a document.
fn reading_engine() -> Engine {
    let (file, task) = (model_file(E5_SMALL), Task::default());
    let embedder = Rc::new(pollster::block_on(Embedder::load(&file, &IdleRuntime, &task)).unwrap());
    let (store, runtime) = (Box::new(MemoryStore::new()), Rc::new(IdleRuntime));
    let opened = Engine::open(store, runtime, embedder.clone(), None, &task);
    let engine = pollster::block_on(opened).unwrap().with_answer_reader(answer_reader(embedder));
    let mill = SourceFile { name: "mill.txt", bytes: MILL.as_bytes(), ..SourceFile::default() };
    pollster::block_on(engine.add(mill, &task)).unwrap();
    engine
}

#[test]
fn a_claim_is_supported_unless_a_fact_of_it_is_changed() {
    let (engine, task) = (reading_engine(), Task::default());
    let made = &MILL["The restoration took eleven years. ".len()..];
    let claims = [
        ("The boatbuilder Teodor Hale made the new gates of oak.", Some(made)),
        ("The restoration took 11 years.", Some("The restoration took eleven years.")),
        ("The restoration took 12 years.", None),
        ("The boatbuilder Zebulon Quark made the new gates of oak.", None),
        ("The boatbuilder Teodor Hale did not make the new gates of oak.", None),
        ("The boatbuilder Teodor Hale made the old gates of oak.", None),
        ("Sourdough bread needs flour and water.", None),
    ];
    for (claim, expected) in claims {
        let found = pollster::block_on(engine.search(claim, 3, None, &task)).unwrap();
        let support = pollster::block_on(engine.support(claim, &found, &task)).unwrap();
        let place = support.citation.as_ref().map(|citation| citation.text());
        assert_eq!(place, expected, "{claim}: {:?}", support.score);
        assert!(support.score.is_some());
    }
    let found = pollster::block_on(engine.search("gates", 3, None, &task)).unwrap();
    let support = pollster::block_on(engine.support("[1] ...", &found, &task)).unwrap();
    assert_eq!((support.citation, support.score), (None, None), "no words, no claim");
}

#[test]
fn a_question_gets_its_answer_in_few_words_within_the_first_quote() {
    let (engine, task) = (reading_engine(), Task::default());
    let mut events = Vec::new();
    let options = AskOptions { max_tokens: 0, ..AskOptions::default() };
    let mut emit = |event| events.push(event);
    pollster::block_on(engine.ask("Who made the new gates?", &options, &task, &mut emit)).unwrap();
    let [AnswerEvent::Passages(_), AnswerEvent::Answer { citation, confidence }, rest @ ..] =
        &*events
    else {
        panic!("{events:?}")
    };
    assert_eq!(citation.text(), "Teodor Hale");
    assert!((0.5..=1.0).contains(confidence), "{confidence}");
    let AnswerEvent::Quote(quote) = &rest[0] else { panic!("{rest:?}") };
    assert!(quote.text().contains(citation.text()));
    assert!(quote.span.start <= citation.span.start && citation.span.end <= quote.span.end);
}
