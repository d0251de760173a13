//! Measures how much faster answers are written with prompt lookup. They must be the same.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use multimodal_rag::{
    AskOptions, Engine, GenerateOptions, GenerateTimings, Generator, Sampling, Task, Told, prompt,
};

use super::{Case, QUOTED_PASSAGES};
use crate::generator::{AdapterArgument, GeneratorFile};
use crate::runtime::{NativeRuntime, block_on};
use crate::{Failure, models};

/// Options to measure prompt lookup.
#[derive(Args)]
pub(super) struct LookupArguments {
    /// Measure prompt lookup instead: each answer is written without it and with it, by
    /// turns, and must be the same.
    #[arg(long, conflicts_with = "refusal")]
    lookup: bool,
    /// The generator, a GGUF file.
    #[arg(long, default_value = models::GENERATOR, requires = "lookup")]
    generator: PathBuf,
    /// An adapter (LoRA) of the generator: a GGUF file, or the folder of PEFT; several may be
    /// given.
    #[arg(long = "adapter", value_name = "FILE[=SCALE]", requires = "lookup")]
    adapters: Vec<AdapterArgument>,
    /// How often each answer is written either way; the median time counts.
    #[arg(long, default_value_t = 3, requires = "lookup")]
    repeat: usize,
    /// 0: always the likeliest token; above: more varied.
    #[arg(long, default_value_t = 0.0, requires = "lookup")]
    temperature: f64,
}

impl LookupArguments {
    /// The generator, where it is needed.
    pub(super) fn generator(&self) -> Result<Option<GeneratorFile>, Failure> {
        let file = || GeneratorFile::new(self.generator.clone(), self.adapters.clone());
        self.lookup.then(file).transpose()
    }

    pub(super) fn measure(
        &self,
        engine: &Engine,
        generator: &Generator,
        cases: &[Case],
    ) -> Result<(), Failure> {
        let (mut without, mut with) = (Vec::new(), Vec::new());
        for case in cases {
            let passages =
                block_on(engine.search(&case.question, QUOTED_PASSAGES, None, &Task::default()))?;
            let [off, on] = [false, true].map(|prompt_lookup| self.options(prompt_lookup));
            let asked = AskOptions { max_tokens: off.max_tokens, ..AskOptions::default() };
            let told = Told { passages: &passages, ..Told::default() };
            let ids = prompt(generator, &case.question, &told, &asked)?;
            let (mut slow, mut fast) = (Vec::new(), Vec::new());
            for _ in 0..self.repeat.max(1) {
                let (expected, timings) = generate(generator, &ids, &off)?;
                slow.push(timings);
                let (text, timings) = generate(generator, &ids, &on)?;
                fast.push(timings);
                if text != expected {
                    let question = &case.question;
                    return Err(format!("{question}: {expected:?} became {text:?}.").into());
                }
            }
            without.push(median(slow));
            with.push(median(fast));
        }
        print(&without, &with)
    }

    /// The options of an answer with or without prompt lookup.
    fn options(&self, prompt_lookup: bool) -> GenerateOptions {
        let sampling = Sampling { temperature: self.temperature, ..Sampling::default() };
        GenerateOptions { sampling, prompt_lookup, ..GenerateOptions::default() }
    }
}

/// Writes an answer. Returns its text and the times.
fn generate(
    generator: &Generator,
    prompt: &[u32],
    options: &GenerateOptions,
) -> Result<(String, GenerateTimings), Failure> {
    let (runtime, task) = (NativeRuntime::new(), Task::default());
    let mut text = String::new();
    let mut on_text = |piece: &str| text.push_str(piece);
    let (_, timings) =
        block_on(generator.generate(prompt, options, &runtime, &task, &mut on_text))?;
    Ok((text, timings))
}

/// The timings with the median decode time.
fn median(mut timings: Vec<GenerateTimings>) -> GenerateTimings {
    timings.sort_by(|a, b| a.decode_ms.total_cmp(&b.decode_ms));
    timings[timings.len() / 2]
}

fn print(without: &[GenerateTimings], with: &[GenerateTimings]) -> Result<(), Failure> {
    let sum = |timings: &[GenerateTimings], of: fn(&GenerateTimings) -> usize| -> usize {
        timings.iter().map(of).sum()
    };
    let seconds = |timings: &[GenerateTimings]| -> f64 {
        timings.iter().map(|timings| timings.decode_ms / 1e3).sum()
    };
    // The first token is computed with the prompt.
    let tokens = sum(with, |timings| timings.tokens.saturating_sub(1));
    let (drafted, accepted) =
        (sum(with, |timings| timings.drafted_tokens), sum(with, |timings| timings.accepted_tokens));
    let mut ratios: Vec<f64> =
        without.iter().zip(with).map(|(slow, fast)| slow.decode_ms / fast.decode_ms).collect();
    ratios.sort_by(f64::total_cmp);
    let share = |of: f64| ratios[((ratios.len() - 1) as f64 * of) as usize];
    let mut out = io::stdout().lock();
    for (name, timings) in [("without", without), ("with", with)] {
        writeln!(out, "{name:<8} {:.1} tokens/s", tokens as f64 / seconds(timings))?;
    }
    writeln!(
        out,
        "{tokens} tokens, the same either way; {drafted} drafted, {accepted} of them accepted"
    )?;
    writeln!(
        out,
        "{:.2} times as fast; by answer {:.2} (10 %), {:.2} (median), {:.2} (90 %)",
        seconds(without) / seconds(with),
        share(0.1),
        share(0.5),
        share(0.9)
    )?;
    Ok(())
}
