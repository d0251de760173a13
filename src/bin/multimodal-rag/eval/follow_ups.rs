//! Follow-up questions, asked with the question before each and without.

use std::io::{self, Write};
use std::path::Path;

use multimodal_rag::{AnswerEvent, AskOptions, Engine, PastQuestion, Task};
use serde::Deserialize;

use crate::Failure;
use crate::files::read_file;
use crate::runtime::block_on;

#[derive(Deserialize)]
struct FollowUp {
    /// The question before it, and what was quoted for that.
    after: String,
    quotes: Vec<String>,
    question: String,
    answer: String,
}

/// Prints how often the first quote holds the answer.
pub(super) fn measure(engine: &Engine, file: &Path) -> Result<(), Failure> {
    let asked: Vec<FollowUp> = serde_json::from_slice(&read_file(file)?).map_err(|error| {
        format!("{} is no list of follow-up questions: {error}.", file.display())
    })?;
    let (mut with, mut without) = (0, 0);
    for FollowUp { after, quotes, question, answer } in &asked {
        let past = PastQuestion {
            question: after.clone(),
            quotes: quotes.clone(),
            ..PastQuestion::default()
        };
        with += usize::from(first_quote(engine, question, vec![past])?.contains(answer));
        without += usize::from(first_quote(engine, question, Vec::new())?.contains(answer));
    }
    let share = |count: usize| count as f64 / asked.len().max(1) as f64;
    writeln!(io::stdout(), "followed with the question before    {:.3}", share(with))?;
    writeln!(io::stdout(), "alone    without it                  {:.3}", share(without))?;
    Ok(())
}

fn first_quote(
    engine: &Engine,
    question: &str,
    history: Vec<PastQuestion>,
) -> Result<String, Failure> {
    let options = AskOptions { max_tokens: 0, history, ..AskOptions::default() };
    let mut first = None;
    let mut keep = |event| {
        if let AnswerEvent::Quote(quote) = event {
            first.get_or_insert_with(|| quote.text().to_owned());
        }
    };
    block_on(engine.ask(question, &options, &Task::default(), &mut keep))?;
    Ok(first.unwrap_or_default())
}
