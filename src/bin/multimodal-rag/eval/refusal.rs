//! Measures how well questions that the files cannot answer are told from those that they can.

use std::io::{self, Write};

use multimodal_rag::{Passage, QuestionSignals, Task};

use super::questions::{Case, EvalSet};
use super::{QUOTED_PASSAGES, SEARCHED_PASSAGES, search};
use crate::Failure;
use crate::runtime::block_on;

/// What decides each question.
#[derive(Default)]
pub(super) struct Asked {
    /// The passages with the question's article there.
    pub(super) passages: Vec<Vec<Passage>>,
    /// What decides with these.
    pub(super) present: Vec<QuestionSignals>,
    /// With its article taken out.
    pub(super) absent: Vec<QuestionSignals>,
    /// Near misses: the article is there, but it does not say the answer.
    pub(super) near: Vec<QuestionSignals>,
}

/// Measures how often the engine answers with the article of the question, and how often it
/// refuses without it, and for near misses.
pub(super) fn measure(set: &EvalSet) -> Result<(), Failure> {
    let thresholds = set.calibration.answerable;
    let asked = Asked::of(set)?;
    let [present, absent, near] = [&asked.present, &asked.absent, &asked.near]
        .map(|all| all.iter().map(|it| it.answerability.margin(thresholds)).collect::<Vec<f32>>());
    let answered = |of: &[f32]| of.iter().filter(|it| **it >= 0.0).count() as f64 / of.len() as f64;
    let mut out = io::stdout();
    writeln!(out, "answered with its article there      {:.3}", answered(&present))?;
    writeln!(out, "refused with its article taken out   {:.3}", 1.0 - answered(&absent))?;
    writeln!(out, "auroc with its article taken out     {:.3}", auroc(&present, &absent))?;
    if !near.is_empty() {
        writeln!(out, "near misses refused                  {:.3}", 1.0 - answered(&near))?;
        writeln!(out, "near misses auroc                    {:.3}", auroc(&present, &near))?;
    }
    Ok(())
}

impl Asked {
    pub(super) fn of(set: &EvalSet) -> Result<Self, Failure> {
        let mut asked = Self::default();
        for case in &set.cases {
            let mut passages = search(&set.engine, case, SEARCHED_PASSAGES)?;
            let own = &set.articles[&case.article];
            let others = passages.iter().filter(|it| !own.contains(&it.document.id().to_string()));
            let others: Vec<Passage> = others.take(QUOTED_PASSAGES).cloned().collect();
            passages.truncate(QUOTED_PASSAGES);
            asked.present.push(signals(set, case, &passages)?);
            asked.absent.push(signals(set, case, &others)?);
            asked.passages.push(passages);
        }
        let near = |case| signals(set, case, &search(&set.engine, case, QUOTED_PASSAGES)?);
        asked.near = set.impossible.iter().map(near).collect::<Result<_, Failure>>()?;
        Ok(asked)
    }
}

fn signals(set: &EvalSet, case: &Case, passages: &[Passage]) -> Result<QuestionSignals, Failure> {
    Ok(block_on(set.engine.signals(&case.question, passages, &Task::default()))?)
}

/// The share of pairs of a question that can be answered and one that cannot in which the first
/// has more: 1 where they are told apart, .5 by chance.
pub(super) fn auroc(answerable: &[f32], others: &[f32]) -> f64 {
    let mut others = others.to_vec();
    others.sort_by(f32::total_cmp);
    let below = |it: &f32| {
        let less = others.partition_point(|other| other < it);
        let not_more = others.partition_point(|other| other <= it);
        (less + not_more) as f64 / 2.0
    };
    let pairs = (answerable.len() * others.len()).max(1) as f64;
    answerable.iter().map(below).sum::<f64>() / pairs
}
