//! SmolLM2 beside llama.cpp.

use multimodal_rag::internals::IdleRuntime;
use multimodal_rag::{GenerateInput, GenerateOptions, Generator, Message, Role, Sampling, Task};
use serde::Deserialize;

use super::{cosine, model_file, spread};

const GENERATOR: &str = "SmolLM2-135M-Instruct.Q4_1.gguf";

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

fn generator() -> Generator {
    let file = model_file(GENERATOR);
    pollster::block_on(Generator::load(&file, &IdleRuntime, &Task::default())).unwrap()
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
        serde_json::from_str(include_str!("../fixtures/reference/smollm2_tokens.json")).unwrap();
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
    serde_json::from_str(include_str!("../fixtures/reference/smollm2_logits.json")).unwrap()
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
    let exact_file = include_bytes!("../fixtures/reference/smollm2_logits_f32.bin");
    let rounded_file = include_bytes!("../fixtures/reference/smollm2_logits.bin");
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
