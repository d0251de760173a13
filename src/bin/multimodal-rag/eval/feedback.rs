//! Measures what feedback on half of the questions does to the other half.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use multimodal_rag::{Engine, FeedbackStats, HeldOut, Passage, Task};

use super::questions::{ArticleChoice, Case, EvalSet, Squad};
use super::{Ranking, SEARCHED_PASSAGES, search};
use crate::Failure;
use crate::models::{self, ModelArgument};
use crate::runtime::block_on;

/// Passages that a page shows, of which those before the right one are said to be bad.
const SHOWN_PASSAGES: usize = 10;

/// Measures what feedback does.
#[derive(Args)]
pub(crate) struct EvalFeedback {
    /// Questions in SQuAD's format.
    file: PathBuf,
    #[command(flatten)]
    model: ModelArgument,
    /// The articles whose questions are asked. All are in the knowledge base.
    #[arg(long, value_enum, default_value_t = ArticleChoice::All)]
    articles: ArticleChoice,
    /// Give feedback on this many questions at most, evenly spread.
    #[arg(long, default_value_t = 1000)]
    questions: usize,
}

impl EvalFeedback {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let squad = Squad::read(&self.file)?;
        let embedder = models::load_embedder(&self.model.model, false)?;
        let mut set = EvalSet::load(&squad, embedder, None, self.articles, 1)?;
        // Every other question, so that both halves are about the same paragraphs.
        let cases = std::mem::take(&mut set.cases).into_iter().enumerate();
        let (told, asked): (Vec<_>, Vec<_>) = cases.partition(|(place, _)| place % 2 == 0);
        let [told, asked] = [told, asked].map(|half| half.into_iter().map(|(_, case)| case));
        let (told, asked): (Vec<Case>, Vec<Case>) = (told.collect(), asked.collect());
        measure(&set.engine, &asked)?.print("before", asked.len())?;
        for case in told.iter().step_by(told.len().div_ceil(self.questions.max(1))) {
            give(&set.engine, case)?;
        }
        print_stats(block_on(set.engine.feedback_stats(&Task::default()))?)?;
        Ok(measure(&set.engine, &asked)?.print("after", asked.len())?)
    }
}

/// Ranks the documents of all passages for each question.
fn measure(engine: &Engine, cases: &[Case]) -> Result<Ranking, Failure> {
    let mut ranking = Ranking::default();
    for case in cases {
        let passages = search(engine, case, SEARCHED_PASSAGES)?;
        ranking.count(&passages.iter().collect::<Vec<_>>(), &case.document);
    }
    Ok(ranking)
}

/// Says that the right paragraph is good, and those that are shown before it are bad.
fn give(engine: &Engine, case: &Case) -> Result<(), Failure> {
    let shown = search(engine, case, SHOWN_PASSAGES)?;
    let is_right = |passage: &Passage| passage.document.id().to_string() == case.document;
    let before = shown.iter().take_while(|passage| !is_right(passage));
    let bad: Vec<String> = before.map(Passage::chunk_id).collect();
    let good = match shown.iter().find(|passage| is_right(passage)) {
        Some(passage) => passage.chunk_id(),
        None => format!("{}/0", case.document),
    };
    block_on(engine.feedback(&case.question, &[good], &bad, &Task::default()))?;
    Ok(())
}

fn print_stats(stats: FeedbackStats) -> io::Result<()> {
    let FeedbackStats { questions, in_use, held_out } = stats;
    let mut out = io::stdout();
    write!(
        out,
        "{questions} questions with feedback, {}",
        if in_use { "used" } else { "not used" }
    )?;
    match held_out {
        Some(HeldOut { before, after }) => {
            writeln!(out, "; MRR of held-out ones {before:.3}, with what was learned {after:.3}")
        }
        None => writeln!(out),
    }
}
