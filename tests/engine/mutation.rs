//! Mutates the stored records and the export of a knowledge base, and checks the outcome. For
//! tests and the fuzz target.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use multimodal_rag::{Engine, Error, Task};

use crate::harness::{Harness, LIGHTHOUSE_QUESTION, documents};
use crate::history::{export, with_history};
use crate::record::{HEADER_BYTES, with_body};

/// Each of them finds passages of every document.
pub(crate) const QUESTIONS: [&str; 2] = [LIGHTHOUSE_QUESTION, "Which queen wore a crown?"];
/// Bytes of one mutation: the record, the operation, the place (two bytes), the operand.
pub(crate) const MUTATION_BYTES: usize = 5;

pub(crate) type Records = BTreeMap<String, Vec<u8>>;
/// Ids of documents.
type Ids = BTreeSet<String>;
/// Document, chunk, score and text of each passage.
type Answer = Vec<(String, u32, f32, String)>;

/// An intact knowledge base.
pub(crate) struct Original {
    harness: Harness,
    pub(crate) records: Records,
    pub(crate) file: Vec<u8>,
    ids: Ids,
    /// The passages found by [`QUESTIONS`] without some of the documents.
    answers: RefCell<BTreeMap<Ids, [Answer; 2]>>,
}

impl Original {
    pub(crate) fn new() -> Self {
        let (harness, engine) = with_history(Harness::new());
        let (file, ids) = (export(&engine), ids(&engine));
        let (records, answers) = (harness.records.all(), RefCell::default());
        Self { harness, records, file, ids, answers }
    }

    /// A new harness with these records.
    pub(crate) fn harness_with(&self, records: &Records) -> Harness {
        let embedder = self.harness.embedder.clone();
        let (runtime, loads) = Default::default();
        let harness = Harness { runtime, records: Rc::default(), embedder, loads };
        harness.records.set_all(records);
        harness
    }

    /// The passages found without these documents.
    fn answers_without(&self, hidden: &Ids) -> [Answer; 2] {
        let ask = || {
            let engine = self.harness_with(&self.records).open();
            for id in hidden {
                pollster::block_on(engine.remove(id)).unwrap();
            }
            QUESTIONS.map(|question| answer(&engine, question).unwrap())
        };
        self.answers.borrow_mut().entry(hidden.clone()).or_insert_with(ask).clone()
    }

    /// Applies `mutations` to the records and opens them. Readable documents give the same
    /// answers as before, the others must be reported.
    pub(crate) fn check_damaged_records(&self, mutations: &[u8]) {
        let mut records = self.records.clone();
        let keys: Vec<&String> = self.records.keys().collect();
        for &[key, operation, high, low, operand] in mutations.as_chunks::<MUTATION_BYTES>().0 {
            let record = records.get_mut(keys[usize::from(key) % keys.len()]).unwrap();
            match operation % 6 {
                5 => *record = self.records[keys[usize::from(operand) % keys.len()]].clone(),
                _ => mutate(record, [operation, high, low, operand]),
            }
        }
        let has_valid_checksum = |record: &Vec<u8>| {
            let (header, body) = record.split_at_checked(HEADER_BYTES).unwrap_or_default();
            !header.is_empty()
                && with_body(header, body) == *record
                && !self.records.values().any(|other| other == record)
        };
        // A checksum cannot detect every combination of several mutations.
        if !records.values().any(has_valid_checksum) {
            self.check_damaged(&self.harness_with(&records));
        }
    }

    fn check_damaged(&self, harness: &Harness) {
        for _ in 0..2 {
            let engine = match pollster::block_on(harness.try_open(&Task::default())) {
                Ok(engine) => engine,
                Err(error) => {
                    assert_eq!(error.code(), "corrupt_storage", "{error}");
                    continue;
                }
            };
            for (place, question) in QUESTIONS.into_iter().enumerate() {
                let answer = answer(&engine, question).unwrap();
                let hidden = damaged(&engine);
                assert_eq!(answer, self.answers_without(&hidden)[place], "without {hidden:?}");
                let known: Ids = ids(&engine).union(&hidden).cloned().collect();
                assert_eq!(known, self.ids);
            }
        }
    }

    /// Applies `mutations` to the export and imports it. The import must fail.
    pub(crate) fn check_damaged_file(&self, mutations: &[u8]) {
        let mut file = self.file.clone();
        for &[_, operation, high, low, operand] in mutations.as_chunks::<MUTATION_BYTES>().0 {
            mutate(&mut file, [operation, high, low, operand]);
        }
        let is_changed = file != self.file;
        let harness = self.harness_with(&Records::new());
        match self.import(&file, &harness) {
            Ok(()) => assert!(!is_changed),
            Err(error) => {
                assert!(["corrupt_export", "embedder_mismatch"].contains(&error.code()), "{error}");
                assert!(is_changed && harness.records.keys().is_empty());
            }
        }
    }

    pub(crate) fn import(&self, file: &[u8], harness: &Harness) -> Result<(), Error> {
        let (file, store, task) = (file.to_vec(), harness.store(), Task::default());
        let embedder = Some(&*self.harness.embedder);
        pollster::block_on(Engine::import(&file, &*store, embedder, &*harness.runtime, &task))
    }
}

/// Applies one mutation: flips a bit, sets a byte, cuts the end off, removes a piece, or fills a
/// piece with zeros.
pub(crate) fn mutate(bytes: &mut Vec<u8>, [operation, high, low, operand]: [u8; 4]) {
    if bytes.is_empty() {
        return;
    }
    let at = (usize::from(u16::from_be_bytes([high, low])) * bytes.len()) >> 16;
    let piece = at..bytes.len().min(at + usize::from(operand));
    match operation % 6 {
        0 => bytes[at] ^= 1 << (operand % 8),
        1 => bytes[at] = operand,
        2 => bytes.truncate(at),
        3 => drop(bytes.drain(piece)),
        _ => bytes[piece].fill(0),
    }
}

fn answer(engine: &Engine, question: &str) -> Result<Answer, Error> {
    let passages = pollster::block_on(engine.search(question, 10, None, &Task::default()))?;
    let part = |p: &multimodal_rag::Passage| {
        (p.document.info.name.clone(), p.chunk, p.score, p.text().to_owned())
    };
    Ok(passages.iter().map(part).collect())
}

pub(crate) fn ids(engine: &Engine) -> Ids {
    documents(engine).iter().map(|document| document.info.id.to_string()).collect()
}

fn damaged(engine: &Engine) -> Ids {
    engine.damaged().iter().map(|damaged| damaged.id.to_string()).collect()
}
