//! Measures the text that a generator writes from all passages.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use multimodal_rag::{
    AnswerEvent, AskOptions, EndReason, Engine, GeneratorSource, Task, Unsupported,
};

use super::answers::{f1, words};
use super::questions::Case;
use crate::Failure;
use crate::generator::GeneratorFile;
use crate::runtime::block_on;

/// The generator whose text is measured.
#[derive(Args)]
pub(super) struct WrittenArguments {
    /// Measure the text of this generator, a GGUF file, as well.
    #[arg(long, value_name = "FILE")]
    generator: Option<PathBuf>,
    /// Hold the generated text to words of the passages and of the question.
    #[arg(long, requires = "generator")]
    context_bound: bool,
    /// Print each question with what is written.
    #[arg(long, requires = "generator")]
    show_texts: bool,
}

/// What was written for some questions.
#[derive(Default)]
struct Written {
    texts: usize,
    /// Texts with the words of an answer in order.
    says: usize,
    f1: f64,
    cited: usize,
    unsupported: usize,
    /// Texts that reached the limit of tokens.
    cut_off: usize,
    tokens: usize,
}

/// The text for one question.
#[derive(Default)]
struct Text {
    /// Without the sentences that nothing supports.
    shown: String,
    all: String,
}

impl WrittenArguments {
    pub(super) fn source(&self) -> Result<Option<Box<dyn GeneratorSource>>, Failure> {
        let Some(path) = &self.generator else { return Ok(None) };
        Ok(Some(Box::new(GeneratorFile::new(path.clone(), Vec::new())?)))
    }

    /// Whether texts are written.
    pub(super) fn is_wanted(&self) -> bool {
        self.generator.is_some()
    }

    /// Whether texts are to be printed.
    pub(super) fn shows_texts(&self) -> bool {
        self.show_texts
    }

    /// Asks the questions and measures what is written; nothing without a generator.
    pub(super) fn measure(&self, engine: &Engine, cases: &[Case]) -> Result<(), Failure> {
        if !self.is_wanted() {
            return Ok(());
        }
        let (mut all, mut shown) = (Written::default(), Written::default());
        for case in cases {
            let text = self.write(engine, case, &mut all)?;
            shown.count(&text.shown, &case.answers);
            all.count(&text.all, &case.answers);
            if self.show_texts {
                let Case { question, answers, .. } = case;
                writeln!(
                    io::stdout(),
                    "{question}\n  {answers:?}\n  {}\n  {}",
                    text.all,
                    text.shown
                )?;
            }
        }
        all.print("written text", cases.len())?;
        shown.print("its supported sentences", cases.len())?;
        let mut out = io::stdout();
        let sentences = all.cited + all.unsupported;
        let share = all.cited as f64 / sentences.max(1) as f64;
        writeln!(
            out,
            "sentences {sentences}, supported {share:.3}, texts cut off {}",
            all.cut_off
        )?;
        writeln!(out, "tokens of a text {:.1}", all.tokens as f64 / all.texts.max(1) as f64)?;
        Ok(())
    }

    fn write(&self, engine: &Engine, case: &Case, counts: &mut Written) -> Result<Text, Failure> {
        let (context_bound, unsupported) = (self.context_bound, Unsupported::Mark);
        let options = AskOptions { context_bound, unsupported, ..AskOptions::default() };
        let mut text = Text::default();
        let mut note = |event| match event {
            AnswerEvent::Text(piece) => text.all.push_str(&piece),
            AnswerEvent::Citation { text: range, .. } => {
                counts.cited += 1;
                text.shown.push_str(&text.all[range]);
                text.shown.push(' ');
            }
            AnswerEvent::Unsupported { .. } => counts.unsupported += 1,
            AnswerEvent::End { reason, timings } => {
                counts.cut_off += usize::from(reason == EndReason::Length);
                counts.tokens += timings.tokens.unwrap_or_default();
            }
            _ => {}
        };
        block_on(engine.ask(&case.question, &options, &Task::default(), &mut note))?;
        Ok(text)
    }
}

impl Written {
    fn count(&mut self, text: &str, answers: &[String]) {
        self.texts += usize::from(!text.is_empty());
        let said = format!(" {} ", words(text).join(" "));
        let is_said = |answer: &String| said.contains(&format!(" {} ", words(answer).join(" ")));
        self.says += usize::from(answers.iter().any(is_said));
        self.f1 += answers.iter().map(|answer| f1(text, answer)).fold(0.0, f64::max);
    }

    fn print(&self, name: &str, cases: usize) -> io::Result<()> {
        let (says, f1) = (self.says as f64 / cases as f64, self.f1 / cases as f64);
        writeln!(io::stdout(), "{name:<30} says {says:.3}  F1 {f1:.3}  texts {}", self.texts)
    }
}
