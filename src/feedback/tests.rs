//! What is learned from feedback on made-up vectors.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::chunk::Chunk;
use crate::document::{DocumentInfo, FileKind, Span};
use crate::index::{Index, SegmentBuilder};
use crate::rng::{Rng, seed};
use crate::test;

const DIMENSIONS: usize = 32;
/// The weight of a cosine.
const WEIGHT: f32 = 2.0;

/// A unit vector along some axes.
fn along(axes: &[(usize, f32)]) -> Vec<f32> {
    let mut vector = vec![0.0; DIMENSIONS];
    axes.iter().for_each(|&(axis, part)| vector[axis] = part);
    let length = dot(&vector, &vector).sqrt();
    vector.iter().map(|number| number / length).collect()
}

fn id(place: usize) -> DocumentId {
    DocumentId::of(FileKind::PLAIN_TEXT, &[place as u8])
}

/// An index of documents with one chunk each.
fn index(vectors: &[Vec<f32>]) -> Index {
    let mut segment = SegmentBuilder::new(DIMENSIONS);
    for (place, vector) in vectors.iter().enumerate() {
        let info = DocumentInfo {
            id: id(place),
            name: String::new(),
            kind: FileKind::PLAIN_TEXT,
            bytes: 0,
            sequence: place as u64,
            added_at: 0.0,
            metadata: "{}".to_owned(),
            details: Default::default(),
            container: None,
            has_original: false,
        };
        segment.begin(info, 4);
        let chunk = Chunk { span: Span::new(0..4), ..Chunk::default() };
        segment.push(chunk, "word", vector).unwrap();
    }
    Index::new().with(0, segment.finish())
}

/// The feedback that the document `good` answers a question, for which all of `documents` were found.
fn feedback(question: Vec<f32>, good: usize, documents: usize) -> Feedback {
    let passage = |place: usize| JudgedPassage {
        document: id(place),
        chunk: 0,
        words: 0.0,
        judgement: if place == good { Judgement::Good } else { Judgement::None },
    };
    Feedback { question, passages: (0..documents).map(passage).collect() }
}

fn train(list: &FeedbackList, index: &Index) -> Trained {
    let mut training = Training::new(Examples::new(list, index, WEIGHT));
    while training.step() {}
    training.finish()
}

fn list(feedback: impl IntoIterator<Item = Feedback>) -> FeedbackList {
    (1..).zip(feedback.into_iter().map(Rc::new)).collect()
}

/// The place of the vector that is nearest to `question`.
fn nearest(vectors: &[Vec<f32>], question: &[f32]) -> usize {
    let cosine = |place: &usize| dot(&vectors[*place], question);
    (0..vectors.len()).max_by(|a, b| cosine(a).total_cmp(&cosine(b))).unwrap()
}

/// Questions along axis 0, each with a part of its own. They are nearest to document 0, but document 1
/// answers them.
fn like_questions(count: usize) -> Vec<Vec<f32>> {
    (0..count).map(|place| along(&[(0, 1.0), (1, 0.3), (4 + place, 0.4)])).collect()
}

fn documents() -> Vec<Vec<f32>> {
    vec![along(&[(0, 1.0), (2, 1.0)]), along(&[(0, 0.8), (3, 1.0)]), along(&[(30, 1.0)])]
}

#[test]
fn feedback_mends_the_ranking_for_like_questions_and_no_others() {
    let (vectors, questions) = (documents(), like_questions(8));
    let told = questions[..6].iter().map(|question| feedback(question.clone(), 1, 3));
    let trained = train(&list(told), &index(&vectors));
    let held_out = trained.held_out.unwrap();
    assert_eq!((held_out.before, held_out.after), (0.5, 1.0));
    let adapter = trained.adapter.unwrap();
    for question in &questions {
        assert_eq!(nearest(&vectors, question), 0);
        let adapted = adapter.adapt(question).unwrap();
        assert_eq!(nearest(&vectors, &adapted.embedding), 1);
        assert!((0.8..=1.25).contains(&adapted.weight));
    }
    assert_eq!(adapter.adapt(&along(&[(30, 1.0), (0, 0.2)])), None);
}

#[test]
fn feedback_on_few_questions_is_not_used() {
    let told = like_questions(3).into_iter().map(|question| feedback(question, 1, 3));
    let trained = train(&list(told), &index(&documents()));
    assert!(trained.adapter.is_none() && trained.held_out.is_none());
}

#[test]
fn feedback_that_says_the_opposite_each_time_changes_nothing() {
    for count in 4..20 {
        let told = like_questions(count).into_iter().enumerate();
        let told = told.map(|(place, question)| feedback(question, place % 2, 3));
        let trained = train(&list(told), &index(&documents()));
        assert!(trained.adapter.is_none(), "{count} questions: {:?}", trained.held_out);
    }
}

#[test]
fn feedback_on_what_is_ranked_rightly_changes_nothing() {
    let told = like_questions(20).into_iter().map(|question| feedback(question, 0, 3));
    let trained = train(&list(told), &index(&documents()));
    assert_eq!(trained.held_out, Some(HeldOut { before: 1.0, after: 1.0 }));
    assert!(trained.adapter.is_none());
}

#[test]
fn random_feedback_is_seldom_used() {
    let mut rng = Rng::new(seed());
    let mut random = |along_first: f32| {
        let mut parts: Vec<(usize, f32)> =
            (0..DIMENSIONS).map(|axis| (axis, rng.signed_fraction())).collect();
        parts[0].1 += along_first;
        along(&parts)
    };
    let vectors: Vec<Vec<f32>> = (0..20).map(|_| random(0.0)).collect();
    let (index, mut said, mut used) = (index(&vectors), Rng::new(seed() + 1), 0);
    for _ in 0..40 {
        let told = (0..30).map(|_| feedback(random(4.0), said.below(20), 20));
        used += usize::from(train(&list(told), &index).adapter.is_some());
    }
    assert!(used <= 8, "used {used} times of 40");
}

#[test]
fn training_is_the_same_each_time() {
    let told: Vec<Feedback> =
        like_questions(9).into_iter().map(|question| feedback(question, 1, 3)).collect();
    let (index, question) = (index(&documents()), along(&[(0, 1.0), (1, 0.2)]));
    let adapt = || train(&list(told.clone()), &index).adapter.unwrap().adapt(&question);
    assert_eq!(adapt(), adapt());
}

#[test]
fn bad_passages_alone_let_the_others_come_first() {
    let questions = like_questions(8);
    let told = questions.iter().map(|question| {
        let mut told = feedback(question.clone(), 9, 2);
        told.passages[0].judgement = Judgement::Bad;
        told
    });
    let vectors = documents();
    let adapter = train(&list(told), &index(&vectors)).adapter.unwrap();
    let adapted = adapter.adapt(&questions[0]).unwrap();
    assert_eq!(nearest(&vectors, &adapted.embedding), 1);
}

#[test]
fn feedback_goes_with_the_documents_that_it_judges() {
    let [one, two] = [along(&[(0, 1.0)]), along(&[(1, 1.0)])];
    let all = list([feedback(one, 0, 3), feedback(two, 1, 3)]);
    let left = all.without(id(0));
    assert_eq!(left.len(), 1);
    let (_, left) = left.iter().next().unwrap();
    assert!(!left.has(id(0)) && left.has(id(1)));
    assert!(all.without(id(9)).is(&all), "nothing is copied");
}

#[test]
fn feedback_on_the_same_question_replaces_what_was_said_and_the_oldest_goes() {
    let mut all = FeedbackList::default();
    for number in 0..3 {
        all = all.with(number, feedback(along(&[(0, 1.0)]), number as usize, 3));
    }
    assert_eq!(all.iter().map(|(number, _)| number).collect::<Vec<_>>(), [2]);
    let mut all = FeedbackList::default();
    for number in 0..MAX_QUESTIONS as u64 + 2 {
        let angle = number as f32 * 0.1;
        let question = along(&[(number as usize % 30, angle.cos()), (31, angle.sin() + 2.0)]);
        all = all.with(number, Feedback { question, passages: Vec::new() });
    }
    assert!(all.len() <= MAX_QUESTIONS);
}

const FEEDBACK_V1: &[u8] = include_bytes!("../../tests/fixtures/stored/feedback-v1.bin");

fn fixture() -> Feedback {
    let mut fixture = feedback(along(&[(3, 1.0), (4, -0.5)]), 2, 3);
    fixture.passages[0].judgement = Judgement::Bad;
    fixture.passages[1].words = 1.5;
    fixture
}

/// Writes the fixture of version 1. What is written once stays.
#[cfg(not(target_arch = "wasm32"))]
#[test]
#[ignore = "writes the fixture"]
fn write_the_fixture() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/stored/feedback-v1.bin");
    std::fs::write(file, fixture().encode()).unwrap();
}

#[test]
fn feedback_of_version_1_is_read_and_written() {
    assert_eq!(record::decode::<Feedback>("feedback/1", FEEDBACK_V1).unwrap(), fixture());
    assert!(fixture().encode() == FEEDBACK_V1, "another layout needs another version");
}

#[test]
fn damaged_feedback_is_refused() {
    let whole = feedback(along(&[(0, 1.0)]), 0, 3);
    let read = |feedback: &Feedback| record::decode::<Feedback>("feedback/1", &feedback.encode());
    assert_eq!(read(&whole).unwrap(), whole);
    for question in [vec![f32::NAN; 3], vec![2.0], vec![0.0; 32], Vec::new()] {
        read(&Feedback { question, ..whole.clone() }).unwrap_err();
    }
    let mut wrong = whole.clone();
    wrong.passages[0].words = f32::INFINITY;
    read(&wrong).unwrap_err();
    wrong.passages = vec![whole.passages[0]; 300];
    read(&wrong).unwrap_err();
}
