//! A knowledge base whose records are changed behind its back, and what may come of that.
//! For tests, and for the fuzzer.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use multimodal_rag::{Engine, Error, Task};

use crate::past::{exported, lived_in};
use crate::record::{HEADER_BYTES, with_body};
use crate::world::{LIGHT_QUESTION, World, documents};

/// Both find passages of every document.
pub(crate) const QUESTIONS: [&str; 2] = [LIGHT_QUESTION, "Which queen wore a crown?"];
/// Bytes that say what one change is: which record, what is done, where (two), with what.
pub(crate) const CHANGE_BYTES: usize = 5;

pub(crate) type Records = BTreeMap<String, Vec<u8>>;
/// Ids of documents.
type Ids = BTreeSet<String>;
/// Document, chunk, score and text of each passage.
type Answer = Vec<(String, u32, f32, String)>;

/// What is changed, as it was before.
pub(crate) struct Original {
    world: World,
    pub(crate) records: Records,
    pub(crate) file: Vec<u8>,
    ids: Ids,
    /// What is answered without some of the documents.
    answers: RefCell<BTreeMap<Ids, [Answer; 2]>>,
}

impl Original {
    pub(crate) fn new() -> Self {
        let (world, engine) = lived_in(World::new());
        let (file, ids) = (exported(&engine), ids(&engine));
        let (records, answers) = (world.records.all(), RefCell::default());
        Self { world, records, file, ids, answers }
    }

    /// Another world that holds these records.
    pub(crate) fn world(&self, records: &Records) -> World {
        let embedder = self.world.embedder.clone();
        let (runtime, loads) = Default::default();
        let world = World { runtime, records: Rc::default(), embedder, loads };
        world.records.set_all(records);
        world
    }

    /// What is answered where these documents are left out.
    fn answers_without(&self, hidden: &Ids) -> [Answer; 2] {
        let ask = || {
            let engine = self.world(&self.records).open();
            for id in hidden {
                pollster::block_on(engine.remove(id)).unwrap();
            }
            QUESTIONS.map(|question| answer(&engine, question).unwrap())
        };
        self.answers.borrow_mut().entry(hidden.clone()).or_insert_with(ask).clone()
    }

    /// Damages records as `changes` says, and opens them: what can be read is answered from
    /// as ever, what cannot is reported.
    pub(crate) fn check_damaged_records(&self, changes: &[u8]) {
        let mut records = self.records.clone();
        let keys: Vec<&String> = self.records.keys().collect();
        for &[which, what, high, low, with] in changes.as_chunks::<CHANGE_BYTES>().0 {
            let record = records.get_mut(keys[usize::from(which) % keys.len()]).unwrap();
            match what % 6 {
                5 => *record = self.records[keys[usize::from(with) % keys.len()]].clone(),
                _ => change(record, [what, high, low, with]),
            }
        }
        let is_forged = |record: &Vec<u8>| {
            let (header, body) = record.split_at_checked(HEADER_BYTES).unwrap_or_default();
            !header.is_empty()
                && with_body(header, body) == *record
                && !self.records.values().any(|other| other == record)
        };
        // Too many changes at once for a checksum to tell.
        if !records.values().any(is_forged) {
            self.check_damaged(&self.world(&records));
        }
    }

    fn check_damaged(&self, world: &World) {
        for _ in 0..2 {
            let engine = match pollster::block_on(world.try_open(&Task::default())) {
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

    /// Damages the exported file as `changes` says, and imports it: it is refused.
    pub(crate) fn check_damaged_file(&self, changes: &[u8]) {
        let mut file = self.file.clone();
        for &[_, what, high, low, with] in changes.as_chunks::<CHANGE_BYTES>().0 {
            change(&mut file, [what, high, low, with]);
        }
        let is_changed = file != self.file;
        let world = self.world(&Records::new());
        match self.import(&file, &world) {
            Ok(()) => assert!(!is_changed),
            Err(error) => {
                assert!(["corrupt_export", "embedder_mismatch"].contains(&error.code()), "{error}");
                assert!(is_changed && world.records.keys().is_empty());
            }
        }
    }

    pub(crate) fn import(&self, file: &[u8], world: &World) -> Result<(), Error> {
        let (file, store, task) = (file.to_vec(), world.store(), Task::default());
        let embedder = Some(&*self.world.embedder);
        pollster::block_on(Engine::import(&file, &*store, embedder, &*world.runtime, &task))
    }
}

/// Changes one thing: flips a bit, sets a byte, cuts the end off, takes a piece out, or fills
/// one with zeros.
pub(crate) fn change(bytes: &mut Vec<u8>, [what, high, low, with]: [u8; 4]) {
    if bytes.is_empty() {
        return;
    }
    let at = (usize::from(u16::from_be_bytes([high, low])) * bytes.len()) >> 16;
    let piece = at..bytes.len().min(at + usize::from(with));
    match what % 6 {
        0 => bytes[at] ^= 1 << (with % 8),
        1 => bytes[at] = with,
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
