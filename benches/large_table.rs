//! How long a table of 100,000 rows takes natively, on one thread, with the default embedder: to add
//! it, and to find a row by its values.
//!
//! `make models embedder` brings the model; then `cargo bench --profile ci --bench large_table`. What
//! is found is checked as well: a wrong row fails, however fast.

use std::error::Error;
use std::rc::Rc;
use std::time::Instant;

use multimodal_rag::{
    AnswerEvent, AskOptions, Embedder, Engine, FileToRead, MAX_EMBEDDED_ROWS, MemoryStore,
    ReadLimits, SourceFile, Task, Unwatched, read_file,
};
use pollster::block_on;

#[path = "search/measuring.rs"]
mod measuring;
#[path = "search/orders.rs"]
mod orders;
#[path = "../tests/support/rng.rs"]
mod rng;
use measuring::{Clock, check, model_file, print_line, print_machine};
use orders::{order_number, orders};

type Outcome = Result<(), Box<dyn Error>>;

const EMBEDDER: &str = "multilingual-e5-small-en-pt.q4.safetensors";
const NAME: &str = "orders.csv";
const ROWS: usize = 100_000;
const SEARCHES: usize = 50;

fn main() -> Outcome {
    print_machine();
    let csv = orders(ROWS);
    print_line("table", vec![csv.len() as f64 / 1e6], "MB");
    bench_reading(&csv)?;
    let runtime = Rc::new(Clock(Instant::now()));
    let embedder = block_on(Embedder::load(&model_file(EMBEDDER)?, &*runtime, &Task::default()))?;
    let embedder = Rc::new(embedder);
    // The rows of a smaller table are embedded.
    let small = orders(MAX_EMBEDDED_ROWS);
    drop(bench_adding(&small, MAX_EMBEDDED_ROWS, embedder.clone(), runtime.clone())?);
    let engine = bench_adding(&csv, ROWS, embedder, runtime)?;
    bench_finding(&engine, &csv)?;
    bench_quoting(&engine, &csv)
}

fn bench_adding(
    csv: &str,
    rows: usize,
    embedder: Rc<Embedder>,
    runtime: Rc<Clock>,
) -> Result<Engine, Box<dyn Error>> {
    let (store, task) = (Box::new(MemoryStore::new()), Task::default());
    let engine = block_on(Engine::open(store, runtime, embedder, None, &task))?;
    let file = SourceFile { name: NAME, bytes: csv.as_bytes(), ..SourceFile::default() };
    let started = Instant::now();
    let added = block_on(engine.add(file, &task))?;
    print_line(&format!("add {rows} rows"), vec![started.elapsed().as_secs_f64()], "s");
    print_line(&format!("chunks of {rows} rows"), vec![added.chunks as f64], "");
    Ok(engine)
}

/// Reads the file, which adding does first.
fn bench_reading(csv: &str) -> Outcome {
    let file = FileToRead { name: NAME, bytes: csv.as_bytes(), ..FileToRead::default() };
    let started = Instant::now();
    read_file(&file, &ReadLimits::default(), &Unwatched)?;
    print_line(&format!("read {ROWS} rows"), vec![started.elapsed().as_secs_f64()], "s");
    Ok(())
}

/// A row as the text of its document has it.
fn row_text(csv: &str, row: usize) -> String {
    csv.lines().nth(row + 1).unwrap_or_default().replace(',', " | ")
}

fn bench_finding(engine: &Engine, csv: &str) -> Outcome {
    let mut spent = Vec::new();
    for search in 0..SEARCHES {
        let row = search * ROWS / SEARCHES + search;
        let question = order_number(row).to_string();
        let started = Instant::now();
        let passages = block_on(engine.search(&question, 5, None, &Task::default()))?;
        spent.push(started.elapsed().as_secs_f64() * 1e3);
        let first = passages.first().ok_or("nothing was found")?;
        check(first.text().contains(&row_text(csv, row)), &format!("order {question} is found"))?;
    }
    print_line("first search, with the document", vec![spent.remove(0)], "ms");
    print_line("find a row by its number", spent, "ms");
    Ok(())
}

/// Asks for a row by its values in words.
fn bench_quoting(engine: &Engine, csv: &str) -> Outcome {
    let mut spent = Vec::new();
    for search in 0..SEARCHES {
        let row = search * ROWS / SEARCHES + 7 * search;
        let text = row_text(csv, row);
        let cells: Vec<&str> = text.split(" | ").collect();
        let question = format!("{} {} {}", cells[1], cells[2], cells[8]);
        let mut quotes = Vec::new();
        let mut keep = |event| {
            if let AnswerEvent::Quote(citation) = event {
                quotes.push(citation);
            }
        };
        let started = Instant::now();
        let options = AskOptions::default();
        block_on(engine.ask(&question, &options, &Task::default(), &mut keep))?;
        spent.push(started.elapsed().as_secs_f64() * 1e3);
        let first = quotes.first().ok_or("nothing was quoted")?;
        check(first.text() == text, &format!("{question} is answered by its row"))?;
    }
    print_line("quote a row by its values", spent, "ms");
    Ok(())
}
