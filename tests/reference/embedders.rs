//! MiniLM beside sentence-transformers, and e5 beside its C code.

use multimodal_rag::internals::IdleRuntime;
use multimodal_rag::{Calibration, Embedder, EmbedderOptions, OriginalFiles, Task};
use serde::Deserialize;

use super::{E5, E5_SMALL, cosine, model_file, spread};

const PACKED: &str = "all-MiniLM-L6-v2.q8.safetensors";
const E5_DIMENSIONS: usize = 384;

/// The least cosine of e5's vectors to those of its C code, which has the same weights of 4 bits
/// and quantizes activations as well, in another way.
const MIN_COSINE_E5: f64 = 0.995;
/// The least cosine of MiniLM's vectors, from the original files and from the quantized one.
const MIN_COSINE_F32: f64 = 0.999;
const MIN_COSINE_PACKED: f64 = 0.995;
/// The cosines of the quantized file's vectors to those at full precision, over sentences as people
/// write and ask them: the mean, and the least.
const MEAN_COSINE_PACKED_TO_F32: f64 = 0.995;
const MIN_COSINE_PACKED_TO_F32: f64 = 0.99;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sentences {
    max_tokens: usize,
    dimensions: usize,
    sentences: Vec<String>,
    ids: Vec<Vec<u32>>,
}

fn sentences() -> (Sentences, Vec<Vec<f32>>) {
    let reference: Sentences =
        serde_json::from_str(include_str!("../fixtures/reference/minilm.json")).unwrap();
    let bytes = include_bytes!("../fixtures/reference/minilm.f32");
    let numbers: Vec<f32> =
        bytes.as_chunks().0.iter().map(|&four| f32::from_le_bytes(four)).collect();
    let vectors = numbers.chunks(reference.dimensions).map(<[f32]>::to_vec).collect();
    (reference, vectors)
}

/// The least cosine over all sentences; their ids must be the same.
fn least_cosine(what: &str, embedder: &Embedder) -> f64 {
    let (reference, vectors) = sentences();
    assert_eq!(reference.sentences.len(), 50);
    assert_eq!(embedder.token_limit(), reference.max_tokens);
    assert_eq!(embedder.dimensions(), reference.dimensions);
    let cosines: Vec<f64> = reference
        .sentences
        .iter()
        .zip(reference.ids.iter().zip(&vectors))
        .map(|(sentence, (ids, vector))| {
            let tokens = embedder.tokenize_passage(sentence).unwrap();
            assert_eq!(tokens.ids(), ids, "{sentence}");
            cosine(&embedder.embed(&[tokens]).unwrap()[0], vector)
        })
        .collect();
    spread(what, &cosines).0
}

/// MiniLM as it was published.
struct Original {
    weights: Vec<u8>,
    config: String,
    tokenizer: String,
}

impl Original {
    fn read() -> Self {
        Self {
            weights: model_file("all-MiniLM-L6-v2/model.safetensors"),
            config: text_file("all-MiniLM-L6-v2/config.json"),
            tokenizer: text_file("all-MiniLM-L6-v2/tokenizer.json"),
        }
    }

    fn files(&self) -> OriginalFiles<'_> {
        let Self { weights, config, tokenizer } = self;
        OriginalFiles { weights, config, tokenizer }
    }

    fn at_full_precision(&self) -> Embedder {
        let (options, task) = (EmbedderOptions::default(), Task::default());
        let embedder = Embedder::load_full_precision(self.files(), options, &IdleRuntime, &task);
        pollster::block_on(embedder).unwrap()
    }
}

#[test]
fn minilms_vectors_agree_with_sentence_transformers() {
    let original = Original::read();
    let exact = original.at_full_precision();
    assert!(least_cosine("MiniLM, f32", &exact) >= MIN_COSINE_F32);

    let file = model_file(PACKED);
    assert!(file.len() <= 25_000_000, "{} bytes", file.len());
    let task = Task::default();
    let packed = pollster::block_on(Embedder::load(&file, &IdleRuntime, &task)).unwrap();
    assert!(least_cosine("MiniLM, 8 bits", &packed) >= MIN_COSINE_PACKED);
    let again =
        Embedder::load_original(original.files(), EmbedderOptions::default(), &IdleRuntime, &task);
    let again = pollster::block_on(again).unwrap();
    assert_eq!(again.fingerprint(), packed.fingerprint());
}

#[test]
fn minilm_in_8_bits_has_nearly_the_vectors_of_full_precision() {
    let exact = Original::read().at_full_precision();
    let file = model_file(PACKED);
    let packed = pollster::block_on(Embedder::load(&file, &IdleRuntime, &Task::default())).unwrap();
    let sentences: Vec<&str> = include_str!("../fixtures/sentences/squad.txt").lines().collect();
    assert_eq!(sentences.len(), 200);
    let vector = |embedder: &Embedder, sentence: &str| {
        let tokens = embedder.tokenize_passage(sentence).unwrap();
        embedder.embed(&[tokens]).unwrap().remove(0)
    };
    let cosines: Vec<f64> = sentences
        .iter()
        .map(|sentence| cosine(&vector(&packed, sentence), &vector(&exact, sentence)))
        .collect();
    let (least, _) = spread("MiniLM, 8 bits to f32", &cosines);
    let mean = cosines.iter().sum::<f64>() / cosines.len() as f64;
    println!("mean {mean:.6}");
    assert!(least >= MIN_COSINE_PACKED_TO_F32, "{least}");
    assert!(mean >= MEAN_COSINE_PACKED_TO_F32, "{mean}");
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct E5Text {
    kind: String,
    text: String,
    ids: Vec<u32>,
    /// Those of the vocabulary of two languages, for texts in these.
    small_ids: Option<Vec<u32>>,
}

#[derive(Deserialize)]
struct E5Reference {
    dimensions: usize,
    texts: Vec<E5Text>,
}

/// The least cosine over some texts; their ids must be the same.
fn least_cosine_of_e5(file: &str, texts: &[(&E5Text, &Vec<u32>)], vectors: &[f32]) -> f64 {
    let (bytes, task) = (model_file(file), Task::default());
    let embedder = Embedder::load(&bytes, &IdleRuntime, &task);
    // A calibration would subtract the mean of many vectors.
    let embedder = pollster::block_on(embedder).unwrap();
    let embedder = embedder.with_calibration(Calibration::default()).unwrap();
    assert_eq!((embedder.dimensions(), embedder.token_limit()), (E5_DIMENSIONS, 512));
    let rows = vectors.chunks(E5_DIMENSIONS);
    assert_eq!(rows.len(), texts.len());
    let near = |((E5Text { kind, text, .. }, ids), vector): (&(&E5Text, &Vec<u32>), &[f32])| {
        let tokens = match kind.as_str() {
            "query" => embedder.tokenize_query(text),
            _ => embedder.tokenize_passage(text),
        };
        let tokens = tokens.unwrap();
        assert_eq!(tokens.ids(), *ids, "{text}");
        cosine(&embedder.embed(&[tokens]).unwrap()[0], vector)
    };
    let cosines: Vec<f64> = texts.iter().zip(rows).map(near).collect();
    spread(file, &cosines).0
}

#[test]
fn e5s_token_ids_and_vectors_agree_with_its_c_code() {
    let reference: E5Reference =
        serde_json::from_str(include_str!("../fixtures/reference/e5.json")).unwrap();
    let numbers = include_bytes!("../fixtures/reference/e5.f32").as_chunks().0;
    let numbers: Vec<f32> = numbers.iter().map(|&four| f32::from_le_bytes(four)).collect();
    assert_eq!((reference.texts.len(), reference.dimensions), (50, E5_DIMENSIONS));
    let large: Vec<_> = reference.texts.iter().map(|text| (text, &text.ids)).collect();
    let of_two = reference.texts.iter();
    let small: Vec<_> = of_two.filter_map(|text| Some((text, text.small_ids.as_ref()?))).collect();
    let (of_large, of_small) = numbers.split_at(large.len() * E5_DIMENSIONS);
    for (file, texts, vectors) in [(E5, &large, of_large), (E5_SMALL, &small, of_small)] {
        assert!(least_cosine_of_e5(file, texts, vectors) >= MIN_COSINE_E5);
    }
}

fn text_file(name: &str) -> String {
    String::from_utf8(model_file(name)).unwrap()
}
