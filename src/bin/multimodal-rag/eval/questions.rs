//! Questions with known answers, in SQuAD's format, and an engine with what they are about.

use std::collections::{HashMap, HashSet};
use std::io::{self, Write};
use std::path::Path;
use std::rc::Rc;

use clap::ValueEnum;
use multimodal_rag::{
    Calibration, Embedder, Engine, GeneratorSource, MemoryStore, SourceFile, Task,
};
use serde::Deserialize;

use crate::Failure;
use crate::files::read_file;
use crate::runtime::{NativeRuntime, block_on};

#[derive(Deserialize)]
pub(super) struct Squad {
    data: Vec<Article>,
}

#[derive(Deserialize)]
struct Article {
    #[serde(default)]
    title: String,
    /// Its place in the file, or in the one that numbers the articles.
    #[serde(skip)]
    number: usize,
    paragraphs: Vec<Paragraph>,
}

#[derive(Deserialize)]
struct Paragraph {
    context: String,
    qas: Vec<Question>,
}

#[derive(Deserialize)]
struct Question {
    #[serde(default)]
    id: String,
    question: String,
    #[serde(default)]
    is_impossible: bool,
    answers: Vec<Answer>,
}

#[derive(Deserialize)]
struct Answer {
    text: String,
}

/// The articles whose questions are asked. What is tuned on the even ones is reported on the odd
/// ones.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ArticleChoice {
    All,
    Even,
    Odd,
    /// Every fourth, from the second on: with these the answer reader is calibrated.
    Tuned,
    /// Every fourth, from the fourth on: the answer reader was not trained on these.
    Reported,
}

impl ArticleChoice {
    pub(super) fn has(self, article: usize) -> bool {
        match self {
            Self::All => true,
            Self::Even => article.is_multiple_of(2),
            Self::Odd => !article.is_multiple_of(2),
            Self::Tuned => article % 4 == 1,
            Self::Reported => article % 4 == 3,
        }
    }
}

/// A question, its answers and the document that it is about.
pub(super) struct Case {
    pub(super) question: String,
    pub(super) answers: Vec<String>,
    pub(super) document: String,
    pub(super) article: usize,
    /// Whether its document lacks the answer.
    pub(super) is_impossible: bool,
}

/// An engine with the paragraphs of the file, and the questions about them.
pub(super) struct EvalSet {
    pub(super) engine: Engine,
    /// That of its embedder.
    pub(super) calibration: Calibration,
    /// The questions that can be answered.
    pub(super) cases: Vec<Case>,
    /// The others.
    pub(super) impossible: Vec<Case>,
    pub(super) articles: Articles,
}

/// The documents of each article.
pub(super) type Articles = HashMap<usize, HashSet<String>>;

impl Squad {
    pub(super) fn read(file: &Path) -> Result<Self, Failure> {
        let mut squad: Self = serde_json::from_slice(&read_file(file)?)
            .map_err(|error| format!("{} is not in SQuAD's format: {error}.", file.display()))?;
        for (number, article) in squad.data.iter_mut().enumerate() {
            article.number = number;
        }
        Ok(squad)
    }

    /// The articles with the numbers that they have in `other`, without those that it has not: so that
    /// the same articles are chosen of files that hold some of them.
    pub(super) fn numbered_by(mut self, other: &Self) -> Self {
        let numbers = other.data.iter().map(|article| (&*article.title, article.number));
        let numbers: HashMap<&str, usize> = numbers.collect();
        self.data.retain_mut(|article| {
            let number = numbers.get(&*article.title);
            article.number = number.copied().unwrap_or_default();
            number.is_some()
        });
        self
    }

    /// The same paragraphs with the questions of `other` that have the same ids: in another language.
    pub(super) fn asked_by(mut self, other: Self) -> Self {
        let questions = other.data.into_iter().flat_map(|it| it.paragraphs).flat_map(|it| it.qas);
        let texts: HashMap<String, String> = questions.map(|it| (it.id, it.question)).collect();
        for paragraph in self.data.iter_mut().flat_map(|article| &mut article.paragraphs) {
            paragraph.qas.retain_mut(|question| match texts.get(&question.id) {
                Some(text) => {
                    question.question.clone_from(text);
                    true
                }
                None => false,
            });
        }
        self
    }

    /// The paragraphs of the chosen articles.
    pub(super) fn paragraphs(&self, articles: ArticleChoice) -> impl Iterator<Item = &str> {
        let chosen = self.data.iter().filter(move |article| articles.has(article.number));
        chosen.flat_map(|article| article.paragraphs.iter().map(|it| it.context.as_str()))
    }
}

impl EvalSet {
    /// Adds all paragraphs to a new engine. Of the questions about the chosen articles it has each
    /// `every`th.
    pub(super) fn load(
        squad: &Squad,
        embedder: Embedder,
        generator: Option<Box<dyn GeneratorSource>>,
        articles: ArticleChoice,
        every: usize,
    ) -> Result<Self, Failure> {
        let (store, runtime) = (Box::new(MemoryStore::new()), Rc::new(NativeRuntime::new()));
        let (calibration, task) = (embedder.calibration().clone(), Task::default());
        let embedder = Rc::new(embedder);
        let engine = block_on(Engine::open(store, runtime, embedder, generator, &task))?;
        let (cases, known) = add_paragraphs(&engine, squad)?;
        let asked = cases.into_iter().filter(|case| articles.has(case.article));
        let (impossible, cases): (Vec<_>, Vec<_>) = asked.partition(|case| case.is_impossible);
        let [cases, impossible] = [cases, impossible]
            .map(|all| all.into_iter().step_by(every.max(1)).collect::<Vec<_>>());
        if cases.is_empty() {
            // A share of none would be above any floor.
            return Err("The file holds no question that can be answered.".into());
        }
        writeln!(io::stdout(), "{} questions, {} chunks", cases.len(), engine.chunk_count())?;
        Ok(Self { engine, calibration, cases, impossible, articles: known })
    }
}

/// Adds each distinct paragraph. Returns the questions and the documents of each article.
fn add_paragraphs(engine: &Engine, squad: &Squad) -> Result<(Vec<Case>, Articles), Failure> {
    let mut cases = Vec::new();
    let mut articles = Articles::new();
    for (article, paragraph) in squad
        .data
        .iter()
        .flat_map(|article| article.paragraphs.iter().map(move |p| (article.number, p)))
    {
        let bytes = paragraph.context.as_bytes();
        let file = SourceFile { name: "paragraph.txt", bytes, ..SourceFile::default() };
        let added = block_on(engine.add(file, &Task::default()))?;
        let document = added.info.id.to_string();
        articles.entry(article).or_default().insert(document.clone());
        for question in &paragraph.qas {
            cases.push(Case {
                question: question.question.trim().to_owned(),
                answers: question.answers.iter().map(|answer| answer.text.clone()).collect(),
                document: document.clone(),
                article,
                is_impossible: question.is_impossible,
            });
        }
    }
    Ok((cases, articles))
}
