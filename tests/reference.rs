//! The default models, compared with the implementations that they were made for:
//! sentence-transformers and llama.cpp; the answer reader with numpy. `scripts/reference` and
//! `scripts/reader/reference.py` made the references.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::rc::Rc;

use multimodal_rag::internals::IdleRuntime;
use multimodal_rag::{
    AnswerEvent, AnswerReader, AskOptions, Calibration, Embedder, EmbedderOptions, Engine,
    GenerateInput, GenerateOptions, Generator, MemoryStore, Message, OriginalFiles, Readable, Role,
    Sampling, SourceFile, Task,
};
use serde::Deserialize;

const GENERATOR: &str = "SmolLM2-135M-Instruct.Q4_1.gguf";
const PACKED: &str = "all-MiniLM-L6-v2.q8.safetensors";

/// multilingual-e5-small in 4 bits: all languages, and two.
const E5: &str = "multilingual-e5-small.q4.safetensors";
const E5_SMALL: &str = "multilingual-e5-small-en-pt.q4.safetensors";
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
/// The least cosine of SmolLM2's logits to exact arithmetic. Most activations are quantized to 8
/// bits, which a few steps show: llama.cpp, which quantizes all of them, falls to .990 over the
/// same steps.
const MIN_COSINE_LOGITS: f64 = 0.997;
/// All but one step of fifty reach this cosine.
const USUAL_COSINE_LOGITS: f64 = 0.999;
/// The median cosine; that of llama.cpp is .9997 at most.
const MEDIAN_COSINE_LOGITS: f64 = 0.9998;
/// Leads up to this prove nothing where llama.cpp quantizes nothing and activations here are
/// quantized: simulated in exact arithmetic, this moves leads by a quarter.
const F32_LEAD_NOISE: f32 = 0.3;

fn model_file(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("models").join(name);
    std::fs::read(&path).unwrap_or_else(|e| {
        panic!("models/{name} cannot be read ({e}): run `make embedder embedder-minilm`")
    })
}

fn text_file(name: &str) -> String {
    String::from_utf8(model_file(name)).unwrap()
}

fn generator() -> Generator {
    let file = model_file(GENERATOR);
    pollster::block_on(Generator::load(&file, &IdleRuntime, &Task::default())).unwrap()
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    assert_eq!(a.len(), b.len());
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    };
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

/// The least and the median cosine. They are printed, so that a run shows the distance to the
/// limits.
fn spread(what: &str, cosines: &[f64]) -> (f64, f64) {
    let mut sorted = cosines.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (least, median) = (sorted[0], sorted[sorted.len() / 2]);
    println!("{what}: cosine at least {least:.6}, median {median:.6}, of {}", sorted.len());
    (least, median)
}

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
        serde_json::from_str(include_str!("fixtures/reference/minilm.json")).unwrap();
    let bytes = include_bytes!("fixtures/reference/minilm.f32");
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
    let sentences: Vec<&str> = include_str!("fixtures/sentences/squad.txt").lines().collect();
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
        serde_json::from_str(include_str!("fixtures/reference/e5.json")).unwrap();
    let numbers = include_bytes!("fixtures/reference/e5.f32").as_chunks().0;
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

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Text {
    text: String,
    ids: Vec<u32>,
    ids_with_special: Vec<u32>,
    comes_back_as: Option<String>,
}

#[derive(Deserialize)]
struct Texts {
    texts: Vec<Text>,
}

#[test]
fn smollm2s_token_ids_agree_with_llama_cpp() {
    let generator = generator();
    let reference: Texts =
        serde_json::from_str(include_str!("fixtures/reference/smollm2_tokens.json")).unwrap();
    for Text { text, ids, ids_with_special, comes_back_as } in reference.texts {
        assert_eq!(generator.tokenize(&text).unwrap(), ids, "{text:?}");
        let prompt = generator.encode(&GenerateInput::Prompt(text.clone())).unwrap();
        assert_eq!(prompt, ids_with_special, "{text:?}");
        if comes_back_as.is_none() {
            assert_eq!(generator.detokenize(&ids).unwrap(), text);
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Logits {
    vocabulary: usize,
    steps: usize,
    /// Smaller leads prove nothing, because llama.cpp's own runs differ by as much.
    lead_noise: f32,
    noise: Noise,
    prompts: Vec<Prompt>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Noise {
    prompt_one_by_one: Run,
    f32_activations: Run,
}

/// Two runs of llama.cpp: the cosines of their logits by prompt and step.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    min_cosine: f64,
    median_cosine: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Prompt {
    name: String,
    text: String,
    messages: Option<Vec<Message>>,
    ids: Vec<u32>,
    chosen: Vec<u32>,
    leaders: Vec<Leaders>,
    f32_leaders: Vec<Leaders>,
}

/// The first token and its logit, the second token and its logit.
type Leaders = (u32, f32, u32, f32);

fn logits_reference() -> Logits {
    serde_json::from_str(include_str!("fixtures/reference/smollm2_logits.json")).unwrap()
}

/// Of a row of logits, one in so many is kept, and the largest.
const EVERY: usize = 11;
const LARGEST: usize = 256;

/// The part of a step's logits that is kept.
struct Sample {
    every: Vec<f32>,
    /// Tokens and their logits, the largest first.
    largest: Vec<(u32, f32)>,
}

impl Sample {
    /// Reads codes of 8 bits with a scale and a zero, then ids and numbers.
    fn unpack(record: &[u8], vocabulary: usize) -> Self {
        let float = |bytes: &[u8]| f32::from_le_bytes(bytes.try_into().unwrap());
        let (scale, zero) = (float(&record[..4]), float(&record[4..8]));
        let (codes, rest) = record[8..].split_at(vocabulary.div_ceil(EVERY));
        let (ids, logits) = rest.split_at(2 * LARGEST);
        let ids = ids.chunks(2).map(|id| u32::from(u16::from_le_bytes([id[0], id[1]])));
        Self {
            every: codes.iter().map(|&code| zero + scale * f32::from(code as i8)).collect(),
            largest: ids.zip(logits.chunks(4).map(float)).collect(),
        }
    }

    /// The lesser cosine of the two parts.
    fn cosine(&self, logits: &[f32]) -> f64 {
        let every: Vec<f32> = logits.iter().step_by(EVERY).copied().collect();
        let (ours, theirs): (Vec<f32>, Vec<f32>) =
            self.largest.iter().map(|&(id, logit)| (logits[id as usize], logit)).unzip();
        cosine(&every, &self.every).min(cosine(&ours, &theirs))
    }
}

/// The logits of one prompt, a record for each step.
fn unpack(file: &[u8], reference: &Logits, prompt: usize) -> Vec<Sample> {
    let record = 8 + reference.vocabulary.div_ceil(EVERY) + 6 * LARGEST;
    file.chunks(record)
        .skip(prompt * reference.steps)
        .take(reference.steps)
        .map(|record| Sample::unpack(record, reference.vocabulary))
        .collect()
}

/// Our logits after the prompt and after each of llama.cpp's tokens.
fn logits(generator: &Generator, prompt: &Prompt) -> Vec<Vec<f32>> {
    let (&last, head) = prompt.ids.split_last().unwrap();
    let mut cache = generator.new_cache();
    for slice in head.chunks(16) {
        generator.prefill(slice, &mut cache).unwrap();
    }
    let given = &prompt.chosen[..prompt.chosen.len() - 1];
    [last].iter().chain(given).map(|&id| generator.decode(id, &mut cache).unwrap()).collect()
}

/// Fails where our first token differs from llama.cpp's although its lead is more than noise.
fn check_first_tokens(name: &str, ours: &[Vec<f32>], leaders: &[Leaders], noise: f32) {
    let mut proven = 0;
    for (step, (logits, leaders)) in ours.iter().zip(leaders).enumerate() {
        let (first, first_logit, _, second_logit) = *leaders;
        if first_logit - second_logit <= noise {
            continue;
        }
        proven += 1;
        let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        assert_eq!(logits[first as usize], most, "{name}, step {step}: another token leads");
    }
    assert!(proven >= 10, "{name}: only {proven} leads mean anything");
}

#[test]
fn smollm2s_logits_agree_with_llama_cpp() {
    let reference = logits_reference();
    let generator = generator();
    let exact_file = include_bytes!("fixtures/reference/smollm2_logits_f32.bin");
    let rounded_file = include_bytes!("fixtures/reference/smollm2_logits.bin");
    let (mut to_exact, mut to_rounded) = (Vec::new(), Vec::new());
    assert_eq!((reference.prompts.len(), reference.steps), (3, 64));
    for (place, prompt) in reference.prompts.iter().enumerate() {
        let ours = logits(&generator, prompt);
        let cosines = |file: &[u8]| -> Vec<f64> {
            let theirs = unpack(file, &reference, place);
            ours.iter().zip(&theirs).map(|(ours, theirs)| theirs.cosine(ours)).collect()
        };
        let exact = cosines(exact_file);
        for (step, near) in exact.iter().enumerate() {
            assert!(*near >= MIN_COSINE_LOGITS, "{}, step {step}: {near}", prompt.name);
        }
        to_exact.extend(exact);
        to_rounded.extend(cosines(rounded_file));
        check_first_tokens(&prompt.name, &ours, &prompt.f32_leaders, F32_LEAD_NOISE);
        check_first_tokens(&prompt.name, &ours, &prompt.leaders, reference.lead_noise);
    }
    let (_, median) = spread("SmolLM2 to llama.cpp with f32 weights", &to_exact);
    assert!(median >= MEDIAN_COSINE_LOGITS, "{median}");
    let unusual = to_exact.iter().filter(|near| **near < USUAL_COSINE_LOGITS).count();
    assert!(unusual <= to_exact.len() / 50, "{unusual} steps");
    // Both quantize activations, in different ways: they may be twice as far apart as two runs of
    // llama.cpp.
    let (least, median) = spread("SmolLM2 to llama.cpp as it is", &to_rounded);
    let Noise { prompt_one_by_one, f32_activations } = reference.noise;
    let twice = |a: f64, b: f64| 1.0 - 2.0 * (1.0 - a.min(b));
    assert!(least >= twice(prompt_one_by_one.min_cosine, f32_activations.min_cosine));
    assert!(median >= twice(prompt_one_by_one.median_cosine, f32_activations.median_cosine));
}

/// A text that repeats its prompt, as answers from passages do.
#[test]
fn smollm2_generates_the_same_text_with_prompt_lookup_in_fewer_passes() {
    let generator = generator();
    let question = "Repeat this to me: The ferry to the island leaves the harbour of Oban at \
                    seven in the morning and comes back at nine in the evening.";
    let message = Message { role: Role::User, content: question.to_owned() };
    let prompt = generator.encode(&GenerateInput::Messages(vec![message])).unwrap();
    let write = |prompt_lookup: bool, sampling: Sampling| {
        let options =
            GenerateOptions { max_tokens: 40, sampling, prompt_lookup, ..Default::default() };
        let mut pieces = Vec::new();
        let task = Task::default();
        let mut on_text = |piece: &str| pieces.push(piece.to_owned());
        let written = generator.generate(&prompt, &options, &IdleRuntime, &task, &mut on_text);
        let (end, timings) = pollster::block_on(written).unwrap();
        (pieces, end, timings)
    };
    for (temperature, seed, least) in [(0.0, 0, 10), (0.5, 1, 1), (0.5, 2, 1), (0.5, 3, 1)] {
        let sampling = Sampling { temperature, seed, ..Sampling::default() };
        let (expected, end, by_itself) = write(false, sampling);
        let (pieces, same_end, timings) = write(true, sampling);
        println!("{:?}: {} accepted", expected.concat(), timings.accepted_tokens);
        assert_eq!((pieces, same_end, timings.tokens), (expected, end, by_itself.tokens));
        assert_eq!((by_itself.drafted_tokens, by_itself.accepted_tokens), (0, 0));
        assert!(timings.accepted_tokens >= least, "{timings:?}");
    }
}

#[test]
fn smollm2s_chat_template_renders_the_prompt_of_llama_cpp() {
    let generator = generator();
    let mut conversations = 0;
    for prompt in logits_reference().prompts {
        let Some(messages) = prompt.messages else {
            assert_eq!(generator.tokenize(&prompt.text).unwrap(), prompt.ids, "{}", prompt.name);
            continue;
        };
        assert!(messages.iter().any(|message| message.role == Role::System));
        let ids = generator.encode(&GenerateInput::Messages(messages)).unwrap();
        assert_eq!(ids, prompt.ids, "{}", prompt.name);
        conversations += 1;
    }
    assert_eq!(conversations, 1);
}

/// A question with a text, and what numpy reads of it with the same weights, in f32.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReadRow {
    /// A row has a question or a claim.
    question: Option<String>,
    claim: Option<String>,
    text: String,
    answer: String,
    answer_logit: f32,
    /// Answerable, relevant, supported.
    decisions: [f32; 3],
}

fn answer_reader(embedder: Rc<Embedder>) -> AnswerReader {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters/answer-reader.safetensors");
    let file = std::fs::read(path).unwrap();
    pollster::block_on(AnswerReader::load(&file, embedder, &IdleRuntime, &Task::default())).unwrap()
}

#[test]
fn the_answer_reader_reads_as_numpy_does_with_both_vocabularies() {
    let rows: Vec<ReadRow> =
        serde_json::from_str(include_str!("fixtures/reference/answer_reader.json")).unwrap();
    for model in [E5, E5_SMALL] {
        let (file, task) = (model_file(model), Task::default());
        let embedder = pollster::block_on(Embedder::load(&file, &IdleRuntime, &task)).unwrap();
        let reader = answer_reader(Rc::new(embedder));
        for row in &rows {
            let Some(question) = &row.question else { continue };
            let text = [Readable { context: "", text: &row.text }];
            let read = reader.read(question, &text, &IdleRuntime, &task);
            let reading = pollster::block_on(read).unwrap().remove(0);
            assert_eq!(row.text[reading.answer.clone()], row.answer, "{question}");
            assert_near(reading.answer_logit, row.answer_logit, question);
            assert_near(reading.answerable_logit, row.decisions[0], question);
            assert_near(reading.relevant_logit, row.decisions[1], question);
        }
        let claims = rows.iter().filter_map(|row| Some((row, row.claim.as_deref()?)));
        let pairs: Vec<_> = claims.clone().map(|(row, claim)| (claim, &*row.text)).collect();
        let logits = pollster::block_on(reader.support(&pairs, &IdleRuntime, &task)).unwrap();
        assert_eq!(logits.len(), 3);
        for ((row, claim), logit) in claims.zip(logits) {
            assert_near(logit, row.decisions[2], claim);
        }
    }
}

/// Activations of 8 bits move a logit by some tenths.
fn assert_near(got: f32, expected: f32, of: &str) {
    let most = 0.8 + 0.05 * expected.abs();
    assert!((got - expected).abs() < most, "{of}: {got}, {expected}");
}

const MILL: &str = "The restoration took eleven years. The boatbuilder Teodor Hale made the new gates \
                    of oak, and the mill has run ever since.";

/// An engine with an answer reader and a document.
fn reading_engine() -> Engine {
    let (file, task) = (model_file(E5_SMALL), Task::default());
    let embedder = Rc::new(pollster::block_on(Embedder::load(&file, &IdleRuntime, &task)).unwrap());
    let (store, runtime) = (Box::new(MemoryStore::new()), Rc::new(IdleRuntime));
    let opened = Engine::open(store, runtime, embedder.clone(), None, &task);
    let engine = pollster::block_on(opened).unwrap().with_answer_reader(answer_reader(embedder));
    let mill = SourceFile { name: "mill.txt", bytes: MILL.as_bytes(), ..SourceFile::default() };
    pollster::block_on(engine.add(mill, &task)).unwrap();
    engine
}

#[test]
fn a_claim_is_supported_unless_a_fact_of_it_is_changed() {
    let (engine, task) = (reading_engine(), Task::default());
    let made = &MILL["The restoration took eleven years. ".len()..];
    let claims = [
        ("The boatbuilder Teodor Hale made the new gates of oak.", Some(made)),
        ("The restoration took 11 years.", Some("The restoration took eleven years.")),
        ("The restoration took 12 years.", None),
        ("The boatbuilder Zebulon Quark made the new gates of oak.", None),
        ("The boatbuilder Teodor Hale did not make the new gates of oak.", None),
        ("The boatbuilder Teodor Hale made the old gates of oak.", None),
        ("Sourdough bread needs flour and water.", None),
    ];
    for (claim, expected) in claims {
        let found = pollster::block_on(engine.search(claim, 3, None, &task)).unwrap();
        let support = pollster::block_on(engine.support(claim, &found, &task)).unwrap();
        let place = support.citation.as_ref().map(|citation| citation.text());
        assert_eq!(place, expected, "{claim}: {:?}", support.score);
        assert!(support.score.is_some());
    }
    let found = pollster::block_on(engine.search("gates", 3, None, &task)).unwrap();
    let support = pollster::block_on(engine.support("[1] ...", &found, &task)).unwrap();
    assert_eq!((support.citation, support.score), (None, None), "no words, no claim");
}

#[test]
fn a_question_gets_its_answer_in_few_words_within_the_first_quote() {
    let (engine, task) = (reading_engine(), Task::default());
    let mut events = Vec::new();
    let options = AskOptions { max_tokens: 0, ..AskOptions::default() };
    let mut emit = |event| events.push(event);
    pollster::block_on(engine.ask("Who made the new gates?", &options, &task, &mut emit)).unwrap();
    let [AnswerEvent::Passages(_), AnswerEvent::Answer { citation, confidence }, rest @ ..] =
        &*events
    else {
        panic!("{events:?}")
    };
    assert_eq!(citation.text(), "Teodor Hale");
    assert!((0.5..=1.0).contains(confidence), "{confidence}");
    let AnswerEvent::Quote(quote) = &rest[0] else { panic!("{rest:?}") };
    assert!(quote.text().contains(citation.text()));
    assert!(quote.span.start <= citation.span.start && citation.span.end <= quote.span.end);
}
