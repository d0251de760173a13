//! Search: the best chunks for a question and its embedding.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::rc::Rc;

use super::dense::{SearchStrategy, VectorSet, nearest_by, strategy_of};
use super::foreign::ForeignSearch;
use super::graph::GRAPH_EF_SEARCH;
use super::image_search::{ImageQuery, PictureMatch};
use super::lexical::{self, Searched, Statistics};
use super::quantized::QuantizedVector;
use super::query::{Phrase, Query};
use super::ranking::{descending, top_k};
use super::{BitSet, Entry, Filter, Index, Segment, VectorIndex};
use crate::document::{DocumentId, DocumentInfo};
use crate::error::Result;
use crate::fingerprint::Fingerprint;
use crate::model::DENSE_WEIGHT;

/// The nearest chunks that are ranked, at least, where not all chunks are compared.
pub(super) const DENSE_CANDIDATES: usize = 100;
/// The nearest chunks that are ranked, at least, where graphs are searched. A graph finds
/// twice as many, so a filter may leave out some of them.
const GRAPH_CANDIDATES: usize = GRAPH_EF_SEARCH / 2;
/// The best chunks by their terms that are ranked too, of each segment, at least.
const LEXICAL_CANDIDATES: usize = 128;

/// The weight of the probability that a question belongs to a picture. The best lexical score has the
/// weight 1. Not measured: no image encoder could be had where this was built.
const IMAGE_WEIGHT: f32 = 1.0;

/// What is searched, and how.
#[derive(Clone, Copy)]
pub(crate) struct Search<'a> {
    pub(crate) embedding: &'a [f32],
    /// The weight of a cosine. The best lexical score has the weight 1.
    pub(crate) dense_weight: f32,
    pub(crate) question: &'a str,
    /// How documents in other languages than the question's are searched; none where that is not
    /// known.
    pub(crate) foreign: Option<&'a ForeignSearch>,
    /// Only chunks that hold all terms of these. The index has no word positions: the caller must
    /// look for the phrases in the texts.
    pub(crate) phrases: &'a [Phrase],
    pub(crate) limit: usize,
    pub(crate) filter: Option<&'a Filter>,
    /// Which documents are searched, of those that match the filter; none: all.
    pub(crate) documents: Option<&'a dyn Fn(&DocumentInfo) -> bool>,
    pub(crate) vector_index: VectorIndex,
    /// The question in the space of an image encoder, if there is one.
    pub(crate) images: Option<&'a ImageQuery<'a>>,
}

/// A chunk that was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// The document it is of.
    pub document: DocumentId,
    /// Its place among the document's chunks.
    pub chunk: u32,
    /// The score that orders hits: `lexical` divided by the best of all chunks, plus
    /// the embedder's weight x `dense`, plus the probability of `picture`.
    pub score: f32,
    /// The cosine of its quantized vector and the question's; of rows of a large table, which have
    /// none, that of the table's description.
    pub dense: f32,
    /// Its BM25 score for the question's terms; 0 where it has none of them.
    pub lexical: f32,
    /// The likeliest picture in it that the question belongs to.
    pub picture: Option<PictureMatch>,
}

/// How rare a term is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rarity {
    /// Whether any chunk holds it, or another form of its word.
    pub is_known: bool,
    /// Its inverse document frequency over all chunks: above 0, and higher for rarer terms. Where no
    /// chunk holds the term, that of the other forms together.
    pub idf: f32,
}

/// A scored chunk, by its segment and its number there.
struct Candidate<'a> {
    entry: &'a Entry,
    chunk: usize,
    dense: f32,
    lexical: f32,
    picture: Option<PictureMatch>,
    score: f32,
}

impl Candidate<'_> {
    fn hit(&self) -> Hit {
        let segment = &self.entry.segment;
        let document = segment.document_of(self.chunk);
        Hit {
            document: segment.documents()[document].id,
            chunk: (self.chunk - segment.chunks_of(document).start) as u32,
            score: self.score,
            dense: self.dense,
            lexical: self.lexical,
            picture: self.picture,
        }
    }
}

impl Index {
    /// Whether any chunk holds `term` (one of [`crate::text::terms()`]).
    pub fn knows(&self, term: &str) -> bool {
        lexical::chunks_with(&self.searched(), term) > 0
    }

    /// How rare `term` (one of [`crate::text::terms()`]) is among all chunks. Reads a block of terms
    /// of each segment.
    pub fn rarity(&self, term: &str) -> Rarity {
        let segments = self.searched();
        let chunks = match lexical::chunks_with(&segments, term) {
            0 => lexical::chunks_with_other_forms(&segments, term, self.languages),
            chunks => chunks,
        };
        Rarity { is_known: chunks > 0, idf: Statistics::of(&segments).idf(chunks) }
    }

    pub(super) fn searched(&self) -> Vec<Searched<'_>> {
        self.entries.iter().map(|entry| entry.searched(None)).collect()
    }

    /// The `limit` best chunks for a question and its embedding, best first. Equal scores are
    /// ordered by document id and chunk. Only documents that match the filter are searched. Cosines
    /// have the weight [`DENSE_WEIGHT`].
    pub fn search(
        &self,
        embedding: &[f32],
        question: &str,
        limit: usize,
        filter: Option<&Filter>,
    ) -> Result<Vec<Hit>> {
        self.search_with(&Search {
            embedding,
            dense_weight: DENSE_WEIGHT,
            question,
            foreign: None,
            phrases: &[],
            limit,
            filter,
            documents: None,
            vector_index: VectorIndex::default(),
            images: None,
        })
    }

    /// The `limit` best chunks, best first. Equal scores are ordered by document id and chunk.
    pub(crate) fn search_with(&self, search: &Search<'_>) -> Result<Vec<Hit>> {
        let &Search { dense_weight, limit, vector_index, .. } = search;
        let query = QuantizedVector::quantize(search.embedding)?;
        let of_entry = |entry: &Rc<Entry>| {
            let allowed = entry.allowed(search.filter);
            search.documents.map_or(allowed.clone(), |is_chosen| {
                Some(Rc::new(entry.chosen(allowed.as_deref(), is_chosen)))
            })
        };
        let mut allowed: Vec<_> = self.entries.iter().map(of_entry).collect();
        for phrase in search.phrases {
            allowed = self.holding(phrase, &allowed);
        }
        let pairs = self.entries.iter().zip(&allowed);
        let searched: Vec<_> =
            pairs.map(|(entry, allowed)| entry.searched(allowed.as_deref())).collect();
        let lexical = self.lexical_scores(search, &searched);
        let scanned = self.scanned(&allowed);
        for segment in &scanned {
            segment.vectors.check_dimensions(query.dimensions())?;
        }
        let strategy = strategy_of(vector_index, &scanned, limit.max(DENSE_CANDIDATES));
        let count = limit.max(match strategy {
            SearchStrategy::Graph => GRAPH_CANDIDATES,
            SearchStrategy::Exact | SearchStrategy::Signs => DENSE_CANDIDATES,
        });
        let mut near = nearest_by(strategy, &scanned, &query, count);
        let mut candidates = Vec::new();
        let images = self.images(search, &scanned);
        for (((entry, scores), near), images) in
            self.entries.iter().zip(&lexical).zip(&mut near).zip(&images)
        {
            if near.len() < entry.segment.len() {
                let chunks = by_terms(&scores.scores, limit.max(LEXICAL_CANDIDATES));
                add_chunks(near, chunks, &entry.segment, &query);
                add_chunks(near, images.keys().copied(), &entry.segment, &query);
            }
            for &(chunk, dense) in near.iter() {
                let lexical = scores.scores[chunk as usize];
                let picture = images.get(&chunk).copied();
                let of_picture = picture.map_or(0.0, |it| IMAGE_WEIGHT * it.score);
                let score = scores.shares[chunk as usize] + dense_weight * dense + of_picture;
                let chunk = chunk as usize;
                candidates.push(Candidate { entry, chunk, dense, lexical, picture, score });
            }
        }
        Ok(best_hits(candidates, limit))
    }
}

impl Index {
    /// The pictures that the question belongs to, by segment and chunk. They are few among the hits, so
    /// that there is room for text.
    fn images(
        &self,
        search: &Search<'_>,
        scanned: &[VectorSet<'_>],
    ) -> Vec<HashMap<u32, PictureMatch>> {
        let Some(query) = search.images else { return vec![HashMap::new(); scanned.len()] };
        let pairs = self.entries.iter().zip(scanned);
        let segments: Vec<_> =
            pairs.map(|(entry, scanned)| (entry.segment.images(), scanned.allowed)).collect();
        query.best_of_chunks(&segments, (search.limit * 2 / 5).max(1))
    }
}

/// The lexical scores of a segment's chunks.
struct LexicalScores {
    scores: Vec<f32>,
    /// Their shares of the best score, which count in the sum with cosines.
    shares: Vec<f32>,
}

impl Index {
    /// The lexical scores of each segment. Documents in another language than the question's are
    /// scored by its words that carry meaning, beside the best of their own.
    fn lexical_scores(&self, search: &Search<'_>, searched: &[Searched<'_>]) -> Vec<LexicalScores> {
        let all = self.scored(search.question, searched);
        // Among all documents: a few in the question's language may have none of its words.
        let best = best_of(all.iter().flatten());
        let relative = |scores: Vec<f32>| {
            let shares = scores.iter().map(|score| score / best).collect();
            LexicalScores { scores, shares }
        };
        let mut found: Vec<LexicalScores> = all.into_iter().map(relative).collect();
        if let Some(foreign) = search.foreign {
            self.score_foreign(foreign, searched, &mut found);
        }
        found
    }

    /// Replaces the scores of documents in another language.
    fn score_foreign(
        &self,
        foreign: &ForeignSearch,
        searched: &[Searched<'_>],
        scores: &mut [LexicalScores],
    ) {
        let chunks: Vec<Vec<usize>> =
            self.entries.iter().map(|entry| foreign_chunks(entry, foreign)).collect();
        if chunks.iter().all(Vec::is_empty) {
            return;
        }
        let by_content = self.scored(&foreign.content, searched);
        let pairs = chunks.iter().zip(&by_content);
        let of_foreign =
            pairs.flat_map(|(chunks, scores)| chunks.iter().map(|&chunk| &scores[chunk]));
        let best = best_of(of_foreign);
        for ((chunks, by_content), found) in chunks.iter().zip(&by_content).zip(scores) {
            for &chunk in chunks {
                found.scores[chunk] = by_content[chunk];
                found.shares[chunk] = foreign.weight * by_content[chunk] / best;
            }
        }
    }

    fn scored(&self, question: &str, searched: &[Searched<'_>]) -> Vec<Vec<f32>> {
        let mut scores = vec![Vec::new(); searched.len()];
        lexical::score(searched, &Query::parse(question, self.languages), &mut scores);
        scores
    }
}

/// The best score, which is not 0.
fn best_of<'a>(scores: impl Iterator<Item = &'a f32>) -> f32 {
    scores.copied().fold(f32::MIN_POSITIVE, f32::max)
}

/// The chunks of a segment that are of documents in another language.
fn foreign_chunks(entry: &Entry, foreign: &ForeignSearch) -> Vec<usize> {
    let segment = &entry.segment;
    let documents = segment.documents().iter().enumerate();
    let of_foreign =
        documents.filter(|(_, info)| foreign.is_foreign(info.details.language.as_deref()));
    of_foreign.flat_map(|(place, _)| segment.chunks_of(place)).collect()
}

impl Index {
    /// Whether there are pictures with vectors of this encoder.
    pub(crate) fn has_images(&self, encoder: Fingerprint) -> bool {
        self.entries.iter().any(|entry| entry.segment.images().has(encoder))
    }

    /// The `limit` best pictures, best first, each with its chunk, of documents that match the filter.
    pub(crate) fn search_images(
        &self,
        query: &ImageQuery<'_>,
        limit: usize,
        filter: Option<&Filter>,
    ) -> Vec<Hit> {
        let of_entry = |entry: &Rc<Entry>| {
            let allowed = entry.allowed(filter);
            query.matches(entry.segment.images(), allowed.as_deref())
        };
        let found: Vec<_> = self.entries.iter().map(of_entry).collect();
        let pairs = self.entries.iter().zip(&found);
        let candidates = pairs.flat_map(|(entry, found)| {
            found.iter().map(move |&(chunk, it)| Candidate {
                entry,
                chunk: chunk as usize,
                dense: 0.0,
                lexical: 0.0,
                picture: Some(it),
                score: it.score,
            })
        });
        best_hits(candidates.collect(), limit)
    }

    /// The allowed chunks that hold all terms of a phrase.
    fn holding(&self, phrase: &Phrase, allowed: &[Option<Rc<BitSet>>]) -> Vec<Option<Rc<BitSet>>> {
        let pairs = self.entries.iter().zip(allowed);
        let searched: Vec<_> =
            pairs.map(|(entry, allowed)| entry.searched(allowed.as_deref())).collect();
        let held = lexical::holding(&searched, phrase).into_iter();
        let bits = |(chunks, entry): (Vec<u32>, &Rc<Entry>)| {
            let mut bits = BitSet::none(entry.segment.len());
            chunks.into_iter().for_each(|chunk| bits.set(chunk as usize, true));
            Some(Rc::new(bits))
        };
        held.zip(self.entries.iter()).map(bits).collect()
    }

    fn scanned<'a>(&'a self, allowed: &'a [Option<Rc<BitSet>>]) -> Vec<VectorSet<'a>> {
        let scanned = |(entry, allowed): (&'a Rc<Entry>, &'a Option<Rc<BitSet>>)| VectorSet {
            vectors: entry.segment.vectors(),
            allowed: allowed.as_deref(),
            graph: entry.graph(),
        };
        self.entries.iter().zip(allowed).map(scanned).collect()
    }

    /// The strategy of a usual search under this choice, without a filter.
    pub(crate) fn strategy(&self, vector_index: VectorIndex) -> SearchStrategy {
        let allowed: Vec<_> = self.entries.iter().map(|entry| entry.allowed(None)).collect();
        strategy_of(vector_index, &self.scanned(&allowed), DENSE_CANDIDATES)
    }
}

/// The `count` best chunks of a segment by their terms.
fn by_terms(scores: &[f32], count: usize) -> impl Iterator<Item = u32> {
    let by_terms = (0..).zip(scores.iter().copied()).filter(|&(_, score)| score > 0.0);
    top_k(by_terms.collect(), count).into_iter().map(|(chunk, _)| chunk)
}

/// Adds chunks of a segment to those that are near.
fn add_chunks(
    near: &mut Vec<(u32, f32)>,
    chunks: impl Iterator<Item = u32>,
    segment: &Segment,
    query: &QuantizedVector,
) {
    near.extend(chunks.map(|chunk| (chunk, segment.similarity(query, chunk as usize))));
    near.sort_unstable_by_key(|&(chunk, _)| chunk);
    near.dedup_by_key(|&mut (chunk, _)| chunk);
}

impl Entry {
    /// The `allowed` chunks of the documents that are chosen.
    fn chosen(
        &self,
        allowed: Option<&BitSet>,
        is_chosen: &dyn Fn(&DocumentInfo) -> bool,
    ) -> BitSet {
        let mut chosen = allowed.cloned().unwrap_or_else(|| BitSet::all(self.segment.len()));
        let documents = self.segment.documents().iter().enumerate();
        for (place, _) in documents.filter(|(_, info)| !is_chosen(info)) {
            self.segment.chunks_of(place).for_each(|chunk| chosen.set(chunk, false));
        }
        chosen
    }

    fn searched<'a>(&'a self, allowed: Option<&'a BitSet>) -> Searched<'a> {
        Searched { postings: self.segment.postings(), live: self.live.as_deref(), allowed }
    }
}

/// The `limit` best hits, best first. Equal scores are ordered by document id and chunk.
fn best_hits(mut candidates: Vec<Candidate<'_>>, limit: usize) -> Vec<Hit> {
    let by_score = |a: &Candidate, b: &Candidate| descending(a.score, b.score);
    if limit == 0 {
        return Vec::new();
    }
    if limit < candidates.len() {
        candidates.select_nth_unstable_by(limit - 1, by_score);
        // Chunks with the same score as the last one may come before it by their place.
        let least = candidates[limit - 1].score;
        let rest = candidates.split_off(limit);
        candidates.extend(rest.into_iter().filter(|rest| rest.score == least));
    }
    let mut hits: Vec<Hit> = candidates.iter().map(Candidate::hit).collect();
    let by_place = |a: &Hit, b: &Hit| (a.document, a.chunk).cmp(&(b.document, b.chunk));
    hits.sort_unstable_by(|a, b| -> Ordering {
        descending(a.score, b.score).then_with(|| by_place(a, b))
    });
    hits.truncate(limit);
    hits
}
