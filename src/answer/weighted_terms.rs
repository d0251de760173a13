//! The terms of a text, weighted by their rarity.

use std::collections::{BTreeMap, BTreeSet};

use crate::index::Index;
use crate::text::terms;

/// Distinct terms, each weighted by its inverse document frequency.
#[derive(Debug, Clone, Default)]
pub(crate) struct WeightedTerms(BTreeMap<String, f32>);

impl WeightedTerms {
    pub(crate) fn new(text: &str, index: &Index) -> Self {
        let distinct: BTreeSet<String> = terms(text).into_iter().collect();
        let weighted = |term: String| {
            let weight = index.rarity(&term).idf;
            (term, weight)
        };
        Self(distinct.into_iter().map(weighted).collect())
    }

    /// The share of the total weight that belongs to terms in `other`; 0 without any terms.
    pub(crate) fn coverage(&self, other: &BTreeSet<String>) -> f32 {
        self.coverage_by(|term| other.contains(term))
    }

    /// The share of the total weight that belongs to terms for which `has` is true; 0 without any
    /// terms.
    pub(crate) fn coverage_by(&self, has: impl Fn(&str) -> bool) -> f32 {
        let total: f32 = self.0.values().sum();
        if total <= 0.0 {
            return 0.0;
        }
        let covered = self.0.iter().filter(|(term, _)| has(term));
        covered.map(|(_, weight)| weight).sum::<f32>() / total
    }

    /// Limits the weight of terms that no document contains to the mean weight: such a term
    /// may only be another word for the same thing. Terms in `names` keep their weight.
    pub(crate) fn limit_unknown(&mut self, index: &Index, names: &BTreeSet<String>) {
        let mean = self.0.values().sum::<f32>() / self.0.len().max(1) as f32;
        for (term, weight) in &mut self.0 {
            if !names.contains(term) && !index.knows(term) {
                *weight = weight.min(mean);
            }
        }
    }

    pub(crate) fn terms(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}
