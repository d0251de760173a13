//! The encoder, compared with transformers.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use std::collections::HashMap;

use multimodal_rag::internals::IdleRuntime;
use multimodal_rag::{
    Calibration, Embedder, EmbedderOptions, Fingerprint, OriginalFiles, Pooling, Task,
    TokenizedText, WeightBits, quantize, quantize_to,
};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

use crate::{
    BERT, bert_options, cosine, floats, ids, load_embedder, load_full_precision, try_load_embedder,
};

const REFERENCE: &str = include_str!("../fixtures/reference/tiny_bert.json");
const SEP: u32 = 3;

struct Sentence {
    text: String,
    ids: Vec<u32>,
    vector: Vec<f32>,
}

fn reference() -> Vec<Sentence> {
    let reference: serde_json::Value = serde_json::from_str(REFERENCE).unwrap();
    let sentences = reference["sentences"].as_array().unwrap().iter();
    sentences
        .map(|sentence| Sentence {
            text: sentence["text"].as_str().unwrap().to_owned(),
            ids: ids(&sentence["ids"]),
            vector: floats(&sentence["vector"]),
        })
        .collect()
}

fn embed(embedder: &Embedder, text: &str) -> Vec<f32> {
    let tokens = embedder.tokenize_passage(text).unwrap();
    embedder.embed(&[tokens]).unwrap().remove(0)
}

/// The small encoder with so many rows added to its word table that it is quantized.
fn with_large_table() -> (Vec<u8>, String) {
    let file = SafeTensors::deserialize(BERT.weights).unwrap();
    let mut tensors: HashMap<String, (Dtype, Vec<usize>, Vec<u8>)> = file
        .tensors()
        .into_iter()
        .map(|(name, view)| (name, (view.dtype(), view.shape().to_vec(), view.data().to_vec())))
        .collect();
    let (_, shape, bytes) = tensors.get_mut("embeddings.word_embeddings.weight").unwrap();
    let known = shape[0];
    shape[0] = (1 << 16) / shape[1] + 1;
    bytes.resize(shape[0] * shape[1] * 4, 0);
    let config = BERT
        .config
        .replace(&format!("\"vocab_size\": {known}"), &format!("\"vocab_size\": {}", shape[0]));
    assert_ne!(config, BERT.config);
    let views = tensors.iter().map(|(name, (dtype, shape, bytes))| {
        (name.as_str(), TensorView::new(*dtype, shape.clone(), bytes).unwrap())
    });
    (safetensors::serialize(views, None).unwrap(), config)
}

#[test]
fn weights_of_64_bits_are_quantized_like_those_of_32() {
    let wide = |bytes: &[u8]| -> Vec<u8> {
        let numbers = bytes.as_chunks().0.iter().map(|&x| f64::from(f32::from_le_bytes(x)));
        numbers.flat_map(f64::to_le_bytes).collect()
    };
    let file = SafeTensors::deserialize(BERT.weights).unwrap();
    let tensors: Vec<_> = file
        .tensors()
        .into_iter()
        .map(|(name, view)| match view.dtype() {
            Dtype::F32 => (name, Dtype::F64, view.shape().to_vec(), wide(view.data())),
            other => (name, other, view.shape().to_vec(), view.data().to_vec()),
        })
        .collect();
    let views = tensors.iter().map(|(name, dtype, shape, bytes)| {
        (name.as_str(), TensorView::new(*dtype, shape.clone(), bytes).unwrap())
    });
    let weights = safetensors::serialize(views, None).unwrap();
    let files = OriginalFiles { weights: &weights, ..BERT };
    assert_eq!(quantize(files, bert_options()).unwrap(), quantize(BERT, bert_options()).unwrap());
}

#[test]
fn vectors_agree_with_transformers() {
    let embedder = load_full_precision(BERT, bert_options()).unwrap();
    assert_eq!(embedder.dimensions(), 32);
    for sentence in reference() {
        let tokens = embedder.tokenize_passage(&sentence.text).unwrap();
        assert_eq!(tokens.ids(), sentence.ids);
        let vector = embedder.embed(&[tokens]).unwrap().remove(0);
        let near = cosine(&vector, &sentence.vector);
        assert!(near >= 0.9999, "{near} for {:?}", sentence.text);
        let length: f32 = vector.iter().map(|x| x * x).sum();
        assert!((length - 1.0).abs() < 1e-5);
    }
}

#[test]
fn a_quantized_embedder_is_a_quarter_of_the_size_and_agrees_with_transformers() {
    let (weights, config) = with_large_table();
    let files = OriginalFiles { weights: &weights, config: &config, ..BERT };
    let packed = quantize(files, bert_options()).unwrap();
    let tensors = SafeTensors::deserialize(&packed).unwrap();
    let table = tensors.tensor("embeddings.word_embeddings.weight").unwrap();
    assert_eq!(table.dtype(), Dtype::I8);
    assert!(tensors.tensor("pooler.dense.weight").is_err(), "not needed, so not kept");
    let embedder = try_load_embedder(&packed).unwrap();
    for sentence in reference() {
        let near = cosine(&embed(&embedder, &sentence.text), &sentence.vector);
        assert!(near >= 0.99, "{near} for {:?}", sentence.text);
    }
}

#[test]
fn an_embedder_of_4_bits_is_an_eighth_of_the_size_and_agrees_with_transformers() {
    let (weights, config) = with_large_table();
    let files = OriginalFiles { weights: &weights, config: &config, ..BERT };
    let packed = quantize_to(WeightBits::Four, files, bert_options()).unwrap();
    let tensors = SafeTensors::deserialize(&packed).unwrap();
    let table = tensors.tensor("embeddings.word_embeddings.weight").unwrap();
    assert_eq!(table.dtype(), Dtype::U8);
    let [rows, blocks, bytes] = table.shape() else { panic!("{:?}", table.shape()) };
    assert_eq!((rows * blocks * 32, *bytes), ((1 << 16) + 32, 18));
    let embedder = try_load_embedder(&packed).unwrap();
    // States of random weights nearly cancel out in some means, so single texts say little.
    let near = reference()
        .into_iter()
        .map(|sentence| cosine(&embed(&embedder, &sentence.text), &sentence.vector));
    let near: Vec<f64> = near.collect();
    let mean = near.iter().sum::<f64>() / near.len() as f64;
    assert!(mean >= 0.9, "{mean}");
    assert_eq!(
        quantize_to(WeightBits::Eight, files, bert_options()),
        quantize(files, bert_options())
    );
}

#[test]
fn original_files_become_the_same_embedder_as_their_quantized_file() {
    let (weights, config) = with_large_table();
    for files in [BERT, OriginalFiles { weights: &weights, config: &config, ..BERT }] {
        let packed = quantize(files, bert_options()).unwrap();
        let one = try_load_embedder(&packed).unwrap();
        let other = pollster::block_on(Embedder::load_original(
            files,
            bert_options(),
            &IdleRuntime,
            &Task::default(),
        ))
        .unwrap();
        assert_eq!(one.fingerprint(), Fingerprint::of(&packed));
        assert_eq!(one.fingerprint(), other.fingerprint());
        assert_eq!(one.file_bytes(), other.file_bytes());
        assert_eq!(one.token_limit(), other.token_limit());
        for sentence in reference() {
            assert_eq!(embed(&one, &sentence.text), embed(&other, &sentence.text));
        }
    }
}

#[test]
fn quantizing_gives_the_same_bytes_each_time_and_others_for_other_options() {
    let packed = quantize(BERT, bert_options()).unwrap();
    for _ in 0..4 {
        assert!(packed == quantize(BERT, bert_options()).unwrap());
    }
    let options = EmbedderOptions { pooling: Pooling::Cls, ..bert_options() };
    assert!(packed != quantize(BERT, options).unwrap());
}

#[cfg(not(target_arch = "wasm32"))]
#[test]
fn pooling_takes_the_first_state_or_the_mean_of_all() {
    use candle_core::{DType, Device, Tensor};
    use candle_nn::VarBuilder;
    use candle_transformers::models::bert::BertModel;

    let device = Device::Cpu;
    let weights = VarBuilder::from_slice_safetensors(BERT.weights, DType::F32, &device).unwrap();
    let config = serde_json::from_str(BERT.config).unwrap();
    let model = BertModel::load(weights, &config).unwrap();
    let cls = EmbedderOptions { pooling: Pooling::Cls, ..bert_options() };
    let cls = load_embedder(cls);
    let mean = load_embedder(bert_options());
    for sentence in reference() {
        let input = Tensor::new(sentence.ids.as_slice(), &device).unwrap().unsqueeze(0).unwrap();
        let states = model.forward(&input, &input.zeros_like().unwrap(), None).unwrap();
        let states: Vec<Vec<f32>> = states.squeeze(0).unwrap().to_vec2().unwrap();
        let sum = states.iter().fold(vec![0.0; 32], |mut sum: Vec<f32>, row| {
            sum.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
            sum
        });
        let (first, all) = (embed(&cls, &sentence.text), embed(&mean, &sentence.text));
        assert!(cosine(&first, &states[0]) > 0.99999);
        assert!(cosine(&all, &sum) > 0.99999);
        assert!(cosine(&first, &all) < 0.999);
    }
}

#[test]
fn a_prefix_precedes_questions_or_passages_and_uses_their_budget() {
    let prefixes = EmbedderOptions {
        query_prefix: "query: ".to_owned(),
        passage_prefix: "the old passage: ".to_owned(),
        ..bert_options()
    };
    let plain = load_embedder(bert_options());
    let prefixed = load_embedder(prefixes);
    for sentence in reference() {
        let text = &sentence.text;
        let passage = plain.tokenize_passage(&format!("the old passage: {text}")).unwrap();
        assert_eq!(prefixed.tokenize_passage(text).unwrap().ids(), passage.ids());
        let query = plain.tokenize_passage(&format!("query: {text}")).unwrap();
        assert_eq!(prefixed.tokenize_query(text).unwrap().ids(), query.ids());
        assert_eq!(prefixed.count_tokens(text), plain.count_tokens(text));
        if sentence.ids.len() < 100 {
            assert!(embed(&prefixed, text) != embed(&plain, text));
            assert_eq!(plain.count_tokens(text) + 2, sentence.ids.len());
        }
    }
    let taken = plain.count_tokens("the old passage: ");
    assert_eq!(prefixed.passage_budget() + taken, plain.passage_budget());
    assert_eq!(plain.passage_budget(), 126);
}

#[test]
fn a_text_is_truncated_at_the_limit_and_keeps_its_last_token() {
    let options = EmbedderOptions { max_tokens: 20, ..bert_options() };
    let embedder = load_embedder(options);
    assert_eq!(embedder.token_limit(), 20);
    for sentence in reference().into_iter().filter(|sentence| sentence.ids.len() > 20) {
        let mut expected = sentence.ids[..20].to_vec();
        expected[19] = SEP;
        let tokens = embedder.tokenize_passage(&sentence.text).unwrap();
        assert_eq!(tokens.ids(), expected);
        let whole = sentence.text.split_whitespace().count();
        assert!(embedder.count_tokens(&sentence.text) >= whole, "counting does not cut");
    }
}

#[test]
fn a_vector_is_bitwise_the_same_in_any_batch() {
    let embedder = load_embedder(bert_options());
    let texts: Vec<TokenizedText> =
        reference().iter().map(|s| embedder.tokenize_passage(&s.text).unwrap()).collect();
    let together = embedder.embed(&texts).unwrap();
    assert_eq!(together, embedder.embed(&texts).unwrap());
    for (text, vector) in texts.iter().zip(&together) {
        let alone = embedder.embed(std::slice::from_ref(text)).unwrap().remove(0);
        assert_eq!(&alone, vector);
    }
    assert_eq!(embedder.embed(&[]).unwrap(), Vec::<Vec<f32>>::new());
}

#[test]
fn token_ids_give_the_vector_of_their_text_and_too_many_are_refused() {
    let embedder = load_embedder(bert_options());
    let text = embedder.tokenize_passage("The ferry leaves the harbour at noon.").unwrap();
    let read = embedder.read_ids(text.ids().to_vec()).unwrap();
    assert_eq!(embedder.embed(&[read]).unwrap(), embedder.embed(&[text]).unwrap());
    let limit = embedder.token_limit();
    assert!(embedder.read_ids(vec![7; limit]).is_ok());
    assert_eq!(embedder.read_ids(vec![7; limit + 1]).unwrap_err().code(), "too_large");
    let unknown = embedder.read_ids(vec![u32::MAX]).unwrap();
    assert_eq!(embedder.embed(&[unknown]).unwrap_err().code(), "corrupt_model");
}

#[test]
fn a_text_without_words_has_a_vector() {
    let embedder = load_embedder(bert_options());
    for text in ["", " \n\t", "\u{0}", "🙂"] {
        let vector = embed(&embedder, text);
        assert!((vector.iter().map(|x| x * x).sum::<f32>() - 1.0).abs() < 1e-5, "{text:?}");
    }
}

#[test]
fn a_token_limit_that_is_too_large_or_too_small_is_refused() {
    for max_tokens in [0, 1, 15, 129, usize::MAX] {
        let options = EmbedderOptions { max_tokens, ..bert_options() };
        assert_eq!(quantize(BERT, options.clone()).unwrap_err().code(), "invalid_option");
        let error = load_full_precision(BERT, options).unwrap_err();
        assert_eq!(error.code(), "invalid_option");
    }
}

#[test]
fn a_file_keeps_its_calibration_and_its_languages() {
    let plain = load_embedder(bert_options());
    assert_eq!(plain.calibration(), &Calibration::default(), "nothing was measured");
    assert!(plain.languages().is_empty());
    let mean = embed(&plain, "the keeper of the lighthouse").iter().map(|x| x / 2.0).collect();
    let calibration = Calibration { mean, dense_weight: 6.0, ..Calibration::default() };
    let languages = vec!["en".to_owned(), "pt".to_owned()];
    let (measured, known) = (Some(calibration.clone()), languages.clone());
    let options = EmbedderOptions { calibration: measured, languages: known, ..bert_options() };
    let embedder = load_embedder(options);
    assert_eq!((embedder.calibration(), embedder.languages()), (&calibration, &languages[..]));
    for text in ["a lamp", "the sea at night"] {
        let moved: Vec<f32> =
            embed(&plain, text).iter().zip(&calibration.mean).map(|(x, mean)| x - mean).collect();
        assert!(cosine(&embed(&embedder, text), &moved) > 0.999_999, "{text}");
        let length: f32 = embed(&embedder, text).iter().map(|x| x * x).sum();
        assert!((length - 1.0).abs() < 1e-5, "{text}");
    }
}
