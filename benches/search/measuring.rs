//! How benchmarks measure, print and check.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use multimodal_rag::Runtime;

pub(crate) fn print_machine() {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("unknown processor", |(_, name)| name);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!("{model}, {cores} cores, {}\n", std::env::consts::ARCH);
}

/// The median of some numbers, with the least and the greatest.
pub(crate) fn print_line(name: &str, mut numbers: Vec<f64>, unit: &str) {
    numbers.sort_by(f64::total_cmp);
    let (least, most) = (numbers[0], numbers[numbers.len() - 1]);
    let median = numbers[numbers.len() / 2];
    let runs = numbers.len();
    println!("{name:<34} {median:>9.2} {unit:<10} ({least:.2} to {most:.2}, {runs} runs)");
}

pub(crate) fn check(holds: bool, what: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(format!("Wrong answer, so no measurement: {what}.")) }
}

/// A file of `models/`, which `make models embedder` brings.
pub(crate) fn model_file(name: &str) -> Result<Vec<u8>, String> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("models").join(name);
    std::fs::read(&path)
        .map_err(|e| format!("models/{name} cannot be read ({e}): run `make models embedder`."))
}

/// The process's clock; nobody waits for a turn.
pub(crate) struct Clock(pub(crate) Instant);

#[async_trait(?Send)]
impl Runtime for Clock {
    fn now_ms(&self) -> f64 {
        self.0.elapsed().as_secs_f64() * 1e3
    }

    fn unix_ms(&self) -> f64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64() * 1e3)
    }

    async fn yield_now(&self) {}
}
