//! Answer readers: a small one of random numbers for the small e5.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use std::collections::HashMap;
use std::rc::Rc;

use multimodal_rag::internals::IdleRuntime;
use multimodal_rag::{
    AnswerReader, Embedder, Fingerprint, Readable, Reading, Result, Task, convert_e5s1,
};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

use crate::rng::Rng;
use crate::{BERT, TINY_E5, bert_options, try_load_embedder};

const WIDTH: usize = 32;
const BETWEEN: usize = 64;
const LAYERS: usize = 2;
const RANK: usize = 32;
const QUESTION: &str = "what bread";
const TEXTS: [&str; 3] = ["the lighthouse bread", "bread, bread and water by the sea.", ""];

/// Matrices of each layer: rows and columns.
const PARTS: [(&str, usize, usize); 4] = [
    ("projections", 3 * WIDTH, WIDTH),
    ("attention_output", WIDTH, WIDTH),
    ("intermediate", BETWEEN, WIDTH),
    ("output", WIDTH, BETWEEN),
];

fn packed_e5() -> Vec<u8> {
    convert_e5s1(TINY_E5, Vec::new(), None).unwrap()
}

fn e5() -> Rc<Embedder> {
    Rc::new(try_load_embedder(&packed_e5()).unwrap())
}

/// The fingerprint of the norms of all layers, as the trainer's script computes it.
fn trunk() -> String {
    let packed = packed_e5();
    let tensors = SafeTensors::deserialize(&packed).unwrap();
    let mut bytes = Vec::new();
    for layer in 0..LAYERS {
        for norm in ["attention.output", "output"] {
            for part in ["weight", "bias"] {
                let name = format!("encoder.layer.{layer}.{norm}.LayerNorm.{part}");
                bytes.extend(tensors.tensor(&name).unwrap().data());
            }
        }
    }
    Fingerprint::of(&bytes).to_string()
}

/// The file of a reader. With `size` 0, its adapter and heads do nothing.
fn file(size: f32, described: &str) -> Vec<u8> {
    let mut rng = Rng::new(7);
    let mut number = move || size * (rng.below(2001) as f32 / 1000.0 - 1.0);
    let mut tensors: Vec<(String, Dtype, Vec<usize>, Vec<u8>)> = Vec::new();
    let mut floats = |name: String, shape: Vec<usize>| {
        let count = shape.iter().product();
        let bytes = (0..count).flat_map(|_| number().to_le_bytes()).collect();
        tensors.push((name, Dtype::F32, shape, bytes));
    };
    for layer in 0..LAYERS {
        for (part, rows, columns) in PARTS {
            floats(format!("layer.{layer}.{part}.down.weight"), vec![RANK, columns]);
            floats(format!("layer.{layer}.{part}.up.weight"), vec![rows, RANK]);
        }
    }
    floats("kinds".to_owned(), vec![3, WIDTH]);
    for (head, rows) in [("span", 2), ("pool", WIDTH), ("decide", 3)] {
        floats(format!("{head}.weight"), vec![rows, WIDTH]);
        floats(format!("{head}.bias"), vec![rows]);
    }
    let views = tensors.iter().map(|(name, dtype, shape, bytes)| {
        (name, TensorView::new(*dtype, shape.clone(), bytes).unwrap())
    });
    let metadata = HashMap::from([("multimodal_rag".to_owned(), described.to_owned())]);
    safetensors::serialize(views, Some(metadata)).unwrap()
}

fn described(trunk: &str) -> String {
    format!(r#"{{"version":1,"kind":"answer reader","rank":{RANK},"trunk":"{trunk}"}}"#)
}

fn load(file: &[u8], embedder: Rc<Embedder>) -> Result<AnswerReader> {
    pollster::block_on(AnswerReader::load(&file, embedder, &IdleRuntime, &Task::default()))
}

fn read(reader: &AnswerReader, texts: &[&str]) -> Vec<Reading> {
    let texts: Vec<_> = texts.iter().map(|text| Readable { context: "", text }).collect();
    let task = Task::default();
    pollster::block_on(reader.read(QUESTION, &texts, &IdleRuntime, &task)).unwrap()
}

fn code(file: &[u8], embedder: Rc<Embedder>) -> &'static str {
    load(file, embedder).err().map_or("none", |error| error.code())
}

#[test]
fn each_text_has_a_reading_whose_answer_is_a_part_of_it() {
    let reader = load(&file(0.3, &described(&trunk())), e5()).unwrap();
    let readings = read(&reader, &TEXTS);
    assert_eq!(readings.len(), TEXTS.len());
    for (reading, text) in readings.iter().zip(TEXTS) {
        assert!(text.get(reading.answer.clone()).is_some(), "{reading:?} in {text:?}");
        assert_eq!(reading.answer.is_empty(), text.is_empty());
    }
    assert_ne!(readings[0].answerable_logit, readings[1].answerable_logit);
}

#[test]
fn a_text_is_read_alike_alone_and_among_others() {
    let reader = load(&file(0.3, &described(&trunk())), e5()).unwrap();
    let together = read(&reader, &TEXTS);
    for (text, expected) in TEXTS.iter().zip(together) {
        assert_eq!(read(&reader, &[text]), [expected]);
    }
}

fn support(reader: &AnswerReader, pairs: &[(&str, &str)]) -> Vec<f32> {
    pollster::block_on(reader.support(pairs, &IdleRuntime, &Task::default())).unwrap()
}

#[test]
fn a_claim_is_judged_alike_alone_and_among_others() {
    let reader = load(&file(0.3, &described(&trunk())), e5()).unwrap();
    let long = "bread and lighthouse ".repeat(400);
    let pairs = [("the bread", TEXTS[0]), ("the bread", TEXTS[1]), ("", ""), (&long, &long)];
    let together = support(&reader, &pairs);
    assert!(together.iter().all(|logit| logit.is_finite()));
    assert_ne!(together[0], together[1]);
    for (pair, expected) in pairs.iter().zip(together) {
        assert_eq!(support(&reader, &[*pair]), [expected]);
    }
    assert!(support(&reader, &[]).is_empty());
}

#[test]
fn a_reader_says_how_claims_are_judged_or_leaves_it_to_words() {
    let calibrated = |claims: &str| {
        let described = described(&trunk());
        let begin = described.trim_end_matches('}');
        file(0.3, &format!(r#"{begin},"calibration":{{"bias":0.5{claims}}}}}"#))
    };
    let numbers = r#""cosineWeight":5,"missingNumber":-2,"missingName":-2,"opposite":-2,"bias":-3,
                     "supportedFrom":1"#;
    let without = load(&calibrated(""), e5()).unwrap();
    assert_eq!(without.calibration().claims, None);
    let claims = format!(r#","claims":{{"supportedWeight":0.7,{numbers}}}"#);
    let with = load(&calibrated(&claims), e5()).unwrap();
    assert_eq!(with.calibration().claims.as_ref().unwrap().supported_weight, 0.7);
    let incomplete = format!(r#","claims":{{{numbers}}}"#);
    assert_eq!(code(&calibrated(&incomplete), e5()), "corrupt_model");
    let infinite = claims.replace("0.7", "1e39");
    assert_eq!(code(&calibrated(&infinite), e5()), "corrupt_model");
}

#[test]
fn a_text_longer_than_a_row_is_read_to_its_end() {
    let reader = load(&file(0.3, &described(&trunk())), e5()).unwrap();
    let long = "bread and lighthouse ".repeat(40);
    let reading = read(&reader, &[&long]).remove(0);
    assert!(long.get(reading.answer.clone()).is_some());
    // The best answer of all parts is that of one of them: none is better in a longer text.
    let more = read(&reader, &[&format!("{long}{long}")]).remove(0);
    assert!(more.answer_logit >= reading.answer_logit - 1e-3);
}

#[test]
fn letters_that_are_written_in_parts_are_cut_at_none_of_them() {
    let reader = load(&file(0.3, &described(&trunk())), e5()).unwrap();
    for text in [
        "cafe\u{301} cre\u{300}me",
        "a\u{301}\u{302}\u{303} 각 \u{1112}\u{1161}\u{11AB}",
        "ﬁ ½ ℃ Ⅻ",
    ] {
        let reading = read(&reader, &[text]).remove(0);
        let answer = text.get(reading.answer.clone());
        assert!(answer.is_some_and(|answer| !answer.starts_with('\u{301}')), "{text:?}");
    }
}

#[test]
fn a_reader_of_another_embedder_is_refused() {
    let mine = file(0.3, &described(&trunk()));
    let bert = multimodal_rag::quantize(BERT, bert_options()).unwrap();
    assert_eq!(code(&mine, Rc::new(try_load_embedder(&bert).unwrap())), "reader_mismatch");
    let other = file(0.3, &described(&"0".repeat(64)));
    assert_eq!(code(&other, e5()), "reader_mismatch");
}

#[test]
fn a_damaged_reader_is_refused_with_what_is_wrong() {
    let good = file(0.3, &described(&trunk()));
    let damaged = [
        &good[..good.len() - 1],
        &file(0.3, "{}"),
        &file(0.3, &described(&trunk()).replace("answer reader", "chess player")),
        &file(0.3, &described(&trunk()).replace(r#""rank":32"#, r#""rank":64"#)),
        &file(f32::INFINITY, &described(&trunk())),
        &packed_e5(),
        b"",
    ];
    for file in damaged {
        assert_eq!(code(file, e5()), "corrupt_model");
    }
}

#[test]
fn a_changed_file_gives_an_error_or_readings() {
    let good = file(0.3, &described(&trunk()));
    let embedder = e5();
    for seed in 0..300 {
        println!("seed {seed}");
        let mut rng = Rng::new(seed);
        let mut changed = good.clone();
        for _ in 0..=rng.below(4) {
            // The header most often, where it matters most.
            let within = if rng.below(3) > 0 { 4096 } else { changed.len() };
            changed[rng.below(within)] ^= 1 << rng.below(8);
        }
        if let Ok(reader) = load(&changed, embedder.clone()) {
            let texts = [Readable { context: "bread", text: TEXTS[1] }];
            let task = Task::default();
            let _ = pollster::block_on(reader.read(QUESTION, &texts, &IdleRuntime, &task));
        }
    }
}
