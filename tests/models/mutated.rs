//! Randomly changed model files: an error or a model that works, never a panic. A short form of the
//! fuzzer's runs, from seeds that are printed.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use multimodal_rag::{OriginalFiles, Result, convert_e5s1, quantize};

use crate::rng::Rng;
use crate::using::{use_e5s1, use_embedder, use_generator, use_original};
use crate::{BERT, LLAMA, LLAMA_SPM, TINY_E5, bert_options};

/// Files of each kind. Fewer as wasm, where each takes longer.
const FILES: u64 = if cfg!(target_arch = "wasm32") { 500 } else { 6000 };
/// Values of sizes, counts and kinds that do the most harm.
const WORST: [u64; 10] =
    [0, 1, 31, 0x7F, 1 << 16, i32::MAX as u64, u32::MAX as u64, 1 << 40, i64::MAX as u64, u64::MAX];

/// One change, most often to the header, where it matters most.
fn change(file: &mut Vec<u8>, other: &[u8], header: usize, rng: &mut Rng) {
    let within = if rng.below(4) > 0 { header.min(file.len()) } else { file.len() };
    let at = rng.below(within.max(1));
    let length = rng.below(64).min(file.len() - at);
    match rng.below(8) {
        0..=2 if length > 0 => file[at] ^= 1 << rng.below(8),
        3 if length > 0 => file[at] = rng.below(256) as u8,
        4 => {
            let worst = WORST[rng.below(WORST.len())].to_le_bytes();
            let width = [4, 8][rng.below(2)].min(file.len() - at);
            file[at..at + width].copy_from_slice(&worst[..width]);
        }
        5 => drop(file.drain(at..at + length)),
        6 => {
            let from = rng.below(other.len());
            let part = other[from..].iter().take(length).copied().collect::<Vec<u8>>();
            file.splice(at..at, part);
        }
        _ if rng.below(4) == 0 => file.truncate(at),
        _ => {
            let part = file[at..at + length].to_vec();
            let to = rng.below(file.len() - length + 1);
            file[to..to + length].copy_from_slice(&part);
        }
    }
}

/// Tries changed files of `original`, and returns how many of them work.
fn try_changed(
    original: &[u8],
    other: &[u8],
    header: usize,
    use_model: fn(&[u8]) -> Result<()>,
) -> u64 {
    let works = |seed: u64| {
        let mut rng = Rng::new(seed);
        let mut file = original.to_vec();
        for _ in 0..=rng.below(3) {
            change(&mut file, other, header, &mut rng);
        }
        println!("seed {seed}");
        u64::from(use_model(&file).is_ok())
    };
    (1..=FILES).map(works).sum()
}

/// Some changes must do harm and some must not, or nothing is tested.
fn check(works: u64) {
    println!("{works} of {FILES} work");
    assert!((FILES / 100..FILES).contains(&works), "{works} of {FILES} work");
}

#[test]
fn a_generator_changed_at_random_fails_or_works() {
    for (original, other) in [(LLAMA, LLAMA_SPM), (LLAMA_SPM, LLAMA)] {
        let header = crate::gguf::Parts::read(original).header;
        check(try_changed(original, other, header, use_generator));
    }
}

#[test]
fn an_embedder_changed_at_random_fails_or_works() {
    let file = quantize(BERT, bert_options()).unwrap();
    let header = 8 + u64::from_le_bytes(file[..8].try_into().unwrap()) as usize;
    check(try_changed(&file, BERT.weights, header, use_embedder));
}

#[test]
fn an_e5_file_changed_at_random_fails_or_works() {
    let packed = convert_e5s1(TINY_E5, Vec::new(), None).unwrap();
    let header = 8 + u64::from_le_bytes(packed[..8].try_into().unwrap()) as usize;
    check(try_changed(&packed, TINY_E5, header, use_embedder));
    check(try_changed(TINY_E5, &packed, TINY_E5.len() / 2, use_e5s1));
}

#[test]
fn a_tokenizer_changed_at_random_fails_or_works() {
    let seeds = [
        BERT.tokenizer,
        include_str!("../../fuzz/seeds/bpe.json"),
        include_str!("../../fuzz/seeds/unigram.json"),
        include_str!("../../fuzz/seeds/word-level.json"),
        include_str!("../../fuzz/seeds/word-piece.json"),
    ];
    let use_tokenizer = |file: &[u8]| {
        let tokenizer = &String::from_utf8_lossy(file);
        use_original(OriginalFiles { tokenizer, ..BERT }, bert_options())
    };
    for (place, original) in seeds.into_iter().enumerate() {
        use_tokenizer(original.as_bytes()).unwrap();
        let other = seeds[(place + 1) % seeds.len()].as_bytes();
        check(try_changed(original.as_bytes(), other, original.len(), use_tokenizer));
    }
}
