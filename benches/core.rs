//! What the core takes natively, with the default models: how fast texts are embedded,
//! prompts read and answers written, and how fast passages are found.
//!
//! `make models embedder` brings the models; then `cargo bench --profile ci --bench core`.
//! Every number is the median of several runs, with the fastest and the slowest beside it.
//! What was computed is checked as well: a wrong answer fails, however fast.

use std::error::Error;
use std::rc::Rc;
use std::time::Instant;

use multimodal_rag::internals::SearchStrategy;
use multimodal_rag::{
    AdapterFiles, Embedder, Engine, Generator, KvCache, MemoryStore, SourceFile, Task,
};
use pollster::block_on;

#[allow(dead_code)]
#[path = "search/collection.rs"]
mod collection;
#[allow(dead_code)]
#[path = "search/library.rs"]
mod library;
#[path = "search/measuring.rs"]
mod measuring;
#[path = "generator/random_adapter.rs"]
mod random_adapter;
#[path = "../tests/support/rng.rs"]
mod rng;
#[path = "search/words.rs"]
mod words;
use collection::Collection;
use library::Library;
use measuring::{Clock, check, model_file, print_line, print_machine};

type Outcome = Result<(), Box<dyn Error>>;

const EMBEDDER: &str = "all-MiniLM-L6-v2.q8.safetensors";
const GENERATOR: &str = "SmolLM2-135M-Instruct.Q4_1.gguf";

/// Tokens of each text embedded and of the prompt.
const TOKENS: usize = 128;
/// Tokens of the prompt that are read in one step, as when a page asks.
const PREFILL_SLICE: usize = 16;
const DECODED_TOKENS: usize = 32;
/// Tokens of the passes compared, and how often each is made.
const PASSES: [usize; 4] = [1, 2, 4, 8];
const PASS_RUNS: usize = 40;
/// How many vectors are searched, with how many questions, for how many nearest.
const VECTORS: [usize; 3] = [10_000, 100_000, 300_000];
const QUESTIONS: usize = 100;
const NEAREST: usize = 10;
/// The largest collection that gets graphs: building takes seconds for each 10,000 vectors.
const MAX_GRAPH_VECTORS: usize = 100_000;
const DIMENSIONS: usize = 384;
const DOCUMENTS: usize = 1_000;
const SEARCHES: usize = 100;
/// The chunks of the search by words.
const WORD_CHUNKS: usize = 100_000;
/// The least cosine of an 8-bit model's vector with that of sentence-transformers.
const MIN_COSINE: f64 = 0.995;
/// The least share of the nearest vectors by `f32` that is found.
const MIN_RECALL: f64 = 0.98;

fn main() -> Outcome {
    print_machine();
    bench_nearest()?;
    let embedder = load_embedder()?;
    bench_embedder(&embedder)?;
    bench_generator()?;
    bench_words()?;
    bench_search(embedder)
}

// --- embedder -------------------------------------------------------------------------

fn load_embedder() -> Result<Embedder, Box<dyn Error>> {
    let runtime = Clock(Instant::now());
    Ok(block_on(Embedder::load(&model_file(EMBEDDER)?, &runtime, &Task::default()))?)
}

fn bench_embedder(embedder: &Embedder) -> Outcome {
    check_reference(embedder)?;
    // One token a word, and two that begin and end the text.
    let text = "sea ".repeat(TOKENS - 2);
    check(embedder.count_tokens(&text) == TOKENS - 2, "the text has as many tokens as it should")?;
    let text = embedder.tokenize_passage(&text)?;
    for (texts, runs) in [(1, 15), (8, 7)] {
        let batch = vec![text.clone(); texts];
        let seconds = timed(runs, || embedder.embed(&batch).map(drop))?;
        print_rate(
            &format!("embed {texts} x {TOKENS} tokens"),
            texts * TOKENS,
            "tokens/s",
            seconds,
        );
    }
    Ok(())
}

/// The first sentences of the reference, embedded here and by sentence-transformers.
fn check_reference(embedder: &Embedder) -> Outcome {
    let reference: serde_json::Value =
        serde_json::from_str(include_str!("../tests/fixtures/reference/minilm.json"))?;
    let numbers = include_bytes!("../tests/fixtures/reference/minilm.f32").as_chunks().0;
    let numbers: Vec<f32> = numbers.iter().map(|&four| f32::from_le_bytes(four)).collect();
    let sentences = reference["sentences"].as_array().ok_or("the reference holds no sentences")?;
    for (sentence, expected) in sentences.iter().zip(numbers.chunks(DIMENSIONS)).take(5) {
        let sentence = sentence.as_str().unwrap_or_default();
        let vectors = embedder.embed(&[embedder.tokenize_passage(sentence)?])?;
        let cosine = f64::from(dot(&vectors[0], expected));
        check(cosine >= MIN_COSINE, &format!("\"{sentence}\" has cosine {cosine:.4}"))?;
    }
    Ok(())
}

// --- generator ------------------------------------------------------------------------

fn bench_generator() -> Outcome {
    let file = model_file(GENERATOR)?;
    let mut generator = block_on(Generator::load(&file, &Clock(Instant::now()), &Task::default()))?;
    drop(file);
    let mut prompt = generator.tokenize(&"The ferry leaves the harbour at seven. ".repeat(20))?;
    prompt.truncate(TOKENS);
    check(prompt.len() == TOKENS, "the prompt has as many tokens as it should")?;

    let seconds = timed(5, || read(&generator, &prompt).map(drop))?;
    print_rate(&format!("prefill {TOKENS} tokens"), TOKENS, "tokens/s", seconds);

    let mut texts = Vec::new();
    let mut seconds = Vec::new();
    for _ in 0..5 {
        let mut cache = read(&generator, &prompt[..TOKENS - 1])?;
        let started = Instant::now();
        texts.push(decode_greedily(&generator, prompt[TOKENS - 1], &mut cache)?);
        seconds.push(started.elapsed().as_secs_f64());
    }
    let same = texts.iter().all(|ids| *ids == texts[0]);
    check(same, "the likeliest tokens are the same each time")?;
    print_rate(&format!("decode {DECODED_TOKENS} tokens"), DECODED_TOKENS, "tokens/s", seconds);
    bench_passes(&generator, &prompt)?;
    bench_adapter(&mut generator, &prompt)
}

/// What an adapter costs: by turns, it is off and on.
fn bench_adapter(generator: &mut Generator, prompt: &[u32]) -> Outcome {
    let (weights, config) = (random_adapter::weights(), random_adapter::config());
    let files = AdapterFiles::Peft { weights: &weights, config: &config };
    let (clock, task) = (Clock(Instant::now()), Task::default());
    block_on(generator.add_adapter(files, 1.0, &clock, &task))?;
    let (mut reading, mut writing) = ([const { Vec::new() }; 2], [const { Vec::new() }; 2]);
    for _ in 0..PASS_RUNS {
        for (place, scale) in [0.0, 1.0].into_iter().enumerate() {
            let mut cache = generator.new_cache_with(&[scale])?;
            let started = Instant::now();
            read_into(generator, prompt, &mut cache)?;
            reading[place].push(started.elapsed().as_secs_f64());
            let started = Instant::now();
            for &token in &prompt[..DECODED_TOKENS] {
                generator.decode(token, &mut cache)?;
            }
            writing[place].push(started.elapsed().as_secs_f64());
        }
    }
    let rank = random_adapter::RANK;
    let states = ["off".to_owned(), format!("of rank {rank} on")];
    for ((state, reading), writing) in states.iter().zip(reading).zip(writing) {
        print_rate(&format!("prefill, adapter {state}"), prompt.len(), "tokens/s", reading);
        print_rate(&format!("decode, adapter {state}"), DECODED_TOKENS, "tokens/s", writing);
    }
    Ok(())
}

/// What one pass over several tokens takes: drafted tokens are verified in such.
fn bench_passes(generator: &Generator, prompt: &[u32]) -> Outcome {
    let mut cache = read(generator, prompt)?;
    let mut logits = Vec::new();
    let mut spent = vec![Vec::new(); PASSES.len()];
    // Interleaved, so that a busy moment of the machine slows all of them.
    for _ in 0..=PASS_RUNS {
        for (rows, spent) in PASSES.into_iter().zip(&mut spent) {
            let started = Instant::now();
            generator.decode_each(&prompt[..rows], &mut cache, &mut logits)?;
            spent.push(started.elapsed().as_secs_f64() * 1e3);
            cache.roll_back(prompt.len());
        }
    }
    for (rows, mut spent) in PASSES.into_iter().zip(spent) {
        // The first one warms up.
        spent.remove(0);
        print_line(&format!("decode {rows} tokens in one pass"), spent, "ms");
    }
    Ok(())
}

fn read(generator: &Generator, prompt: &[u32]) -> multimodal_rag::Result<KvCache> {
    let mut cache = generator.new_cache();
    read_into(generator, prompt, &mut cache)?;
    Ok(cache)
}

fn read_into(
    generator: &Generator,
    prompt: &[u32],
    cache: &mut KvCache,
) -> multimodal_rag::Result<()> {
    prompt.chunks(PREFILL_SLICE).try_for_each(|slice| generator.prefill(slice, cache))
}

fn decode_greedily(
    generator: &Generator,
    last: u32,
    cache: &mut KvCache,
) -> multimodal_rag::Result<Vec<u32>> {
    let mut ids = vec![last];
    while ids.len() <= DECODED_TOKENS {
        let logits = generator.decode(ids[ids.len() - 1], cache)?;
        let likeliest = (0u32..).zip(&logits).max_by(|a, b| a.1.total_cmp(b.1));
        ids.push(likeliest.map_or(0, |(id, _)| id));
    }
    Ok(ids)
}

// --- search ---------------------------------------------------------------------------

/// The nearest vectors, by each strategy to find them.
fn bench_nearest() -> Outcome {
    for vectors in VECTORS {
        let mut collection = Collection::new(vectors, QUESTIONS);
        collection.build()?;
        let truth: Vec<_> = (0..QUESTIONS)
            .map(|number| collection.nearest_by_f32(collection.question(number), NEAREST))
            .collect();
        for (name, strategy) in
            [("codes", Some(SearchStrategy::Exact)), ("signs", Some(SearchStrategy::Signs))]
        {
            bench_way(&collection, &truth, strategy, &format!("10 nearest of {vectors}, {name}"))?;
        }
        bench_way(&collection, &truth, None, &format!("10 nearest of {vectors}, quickest"))?;
        if vectors <= MAX_GRAPH_VECTORS {
            let started = Instant::now();
            while collection.build_graph() {}
            let seconds = started.elapsed().as_secs_f64();
            print_line(&format!("graphs of {vectors}"), vec![seconds], "s");
            let graphs = Some(SearchStrategy::Graph);
            bench_way(&collection, &truth, graphs, &format!("10 nearest of {vectors}, graphs"))?;
        }
    }
    Ok(())
}

fn bench_way(
    collection: &Collection,
    truth: &[Vec<u32>],
    strategy: Option<SearchStrategy>,
    name: &str,
) -> Outcome {
    let (mut spent, mut found) = (Vec::new(), 0);
    for (number, truth) in truth.iter().enumerate() {
        let started = Instant::now();
        let nearest = collection.search(collection.question(number), strategy, NEAREST)?;
        spent.push(started.elapsed().as_secs_f64() * 1e3);
        found += nearest.iter().filter(|number| truth.contains(number)).count();
    }
    print_line(name, spent, "ms");
    let recall = found as f64 / (truth.len() * NEAREST) as f64;
    print_line(&format!("{name}, found"), vec![100.0 * recall], "%");
    check(recall >= MIN_RECALL, &format!("{name}: of the nearest by f32, {recall} are found"))?;
    Ok(())
}

/// Searches by words alone. Each question has words of one chunk.
fn bench_words() -> Outcome {
    let library = Library::new(WORD_CHUNKS, SEARCHES);
    let started = Instant::now();
    let (index, spent) = library.index_of_words(&|| started.elapsed().as_secs_f64())?;
    print_rate("index words", WORD_CHUNKS, "chunks/s", vec![spent]);
    let bytes = index.memory_bytes() as f64 / WORD_CHUNKS as f64;
    print_line("words in memory", vec![bytes], "bytes/chunk");

    let mut spent = Vec::new();
    for number in 0..SEARCHES {
        let (question, answer) = (library.question(number), library.answer(number));
        let started = Instant::now();
        let hits = index.search(&[1.0], &question, 5, None)?;
        spent.push(started.elapsed().as_secs_f64() * 1e3);
        let is_found = hits.first().is_some_and(|hit| (hit.document, hit.chunk) == answer);
        check(is_found, &format!("the chunk of question {number} comes first"))?;
    }
    print_line(&format!("search {WORD_CHUNKS} chunks by words"), spent, "ms");
    Ok(())
}

/// Searches as a page does: the question embedded, vectors and words compared, fused.
fn bench_search(embedder: Embedder) -> Outcome {
    let (store, runtime) = (Box::new(MemoryStore::new()), Rc::new(Clock(Instant::now())));
    let task = Task::default();
    let engine = block_on(Engine::open(store, runtime, Rc::new(embedder), None, &task))?;
    let started = Instant::now();
    for number in 0..DOCUMENTS {
        let text = format!("Box {number} holds {} blue beads.", number * 7 % 1_000);
        let file = SourceFile { name: "box.txt", bytes: text.as_bytes(), ..SourceFile::default() };
        block_on(engine.add(file, &task))?;
    }
    let milliseconds = started.elapsed().as_secs_f64() * 1e3 / DOCUMENTS as f64;
    print_line("add one document of one sentence", vec![milliseconds], "ms (mean)");

    let mut spent = Vec::new();
    for search in 0..SEARCHES {
        let number = search * DOCUMENTS / SEARCHES;
        let question = format!("How many beads are in box {number}?");
        let started = Instant::now();
        let passages = block_on(engine.search(&question, 5, None, &task))?;
        spent.push(started.elapsed().as_secs_f64() * 1e3);
        // Some other box may hold as many beads as this box's number says.
        let box_name = format!("Box {number} ");
        let is_found = passages.iter().any(|passage| passage.text().starts_with(&box_name));
        check(is_found, &format!("{box_name}is among those found"))?;
    }
    print_line(&format!("search {DOCUMENTS} documents"), spent, "ms");
    Ok(())
}

// --- the measuring itself -------------------------------------------------------------

/// Seconds of each of `runs` runs, after one that warms up.
fn timed(
    runs: usize,
    mut work: impl FnMut() -> multimodal_rag::Result<()>,
) -> multimodal_rag::Result<Vec<f64>> {
    work()?;
    (0..runs)
        .map(|_| {
            let started = Instant::now();
            work()?;
            Ok(started.elapsed().as_secs_f64())
        })
        .collect()
}

fn print_rate(name: &str, count: usize, unit: &str, seconds: Vec<f64>) {
    print_line(name, seconds.into_iter().map(|seconds| count as f64 / seconds).collect(), unit);
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
