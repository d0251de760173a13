//! Measures how well claims that a passage supports are told from others.

use std::io::{self, Write};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Instant;

use clap::Args;
use multimodal_rag::{Engine, Filter, MemoryStore, SourceFile, Task};
use serde::Deserialize;
use serde_json::json;

use super::claims_report::{Judged, print_report};
use super::questions::ArticleChoice;
use crate::Failure;
use crate::files::read_file;
use crate::models::{self, AnswerReaderArgument, ModelArgument};
use crate::runtime::{NativeRuntime, block_on};

/// Passages of a document that a claim is held against: all, as a document is short.
const PASSAGES: usize = 8;

/// Measures the attribution of claims.
#[derive(Args)]
pub(crate) struct EvalClaims {
    /// Claims about passages, in the layout of tests/fixtures/claims.json.
    file: PathBuf,
    #[command(flatten)]
    model: ModelArgument,
    #[command(flatten)]
    answer_reader: AnswerReaderArgument,
    /// Judge only every Nth claim.
    #[arg(long, default_value_t = 1)]
    every: usize,
    /// The articles whose claims are judged, in the order of their titles. The passages of all are in
    /// the knowledge base.
    #[arg(long, value_enum, default_value_t = ArticleChoice::All)]
    articles: ArticleChoice,
}

#[derive(Deserialize)]
struct ClaimFile {
    passages: Vec<ClaimPassage>,
}

#[derive(Deserialize)]
struct ClaimPassage {
    title: String,
    context: String,
    claims: Vec<Claim>,
}

#[derive(Deserialize)]
struct Claim {
    text: String,
    label: String,
    kind: String,
}

impl EvalClaims {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let claims: ClaimFile = serde_json::from_slice(&read_file(&self.file)?)
            .map_err(|error| format!("{} is no file of claims: {error}.", self.file.display()))?;
        let engine = self.open(&claims)?;
        let mut titles: Vec<&str> = claims.passages.iter().map(|it| &*it.title).collect();
        titles.sort_unstable();
        titles.dedup();
        let chosen = claims.passages.iter().enumerate().flat_map(|(number, passage)| {
            let article = titles.partition_point(|title| *title < &*passage.title);
            let is_chosen = self.articles.has(article);
            passage.claims.iter().filter(move |_| is_chosen).map(move |claim| (number, claim))
        });
        let judged = chosen
            .step_by(self.every.max(1))
            .map(|(number, claim)| judge(&engine, number, claim))
            .collect::<Result<Vec<Judged>, Failure>>()?;
        let calibration = engine.reader_calibration().and_then(|it| it.claims);
        let rule = if calibration.is_some() { "the answer reader" } else { "words and likeness" };
        writeln!(io::stdout(), "{} claims, judged by {rule}", judged.len())?;
        print_report(&judged)
    }

    /// An engine with a document for each passage, whose name is the title of its article.
    fn open(&self, claims: &ClaimFile) -> Result<Engine, Failure> {
        let embedder = Rc::new(models::load_embedder(&self.model.model, false)?);
        let (store, runtime) = (Box::new(MemoryStore::new()), Rc::new(NativeRuntime::new()));
        let task = Task::default();
        let engine = block_on(Engine::open(store, runtime, embedder, None, &task))?;
        for (number, passage) in claims.passages.iter().enumerate() {
            let name = format!("{}.txt", passage.title.replace('_', " "));
            let metadata = json!({ "number": number }).to_string();
            let (bytes, metadata) = (passage.context.as_bytes(), Some(&*metadata));
            let file = SourceFile { name: &name, bytes, metadata, ..SourceFile::default() };
            block_on(engine.add(file, &task))?;
        }
        self.answer_reader.apply(engine)
    }
}

/// Judges a claim by the passage that it was written about. Its sentences are embedded before the time
/// is taken, as they are for the quotes of an answer.
fn judge(engine: &Engine, number: usize, claim: &Claim) -> Result<Judged, Failure> {
    let task = Task::default();
    let filter = Filter::parse(&json!({ "number": number }))?;
    let passages = block_on(engine.search(&claim.text, PASSAGES, Some(&filter), &task))?;
    block_on(engine.quotes(&claim.text, &passages, &task))?;
    let started = Instant::now();
    let support = block_on(engine.support(&claim.text, &passages, &task))?;
    Ok(Judged {
        label: claim.label.clone(),
        kind: claim.kind.clone(),
        is_accepted: support.citation.is_some(),
        score: support.score,
        seconds: started.elapsed().as_secs_f64(),
    })
}
