//! Measures the calibration of an embedder on the even articles of a file of questions, so that the
//! odd ones can show what it is worth.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use multimodal_rag::{
    Answerability, AnswerableThresholds, Calibration, Embedder, Passage, QuestionSignals,
    QuoteSignals, SupportThreshold,
};

use super::questions::{ArticleChoice, Case, EvalSet, Squad};
use super::refusal::{Asked, auroc};
use super::{Ranking, SEARCHED_PASSAGES, search};
use crate::Failure;
use crate::files::write_file;
use crate::models::{self, ModelArgument};

const DENSE_WEIGHTS: [f32; 12] = [0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0];
const QUOTE_WEIGHTS: [f32; 10] = [0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];
const WORDS_WEIGHTS: [f32; 8] = [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5];
/// The share of questions that are answered where their article is there.
const ANSWERED: f32 = 0.99;
/// The share of questions that the cosine alone does not answer where their article is not.
const REFUSED_BY_COSINE: f32 = 0.98;
/// Passages whose cosines with each other are those of unrelated texts.
const UNRELATED: usize = 200;

/// Coverages that support a claim, each with a similarity between that of unrelated texts, 0, and that
/// of equal ones, 1. Chosen by reading what generators wrote about a few documents.
const SUPPORT: [(f32, f32); 2] = [(0.60, 0.40), (0.45, 0.60)];

/// Measures the calibration of an embedder.
#[derive(Args)]
pub(crate) struct Calibrate {
    /// Questions in SQuAD's format. Only the even articles are used.
    questions: PathBuf,
    /// The file to write, for `quantize --calibration`.
    output: PathBuf,
    #[command(flatten)]
    model: ModelArgument,
    /// The share of the mean vector that is subtracted from all vectors: 0 to 1.
    #[arg(long, default_value_t = 0.0)]
    center: f32,
    /// Ask only every Nth question.
    #[arg(long, default_value_t = 1)]
    every: usize,
}

impl Calibrate {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let squad = Squad::read(&self.questions)?;
        let vectors = self.vectors(&squad)?;
        let mean = mean(&vectors, self.center);
        let unrelated = unrelated(&vectors, &mean);
        let support = SUPPORT.map(|(coverage, similarity)| {
            let similarity = unrelated + similarity * (1.0 - unrelated);
            SupportThreshold { coverage, similarity }
        });
        let mut calibration = Calibration { mean, support, ..Calibration::default() };
        // What is measured first changes what is measured next.
        calibration.dense_weight = dense_weight(&self.set(&squad, &calibration)?)?;
        let set = self.set(&squad, &calibration)?;
        let asked = Asked::of(&set)?;
        calibration.quote_weight = quote_weight(&set.cases, &asked)?;
        calibration.answerable = thresholds(&asked)?;
        let json = serde_json::to_string(&calibration)?;
        write_file(&self.output, format!("{json}\n").as_bytes())?;
        Ok(())
    }

    fn embedder(&self) -> Result<Embedder, Failure> {
        models::load_embedder(&self.model.model, false)
    }

    fn set(&self, squad: &Squad, calibration: &Calibration) -> Result<EvalSet, Failure> {
        let embedder = self.embedder()?.with_calibration(calibration.clone())?;
        EvalSet::load(squad, embedder, None, ArticleChoice::Even, self.every)
    }

    /// The vectors of the passages, without a calibration.
    fn vectors(&self, squad: &Squad) -> Result<Vec<Vec<f32>>, Failure> {
        let embedder = self.embedder()?.with_calibration(Calibration::default())?;
        let vector = |text| Ok(embedder.embed(&[embedder.tokenize_passage(text)?])?.remove(0));
        squad.paragraphs(ArticleChoice::Even).map(vector).collect()
    }
}

/// The mean of the vectors, times `share`.
fn mean(vectors: &[Vec<f32>], share: f32) -> Vec<f32> {
    if share == 0.0 {
        return Vec::new();
    }
    let mut mean = vec![0.0; vectors.first().map_or(0, Vec::len)];
    for vector in vectors {
        mean.iter_mut().zip(vector).for_each(|(sum, x)| *sum += x);
    }
    let scale = share / vectors.len().max(1) as f32;
    // Five digits are enough, and short to write.
    mean.iter_mut().for_each(|x| *x = (*x * scale * 1e5).round() / 1e5);
    mean
}

/// The median cosine of passages of different articles, or far from each other in one.
fn unrelated(vectors: &[Vec<f32>], mean: &[f32]) -> f32 {
    let centred = |vector: &Vec<f32>| {
        let means = mean.iter().copied().chain(std::iter::repeat(0.0));
        vector.iter().zip(means).map(|(x, mean)| x - mean).collect::<Vec<f32>>()
    };
    let step = (vectors.len() / UNRELATED).max(1);
    let some: Vec<Vec<f32>> = vectors.iter().step_by(step).map(centred).collect();
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    let cosine = |a: &[f32], b: &[f32]| dot(a, b) / (dot(a, a) * dot(b, b)).sqrt();
    let pairs = some
        .iter()
        .enumerate()
        .flat_map(|(at, a)| some[at + 1..].iter().map(move |b| cosine(a, b)));
    quantile(pairs.collect(), 0.5)
}

/// The weight of cosines with which the right passages have the best mean reciprocal rank.
fn dense_weight(set: &EvalSet) -> Result<f32, Failure> {
    let old = set.calibration.dense_weight;
    let searched = set.cases.iter().map(|case| search(&set.engine, case, SEARCHED_PASSAGES));
    let searched = searched.collect::<Result<Vec<_>, _>>()?;
    best(&DENSE_WEIGHTS, "cosines", |weight| {
        let mut ranking = Ranking::default();
        for (case, passages) in set.cases.iter().zip(&searched) {
            let score = |it: &Passage| it.score + (weight - old) * it.dense;
            let mut ranked: Vec<_> = passages.iter().collect();
            ranked.sort_by(|a, b| score(b).total_cmp(&score(a)));
            ranking.count(&ranked, &case.document);
        }
        ranking.reciprocal / set.cases.len() as f64
    })
}

/// The weight of cosines with which the first quote holds an answer most often.
fn quote_weight(cases: &[Case], asked: &Asked) -> Result<f32, Failure> {
    best(&QUOTE_WEIGHTS, "cosines in quotes", |weight| {
        let score = |it: &&QuoteSignals| it.score(weight);
        let holds = |passages: &[Passage], signals: &QuestionSignals, case: &Case| {
            let first = signals.sentences.iter().max_by(|a, b| score(a).total_cmp(&score(b)));
            first.is_some_and(|quote| {
                let quoted = &passages[quote.passage].document.text()[quote.span.range()];
                case.answers.iter().any(|answer| quoted.contains(answer))
            })
        };
        let all = cases.iter().zip(&asked.passages).zip(&asked.present);
        let quoted = all.filter(|((case, passages), signals)| holds(passages, signals, case));
        quoted.count() as f64 / cases.len() as f64
    })
}

/// The weight of words that tells best the questions whose article is there from those whose is not,
/// and thresholds that answer nearly all of the first.
fn thresholds(asked: &Asked) -> Result<AnswerableThresholds, Failure> {
    let measure = |all: &[QuestionSignals], of: &dyn Fn(&Answerability) -> f32| {
        let all = all.iter().map(|it| it.answerability);
        all.filter(|it| it.certain.is_none()).map(|it| of(&it)).collect::<Vec<f32>>()
    };
    let cosine = quantile(measure(&asked.absent, &|it| it.cosine), REFUSED_BY_COSINE);
    let with = |words_weight| AnswerableThresholds {
        score: 0.0,
        cosine_weight: 1.0,
        words_weight,
        cosine,
    };
    let words_weight = best(&WORDS_WEIGHTS, "words", |weight| {
        let sums = |all| measure(all, &|it| it.sum(with(weight)));
        auroc(&sums(&asked.present), &sums(&asked.absent))
    })?;
    let mut chosen = with(words_weight);
    // More digits would fit these questions alone.
    let score = quantile(measure(&asked.present, &|it| it.sum(chosen)), 1.0 - ANSWERED);
    chosen.score = (score * 100.0).floor() / 100.0;
    let refused = asked.absent.iter().filter(|it| !it.answerability.is_answerable(chosen)).count();
    let refused = refused as f64 / asked.absent.len().max(1) as f64;
    writeln!(io::stdout(), "{chosen:?} refuse {refused:.4}")?;
    Ok(chosen)
}

/// The weight with the largest share, and of equal ones the smallest.
fn best(weights: &[f32], of: &str, share: impl Fn(f32) -> f64) -> Result<f32, Failure> {
    let mut best = (f64::MIN, 0.0);
    for &weight in weights {
        let share = share(weight);
        writeln!(io::stdout(), "weight {weight} of {of}: {share:.4}")?;
        if share > best.0 {
            best = (share, weight);
        }
    }
    Ok(best.1)
}

/// The number that this share of the numbers is below.
fn quantile(mut numbers: Vec<f32>, share: f32) -> f32 {
    numbers.sort_by(f32::total_cmp);
    let at = (numbers.len() as f32 * share) as usize;
    numbers.get(at.min(numbers.len().saturating_sub(1))).copied().unwrap_or_default()
}
