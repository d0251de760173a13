//! What pictures show, through the engine: found by text and by picture, stored, merged and removed.

use std::rc::Rc;

use async_trait::async_trait;
use multimodal_rag::internals::IdleRuntime;
use multimodal_rag::{
    AnswerEvent, Document, Engine, Error, FileKind, FileReader, FileToRead, Filter, ImageEmbedder,
    InlineFileReader, Passage, Picture, ReadFile, ReadLimits, Result, Runtime, SourceFile, Task,
    quantize_image_encoder, recognize,
};
use serde_json::json;

use crate::harness::{BREAD, Harness, LIGHTHOUSE, add, ask, documents};
use crate::history::export;
use crate::image_encoders::Reference;
use crate::rng::Rng;

/// What each picture file of these tests begins with.
const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
const QUESTION: &str = "a chart of rainfall";
const QUESTIONS: [&str; 5] = [
    QUESTION,
    "two dogs at the door",
    "the plan of the harbour",
    "a red bicycle",
    "a very long text of a red bicycle, of two dogs and of people at a long table by the harbour",
];

/// Makes pictures of a file's number, and reads other files as they are.
struct NumberedPictures;

#[async_trait(?Send)]
impl FileReader for NumberedPictures {
    async fn read(
        &self,
        file: &FileToRead<'_>,
        limits: &ReadLimits,
        runtime: &dyn Runtime,
        task: &Task,
    ) -> Result<(FileKind, ReadFile)> {
        let Some(number) = file.bytes.strip_prefix(SIGNATURE) else {
            return InlineFileReader.read(file, limits, runtime, task).await;
        };
        let pixels = file.image_input.map(|input| pixels(number[0], input.bytes()));
        let pictures = vec![Picture { width: 64, height: 64, ..Picture::default() }];
        let document = Document { pictures, ..Document::default() };
        let pixels = pixels.unwrap_or_default();
        Ok((recognize(file)?.kind, ReadFile { document, pixels, ..ReadFile::default() }))
    }
}

/// Bright and dark squares, other ones for each number.
fn pixels(number: u8, bytes: usize) -> Vec<u8> {
    let mut rng = Rng::new(number.into());
    let colours: Vec<u8> = (0..3 * 16).map(|_| rng.below(256) as u8).collect();
    let side = (bytes / 3).isqrt();
    let colour = |at: usize| {
        let (x, y) = (at / 3 % side, at / 3 / side);
        colours[3 * (x * 4 / side + y * 4 / side * 4) + at % 3]
    };
    (0..bytes).map(colour).collect()
}

pub(crate) fn encoder(name: &str) -> Rc<ImageEmbedder> {
    let packed = quantize_image_encoder(Reference::of(name).files()).unwrap();
    let task = Task::default();
    let loading = ImageEmbedder::load(&packed, &IdleRuntime, &task);
    Rc::new(pollster::block_on(loading).unwrap())
}

fn open(harness: &Harness, encoder: &Rc<ImageEmbedder>) -> Engine {
    let engine = harness.open_without_generator().with_file_reader(Rc::new(NumberedPictures));
    engine.with_image_embedder(encoder.clone())
}

fn file_of(number: u8) -> Vec<u8> {
    [SIGNATURE, &[number]].concat()
}

fn add_picture(engine: &Engine, number: u8) -> String {
    let (name, metadata) = (format!("{number}.png"), format!(r#"{{"number":{number}}}"#));
    let (bytes, metadata) = (&file_of(number)[..], Some(&metadata[..]));
    let file = SourceFile { name: &name, bytes, metadata, ..SourceFile::default() };
    add(engine, file).info.id.to_string()
}

/// An engine with nine pictures and two texts.
fn with_pictures(harness: &Harness, encoder: &Rc<ImageEmbedder>) -> Engine {
    let engine = open(harness, encoder);
    add(&engine, LIGHTHOUSE);
    (0..9).for_each(|number| drop(add_picture(&engine, number)));
    add(&engine, BREAD);
    engine
}

fn search_image(
    engine: &Engine,
    number: u8,
    limit: usize,
    filter: Option<&Filter>,
) -> Result<Vec<Passage>> {
    let bytes = file_of(number);
    let file = FileToRead { name: "asked.png", bytes: &bytes, ..FileToRead::default() };
    pollster::block_on(engine.search_image(&file, limit, filter, &Task::default()))
}

/// The names of the documents and the scores of their pictures.
fn found(passages: &[Passage]) -> Vec<(String, f32)> {
    let scored = |it: &Passage| Some((it.document.info.name.clone(), it.picture?.score));
    passages.iter().filter_map(scored).collect()
}

fn search(engine: &Engine, question: &str) -> Vec<(String, f32)> {
    let task = Task::default();
    let searching = engine.search(question, 20, None, &task);
    let mut found = found(&pollster::block_on(searching).unwrap());
    found.sort_by(|a, b| b.1.total_cmp(&a.1));
    found
}

/// The pictures of these numbers that a question belongs to, and how surely, by the vectors
/// themselves.
fn expected(encoder: &ImageEmbedder, question: &str, numbers: &[u8]) -> Vec<(String, f32)> {
    let product = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    let neutral = ["a photo", "a picture", "an image of something", "text on a page"];
    let asked = encoder.embed_text(question).unwrap();
    let neutral = neutral.map(|text| encoder.embed_text(text).unwrap());
    let scale = 3f32.exp();
    let score = |number: u8| {
        let picture = encoder.embed_image(&pixels(number, encoder.input().bytes())).unwrap();
        let others = neutral.iter().map(|text| product(text, &picture));
        let logit = product(&asked, &picture) - others.fold(f32::NEG_INFINITY, f32::max);
        1.0 / (1.0 + (-scale * logit).exp())
    };
    let mut scored: Vec<_> =
        numbers.iter().map(|&number| (format!("{number}.png"), score(number))).collect();
    scored.sort_by(|a, b| b.1.total_cmp(&a.1));
    scored
}

/// How far the scores of quantized vectors are from those of the vectors themselves, at the most.
const NEAR: f32 = 0.02;

/// Checks that those of the `expected` pictures are found whose score is above the floor.
fn assert_found(found: &[(String, f32)], expected: &[(String, f32)]) {
    for (name, expected) in expected {
        match found.iter().find(|(other, _)| other == name) {
            Some((_, score)) => {
                assert!((score - expected).abs() < NEAR, "{name}: {score}, expected {expected}");
                assert!(*score >= 0.5, "{name}: {score}");
            }
            None => assert!(*expected < 0.5 + NEAR, "{name}, expected {expected}, is not found"),
        }
    }
    let is_expected = |(name, _): &(String, f32)| expected.iter().any(|(other, _)| other == name);
    assert!(found.iter().all(is_expected), "{found:?}");
}

#[test]
fn a_picture_finds_itself_first_also_after_it_was_stored() {
    for name in ["clip", "siglip"] {
        let (harness, encoder) = (Harness::new(), encoder(name));
        let engine = with_pictures(&harness, &encoder);
        let before = found(&search_image(&engine, 4, 5, None).unwrap());
        assert_eq!((before.len(), &*before[0].0), (5, "4.png"), "{name}: {before:?}");
        assert!(before[0].1 > 0.999 && before[1].1 < before[0].1, "{name}: {before:?}");
        drop(engine);
        let after = found(&search_image(&open(&harness, &encoder), 4, 5, None).unwrap());
        assert_eq!(before, after);
    }
}

#[test]
fn a_question_finds_the_pictures_that_it_belongs_to_and_no_others() {
    for name in ["clip", "siglip"] {
        let (harness, encoder) = (Harness::new(), encoder(name));
        let engine = with_pictures(&harness, &encoder);
        let numbers: Vec<u8> = (0..9).collect();
        let mut shown = 0;
        for question in QUESTIONS {
            let found = search(&engine, question);
            shown += found.len();
            assert_found(&found, &expected(&encoder, question, &numbers));
        }
        assert!((1..9 * QUESTIONS.len()).contains(&shown), "{name}: {shown} are found");
    }
}

#[test]
fn vectors_of_pictures_stay_through_merges_removals_export_and_import() {
    let (harness, encoder) = (Harness::new(), encoder("clip"));
    let engine = with_pictures(&harness, &encoder);
    let removed = documents(&engine)[3].info.id.to_string();
    pollster::block_on(engine.remove(&removed)).unwrap();
    (20..32).for_each(|number| drop(add_picture(&engine, number)));
    pollster::block_on(engine.maintain(&Task::default())).unwrap();
    let numbers: Vec<u8> = (0..9).filter(|number| *number != 2).chain(20..32).collect();
    let expected = expected(&encoder, QUESTION, &numbers);
    assert_found(&search(&engine, QUESTION), &expected);
    let most_alike = found(&search_image(&engine, 2, 30, None).unwrap());
    assert_eq!(most_alike.len(), 20, "the removed picture is gone");
    assert!(most_alike.iter().all(|(name, score)| name != "2.png" && *score < 0.999));

    let file = export(&engine);
    let other = Harness::new();
    let (store, task) = (other.store(), Task::default());
    let runtime = &*other.runtime;
    pollster::block_on(Engine::import(&file, &*store, Some(&harness.embedder), runtime, &task))
        .unwrap();
    assert_found(&search(&open(&other, &encoder), QUESTION), &expected);
}

#[test]
fn a_search_with_a_picture_keeps_to_a_filter() {
    let (harness, encoder) = (Harness::new(), encoder("clip"));
    let engine = with_pictures(&harness, &encoder);
    let filter = Filter::parse(&json!({ "number": { "gte": 6 } })).unwrap();
    let mut names: Vec<String> = found(&search_image(&engine, 4, 9, Some(&filter)).unwrap())
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    names.sort();
    assert_eq!(names, ["6.png", "7.png", "8.png"]);
}

#[test]
fn pictures_of_another_encoder_are_found_once_they_are_read_again() {
    let harness = Harness::new();
    let (clip, siglip) = (encoder("clip"), encoder("siglip"));
    let engine = with_pictures(&harness, &clip);
    let id = documents(&engine)[1].info.id.to_string();
    drop(engine);
    let engine = open(&harness, &siglip);
    assert_eq!(found(&search_image(&engine, 0, 9, None).unwrap()), []);
    pollster::block_on(engine.reread(&id, None, &Task::default())).unwrap();
    let again = found(&search_image(&engine, 0, 9, None).unwrap());
    assert!(matches!(&again[..], [(name, score)] if name == "0.png" && *score > 0.999));
}

/// The question that the second likeliest of forty pictures belongs to best, and both pictures.
fn question_of_two(encoder: &ImageEmbedder) -> (&'static str, [u8; 2]) {
    let numbers: Vec<u8> = (0..40).collect();
    let likeliest = QUESTIONS.map(|question| (question, expected(encoder, question, &numbers)));
    let second = |(_, list): &&(&str, Vec<(String, f32)>)| list[1].1;
    let best = likeliest.iter().max_by(|a, b| second(a).total_cmp(&second(b))).unwrap();
    assert!(second(&best) > 0.5 + NEAR, "no two of forty belong to a question: {best:?}");
    let number = |place: usize| best.1[place].0.trim_end_matches(".png").parse().unwrap();
    (best.0, [number(0), number(1)])
}

#[test]
fn an_answer_shows_the_pictures_that_a_question_belongs_to_also_those_of_one_name() {
    for name in ["clip", "siglip"] {
        let (harness, encoder) = (Harness::new(), encoder(name));
        let engine = open(&harness, &encoder);
        let (question, numbers) = question_of_two(&encoder);
        for (folder, number) in ["a", "b"].iter().zip(numbers) {
            let (name, bytes) = (format!("{folder}/same.png"), &file_of(number)[..]);
            add(&engine, SourceFile { name: &name, bytes, ..SourceFile::default() });
        }
        let events = ask(&engine, question);
        let mut shown: Vec<&str> = events
            .iter()
            .filter_map(|event| match event {
                AnswerEvent::Image(shown) => Some(&*shown.citation.document.info.name),
                _ => None,
            })
            .collect();
        shown.sort_unstable();
        assert_eq!(shown, ["a/same.png", "b/same.png"], "{name}: {events:?}");
        assert!(matches!(events.last(), Some(AnswerEvent::End { .. })));
    }
}

#[test]
fn pictures_that_are_read_again_without_the_encoder_keep_their_vectors() {
    let (harness, encoder) = (Harness::new(), encoder("clip"));
    let engine = with_pictures(&harness, &encoder);
    let id = documents(&engine)[1].info.id.to_string();
    drop(engine);
    let plain = harness.open_without_generator().with_file_reader(Rc::new(NumberedPictures));
    pollster::block_on(plain.reread(&id, None, &Task::default())).unwrap();
    drop(plain);
    let found = found(&search_image(&open(&harness, &encoder), 0, 1, None).unwrap());
    assert!(matches!(&found[..], [(name, score)] if name == "0.png" && *score > 0.999));
}

#[test]
fn a_search_that_cannot_compare_pictures_says_why() {
    let (harness, encoder) = (Harness::new(), encoder("clip"));
    let engine = harness.open_without_generator().with_file_reader(Rc::new(NumberedPictures));
    assert_eq!(search_image(&engine, 1, 3, None).unwrap_err(), Error::NoImageEncoder);
    let engine = open(&harness, &encoder);
    assert_eq!(search_image(&engine, 1, 3, None).unwrap_err(), Error::EmptyKnowledgeBase);
    assert_eq!(search_image(&engine, 1, 0, None).unwrap_err().code(), "invalid_option");
    let file = FileToRead { name: "a.txt", bytes: b"A text.", ..FileToRead::default() };
    let task = Task::default();
    let searching = engine.search_image(&file, 3, None, &task);
    assert_eq!(pollster::block_on(searching).unwrap_err().code(), "unsupported_format");
}
