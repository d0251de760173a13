//! How model files are read: in pieces, each byte of a tensor once, with progress, and with a
//! cancel between two pieces.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use async_trait::async_trait;
use multimodal_rag::internals::IdleRuntime;
use multimodal_rag::{
    ByteSource, CancelToken, Embedder, Error, Fingerprint, Generator, Progress, Result, Stage,
    Task, quantize,
};

use crate::gguf::{Parts, U32};
use crate::{BERT, LLAMA, bert_options, cosine, load};

/// The most bytes of one read.
const LARGEST_READ: usize = 1 << 20;
/// Bytes of a read of a GGUF file before the end of its header is known.
const HEADER_WINDOW: usize = 1 << 16;

/// Numbers of a state of the small decoder, and of its feed-forward layers.
const WIDTH: usize = 64;
const HIDDEN: usize = 128;

/// A source that records its reads, and can fail or cancel at one of them.
struct Watched {
    bytes: Vec<u8>,
    /// The known fingerprint.
    fingerprint: Option<Fingerprint>,
    /// The fingerprint that the source computes.
    hash: Option<Fingerprint>,
    reads: RefCell<Vec<Range<usize>>>,
    fails_at: Option<usize>,
    stops_at: Option<(usize, CancelToken)>,
}

impl Watched {
    fn new(bytes: Vec<u8>) -> Self {
        let fingerprint = Some(Fingerprint::of(&bytes));
        let reads = RefCell::default();
        Self { bytes, fingerprint, hash: None, reads, fails_at: None, stops_at: None }
    }

    fn count(&self) -> usize {
        self.reads.borrow().len()
    }

    /// How often each byte was read.
    fn times_read(&self) -> Vec<u8> {
        let mut times = vec![0; self.bytes.len()];
        for place in self.reads.borrow().iter() {
            assert!(place.len() <= LARGEST_READ, "{place:?}");
            times[place.clone()].iter_mut().for_each(|times| *times += 1);
        }
        times
    }
}

#[async_trait(?Send)]
impl ByteSource for Watched {
    fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    async fn read(&self, start: u64, piece: &mut [u8]) -> Result<()> {
        let number = self.count();
        let place = start as usize..start as usize + piece.len();
        self.reads.borrow_mut().push(place.clone());
        if self.fails_at == Some(number) {
            let (url, detail) = ("the disk".to_owned(), "it was taken out".to_owned());
            return Err(Error::DownloadFailed { url, detail });
        }
        if let Some((_, cancel)) = self.stops_at.as_ref().filter(|(at, _)| *at == number) {
            cancel.cancel();
        }
        piece.copy_from_slice(&self.bytes[place]);
        Ok(())
    }

    fn fingerprint(&self) -> Option<Fingerprint> {
        self.fingerprint
    }

    async fn hash(&self) -> Option<Fingerprint> {
        self.hash
    }
}

/// The small decoder with f32 weights in its feed-forward layers, spread over `times` as many rows
/// and columns, with zeros between them: it computes the same.
fn with_hidden(times: usize) -> Vec<u8> {
    let hidden = HIDDEN * times;
    let key = "llama.feed_forward_length";
    let mut parts = Parts::read(LLAMA).with(key, U32, (hidden as u32).to_le_bytes());
    for tensor in &mut parts.tensors {
        let down = tensor.name.ends_with("ffn_down.weight");
        if !down && !["ffn_gate.weight", "ffn_up.weight"].iter().any(|n| tensor.name.ends_with(n)) {
            continue;
        }
        let [rows, columns] = if down { [WIDTH, hidden] } else { [hidden, WIDTH] };
        let mut numbers = vec![0f32; rows * columns];
        for (place, number) in numbers.iter_mut().enumerate() {
            let (row, column) = (place / columns, place % columns);
            let (unit, other) = if down { (column, row) } else { (row, column) };
            if unit.is_multiple_of(times) {
                let mixed = (unit / times * 31 + other * 17 + tensor.name.len()) % 101;
                *number = mixed as f32 * 0.002 - 0.1;
            }
        }
        parts.data.resize(parts.data.len().next_multiple_of(32), 0);
        (tensor.kind, tensor.offset) = (0, parts.data.len() as u64);
        tensor.shape = vec![columns as u64, rows as u64];
        parts.data.extend(numbers.iter().flat_map(|x| x.to_le_bytes()));
    }
    parts.write()
}

/// A model with tensors of several pieces.
fn large_generator() -> Vec<u8> {
    with_hidden(80)
}

fn load_watched(file: &Watched, task: &Task) -> Result<Fingerprint> {
    let is_generator = file.bytes.starts_with(b"GGUF");
    pollster::block_on(async {
        if is_generator {
            Generator::load(file, &IdleRuntime, task).await.map(|generator| generator.fingerprint())
        } else {
            Embedder::load(file, &IdleRuntime, task).await.map(|embedder| embedder.fingerprint())
        }
    })
}

fn files() -> [Vec<u8>; 3] {
    [LLAMA.to_vec(), large_generator(), quantize(BERT, bert_options()).unwrap()]
}

#[test]
fn no_read_is_large_and_each_byte_of_a_tensor_is_read_once() {
    for bytes in files() {
        let is_generator = bytes.starts_with(b"GGUF");
        let file = Watched::new(bytes);
        load_watched(&file, &Task::default()).unwrap();
        let times = file.times_read();
        let twice = if is_generator {
            let header = Parts::read(&file.bytes).header;
            // Only the tensors' bytes in the last window of the header may be read twice.
            let after = header.next_multiple_of(HEADER_WINDOW).min(times.len());
            assert!(times[after..].iter().all(|&times| times <= 1));
            &times[header..after]
        } else {
            &times[..]
        };
        let most = if is_generator { 2 } else { 1 };
        assert!(twice.iter().all(|&times| times <= most));
    }
}

/// Bytes of a block of the type of the small decoder's embeddings: a scale of two, and 32 numbers.
const EMBEDDING_BLOCK: usize = 34;

/// The small decoder, which has one matrix for embeddings and logits, with a matrix of its own for
/// the logits: the embeddings, whose scales have `more` added to their exponent.
fn with_head(more: u16) -> Parts {
    let mut parts = Parts::read(LLAMA);
    let mut head = parts.tensors.iter().find(|it| it.name == "token_embd.weight").unwrap().clone();
    let bytes = (head.shape[0] * head.shape[1]) as usize / 32 * EMBEDDING_BLOCK;
    let mut data = parts.data[head.offset as usize..][..bytes].to_vec();
    for block in data.chunks_exact_mut(EMBEDDING_BLOCK) {
        let scale = u16::from_le_bytes([block[0], block[1]]) + (more << 10);
        block[..2].copy_from_slice(&scale.to_le_bytes());
    }
    parts.data.resize(parts.data.len().next_multiple_of(32), 0);
    head.name = "output.weight".to_owned();
    head.offset = parts.data.len() as u64;
    parts.data.extend(data);
    parts.tensors.push(head);
    parts
}

#[test]
fn a_matrix_that_a_file_holds_twice_is_read_once() {
    let logits = |file: &[u8]| {
        let generator = load(file);
        generator.decode(7, &mut generator.new_cache()).unwrap()
    };
    let alone = logits(LLAMA);
    let (same, doubled) = (with_head(0), with_head(1));
    assert_eq!(logits(&same.write()), alone);
    let twice: Vec<f32> = alone.iter().map(|logit| 2.0 * logit).collect();
    assert_eq!(
        logits(&doubled.write()),
        twice,
        "a matrix that is like another is not taken for it"
    );
    let bytes_read = |parts: &Parts| {
        let file = Watched::new(parts.write());
        load_watched(&file, &Task::default()).unwrap();
        file.reads.borrow().iter().map(|place| place.len()).sum::<usize>()
    };
    assert!(bytes_read(&same) < bytes_read(&doubled));
}

#[test]
fn a_file_of_unknown_fingerprint_is_hashed_in_pieces() {
    for bytes in files() {
        let known = Watched::new(bytes);
        let unknown = Watched { fingerprint: None, ..Watched::new(known.bytes.clone()) };
        let task = Task::default();
        let expected = load_watched(&known, &task).unwrap();
        assert_eq!(load_watched(&unknown, &task).unwrap(), expected);
        let read = |file: &Watched| file.times_read().iter().map(|&n| usize::from(n)).sum();
        let (once, twice): (usize, usize) = (read(&known), read(&unknown));
        assert_eq!(twice, once + known.bytes.len());
    }
}

#[test]
fn a_cancel_takes_effect_after_the_piece_that_is_being_read() {
    for bytes in files() {
        let whole = Watched { fingerprint: None, ..Watched::new(bytes) };
        load_watched(&whole, &Task::default()).unwrap();
        for at in 0..whole.count() {
            let task = Task::default();
            let stops_at = Some((at, task.cancel.clone()));
            let file = Watched { fingerprint: None, stops_at, ..Watched::new(whole.bytes.clone()) };
            assert_eq!(load_watched(&file, &task).unwrap_err(), Error::Aborted);
            assert_eq!(file.count(), at + 1);
        }
    }
}

#[test]
fn a_read_that_fails_fails_the_load() {
    for bytes in files() {
        let whole = Watched::new(bytes);
        load_watched(&whole, &Task::default()).unwrap();
        for at in 0..whole.count() {
            let file = Watched { fails_at: Some(at), ..Watched::new(whole.bytes.clone()) };
            let error = load_watched(&file, &Task::default()).unwrap_err();
            assert_eq!(error.code(), "download_failed");
        }
    }
}

#[test]
fn loading_reports_hashed_bytes_and_loaded_layers() {
    for bytes in files() {
        let hashes = [None, Some(Fingerprint::of(&bytes))];
        for hash in hashes {
            let file = Watched { fingerprint: None, hash, ..Watched::new(bytes.clone()) };
            assert_reports_bytes_and_layers(&file);
        }
    }
}

#[test]
fn a_file_that_hashes_itself_is_not_read_to_be_hashed() {
    for bytes in files() {
        let (known, hash) = (Watched::new(bytes.clone()), Some(Fingerprint::of(&bytes)));
        let hashing = Watched { fingerprint: None, hash, ..Watched::new(bytes) };
        for file in [&known, &hashing] {
            load_watched(file, &Task::default()).unwrap();
        }
        assert_eq!(*hashing.reads.borrow(), *known.reads.borrow());
    }
}

fn assert_reports_bytes_and_layers(file: &Watched) {
    let seen: Rc<RefCell<Vec<Progress>>> = Rc::default();
    let on_progress = {
        let seen = seen.clone();
        move |progress| seen.borrow_mut().push(progress)
    };
    let task = Task { on_progress: Some(Rc::new(on_progress)), ..Task::default() };
    load_watched(file, &task).unwrap();
    let seen = seen.borrow();
    assert!(seen.iter().all(|progress| progress.stage == Stage::Load));
    for (unit, total) in [("bytes", file.bytes.len() as u64), ("layers", 2)] {
        let told: Vec<&Progress> = seen.iter().filter(|told| told.unit == unit).collect();
        assert_eq!(told[0].done, 0, "{unit}");
        assert_eq!(told[told.len() - 1].done, total, "{unit}");
        assert!(told.iter().all(|told| told.total == total), "{unit}");
        assert!(told.is_sorted_by_key(|told| told.done), "{unit}");
    }
}

#[test]
fn a_matrix_read_in_pieces_computes_the_same_as_a_whole_one() {
    let bytes = large_generator();
    let pieces = |tensor: &crate::gguf::Tensor| {
        tensor.shape.iter().product::<u64>() as usize * 4 / LARGEST_READ
    };
    assert!(Parts::read(&bytes).tensors.iter().any(|tensor| pieces(tensor) > 1));
    let (large, small) = (load(&bytes), load(&with_hidden(1)));
    let (mut of_large, mut of_small) = (large.new_cache(), small.new_cache());
    for token in [0, 7, 8, 255, 399] {
        let logits = large.decode(token, &mut of_large).unwrap();
        let near = cosine(&logits, &small.decode(token, &mut of_small).unwrap());
        assert!(near >= 0.999_999, "{near}");
    }
}
