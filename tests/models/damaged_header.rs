//! False or contradictory headers of GGUF files: an error that takes no memory.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::gguf::{ARRAY, F32, Parts, TEXT, U32, U64, array, text};
use crate::{LLAMA, LLAMA_SPM, load, try_load};

const MATRIX: &str = "blk.0.attn_q.weight";

fn code(file: &Parts) -> &'static str {
    try_load(&file.write()).err().map_or("none", |error| error.code())
}

#[test]
fn bytes_of_other_formats_are_a_corrupt_gguf() {
    for file in [&b""[..], b"GGUF", b"GGML\x03\0\0\0", b"PK\x03\x04 a zip archive", &[0; 4096]] {
        assert_eq!(try_load(file).err().unwrap().code(), "corrupt_model");
    }
    for version in [0u32, 1, 4, u32::MAX] {
        let mut file = LLAMA.to_vec();
        file[4..8].copy_from_slice(&version.to_le_bytes());
        assert_eq!(try_load(&file).err().unwrap().code(), "corrupt_model");
    }
}

#[test]
fn a_file_truncated_anywhere_is_corrupt() {
    for file in [LLAMA, LLAMA_SPM] {
        let header = Parts::read(file).header;
        let data = (header..file.len()).step_by(997).chain([file.len() - 1]);
        for length in (0..header).chain(data) {
            let error = try_load(&file[..length]).err().unwrap();
            assert_eq!(error.code(), "corrupt_model", "{length} of {} bytes", file.len());
        }
    }
}

#[test]
fn false_sizes_are_corrupt_and_take_no_memory() {
    let huge = [u64::MAX, u64::MAX / 2, 1 << 62, 1 << 40, 1 << 33];
    for count in huge {
        for at in [8, 16] {
            let mut file = LLAMA.to_vec();
            file[at..at + 8].copy_from_slice(&count.to_le_bytes());
            assert_eq!(try_load(&file).err().unwrap().code(), "corrupt_model");
        }
        let parts = Parts::read(LLAMA);
        let shapes = [vec![count], vec![count, count], vec![64, count], vec![count, 0]];
        for shape in shapes {
            let changed = parts.with_tensor("blk.0.attn_q.weight", |tensor| tensor.shape = shape);
            assert_eq!(code(&changed), "corrupt_model");
        }
        let changed = parts.with_tensor("output_norm.weight", |tensor| tensor.offset = count);
        assert_eq!(code(&changed), "corrupt_model");
        let length = count.to_le_bytes();
        assert_eq!(code(&parts.with("general.name", TEXT, length)), "corrupt_model");
        let items = [&8u32.to_le_bytes()[..], &length].concat();
        assert_eq!(code(&parts.with("tokenizer.ggml.tokens", ARRAY, items)), "corrupt_model");
        assert_eq!(code(&parts.with("llama.block_count", U64, length)), "corrupt_model");
        assert_eq!(code(&parts.with("llama.context_length", U64, length)), "corrupt_model");
    }
}

#[test]
fn an_invalid_alignment_is_corrupt() {
    let parts = Parts::read(LLAMA);
    let with = |kind: u32, value: &[u8]| parts.with("general.alignment", kind, value);
    for alignment in [0, 3, 24, 33, 1 << 17, 1 << 31, u32::MAX] {
        assert_eq!(code(&with(U32, &u32::to_le_bytes(alignment))), "corrupt_model", "{alignment}");
    }
    for alignment in [1 << 32, 1 << 63, u64::MAX] {
        assert_eq!(code(&with(U64, &u64::to_le_bytes(alignment))), "corrupt_model", "{alignment}");
    }
    assert_eq!(code(&with(TEXT, &text("32"))), "corrupt_model");
    load(&with(U32, &32u32.to_le_bytes()).write());
}

#[test]
fn invalid_dimensions_of_a_tensor_are_corrupt() {
    let parts = Parts::read(LLAMA);
    let shapes = [
        vec![],
        vec![0],
        vec![0, 0],
        vec![64, 0],
        vec![0, 64],
        vec![1; 5],
        vec![1 << 32, 1 << 32],
        vec![1 << 16; 4],
        vec![u64::MAX, 2],
        vec![63, 64],
        vec![64, 64, 64, 64],
    ];
    for shape in shapes {
        let changed = parts.with_tensor(MATRIX, |tensor| tensor.shape = shape.clone());
        assert_eq!(code(&changed), "corrupt_model", "{shape:?}");
    }
    for count in [0, 5, 1 << 20, u32::MAX] {
        let mut file = parts.write();
        let name = text(MATRIX);
        let at = file.windows(name.len()).position(|part| part == name).unwrap() + name.len();
        file[at..at + 4].copy_from_slice(&count.to_le_bytes());
        assert_eq!(try_load(&file).err().unwrap().code(), "corrupt_model", "{count} dimensions");
    }
}

#[test]
fn tensors_that_overlap_or_are_outside_of_the_data_are_corrupt() {
    let parts = Parts::read(LLAMA);
    let offset = |name: &str| parts.tensors.iter().find(|t| t.name == name).unwrap().offset;
    let (own, end) = (offset(MATRIX), parts.data.len() as u64);
    let other = offset("blk.0.attn_v.weight");
    for wrong in [other, other + 32, own + 1, own + 16, end, end - 32, end + 32, u64::MAX - 31] {
        let changed = parts.with_tensor(MATRIX, |tensor| tensor.offset = wrong);
        assert_eq!(code(&changed), "corrupt_model", "{wrong}");
    }
}

#[test]
fn duplicate_keys_and_tensors_are_corrupt() {
    let parts = Parts::read(LLAMA);
    for (key, ..) in &parts.metadata {
        let mut twice = parts.clone();
        twice.metadata.push((key.clone(), U32, 7u32.to_le_bytes().to_vec()));
        assert_eq!(code(&twice), "corrupt_model", "{key}");
    }
    let mut twice = parts.clone();
    let mut tensor = twice.tensors[0].clone();
    tensor.offset = twice.data.len().next_multiple_of(32) as u64;
    twice.data.resize(2 * twice.data.len(), 0);
    twice.tensors.push(tensor);
    assert_eq!(code(&twice), "corrupt_model");
}

#[test]
fn unused_arrays_of_any_content_are_skipped() {
    let parts = Parts::read(LLAMA);
    let deep = |depth: usize| {
        (0..depth).fold(array(U32, &[vec![1, 0, 0, 0]]), |inner, _| array(ARRAY, &[inner]))
    };
    let words = array(TEXT, &[text("one"), text(""), text(&"long ".repeat(1 << 15))]);
    let numbers = array(F32, &vec![vec![0; 4]; 100_000]);
    let empty = array(ARRAY, &vec![array(TEXT, &[]); 1000]);
    for known in [words, numbers, empty, array(7, &[vec![1]]), deep(1), deep(3)] {
        load(&parts.with("general.strange", ARRAY, known).write());
    }
    for depth in [4, 5, 1000, 100_000] {
        assert_eq!(code(&parts.with("general.strange", ARRAY, deep(depth))), "corrupt_model");
    }
}

#[test]
fn arrays_longer_than_the_file_are_corrupt() {
    let parts = Parts::read(LLAMA);
    let keys = ["general.strange", "tokenizer.ggml.tokens", "tokenizer.ggml.token_type"];
    for kind in 0..=13u32 {
        for count in [1 << 20, 1 << 32, 1 << 40, 1 << 61, u64::MAX] {
            let claim = [&kind.to_le_bytes()[..], &count.to_le_bytes()].concat();
            for key in keys {
                let changed = parts.with(key, ARRAY, claim.clone());
                assert_eq!(code(&changed), "corrupt_model", "{count} of the kind {kind} in {key}");
            }
            let nested = array(ARRAY, &[claim]);
            let changed = parts.with("general.strange", ARRAY, nested);
            assert_eq!(code(&changed), "corrupt_model", "{count} of the kind {kind}");
        }
    }
}

#[test]
fn strings_that_are_too_long_or_not_utf8_are_corrupt() {
    let parts = Parts::read(LLAMA);
    let long = "x".repeat((1 << 20) + 1);
    assert_eq!(code(&parts.with("general.name", TEXT, text(&long))), "corrupt_model");
    assert_eq!(code(&parts.with(&long, U32, vec![0; 4])), "corrupt_model");
    let renamed = parts.with_tensor(MATRIX, |tensor| tensor.name = "x".repeat(300));
    assert_eq!(code(&renamed), "corrupt_model");
    let no_text = [&2u64.to_le_bytes()[..], &[0xC3, 0x28]].concat();
    assert_eq!(code(&parts.with("general.name", TEXT, no_text.clone())), "corrupt_model");
    let halves = [&1u64.to_le_bytes()[..], &[0xC3], &1u64.to_le_bytes()[..], &[0xA9]].concat();
    let tokens = [&TEXT.to_le_bytes()[..], &2u64.to_le_bytes(), &halves].concat();
    assert_eq!(code(&parts.with("tokenizer.ggml.tokens", ARRAY, tokens)), "corrupt_model");
}
