//! Measures short answers: with the right passage, and from all of them.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use clap::Args;
use multimodal_rag::{
    AnswerEvent, AskOptions, AskTimings, Engine, Passage, ReaderCalibration, Reading, Task,
};
use serde_json::json;

use super::questions::{ArticleChoice, Case, EvalSet, Squad};
use super::refusal::auroc;
use super::written::WrittenArguments;
use super::{SEARCHED_PASSAGES, search};
use crate::Failure;
use crate::models::{self, AnswerReaderArgument, ModelArgument};
use crate::runtime::block_on;

/// Measures the answer reader: short answers, refusal, quotes and confidence.
#[derive(Args)]
pub(crate) struct EvalAnswers {
    /// Questions in SQuAD's format.
    file: PathBuf,
    #[command(flatten)]
    model: ModelArgument,
    #[command(flatten)]
    answer_reader: AnswerReaderArgument,
    /// Ask only every Nth question.
    #[arg(long, default_value_t = 1)]
    every: usize,
    /// The articles whose questions are asked. All are in the knowledge base.
    #[arg(long, value_enum, default_value_t = ArticleChoice::All)]
    articles: ArticleChoice,
    /// Choose the articles by their numbers in this file, which has the same titles.
    #[arg(long, value_name = "FILE")]
    numbered_by: Option<PathBuf>,
    /// Write what was read of each question to this file, a JSON object a line: a calibration is
    /// chosen by it.
    #[arg(long, value_name = "FILE")]
    readings: Option<PathBuf>,
    #[command(flatten)]
    written: WrittenArguments,
}

/// Sums over questions.
#[derive(Default)]
struct Scores {
    questions: usize,
    exact: f64,
    f1: f64,
}

/// What one question was answered with.
#[derive(Default)]
struct Asked {
    first_document: Option<String>,
    answer: Option<(String, f32)>,
    first_quote: Option<String>,
    timings: AskTimings,
}

impl Scores {
    /// Counts an answer, by the gold answer that it is most like.
    fn count(&mut self, answer: &str, golds: &[String]) {
        let best = |score: fn(&str, &str) -> f64| {
            golds.iter().map(|gold| score(answer, gold)).fold(0.0, f64::max)
        };
        self.questions += 1;
        self.exact += best(exact);
        self.f1 += best(f1);
    }

    fn print(&self, name: &str) -> io::Result<()> {
        let count = self.questions.max(1) as f64;
        let (exact, f1) = (self.exact / count, self.f1 / count);
        writeln!(io::stdout(), "{name:<30} EM {exact:.3}  F1 {f1:.3}")
    }
}

impl EvalAnswers {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let mut squad = Squad::read(&self.file)?;
        if let Some(file) = &self.numbered_by {
            squad = squad.numbered_by(&Squad::read(file)?);
        }
        let embedder = models::load_embedder(&self.model.model, false)?;
        let set =
            EvalSet::load(&squad, embedder, self.written.source()?, self.articles, self.every)?;
        let set = EvalSet { engine: self.answer_reader.apply(set.engine)?, ..set };
        let mut readings =
            self.readings.as_ref().map(File::create).transpose()?.map(BufWriter::new);
        let (mut given, mut found) = (Scores::default(), Scores::default());
        let (mut first, mut quoted) = (0, 0);
        let mut confidences = Vec::new();
        let mut of_right = Vec::new();
        let mut timings = Vec::new();
        let calibration = set.engine.reader_calibration().unwrap_or_default();
        for case in &set.cases {
            let passages = search(&set.engine, case, SEARCHED_PASSAGES)?;
            let right = read_right(&set.engine, case, &passages)?;
            given.count(right.as_ref().map_or("", |(answer, _)| answer), &case.answers);
            of_right.extend(right.as_ref().map(|(_, reading)| calibration.confidence(reading)));
            let asked = ask(&set.engine, &case.question)?;
            timings.push(asked.timings);
            found.count(asked.answer.as_ref().map_or("", |(answer, _)| answer), &case.answers);
            first += usize::from(asked.first_document.as_ref() == Some(&case.document));
            let quote = asked.first_quote.unwrap_or_default();
            quoted += usize::from(case.answers.iter().any(|answer| quote.contains(answer)));
            if let Some((answer, confidence)) = asked.answer {
                let is_right = case.answers.iter().any(|gold| f1(&answer, gold) >= 0.5);
                confidences.push((confidence, is_right));
            }
            if let Some(out) = &mut readings {
                write_readings(out, &set.engine, case, &passages, right.as_ref())?;
            }
        }
        let share = |count: usize| count as f64 / set.cases.len() as f64;
        given.print("with the right passage")?;
        found.print("from all passages")?;
        let mut out = io::stdout();
        writeln!(out, "first passage is the right one R@1 {:.3}", share(first))?;
        writeln!(out, "first quote holds an answer    quote@1 {:.3}", share(quoted))?;
        if !set.impossible.is_empty() {
            let near = near_misses(&set, &calibration, readings.as_mut())?;
            writeln!(out, "near misses, right passage     AUROC {:.3}", auroc(&of_right, &near))?;
        }
        print_reliability(&confidences)?;
        print_medians(&timings)?;
        self.written.measure(&set.engine, &set.cases)
    }
}

/// The confidence of the answers that the right passages give to questions that they do not answer.
fn near_misses(
    set: &EvalSet,
    calibration: &ReaderCalibration,
    mut readings: Option<&mut BufWriter<File>>,
) -> Result<Vec<f32>, Failure> {
    let mut confidences = Vec::new();
    for case in &set.impossible {
        let passages = search(&set.engine, case, SEARCHED_PASSAGES)?;
        let right = read_right(&set.engine, case, &passages)?;
        if let Some(out) = &mut readings {
            write_readings(out, &set.engine, case, &passages, right.as_ref())?;
        }
        confidences.extend(right.map(|(_, reading)| calibration.confidence(&reading)));
    }
    Ok(confidences)
}

/// The reading of the passage that a question was written about, and its answer; none where that
/// passage is not found.
fn read_right(
    engine: &Engine,
    case: &Case,
    passages: &[Passage],
) -> Result<Option<(String, Reading)>, Failure> {
    let is_right = |passage: &&Passage| passage.document.id().to_string() == case.document;
    let Some(right) = passages.iter().find(is_right) else { return Ok(None) };
    let task = Task::default();
    let reading = block_on(engine.read(&case.question, std::slice::from_ref(right), &task))?.pop();
    Ok(reading.map(|reading| (right.text()[reading.answer.clone()].to_owned(), reading)))
}

fn ask(engine: &Engine, question: &str) -> Result<Asked, Failure> {
    let options = AskOptions { max_tokens: 0, ..AskOptions::default() };
    let mut asked = Asked::default();
    let mut note = |event| match event {
        AnswerEvent::Passages(passages) => {
            asked.first_document = passages.first().map(|first| first.document.id().to_string());
        }
        AnswerEvent::Answer { citation, confidence } => {
            asked.answer = Some((citation.text().to_owned(), confidence));
        }
        AnswerEvent::Quote(quote) => {
            asked.first_quote.get_or_insert_with(|| quote.text().to_owned());
        }
        AnswerEvent::End { timings, .. } => asked.timings = timings,
        _ => {}
    };
    block_on(engine.ask(question, &options, &Task::default(), &mut note))?;
    Ok(asked)
}

/// Writes the logits of the right passage, and of the first eight, with what search says of them.
fn write_readings(
    out: &mut impl Write,
    engine: &Engine,
    case: &Case,
    passages: &[Passage],
    right: Option<&(String, Reading)>,
) -> Result<(), Failure> {
    let passages = &passages[..passages.len().min(8)];
    let readings = block_on(engine.read(&case.question, passages, &Task::default()))?;
    let logits = |reading: &Reading| {
        [reading.answer_logit, reading.answerable_logit, reading.relevant_logit]
    };
    let best = |answer: &str| case.answers.iter().map(|gold| f1(answer, gold)).fold(0.0, f64::max);
    let rows = passages.iter().zip(&readings).map(|(passage, reading)| {
        json!({
            "logits": logits(reading),
            "score": passage.score,
            "isRight": passage.document.id().to_string() == case.document,
            "f1": best(&passage.text()[reading.answer.clone()]),
        })
    });
    let row = json!({
        "isImpossible": case.is_impossible,
        "right": right.map(|(answer, reading)| json!({ "logits": logits(reading), "f1": best(answer) })),
        "passages": rows.collect::<Vec<_>>(),
    });
    writeln!(out, "{row}")?;
    Ok(())
}

/// Prints how often answers of each confidence are right.
fn print_reliability(confidences: &[(f32, bool)]) -> Result<(), Failure> {
    let mut out = io::stdout();
    writeln!(out, "confidence   answers  mean  right (at least half of the words)")?;
    for tenth in 0..10 {
        let range = tenth as f32 / 10.0..(tenth + 1) as f32 / 10.0;
        let inside = confidences.iter().filter(|(confidence, _)| {
            range.contains(confidence) || (tenth == 9 && *confidence >= 1.0)
        });
        let (count, sum, right) = inside.fold((0, 0.0, 0), |(count, sum, right), (c, is_right)| {
            (count + 1, sum + c, right + usize::from(*is_right))
        });
        if count > 0 {
            let mean = sum / count as f32;
            let share = right as f64 / f64::from(count);
            writeln!(
                out,
                "{:.1} to {:.1}   {count:>7}  {mean:.2}  {share:.2}",
                range.start, range.end
            )?;
        }
    }
    Ok(())
}

/// Prints the median time of answering without a generator, and of its stages.
fn print_medians(timings: &[AskTimings]) -> io::Result<()> {
    let median = |ms: fn(&AskTimings) -> Option<f64>| {
        let mut all: Vec<f64> = timings.iter().map(|it| ms(it).unwrap_or_default()).collect();
        all.sort_by(f64::total_cmp);
        all.get(all.len() / 2).copied().unwrap_or_default()
    };
    let whole = |it: &AskTimings| {
        Some([it.embed_ms, it.search_ms, it.read_ms, it.quote_ms].into_iter().flatten().sum())
    };
    writeln!(
        io::stdout(),
        "answering without a generator  {:.0} ms: question {:.0}, search {:.0}, reading {:.0}, quotes {:.0}",
        median(whole),
        median(|it| it.embed_ms),
        median(|it| it.search_ms),
        median(|it| it.read_ms),
        median(|it| it.quote_ms)
    )
}

fn exact(answer: &str, gold: &str) -> f64 {
    f64::from(u8::from(words(answer) == words(gold)))
}

/// The harmonic mean of precision and recall of the words of an answer, as SQuAD's own script
/// measures it.
pub(super) fn f1(answer: &str, gold: &str) -> f64 {
    let (answer, gold) = (words(answer), words(gold));
    let mut left: HashMap<&str, usize> = HashMap::new();
    for word in &gold {
        *left.entry(word).or_default() += 1;
    }
    let mut common = 0;
    for word in &answer {
        if let Some(count) = left.get_mut(word.as_str()).filter(|count| **count > 0) {
            *count -= 1;
            common += 1;
        }
    }
    if common == 0 {
        return 0.0;
    }
    2.0 * f64::from(common) / (answer.len() + gold.len()) as f64
}

/// Words without punctuation and articles, in small letters. Letters of Chinese and Japanese are
/// words of their own.
pub(super) fn words(text: &str) -> Vec<String> {
    let is_ideograph = |c: char| ('\u{3040}'..='\u{9FFF}').contains(&c);
    let mut plain = String::new();
    for c in text.to_lowercase().chars().filter(|c| !c.is_ascii_punctuation()) {
        if is_ideograph(c) {
            plain.extend([' ', c, ' ']);
        } else {
            plain.push(c);
        }
    }
    let is_article = |word: &&str| !matches!(*word, "a" | "an" | "the");
    plain.split_whitespace().filter(is_article).map(str::to_owned).collect()
}
