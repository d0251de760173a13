//! Measures retrieval and quotes on questions with known answers.
//!
//! Each paragraph of the file is added as a document of its own, with the engine that users
//! have. A hit is a passage of the document that the question was written about, among the
//! first k distinct documents.

mod documents;
mod follow_ups;
mod prompt_lookup;

use std::collections::{HashMap, HashSet};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use clap::Args;
use multimodal_rag::{Engine, GeneratorSource, MemoryStore, Passage, SourceFile, Task};
use serde::Deserialize;

pub(crate) use self::documents::EvalDocuments;
use self::prompt_lookup::LookupArguments;
use crate::Failure;
use crate::files::read_file;
use crate::models::{self, GeneratorFile, ModelArgument};
use crate::runtime::{NativeRuntime, block_on};

/// Passages for quotes and answers, as many as a page uses.
const QUOTED_PASSAGES: usize = 3;
/// Passages that are ranked. Enough are left when those of one article are taken out.
const SEARCHED_PASSAGES: usize = 100;
/// The largest accepted difference in R@1 between a packed embedder and its original at full
/// precision.
const MAX_R1_DIFFERENCE: f64 = 0.005;

/// Measures retrieval and quotes.
#[derive(Args)]
pub(crate) struct Eval {
    /// Questions in SQuAD's format.
    file: PathBuf,
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
    #[arg(long, default_value_t = 0.0)]
    min_r1: f64,
    /// Fail below this share of right documents among five.
    #[arg(long, default_value_t = 0.0)]
    min_r5: f64,
    /// Fail below this share of first quotes that hold an answer.
    #[arg(long, default_value_t = 0.0)]
    min_quote: f64,
}

#[derive(Deserialize)]
struct Squad {
    data: Vec<Article>,
}

#[derive(Deserialize)]
struct Article {
    paragraphs: Vec<Paragraph>,
}

#[derive(Deserialize)]
struct Paragraph {
    context: String,
    qas: Vec<Question>,
}

#[derive(Deserialize)]
struct Question {
    question: String,
    #[serde(default)]
    is_impossible: bool,
    answers: Vec<Answer>,
}

#[derive(Deserialize)]
struct Answer {
    text: String,
}

/// A question, its answers and the document that it is about.
struct Case {
    question: String,
    answers: Vec<String>,
    document: String,
    article: usize,
}

/// An engine with the paragraphs of the file, and the questions about them.
struct EvalSet {
    engine: Engine,
    cases: Vec<Case>,
    articles: Articles,
}

/// The documents of each article.
type Articles = HashMap<usize, HashSet<String>>;

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
        let squad: Squad = serde_json::from_slice(&read_file(&self.file)?).map_err(|error| {
            format!("{} is not in SQuAD's format: {error}.", self.file.display())
        })?;
        let set = self.load(&squad, &self.model.model, self.full_precision)?;
        if let Some(generator) = block_on(set.engine.load_generator(&Task::default()))? {
            return self.lookup.measure(&set.engine, &generator, &set.cases);
        }
        if let Some(file) = &self.follow_ups {
            return follow_ups::measure(&set.engine, file);
        }
        if self.refusal {
            return measure_refusal(&set);
        }
        let packed = self.measure_ranking(&set)?;
        self.measure_quotes(&set)?;
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
        let embedder = Rc::new(models::load_embedder(model, exact)?);
        let (store, runtime) = (Box::new(MemoryStore::new()), Rc::new(NativeRuntime::new()));
        let generator = match self.lookup.generator() {
            Some(path) => Some(Box::new(GeneratorFile::new(path)?) as Box<dyn GeneratorSource>),
            None => None,
        };
        let engine = block_on(Engine::open(store, runtime, embedder, generator, &Task::default()))?;
        let (cases, articles) = add_paragraphs(&engine, squad)?;
        let cases: Vec<Case> = cases.into_iter().step_by(self.every.max(1)).collect();
        writeln!(io::stdout(), "{} questions, {} chunks", cases.len(), engine.chunk_count())?;
        Ok(EvalSet { engine, cases, articles })
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

    /// Measures how often the first quote holds an answer.
    fn measure_quotes(&self, EvalSet { engine, cases, .. }: &EvalSet) -> Result<(), Failure> {
        let mut quoted = 0;
        for case in cases {
            let passages = search(engine, case, QUOTED_PASSAGES)?;
            let quotes = block_on(engine.quotes(&case.question, &passages, &Task::default()))?;
            let first = quotes.first().map(|quote| quote.text()).unwrap_or_default();
            quoted += usize::from(case.answers.iter().any(|answer| first.contains(answer)));
        }
        let share = quoted as f64 / cases.len() as f64;
        writeln!(io::stdout(), "quote@1  {share:.3}")?;
        check_floor("quote@1", share, self.min_quote)
    }
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

/// Adds each distinct paragraph. Returns the questions that can be answered and the documents of
/// each article.
fn add_paragraphs(engine: &Engine, squad: &Squad) -> Result<(Vec<Case>, Articles), Failure> {
    let mut cases = Vec::new();
    let mut articles = Articles::new();
    for (article, paragraph) in squad
        .data
        .iter()
        .enumerate()
        .flat_map(|(number, article)| article.paragraphs.iter().map(move |p| (number, p)))
    {
        let bytes = paragraph.context.as_bytes();
        let file = SourceFile { name: "paragraph.txt", bytes, ..SourceFile::default() };
        let added = block_on(engine.add(file, &Task::default()))?;
        let document = added.info.id.to_string();
        articles.entry(article).or_default().insert(document.clone());
        for question in paragraph.qas.iter().filter(|question| !question.is_impossible) {
            cases.push(Case {
                question: question.question.trim().to_owned(),
                answers: question.answers.iter().map(|answer| answer.text.clone()).collect(),
                document: document.clone(),
                article,
            });
        }
    }
    Ok((cases, articles))
}

/// Measures how often the engine answers with the article of the question, and how often it
/// refuses without it.
fn measure_refusal(EvalSet { engine, cases, articles }: &EvalSet) -> Result<(), Failure> {
    let task = Task::default();
    let (mut answered, mut refused) = (0, 0);
    for case in cases {
        let passages = search(engine, case, SEARCHED_PASSAGES)?;
        let present = &passages[..passages.len().min(QUOTED_PASSAGES)];
        let own = &articles[&case.article];
        let absent: Vec<Passage> = passages
            .iter()
            .filter(|passage| !own.contains(&passage.document.id().to_string()))
            .take(QUOTED_PASSAGES)
            .cloned()
            .collect();
        answered += usize::from(block_on(engine.is_answerable(&case.question, present, &task))?);
        refused += usize::from(!block_on(engine.is_answerable(&case.question, &absent, &task))?);
    }
    let share = |count: usize| count as f64 / cases.len() as f64;
    writeln!(io::stdout(), "answered with its article there      {:.3}", share(answered))?;
    writeln!(io::stdout(), "refused with its article taken out   {:.3}", share(refused))?;
    Ok(())
}
