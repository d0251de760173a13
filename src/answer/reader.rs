//! The answer reader: a question and passages -> where each of them answers, and how surely; a claim
//! and a place -> whether the place supports it.
//!
//! It is the embedder with an adapter and heads of its own, so that it costs a page 4 MB.

use std::ops::Range;
use std::rc::Rc;

use crate::embed::Embedder;
use crate::error::Result;
use crate::model::{AnswerReaderWeights, HeadKind, ReaderCalibration, ReaderRow, RowLogits};
use crate::runtime::{Runtime, Task};
use crate::source::{ByteSource, SourceReader};

/// The most tokens of a row, as it was trained.
const MAX_ROW_TOKENS: usize = 384;
/// The most tokens of a question or a claim, and of what stands above a passage.
const MAX_HEAD_TOKENS: usize = 96;
const MAX_CONTEXT_TOKENS: usize = 24;
/// Tokens that two consecutive windows of a long passage have in common.
const OVERLAP_TOKENS: usize = 64;
/// The most tokens of an answer.
const MAX_ANSWER_TOKENS: usize = 30;
/// The most tokens in a batch, which is one step: at least one row.
const BATCH_TOKENS: usize = 384;

/// The most tokens of passages that are read with a question. They decide how long it takes: a fifth
/// of a second on one core of the machine of the benchmarks. Three paragraphs bring nearly all of
/// what eight do: on the articles that the calibration is chosen on, the right one is first for .888
/// and .890 of the questions.
const READ_TOKENS: usize = 500;

/// A text that may answer.
#[derive(Debug, Clone, Copy)]
pub struct Readable<'a> {
    /// What stands above it: title and headings.
    pub context: &'a str,
    /// The text.
    pub text: &'a str,
}

/// What the reader tells of a passage.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The bytes of its best answer in the passage's text. Empty where the text is.
    pub answer: Range<usize>,
    /// The logit of this answer: how much likelier it is than that there is none.
    pub answer_logit: f32,
    /// The logit of the question being answered by the passage.
    pub answerable_logit: f32,
    /// The logit of the passage being the one that is asked about.
    pub relevant_logit: f32,
}

/// An answer reader, which belongs to an embedder. It takes about as much memory as its file.
pub struct AnswerReader {
    weights: AnswerReaderWeights,
    embedder: Rc<Embedder>,
}

/// A row, the passage that it is of, and where the passage's tokens are in its text.
struct Window {
    passage: usize,
    row: ReaderRow,
    places: Vec<Range<usize>>,
    /// Tokens of the context, which hold no answer.
    context: usize,
}

impl AnswerReader {
    /// Loads the file of an answer reader for this embedder.
    ///
    /// # Errors
    /// [`Error::ReaderMismatch`](crate::Error::ReaderMismatch) where it is for another embedder,
    /// [`Error::CorruptModel`](crate::Error::CorruptModel) for a damaged file.
    pub async fn load(
        file: &(impl ByteSource + ?Sized),
        embedder: Rc<Embedder>,
        runtime: &dyn Runtime,
        task: &Task,
    ) -> Result<Self> {
        let weights = embedder.load_reader(&SourceReader::new(&file, runtime, task)).await?;
        Ok(Self { weights, embedder })
    }

    /// What was measured for it.
    pub fn calibration(&self) -> &ReaderCalibration {
        self.weights.calibration()
    }

    /// Reads each text with the question, one batch per step. A long text is read in parts that
    /// overlap. Takes about as long as embedding the texts.
    pub async fn read(
        &self,
        question: &str,
        passages: &[Readable<'_>],
        runtime: &dyn Runtime,
        task: &Task,
    ) -> Result<Vec<Reading>> {
        self.read_within(question, passages, usize::MAX, runtime, task).await
    }

    /// Reads as many of the first texts as fit into [`READ_TOKENS`], and at least one.
    pub(crate) async fn read_first(
        &self,
        question: &str,
        passages: &[Readable<'_>],
        runtime: &dyn Runtime,
        task: &Task,
    ) -> Result<Vec<Reading>> {
        self.read_within(question, passages, READ_TOKENS, runtime, task).await
    }

    async fn read_within(
        &self,
        question: &str,
        passages: &[Readable<'_>],
        max_tokens: usize,
        runtime: &dyn Runtime,
        task: &Task,
    ) -> Result<Vec<Reading>> {
        let windows = self.windows(question, passages, max_tokens)?;
        let rows: Vec<ReaderRow> = windows.iter().map(|window| window.row.clone()).collect();
        let logits = self.logits(&rows, runtime, task).await?;
        let mut readings = vec![None; passages.len()];
        for (window, logits) in windows.iter().zip(&logits) {
            let reading = window.reading(logits, passages[window.passage].text);
            let best: &mut Option<Reading> = &mut readings[window.passage];
            if best.as_ref().is_none_or(|best| best.answer_logit < reading.answer_logit) {
                *best = Some(reading);
            }
        }
        Ok(readings.into_iter().flatten().collect())
    }

    /// Reads each place with the claim beside it, one batch per step. The logit of a pair says how
    /// much likelier it is that the place supports the claim than that it does not.
    pub async fn support(
        &self,
        pairs: &[(&str, &str)],
        runtime: &dyn Runtime,
        task: &Task,
    ) -> Result<Vec<f32>> {
        let rows: Vec<ReaderRow> =
            pairs.iter().map(|pair| self.claim_row(pair)).collect::<Result<_>>()?;
        let logits = self.logits(&rows, runtime, task).await?;
        Ok(logits.iter().map(|logits| logits.supported).collect())
    }

    /// A claim and a place, of which the first tokens are read.
    fn claim_row(&self, (claim, place): &(&str, &str)) -> Result<ReaderRow> {
        let [begin, end] = self.embedder.special_tokens()?;
        let claim = self.head(claim)?;
        let head = claim.len() + 2;
        let room = self.row_limit().saturating_sub(head + 1).max(1);
        let place = self.embedder.tokens_with_places(place, room)?;
        let before = [begin].into_iter().chain(ids(&claim)).chain([end]);
        let ids = before.chain(ids(&place)).chain([end]).collect();
        Ok(ReaderRow { ids, head, kind: HeadKind::Claim })
    }

    fn row_limit(&self) -> usize {
        MAX_ROW_TOKENS.min(self.embedder.position_limit())
    }

    /// The first tokens of a question or a claim, which leave room for a context and a passage.
    fn head(&self, text: &str) -> Result<Vec<(u32, Range<usize>)>> {
        let room = self.row_limit().saturating_sub(MAX_CONTEXT_TOKENS + 4);
        self.embedder.tokens_with_places(text, MAX_HEAD_TOKENS.min(room))
    }

    async fn logits(
        &self,
        rows: &[ReaderRow],
        runtime: &dyn Runtime,
        task: &Task,
    ) -> Result<Vec<RowLogits>> {
        let mut logits = Vec::new();
        let mut rest = rows;
        while let Some(first) = rest.first() {
            let mut tokens = first.ids.len();
            let more = rest[1..].iter().take_while(|row| {
                tokens += row.ids.len();
                tokens <= BATCH_TOKENS
            });
            let (batch, after) = rest.split_at(1 + more.count());
            logits.extend(self.embedder.read_rows(&self.weights, batch)?);
            rest = after;
            task.step(runtime).await?;
        }
        Ok(logits)
    }

    /// The rows of the first texts, until they have this many tokens. A long text has several rows,
    /// which overlap.
    fn windows(
        &self,
        question: &str,
        texts: &[Readable<'_>],
        max_tokens: usize,
    ) -> Result<Vec<Window>> {
        let [begin, end] = self.embedder.special_tokens()?;
        let head = self.head(question)?;
        let head: Vec<u32> = [begin].into_iter().chain(ids(&head)).chain([end]).collect();
        let limit = self.row_limit();
        let mut windows = Vec::new();
        let mut read = 0;
        for (passage, Readable { context, text }) in texts.iter().enumerate() {
            let context = self.embedder.tokens_with_places(context, MAX_CONTEXT_TOKENS)?;
            let tokens = self.embedder.tokens_with_places(text, usize::MAX)?;
            read += tokens.len();
            if passage > 0 && read > max_tokens {
                break;
            }
            let room = limit.saturating_sub(head.len() + context.len() + 1).max(1);
            let mut start = 0;
            loop {
                let part = &tokens[start..tokens.len().min(start + room)];
                let before = head.iter().copied().chain(ids(&context));
                let ids = before.chain(ids(part)).chain([end]).collect();
                windows.push(Window {
                    passage,
                    row: ReaderRow { ids, head: head.len(), kind: HeadKind::Question },
                    places: part.iter().map(|(_, place)| place.clone()).collect(),
                    context: context.len(),
                });
                if start + room >= tokens.len() {
                    break;
                }
                start += room.saturating_sub(OVERLAP_TOKENS).max(1);
            }
        }
        Ok(windows)
    }
}

fn ids(tokens: &[(u32, Range<usize>)]) -> impl Iterator<Item = u32> {
    tokens.iter().map(|(id, _)| *id)
}

impl Window {
    /// The reading of a window of `text`.
    fn reading(&self, logits: &RowLogits, text: &str) -> Reading {
        let spans = &logits.spans[self.context..];
        let none = logits.none[0] + logits.none[1];
        let (answer, best) = match best_span(spans) {
            Some((tokens, logit)) => {
                let bytes = self.places[*tokens.start()].start..self.places[*tokens.end()].end;
                (trimmed(text, bytes), logit)
            }
            None => (0..0, f32::MIN),
        };
        Reading {
            answer,
            answer_logit: best - none,
            answerable_logit: logits.answerable,
            relevant_logit: logits.relevant,
        }
    }
}

/// A part of a text without the spaces around it and the mark that ends its sentence.
fn trimmed(text: &str, bytes: Range<usize>) -> Range<usize> {
    let part = &text[bytes.clone()];
    let ended = part.trim_end_matches(|c: char| c.is_whitespace() || ".,;:。、".contains(c));
    let start = bytes.start + ended.len() - ended.trim_start().len();
    start..bytes.start + ended.len()
}

/// The tokens whose start and end have the largest sum.
fn best_span(spans: &[[f32; 2]]) -> Option<(std::ops::RangeInclusive<usize>, f32)> {
    let of_start = |(start, [logit, _]): (usize, &[f32; 2])| {
        let ends = spans[start..].iter().take(MAX_ANSWER_TOKENS).enumerate();
        let (length, [_, end]) = ends.max_by(|(_, a), (_, b)| a[1].total_cmp(&b[1]))?;
        Some((start..=start + length, logit + end))
    };
    spans.iter().enumerate().filter_map(of_start).max_by(|(_, a), (_, b)| a.total_cmp(b))
}

impl ReaderCalibration {
    /// The probability that a reading's answer is right: 0 to 1.
    pub fn confidence(&self, reading: &Reading) -> f32 {
        self.confidence_of(reading.answer_logit, reading.answerable_logit)
    }
}
