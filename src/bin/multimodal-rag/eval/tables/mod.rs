//! Measures how well questions to tables are answered, and trains what ranks their plans.

mod find;
mod questions;
mod train;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use multimodal_rag::{TABLE_CONFIDENCE, TableWeights, answer_table};

use self::questions::{TableChoice, TableSet};
pub(crate) use self::train::TrainTables;
use crate::Failure;
use crate::files::read_file;
use crate::models::ModelArgument;

/// Measures answers from tables.
#[derive(Args)]
pub(crate) struct EvalTables {
    /// Questions in the layout of WikiTableQuestions (id, question, table, answer), the tables as CSV
    /// beside it.
    file: PathBuf,
    /// The tables whose questions are asked.
    #[arg(long, value_enum, default_value_t = TableChoice::All)]
    tables: TableChoice,
    /// Weights that `train-tables` wrote [default: those of the program].
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// Answers that are less sure are none.
    #[arg(long, default_value_t = TABLE_CONFIDENCE)]
    confidence: f32,
    /// Print what is answered wrongly.
    #[arg(long)]
    wrong: bool,
    /// Measure instead how often the right table is found among all of them.
    #[arg(long)]
    find: bool,
    #[command(flatten)]
    model: ModelArgument,
}

/// How questions of one kind ended.
#[derive(Default, Clone, Copy)]
struct Count {
    asked: usize,
    answered: usize,
    right: usize,
    /// Right, whatever the confidence.
    right_unsure: usize,
}

impl EvalTables {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let set = TableSet::read(&self.file)?;
        if self.find {
            return find::measure(&set, self.tables, &self.model);
        }
        let weights = match &self.weights {
            Some(file) => read_weights(file)?,
            None => TableWeights::trained().clone(),
        };
        let mut out = io::stdout();
        let mut kinds: BTreeMap<&str, Count> = BTreeMap::new();
        for question in set.questions.iter().filter(|it| self.tables.has(it.table)) {
            let answer = answer_table(&question.question, &set.tables[question.table], &weights);
            let kind = answer.as_ref().map_or("no plan", |answer| answer.operation);
            let count = kinds.entry(kind).or_default();
            count.asked += 1;
            let Some(answer) = answer else { continue };
            let is_right = question.is_answered_by(&answer.values);
            let is_sure = answer.confidence >= self.confidence;
            count.right_unsure += usize::from(is_right);
            count.answered += usize::from(is_sure);
            count.right += usize::from(is_sure && is_right);
            if self.wrong && is_sure && !is_right {
                let (asked, explanation) = (&question.question, &answer.explanation);
                writeln!(out, "{asked}\n  {explanation} {:?}", answer.values)?;
                writeln!(out, "  right: {:?}", question.answers)?;
            }
        }
        print_report(&kinds)
    }
}

fn read_weights(file: &std::path::Path) -> Result<TableWeights, Failure> {
    let text = String::from_utf8(read_file(file)?).ok();
    let weights = text.and_then(|text| TableWeights::parse(&text));
    weights.ok_or_else(|| format!("{} has no weights of `train-tables`.", file.display()).into())
}

fn print_report(kinds: &BTreeMap<&str, Count>) -> Result<(), Failure> {
    let mut out = io::stdout();
    let mut all = Count::default();
    writeln!(
        out,
        "{:<20} {:>6} {:>9} {:>6} {:>8}",
        "kind", "asked", "answered", "right", "unsure"
    )?;
    for (kind, count) in kinds {
        let Count { asked, answered, right, right_unsure } = *count;
        writeln!(
            out,
            "{kind:<20} {asked:>6} {answered:>9} {right:>6} {:>8}",
            right_unsure - right
        )?;
        all.asked += asked;
        all.answered += answered;
        all.right += right;
        all.right_unsure += right_unsure;
    }
    let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
    writeln!(out, "\n{} questions", all.asked)?;
    writeln!(out, "right if all were answered {:.3}", share(all.right_unsure, all.asked))?;
    writeln!(out, "answered {:.3}", share(all.answered, all.asked))?;
    writeln!(out, "right of those answered {:.3}", share(all.right, all.answered))?;
    writeln!(out, "right among all {:.3}", share(all.right, all.asked))?;
    Ok(())
}
