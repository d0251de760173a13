//! Text generation: which tokens are chosen, where a text ends, and which pieces are passed on.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use async_trait::async_trait;
use multimodal_rag::internals::IdleRuntime;
use multimodal_rag::{
    CancelToken, Error, GenerateEnd, GenerateOptions, GenerateTimings, Generator, Progress, Result,
    Runtime, Sampling, Stage, Task,
};

use crate::gguf::Parts;
use crate::{LLAMA, LLAMA_SPM, largest, load};

/// Each model, and the ids that end its texts.
const MODELS: [(&[u8], &[u32]); 2] = [(LLAMA, &[0, 2]), (LLAMA_SPM, &[2])];
/// The most tokens that are generated here.
const LENGTH: usize = 60;

fn start(generator: &Generator) -> Vec<u32> {
    generator.tokenize("The keeper of the lighthouse lit the").unwrap()
}

struct Generated {
    pieces: Vec<String>,
    end: GenerateEnd,
    timings: GenerateTimings,
}

impl Generated {
    fn text(&self) -> String {
        self.pieces.concat()
    }
}

fn generate(generator: &Generator, prompt: &[u32], options: &GenerateOptions) -> Result<Generated> {
    let mut pieces = Vec::new();
    let task = Task::default();
    let mut on_text = |piece: &str| pieces.push(piece.to_owned());
    let generated = generator.generate(prompt, options, &IdleRuntime, &task, &mut on_text);
    let (end, timings) = pollster::block_on(generated)?;
    Ok(Generated { pieces, end, timings })
}

fn generated(generator: &Generator, options: &GenerateOptions) -> Generated {
    generate(generator, &start(generator), options).unwrap()
}

fn options(sampling: Sampling) -> GenerateOptions {
    GenerateOptions { max_tokens: LENGTH, sampling, ..Default::default() }
}

fn hot(seed: u64) -> Sampling {
    Sampling { temperature: 2.0, seed, ..Default::default() }
}

/// The ids that `choose` picks after a prompt, up to an end token.
fn chosen(
    generator: &Generator,
    prompt: &[u32],
    end: &[u32],
    mut choose: impl FnMut(&[f32]) -> u32,
) -> Vec<u32> {
    let (&last, head) = prompt.split_last().unwrap();
    let mut cache = generator.new_cache();
    generator.prefill(head, &mut cache).unwrap();
    let mut logits = generator.decode(last, &mut cache).unwrap();
    let mut ids = Vec::new();
    while ids.len() < LENGTH {
        let id = choose(&logits);
        ids.push(id);
        if end.contains(&id) {
            break;
        }
        logits = generator.decode(id, &mut cache).unwrap();
    }
    ids
}

#[test]
fn greedy_text_follows_the_largest_logits() {
    for (file, end) in MODELS {
        let generator = load(file);
        let ids = chosen(&generator, &start(&generator), end, largest);
        let greedy = generated(&generator, &options(Sampling::default()));
        assert_eq!(greedy.text(), generator.detokenize(&ids).unwrap());
        assert_eq!(greedy.timings.tokens, ids.len());
        assert_eq!(greedy.timings.prompt_tokens, start(&generator).len());
        let only_the_first = Sampling { top_k: Some(1), ..hot(7) };
        assert_eq!(generated(&generator, &options(only_the_first)).text(), greedy.text());
        let nearly_cold = Sampling { temperature: 1e-30, ..Default::default() };
        assert_eq!(generated(&generator, &options(nearly_cold)).text(), greedy.text());
    }
}

#[test]
fn reading_the_prompt_is_reported_from_its_first_token_to_its_last() {
    let generator = load(LLAMA);
    let prompt = start(&generator).repeat(6);
    let (seen, _) = watched(&generator, &prompt);
    assert!(seen.iter().all(|p| (p.stage, p.unit) == (Stage::Read, "tokens")));
    assert!(seen.iter().all(|p| p.total == prompt.len() as u64));
    assert!(seen.len() > 3 && seen.is_sorted_by_key(|p| p.done));
    assert_eq!((seen[0].done, seen[seen.len() - 1].done), (0, prompt.len() as u64));
}

/// The progress of one text, and the text.
fn watched(generator: &Generator, prompt: &[u32]) -> (Vec<Progress>, String) {
    let seen: Rc<RefCell<Vec<Progress>>> = Rc::default();
    let log = seen.clone();
    let on_progress = move |progress| log.borrow_mut().push(progress);
    let task = Task { on_progress: Some(Rc::new(on_progress)), ..Default::default() };
    let options = options(Sampling::default());
    let mut text = String::new();
    let mut on_text = |piece: &str| text.push_str(piece);
    pollster::block_on(generator.generate(prompt, &options, &IdleRuntime, &task, &mut on_text))
        .unwrap();
    drop(task);
    (Rc::try_unwrap(seen).unwrap().into_inner(), text)
}

#[test]
fn the_common_beginning_of_two_prompts_is_read_once() {
    let generator = load(LLAMA);
    let first = start(&generator).repeat(6);
    let mut second = first.clone();
    second.truncate(first.len() - 5);
    second.extend(start(&generator));
    let unlike = &second[3..];
    for (prompt, known) in
        [(&first[..], 0), (&second, first.len() - 5), (&second, second.len() - 1), (unlike, 0)]
    {
        let (seen, text) = watched(&generator, prompt);
        assert_eq!(seen[0].done, known as u64);
        assert_eq!(seen[seen.len() - 1].done, prompt.len() as u64);
        assert_eq!(text, watched(&load(LLAMA), prompt).1, "as if nothing had been read before");
    }
}

#[cfg(not(target_arch = "wasm32"))]
#[test]
fn sampled_text_agrees_with_candles_sampler_in_whole_characters() {
    use candle_core::{Device, Tensor};
    use candle_transformers::generation::{LogitsProcessor, Sampling as CandleSampling};

    let temperature = 2.0;
    let kinds = [
        (hot(0), CandleSampling::All { temperature }),
        (Sampling { top_k: Some(20), ..hot(0) }, CandleSampling::TopK { k: 20, temperature }),
        (Sampling { top_p: Some(0.9), ..hot(0) }, CandleSampling::TopP { p: 0.9, temperature }),
        (
            Sampling { top_k: Some(50), top_p: Some(0.6), ..hot(0) },
            CandleSampling::TopKThenTopP { k: 50, p: 0.6, temperature },
        ),
    ];
    for (file, end) in MODELS {
        let generator = load(file);
        for seed in 0..20 {
            let (ours, theirs) = &kinds[seed as usize % kinds.len()];
            let mut sampler = LogitsProcessor::from_sampling(seed, theirs.clone());
            let ids = chosen(&generator, &start(&generator), end, |logits| {
                sampler.sample(&Tensor::new(logits, &Device::Cpu).unwrap()).unwrap()
            });
            let sampled = generated(&generator, &options(Sampling { seed, ..*ours }));
            assert_eq!(sampled.text(), generator.detokenize(&ids).unwrap(), "seed {seed}");
            assert!(sampled.pieces.iter().all(|piece| !piece.is_empty()));
        }
    }
}

#[test]
fn equal_seeds_give_equal_texts_and_others_give_others() {
    let generator = load(LLAMA);
    let kinds = [
        hot(0),
        Sampling { top_k: Some(20), ..hot(0) },
        Sampling { top_p: Some(0.9), ..hot(0) },
        Sampling { top_k: Some(50), top_p: Some(0.95), ..hot(0) },
    ];
    for kind in kinds {
        let text = |seed| generated(&generator, &options(Sampling { seed, ..kind })).text();
        assert_eq!(text(1), text(1));
        assert_ne!(text(1), text(2));
    }
}

/// Prompts after which these models repeat themselves, and others.
fn prompts(generator: &Generator) -> Vec<Vec<u32>> {
    let tokens = (265..400).step_by(15).map(|token| vec![token; 30]);
    tokens.chain([start(generator), start(generator).repeat(4)]).collect()
}

#[test]
fn prompt_lookup_changes_only_how_often_the_model_runs() {
    let (mut drafted, mut accepted) = (0, 0);
    for (file, _) in MODELS {
        let generator = load(file);
        for prompt in prompts(&generator) {
            let cool = Sampling { temperature: 0.3, ..hot(0) };
            let few = Sampling { temperature: 1.0, top_k: Some(5), top_p: Some(0.9), ..hot(0) };
            let samplings = [Sampling::default(), cool, few, hot(0)];
            for (sampling, max_tokens) in
                samplings.into_iter().flat_map(|sampling| [(sampling, 200), (sampling, 17)])
            {
                let write = |prompt_lookup, stop| {
                    let options = GenerateOptions {
                        max_tokens,
                        sampling,
                        stop,
                        prompt_lookup,
                        ..Default::default()
                    };
                    generate(&generator, &prompt, &options).unwrap()
                };
                let whole = write(false, Vec::new()).text();
                let middle = whole.char_indices().nth(whole.chars().count() * 2 / 3);
                let stop = middle.map(|(at, _)| whole[at..].chars().take(3).collect::<String>());
                for stop in [Vec::new(), stop.into_iter().collect()] {
                    let (without, with) = (write(false, stop.clone()), write(true, stop));
                    assert_eq!(with.pieces, without.pieces, "{sampling:?}");
                    assert_eq!(with.end, without.end, "{sampling:?}");
                    assert_eq!(with.timings.tokens, without.timings.tokens, "{sampling:?}");
                    assert_eq!(without.timings.drafted_tokens, 0);
                    drafted += with.timings.drafted_tokens;
                    accepted += with.timings.accepted_tokens;
                }
            }
        }
    }
    println!("{accepted} of {drafted} drafted tokens accepted");
    assert!(accepted > 500 && drafted - accepted > 500, "{accepted} of {drafted}");
}

#[test]
fn an_end_token_or_stop_text_within_a_draft_ends_the_text_as_without_drafts() {
    let generator = load(LLAMA);
    let write = |generator: &Generator, prompt: &[u32], prompt_lookup, pauses| {
        let cancel = CancelToken::default();
        let runtime = StopsAt::new(pauses, 0.0, &cancel);
        let task = Task { cancel, ..Default::default() };
        let options = GenerateOptions { prompt_lookup, ..options(Sampling::default()) };
        let mut text = String::new();
        let mut on_text = |piece: &str| text.push_str(piece);
        let written = generator.generate(prompt, &options, &runtime, &task, &mut on_text);
        let (end, timings) = pollster::block_on(written).unwrap();
        ((text, end, timings.tokens), timings.accepted_tokens)
    };
    let never = usize::MAX;
    let mut accepted = 0;
    for mut prompt in prompts(&generator) {
        prompt.extend(chosen(&generator, &prompt, &[], largest));
        // Reads the prompt, so that each pause below is after a token.
        write(&generator, &prompt, false, never);
        for pauses in 0..20 {
            let (expected, _) = write(&generator, &prompt, false, pauses);
            let (written, held) = write(&generator, &prompt, true, pauses);
            assert_eq!(written, expected, "stopped after {pauses}");
            accepted += held;
        }
        // Each generated token becomes the one that ends a text.
        for id in BTreeSet::from_iter(chosen(&generator, &prompt, &[], largest)) {
            let key = "tokenizer.ggml.eos_token_id";
            let changed = Parts::read(LLAMA).with(key, crate::gguf::U32, id.to_le_bytes());
            let generator = load(&changed.write());
            let (expected, _) = write(&generator, &prompt, false, never);
            let (written, held) = write(&generator, &prompt, true, never);
            assert_eq!(written, expected, "ended by {id}");
            accepted += held;
        }
    }
    println!("{accepted} drafted tokens accepted");
    assert!(accepted > 100, "{accepted}");
}

#[test]
fn drafted_tokens_are_not_kept_for_the_next_prompt() {
    for (file, _) in MODELS {
        let generator = load(file);
        for prompt in prompts(&generator).iter().chain(prompts(&generator).iter().rev()) {
            let options = options(Sampling::default());
            let after_others = generate(&generator, prompt, &options).unwrap().text();
            assert_eq!(after_others, generate(&load(file), prompt, &options).unwrap().text());
        }
    }
}

#[test]
fn options_out_of_range_are_refused_by_name() {
    let generator = load(LLAMA);
    let with = |change: fn(&mut Sampling)| {
        let mut sampling = Sampling { temperature: 1.0, ..Default::default() };
        change(&mut sampling);
        sampling
    };
    let wrong = [
        ("temperature", with(|s| s.temperature = -0.1)),
        ("temperature", with(|s| s.temperature = 10.1)),
        ("temperature", with(|s| s.temperature = f64::NAN)),
        ("temperature", with(|s| s.temperature = f64::INFINITY)),
        ("topK", with(|s| s.top_k = Some(0))),
        ("topP", with(|s| s.top_p = Some(0.0))),
        ("topP", with(|s| s.top_p = Some(1.01))),
        ("topP", with(|s| s.top_p = Some(f64::NAN))),
    ];
    for (name, sampling) in wrong {
        let error = generate(&generator, &[5], &options(sampling)).err().unwrap();
        assert_eq!(error.code(), "invalid_option");
        assert!(matches!(error, Error::InvalidOption { option, .. } if option == name));
    }
    let edges = [with(|s| s.temperature = 10.0), with(|s| s.top_k = Some(usize::MAX))];
    for sampling in edges.into_iter().chain([with(|s| s.top_p = Some(1.0))]) {
        assert!(generate(&generator, &[5], &options(sampling)).is_ok());
    }
}

#[test]
fn a_stop_text_ends_the_text_and_is_left_out_whatever_its_tokens() {
    for file in [LLAMA, LLAMA_SPM] {
        let generator = load(file);
        let long = |seed: &u64| generated(&generator, &options(hot(*seed))).text().len() > 100;
        let seed = (0..).find(long).unwrap();
        let whole = generated(&generator, &options(hot(seed)));
        let text = whole.text();
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        let mut cut_early = 0;
        for (start, end) in (1..places.len()).map(|at| (places[at - 1], places.get(at + 4))) {
            let stop = &text[start..end.copied().unwrap_or(text.len())];
            // Where a character is incomplete cannot be known beforehand.
            if stop.contains(char::REPLACEMENT_CHARACTER) {
                continue;
            }
            let stops = vec![String::new(), "never there".to_owned(), stop.to_owned()];
            let stopping = GenerateOptions { stop: stops, ..options(hot(seed)) };
            let stopped = generated(&generator, &stopping);
            assert_eq!(stopped.text(), text[..text.find(stop).unwrap()], "{stop:?}");
            assert_eq!(stopped.end, GenerateEnd::Stop);
            cut_early += usize::from(stopped.timings.tokens < whole.timings.tokens);
        }
        assert!(cut_early > 5, "{cut_early} of {}", places.len());
    }
}

#[test]
fn an_incomplete_stop_text_is_passed_on_at_the_end() {
    let generator = load(LLAMA);
    let text = generated(&generator, &options(Sampling::default())).text();
    let last = text.chars().last().unwrap();
    let stop = vec![format!("{last} and then something else")];
    let waiting = GenerateOptions { stop, ..options(Sampling::default()) };
    assert_eq!(generated(&generator, &waiting).text(), text);
}

#[test]
fn an_end_token_of_the_model_ends_the_text() {
    let generator = load(LLAMA);
    let ids = chosen(&generator, &start(&generator), MODELS[0].1, largest);
    let third = ids[2];
    // The same file with this token as the one that ends a text.
    let changed = Parts::read(LLAMA).with(
        "tokenizer.ggml.eos_token_id",
        crate::gguf::U32,
        third.to_le_bytes(),
    );
    let generator = load(&changed.write());
    let ended = generated(&generator, &options(Sampling::default()));
    assert_eq!(ended.end, GenerateEnd::Stop);
    let first = ids.iter().position(|&id| id == third).unwrap();
    assert_eq!(ended.timings.tokens, first + 1);
    assert_eq!(ended.text(), generator.detokenize(&ids[..first]).unwrap());
}

#[test]
fn a_text_ends_at_the_token_limit_or_at_the_models_context() {
    let generator = load(LLAMA_SPM);
    for max_tokens in [0, 1, 5] {
        let few = GenerateOptions { max_tokens, ..options(Sampling::default()) };
        let ended = generated(&generator, &few);
        assert_eq!(ended.end, GenerateEnd::Length);
        assert_eq!(ended.timings.tokens, max_tokens);
    }
    let context = generator.context_length();
    for left in 1..8 {
        let prompt: Vec<u32> = start(&generator).into_iter().cycle().take(context - left).collect();
        let ended = generate(&generator, &prompt, &options(Sampling::default())).unwrap();
        assert_eq!((ended.end, ended.timings.tokens), (GenerateEnd::Length, left));
    }
}

#[test]
fn a_prompt_that_fills_the_context_is_too_long_and_an_empty_one_is_refused() {
    let generator = load(LLAMA);
    let context = generator.context_length();
    for length in [context, context + 1, 4 * context] {
        let error = generate(&generator, &vec![5; length], &GenerateOptions::default());
        let expected = Error::QuestionTooLong { got: length, limit: context - 1 };
        assert_eq!(error.err().unwrap(), expected);
    }
    let error = generate(&generator, &[], &GenerateOptions::default()).err().unwrap();
    assert_eq!(error.code(), "empty_question");
}

/// A runtime that cancels at a given pause. Each call of its clock advances the time.
struct StopsAt {
    pauses: Cell<usize>,
    cancel: CancelToken,
    now_ms: Cell<f64>,
    look_ms: f64,
}

impl StopsAt {
    fn new(pauses: usize, look_ms: f64, cancel: &CancelToken) -> Self {
        Self { pauses: pauses.into(), cancel: cancel.clone(), now_ms: Cell::new(0.0), look_ms }
    }
}

#[async_trait(?Send)]
impl Runtime for StopsAt {
    fn now_ms(&self) -> f64 {
        self.now_ms.replace(self.now_ms.get() + self.look_ms)
    }

    fn unix_ms(&self) -> f64 {
        0.0
    }

    async fn yield_now(&self) {
        let left = self.pauses.get();
        self.pauses.set(left.saturating_sub(1));
        if left == 0 {
            self.cancel.cancel();
        }
    }
}

#[test]
fn a_cancel_takes_effect_after_each_slice_of_the_prompt_and_each_token() {
    let generator = load(LLAMA);
    let prompt: Vec<u32> = start(&generator).into_iter().cycle().take(50).collect();
    let whole = generate(&generator, &prompt, &options(hot(1))).unwrap();
    for pauses in 0..14 {
        // A generator that has read nothing yet.
        let generator = load(LLAMA);
        let cancel = CancelToken::default();
        let runtime = StopsAt::new(pauses, 0.0, &cancel);
        let task = Task { cancel, on_progress: Some(Rc::new(|_| ())) };
        let mut text = String::new();
        let mut on_text = |piece: &str| text.push_str(piece);
        let options = options(hot(1));
        let stopped = generator.generate(&prompt, &options, &runtime, &task, &mut on_text);
        let (end, timings) = pollster::block_on(stopped).unwrap();
        assert_eq!(end, GenerateEnd::Aborted);
        // 49 tokens are read in two slices, the last one with the first new token.
        assert_eq!(timings.tokens, (pauses + 1usize).saturating_sub(2));
        assert!(whole.text().starts_with(text.trim_end_matches(char::REPLACEMENT_CHARACTER)));
    }
}

#[test]
fn a_cancel_takes_effect_between_layers_of_a_slow_slice_and_leaves_no_trace() {
    const LAYER_MS: f64 = 100.0;
    let generator = load(LLAMA);
    let prompt: Vec<u32> = start(&generator).into_iter().cycle().take(50).collect();
    let options = options(hot(1));
    let whole = generate(&generator, &prompt, &options).unwrap();
    let mut stops_while_reading = 0;
    for pauses in 0..20 {
        // A generator that has read nothing yet.
        let generator = load(LLAMA);
        let cancel = CancelToken::default();
        let runtime = StopsAt::new(pauses, LAYER_MS, &cancel);
        let task = Task { cancel, on_progress: None };
        let mut ignore = |_: &str| ();
        let stopped = generator.generate(&prompt, &options, &runtime, &task, &mut ignore);
        let (end, timings) = pollster::block_on(stopped).unwrap();
        assert_eq!(end, GenerateEnd::Aborted);
        stops_while_reading += usize::from(timings.tokens == 0);
        // What was read before the cancel is not read again.
        assert_eq!(generate(&generator, &prompt, &options).unwrap().text(), whole.text());
    }
    // Slices of 16 tokens, each too slow for one step: four, of at least two layers.
    assert!(stops_while_reading >= 2 * 4, "{stops_while_reading}");
}
