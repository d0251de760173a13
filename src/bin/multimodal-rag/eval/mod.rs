//! Measures retrieval and quotes on questions with known answers.
//!
//! Each paragraph of the file is added as a document of its own, with the engine that users
//! have. A hit is a passage of the document that the question was written about, among the
//! first k distinct documents.

mod answers;
mod calibrate;
mod claims;
mod claims_report;
mod documents;
mod feedback;
mod follow_ups;
mod injection;
mod ocr;
mod prompt_lookup;
mod questions;
mod refusal;
mod tables;
mod written;

use std::collections::HashSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use multimodal_rag::{Engine, GeneratorSource, Passage, Task};

pub(crate) use self::answers::EvalAnswers;
pub(crate) use self::calibrate::Calibrate;
pub(crate) use self::claims::EvalClaims;
pub(crate) use self::documents::EvalDocuments;
pub(crate) use self::feedback::EvalFeedback;
pub(crate) use self::injection::EvalInjection;
pub(crate) use self::ocr::EvalOcr;
use self::prompt_lookup::LookupArguments;
use self::questions::{ArticleChoice, Case, EvalSet, Squad};
pub(crate) use self::tables::{EvalTables, TrainTables};
use crate::Failure;
use crate::models::{self, ModelArgument};
use crate::runtime::block_on;

/// Passages for quotes and answers, as many as a page uses.
const QUOTED_PASSAGES: usize = 3;
/// Passages that are ranked. Enough are left when those of one article are taken out.
const SEARCHED_PASSAGES: usize = 100;
/// The largest accepted difference in R@1 between a packed embedder and its original at full
/// precision.
const MAX_R1_DIFFERENCE: f64 = 0.005;

/// The options under which nothing is ranked, so that no floor would be looked at.
const UNRANKED: [&str; 3] = ["refusal", "follow_ups", "lookup"];

/// Measures retrieval and quotes.
#[derive(Args)]
pub(crate) struct Eval {
    /// Questions in SQuAD's format.
    file: PathBuf,
    /// Ask the questions of this file that have the same ids: in another language.
    #[arg(long, value_name = "FILE")]
    questions: Option<PathBuf>,
    #[command(flatten)]
    model: ModelArgument,
    /// Use the original files at full precision.
    #[arg(long)]
    full_precision: bool,
    /// Measure the original files in this folder at full precision as well, and fail where
    /// the share of right first documents is another by more than .005.
    #[arg(long = "beside", value_name = "FOLDER", conflicts_with_all = ["refusal", "lookup"])]
    original: Option<PathBuf>,
    /// Ask only every Nth question.
    #[arg(long, default_value_t = 1)]
    every: usize,
    /// The articles whose questions are asked: all, or those with an even or an odd number. All
    /// are in the knowledge base.
    #[arg(long, value_enum, default_value_t = ArticleChoice::All)]
    articles: ArticleChoice,
    /// Measure the refusal instead: each question is asked with its article there,
    /// and again with its article taken out.
    #[arg(long)]
    refusal: bool,
    /// Measure the follow-up questions of this file instead: with the question before each, and
    /// without.
    #[arg(long, value_name = "FILE")]
    follow_ups: Option<PathBuf>,
    #[command(flatten)]
    lookup: LookupArguments,
    /// Fail below this share of right first documents.
    #[arg(long, default_value_t = 0.0, conflicts_with_all = UNRANKED)]
    min_r1: f64,
    /// Fail below this share of right documents among five.
    #[arg(long, default_value_t = 0.0, conflicts_with_all = UNRANKED)]
    min_r5: f64,
    /// Fail below this share of first quotes that hold an answer.
    #[arg(long, default_value_t = 0.0, conflicts_with_all = UNRANKED)]
    min_quote: f64,
}

/// How often the right document was the first one, among the first five and among the first
/// ten. `reciprocal` is the sum of the reciprocal ranks among the first ten.
#[derive(Default)]
struct Ranking {
    first: usize,
    five: usize,
    ten: usize,
    reciprocal: f64,
}

/// R@1, the share of questions whose first document is the right one.
struct RecallAt1 {
    fused: f64,
    dense: f64,
}

impl Ranking {
    fn count(&mut self, ranked: &[&Passage], document: &str) {
        let mut seen = HashSet::new();
        let documents = ranked.iter().map(|passage| passage.document.id().to_string());
        let place =
            documents.filter(|id| seen.insert(id.clone())).take(10).position(|id| id == document);
        let Some(place) = place else { return };
        self.first += usize::from(place == 0);
        self.five += usize::from(place < 5);
        self.ten += 1;
        self.reciprocal += 1.0 / (place + 1) as f64;
    }

    fn print(&self, name: &str, total: usize) -> io::Result<()> {
        let share = |count: usize| count as f64 / total as f64;
        writeln!(
            io::stdout(),
            "{name:<8} R@1 {:.3}  R@5 {:.3}  R@10 {:.3}  MRR@10 {:.3}",
            share(self.first),
            share(self.five),
            share(self.ten),
            self.reciprocal / total as f64
        )
    }
}

impl Eval {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let mut squad = Squad::read(&self.file)?;
        if let Some(questions) = &self.questions {
            squad = squad.asked_by(Squad::read(questions)?);
        }
        let set = self.load(&squad, &self.model.model, self.full_precision)?;
        if let Some(generator) = block_on(set.engine.load_generator(&Task::default()))? {
            return self.lookup.measure(&set.engine, &generator, &set.cases);
        }
        if let Some(file) = &self.follow_ups {
            return follow_ups::measure(&set.engine, file);
        }
        if self.refusal {
            return refusal::measure(&set);
        }
        let packed = self.measure_ranking(&set)?;
        let quoted = quoted_share(&set)?;
        writeln!(io::stdout(), "quote@1  {quoted:.3}")?;
        check_floor("quote@1", quoted, self.min_quote)?;
        let Some(original) = &self.original else { return Ok(()) };
        writeln!(io::stdout(), "\n{}, at full precision:", original.display())?;
        let exact = self.measure_ranking(&self.load(&squad, original, true)?)?;
        for (name, packed, exact) in
            [("fused", packed.fused, exact.fused), ("dense", packed.dense, exact.dense)]
        {
            let difference = (packed - exact).abs();
            writeln!(io::stdout(), "R@1 {name} differs by {difference:.4}")?;
            if difference > MAX_R1_DIFFERENCE {
                return Err(format!("R@1 differs by more than {MAX_R1_DIFFERENCE}.").into());
            }
        }
        Ok(())
    }

    /// Adds the paragraphs to a new engine.
    fn load(&self, squad: &Squad, model: &Path, exact: bool) -> Result<EvalSet, Failure> {
        let generator = self.lookup.generator()?;
        let generator = generator.map(|file| Box::new(file) as Box<dyn GeneratorSource>);
        let embedder = models::load_embedder(model, exact)?;
        EvalSet::load(squad, embedder, generator, self.articles, self.every)
    }

    /// Measures the ranking of passages.
    fn measure_ranking(
        &self,
        EvalSet { engine, cases, .. }: &EvalSet,
    ) -> Result<RecallAt1, Failure> {
        let (mut fused, mut dense, mut lexical) =
            (Ranking::default(), Ranking::default(), Ranking::default());
        for case in cases {
            let passages = search(engine, case, SEARCHED_PASSAGES)?;
            let mut ranked: Vec<&Passage> = passages.iter().collect();
            fused.count(&ranked, &case.document);
            ranked.sort_by(|a, b| b.dense.total_cmp(&a.dense));
            dense.count(&ranked, &case.document);
            ranked.sort_by(|a, b| b.lexical.total_cmp(&a.lexical));
            lexical.count(&ranked, &case.document);
        }
        fused.print("fused", cases.len())?;
        dense.print("dense", cases.len())?;
        lexical.print("lexical", cases.len())?;
        let share = |count: usize| count as f64 / cases.len() as f64;
        check_floor("R@1", share(fused.first), self.min_r1)?;
        check_floor("R@5", share(fused.five), self.min_r5)?;
        Ok(RecallAt1 { fused: share(fused.first), dense: share(dense.first) })
    }
}

/// How often the first quote holds an answer.
fn quoted_share(EvalSet { engine, cases, .. }: &EvalSet) -> Result<f64, Failure> {
    let mut quoted = 0;
    for case in cases {
        let passages = search(engine, case, QUOTED_PASSAGES)?;
        let quotes = block_on(engine.quotes(&case.question, &passages, &Task::default()))?;
        let first = quotes.first().map(|quote| quote.text()).unwrap_or_default();
        quoted += usize::from(case.answers.iter().any(|answer| first.contains(answer)));
    }
    Ok(quoted as f64 / cases.len() as f64)
}

fn search(engine: &Engine, case: &Case, limit: usize) -> Result<Vec<Passage>, Failure> {
    Ok(block_on(engine.search(&case.question, limit, None, &Task::default()))?)
}

fn check_floor(name: &str, got: f64, least: f64) -> Result<(), Failure> {
    if got < least {
        return Err(format!("{name} is {got:.3}, below {least}.").into());
    }
    Ok(())
}
