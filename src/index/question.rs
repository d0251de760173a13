//! A question -> what lexical search looks for.

use std::collections::BTreeMap;

use super::terms::terms;

/// The terms of a question.
#[derive(Debug, Clone, Default)]
pub(super) struct Query {
    /// Each with how often it is asked for.
    terms: BTreeMap<String, u32>,
}

impl Query {
    pub(super) fn parse(question: &str) -> Self {
        let mut query = Self::default();
        for term in terms(question) {
            *query.terms.entry(term).or_default() += 1;
        }
        query
    }

    /// Each term with how often it is asked for.
    pub(super) fn terms(&self) -> impl Iterator<Item = (&str, u32)> {
        self.terms.iter().map(|(term, &times)| (term.as_str(), times))
    }
}
