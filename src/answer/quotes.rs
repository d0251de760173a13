//! Question and passages -> the sentences that answer best.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::sentence_vectors::SentenceEmbedder;
use super::short_answer::ShortAnswer;
use super::signals::QuoteSignals;
use crate::document::Span;
use crate::error::Result;
use crate::kernel::dot;
use crate::question::QuestionWords;
use crate::retrieve::{Passage, Unit, evidence, units};
use crate::text::terms;

/// The most sentences quoted.
const MAX_QUOTES: usize = 3;
/// A second or third sentence is quoted if it has this share of the best score, or as many of
/// the question's words as the first.
const MIN_QUOTE_SHARE: f32 = 0.85;
/// The least share of common terms, and the fewest, of two sentences that are versions of one.
const MIN_VERSION_SHARE: f32 = 0.6;
const MIN_VERSION_TERMS: usize = 4;

/// A unit of a passage: a sentence, a row, an item.
#[derive(Debug, Clone)]
pub(crate) struct Sentence {
    pub(crate) signals: QuoteSignals,
    pub(crate) terms: BTreeSet<String>,
    /// The terms of what stands above it.
    pub(crate) context: Rc<BTreeSet<String>>,
    /// Empty where it was not compared with the question.
    pub(crate) embedding: Rc<[f32]>,
    /// The list that it is an item of, if that is short.
    list: Option<Span>,
    /// How much of the question's words it has itself.
    covered: f32,
    /// What it has for holding the answer in few words.
    preference: f32,
    /// How well it answers the question.
    pub(crate) score: f32,
}

impl Sentence {
    /// A sentence of the first passage, below no headings.
    #[cfg(test)]
    pub(crate) fn of(span: Span, terms: BTreeSet<String>, embedding: Rc<[f32]>) -> Self {
        let signals = QuoteSignals { span, ..QuoteSignals::default() };
        let (context, list, covered, preference, score) = Default::default();
        Self { signals, terms, context, embedding, list, covered, preference, score }
    }

    /// What is quoted of it: its list, where only what stands above the list is asked for.
    fn quoted(&self) -> Span {
        self.list.filter(|_| self.covered == 0.0).unwrap_or(self.signals.span)
    }

    /// Whether a sentence of another passage has most of its terms too: they may contradict each
    /// other.
    fn is_version_of(&self, other: &Self) -> bool {
        let common = self.terms.intersection(&other.terms).count();
        let all = self.terms.len() + other.terms.len() - common;
        self.signals.passage != other.signals.passage
            && common >= MIN_VERSION_TERMS
            && common as f32 >= MIN_VERSION_SHARE * all as f32
    }

    /// Its terms, and those of what stands above it.
    pub(crate) fn all_terms(&self) -> BTreeSet<String> {
        self.terms.union(&self.context).cloned().collect()
    }
}

/// A question's vector.
#[derive(Clone, Copy)]
pub(crate) struct QuestionVector<'a> {
    pub(crate) embedding: &'a [f32],
    /// The weight of its cosine with a sentence.
    pub(crate) cosine_weight: f32,
}

/// The sentences of `passages`, best first as far as their words tell how well they answer the
/// question. Each has its passage's cosine until it is compared.
pub(crate) fn rank_by_words(
    passages: &[Passage],
    question: &QuestionWords,
    cosine_weight: f32,
) -> Vec<Sentence> {
    let best = passages.iter().map(|passage| passage.score).fold(f32::MIN_POSITIVE, f32::max);
    let scored = |unit: Unit| {
        let Unit { passage, span, list, context, is_label, is_heading } = unit;
        let Passage { document, score, dense: cosine, .. } = &passages[passage];
        let text = &document.text()[span.range()];
        let terms: BTreeSet<_> = terms(text).into_iter().collect();
        let covered = question.rank(&terms, &BTreeSet::new(), 0.0);
        let words = evidence(question, text, &terms, &context);
        // All scores may be negative: a share is none then.
        let passage_share = (score / best).clamp(0.0, 1.0);
        let cosine = *cosine;
        let signals =
            QuoteSignals { passage, span, words, cosine, passage_share, is_label, is_heading };
        let score = signals.score(cosine_weight);
        let (embedding, preference) = Default::default();
        Sentence { signals, terms, context, embedding, list, covered, preference, score }
    };
    let mut ranked: Vec<Sentence> = units(passages).into_iter().map(scored).collect();
    put_best_first(&mut ranked);
    ranked
}

/// Prefers the sentence that holds the answer in few words, as much as that is sure.
pub(crate) fn prefer(answer: &ShortAnswer, sentences: &mut [Sentence], weight: f32) {
    let holds = |sentence: &&mut Sentence| {
        let span = sentence.signals.span;
        sentence.signals.passage == answer.passage
            && span.start <= answer.span.start
            && answer.span.start < span.end
    };
    for sentence in sentences.iter_mut().filter(holds) {
        sentence.preference = weight * answer.confidence;
        sentence.score += sentence.preference;
    }
    put_best_first(sentences);
}

/// Compares sentences with the question by their vectors: as many of the first as have
/// `max_tokens` tokens, and at least one.
pub(crate) async fn compare(
    sentences: &mut [Sentence],
    passages: &[Passage],
    QuestionVector { embedding, cosine_weight }: QuestionVector<'_>,
    max_tokens: usize,
    by: SentenceEmbedder<'_>,
) -> Result<()> {
    let place = |sentence: &Sentence| (sentence.signals.passage, sentence.signals.span);
    let mut places: Vec<(usize, Span)> = sentences.iter().map(place).collect();
    places.truncate(first_with(max_tokens, &places, passages, by));
    let vectors = by.embed(&places, passages).await?;
    for (sentence, vector) in sentences.iter_mut().zip(vectors) {
        sentence.signals.cosine = dot(embedding, &vector);
        sentence.score = sentence.signals.score(cosine_weight) + sentence.preference;
        sentence.embedding = vector;
    }
    put_best_first(sentences);
    Ok(())
}

/// How many of the first sentences have `max_tokens` tokens: at least one. What the cache holds
/// counts as well, so that it changes no answer.
fn first_with(
    max_tokens: usize,
    places: &[(usize, Span)],
    passages: &[Passage],
    by: SentenceEmbedder<'_>,
) -> usize {
    if max_tokens == usize::MAX {
        return places.len();
    }
    let mut tokens = 0;
    let fits = |&&(passage, span): &&(usize, Span)| {
        let text: &str = &passages[passage].document.text()[span.range()];
        tokens += by.embedder.count_tokens(text);
        tokens <= max_tokens
    };
    places.iter().take_while(fits).count().max(1)
}

fn put_best_first(sentences: &mut [Sentence]) {
    sentences.sort_by(|a, b| b.score.total_cmp(&a.score));
}

/// The index of the passage and the span of each quote, of sentences that are ranked.
pub(crate) fn best_quotes(ranked: &[Sentence]) -> Vec<(usize, Span)> {
    let Some(first) = ranked.first() else { return Vec::new() };
    // The share of a negative score is above it.
    let least = first.score.min(first.score * MIN_QUOTE_SHARE);
    let mut quotes: Vec<(usize, Span)> = Vec::new();
    let is_near = |sentence: &&Sentence| {
        sentence.score >= least
            || (sentence.covered >= first.covered && first.covered > 0.0)
            || sentence.is_version_of(first)
    };
    for sentence in ranked.iter().filter(is_near) {
        let span = sentence.quoted();
        let is_part = |&(passage, quoted): &(usize, Span)| {
            passage == sentence.signals.passage
                && quoted.start <= span.start
                && span.end <= quoted.end
        };
        if !quotes.iter().any(is_part) {
            quotes.push((sentence.signals.passage, span));
        }
        if quotes.len() == MAX_QUOTES {
            break;
        }
    }
    quotes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn the_sentence_with_the_answer_in_few_words_comes_first_where_that_is_sure() {
        let of = |start, score| {
            let sentence = Sentence::of(Span::new(start..start + 10), BTreeSet::new(), Rc::new([]));
            Sentence { score, ..sentence }
        };
        let first = |confidence| {
            let mut sentences = [of(0, 1.0), of(10, 0.8)];
            let answer = ShortAnswer { passage: 0, span: Span::new(12..15), confidence };
            prefer(&answer, &mut sentences, 1.0);
            sentences[0].signals.span.start
        };
        assert_eq!((first(0.9), first(0.1)), (10, 0));
    }

    #[test]
    fn the_first_sentence_is_quoted_although_its_score_is_negative() {
        let span = Span::new(0..1);
        let sentence = Sentence::of(span, BTreeSet::new(), Rc::new([]));
        assert_eq!(best_quotes(&[Sentence { score: -0.5, ..sentence }]), [(0, span)]);
    }
}
