//! Filters: conditions on the metadata of documents.
//!
//! A filter is a JSON object. A document's metadata must satisfy all of its entries:
//!
//! ```text
//! { "project": "x" }                           the value equals; null: it is null or missing
//! { "year": { "gte": 2000, "lt": 2010 } }      a range of numbers, or of texts (ISO dates)
//! { "project": { "in": ["x", "y"] } }          one of several values
//! { "and": [A, B] }, { "or": [A, B] }, { "not": A }
//! ```
//!
//! One matching element of a list is enough. A name with dots (`author.name`) is a path
//! into nested objects, unless the metadata has an entry of that name.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// The most levels of nested filters.
const MAX_LEVELS: usize = 32;
/// The most conditions of a filter.
const MAX_CONDITIONS: usize = 1000;

/// A condition on a document's metadata.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// All of these match.
    All(Vec<Filter>),
    /// At least one of these matches.
    Any(Vec<Filter>),
    /// This does not match.
    Not(Box<Filter>),
    /// The entry of this name satisfies the predicate.
    Entry {
        /// The entry's name, or a path of names separated by dots.
        name: String,
        /// The condition on its value.
        predicate: Predicate,
    },
}

/// A condition on a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Predicate {
    /// It is one of these.
    In(Vec<Value>),
    /// It compares in this way with this number or text.
    Compared(Comparison, Value),
}

/// How one value compares with another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// Greater.
    Greater,
    /// Greater or equal.
    GreaterOrEqual,
    /// Less.
    Less,
    /// Less or equal.
    LessOrEqual,
}

impl Filter {
    /// Parses a filter.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a value that is no filter, and over 1,000 conditions.
    pub fn parse(filter: &Value) -> Result<Self> {
        let mut conditions = MAX_CONDITIONS;
        parse(filter, MAX_LEVELS, &mut conditions)
    }

    /// Whether a document with this metadata matches.
    pub fn matches(&self, metadata: &Value) -> bool {
        match self {
            Self::All(filters) => filters.iter().all(|filter| filter.matches(metadata)),
            Self::Any(filters) => filters.iter().any(|filter| filter.matches(metadata)),
            Self::Not(filter) => !filter.matches(metadata),
            Self::Entry { name, predicate } => {
                predicate.holds(entry(metadata, name).unwrap_or(&Value::Null))
            }
        }
    }
}

impl Predicate {
    fn holds(&self, value: &Value) -> bool {
        match value {
            Value::Array(values) => values.iter().any(|value| self.holds_of_one(value)),
            value => self.holds_of_one(value),
        }
    }

    fn holds_of_one(&self, value: &Value) -> bool {
        match self {
            Self::In(values) => values.iter().any(|other| are_equal(value, other)),
            Self::Compared(comparison, other) => {
                compare(value, other).is_some_and(|order| match comparison {
                    Comparison::Greater => order.is_gt(),
                    Comparison::GreaterOrEqual => order.is_ge(),
                    Comparison::Less => order.is_lt(),
                    Comparison::LessOrEqual => order.is_le(),
                })
            }
        }
    }
}

/// 1 and 1.0 are the same number.
fn are_equal(a: &Value, b: &Value) -> bool {
    a == b || compare(a, b) == Some(Ordering::Equal)
}

fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (Value::Number(a), Value::Number(b)) => a.as_f64()?.partial_cmp(&b.as_f64()?),
        _ => None,
    }
}

fn entry<'a>(metadata: &'a Value, name: &str) -> Option<&'a Value> {
    metadata.get(name).or_else(|| {
        let (first, rest) = name.split_once('.')?;
        entry(metadata.get(first)?, rest)
    })
}

fn parse(filter: &Value, levels: usize, conditions: &mut usize) -> Result<Filter> {
    let levels = levels.checked_sub(1).ok_or_else(|| invalid(filter))?;
    let entries = filter.as_object().ok_or_else(|| invalid(filter))?;
    let mut all = Vec::new();
    for (name, value) in entries {
        *conditions = conditions.checked_sub(1).ok_or_else(|| invalid(value))?;
        match name.as_str() {
            "and" => all.push(Filter::All(parse_each(value, levels, conditions)?)),
            "or" => all.push(Filter::Any(parse_each(value, levels, conditions)?)),
            "not" => all.push(Filter::Not(Box::new(parse(value, levels, conditions)?))),
            name => {
                let entry = |predicate| Filter::Entry { name: name.to_owned(), predicate };
                all.extend(parse_predicates(value)?.into_iter().map(entry));
            }
        }
    }
    Ok(if all.len() == 1 { all.remove(0) } else { Filter::All(all) })
}

fn parse_each(filters: &Value, levels: usize, conditions: &mut usize) -> Result<Vec<Filter>> {
    let filters = filters.as_array().ok_or_else(|| invalid(filters))?;
    filters.iter().map(|filter| parse(filter, levels, conditions)).collect()
}

fn parse_predicates(value: &Value) -> Result<Vec<Predicate>> {
    match value {
        Value::Object(predicates) if !predicates.is_empty() => parse_named_predicates(predicates),
        Value::Array(_) | Value::Object(_) => Err(invalid(value)),
        value => Ok(vec![Predicate::In(vec![value.clone()])]),
    }
}

fn parse_named_predicates(predicates: &Map<String, Value>) -> Result<Vec<Predicate>> {
    let compared = |comparison, value: &Value| match value {
        Value::Number(_) | Value::String(_) => Ok(Predicate::Compared(comparison, value.clone())),
        value => Err(invalid(value)),
    };
    let predicate = |(name, value): (&String, &Value)| match (name.as_str(), value) {
        ("in", Value::Array(values)) => Ok(Predicate::In(values.clone())),
        ("gt", value) => compared(Comparison::Greater, value),
        ("gte", value) => compared(Comparison::GreaterOrEqual, value),
        ("lt", value) => compared(Comparison::Less, value),
        ("lte", value) => compared(Comparison::LessOrEqual, value),
        (_, value) => Err(invalid(value)),
    };
    predicates.iter().map(predicate).collect()
}

fn invalid(got: &Value) -> Error {
    let got: String = got.to_string().chars().take(80).collect();
    let expected = "conditions like { name: value }, { name: { in: [values] } } and { name: { gte: \
                    value, lt: value } }, with \"and\", \"or\" and \"not\", 1,000 at most";
    Error::InvalidOption { option: "where", got, expected }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;

    use crate::test;

    const NONE: [usize; 0] = [];

    fn matching(filter: Value) -> Vec<usize> {
        let documents = [
            json!({ "project": "x", "year": 2001, "tags": ["red", "blue"], "a": { "b": { "c": 1 } } }),
            json!({ "project": "y", "year": 2010.5, "tags": [], "a.b": 7 }),
            json!({ "project": null, "date": "2024-05-01", "tags": "red" }),
            json!({}),
        ];
        let filter = Filter::parse(&filter).unwrap();
        (0..documents.len()).filter(|&number| filter.matches(&documents[number])).collect()
    }

    #[test]
    fn equal_values_match_and_null_matches_missing_entries() {
        assert_eq!(matching(json!({ "project": "x" })), [0]);
        assert_eq!(matching(json!({ "project": "x", "year": 2001.0 })), [0]);
        assert_eq!(matching(json!({ "project": "x", "year": 2002 })), NONE);
        assert_eq!(matching(json!({ "project": null })), [2, 3]);
        assert_eq!(matching(json!({ "year": "2001" })), NONE, "a text is no number");
        assert_eq!(matching(json!({})), [0, 1, 2, 3]);
    }

    #[test]
    fn one_element_of_a_list_is_enough() {
        assert_eq!(matching(json!({ "tags": "red" })), [0, 2]);
        assert_eq!(matching(json!({ "tags": { "in": ["green", "blue"] } })), [0]);
        assert_eq!(matching(json!({ "tags": { "in": [] } })), NONE);
    }

    #[test]
    fn ranges_compare_numbers_with_numbers_and_texts_with_texts() {
        assert_eq!(matching(json!({ "year": { "gte": 2001 } })), [0, 1]);
        assert_eq!(matching(json!({ "year": { "gt": 2001, "lt": 2010.5 } })), NONE);
        assert_eq!(matching(json!({ "year": { "gt": 2000, "lte": 2010.5 } })), [0, 1]);
        assert_eq!(matching(json!({ "date": { "gte": "2024", "lt": "2025" } })), [2]);
        assert_eq!(matching(json!({ "date": { "gte": 2024 } })), NONE);
    }

    #[test]
    fn filters_combine() {
        assert_eq!(matching(json!({ "or": [{ "project": "x" }, { "tags": "red" }] })), [0, 2]);
        assert_eq!(matching(json!({ "and": [{ "year": 2001 }, { "tags": "red" }] })), [0]);
        assert_eq!(matching(json!({ "not": { "project": "x" } })), [1, 2, 3]);
        assert_eq!(matching(json!({ "not": { "tags": "red" }, "project": "y" })), [1]);
        assert_eq!(matching(json!({ "or": [] })), NONE);
        assert_eq!(matching(json!({ "and": [] })), [0, 1, 2, 3]);
    }

    #[test]
    fn a_path_names_a_nested_entry_unless_an_entry_has_that_name() {
        assert_eq!(matching(json!({ "a.b.c": 1 })), [0]);
        assert_eq!(matching(json!({ "a.b": 7 })), [1]);
    }

    #[test]
    fn an_invalid_filter_is_refused_with_the_expected_form() {
        let mut deep = json!({});
        (0..40).for_each(|_| deep = json!({ "not": deep }));
        let wide: Vec<Value> = (0..1100).map(|n| json!({ "n": n })).collect();
        for bad in [
            json!([]),
            json!("x"),
            json!(null),
            json!({ "project": ["x"] }),
            json!({ "project": {} }),
            json!({ "project": { "equals": "x" } }),
            json!({ "project": { "in": "x" } }),
            json!({ "year": { "gt": null } }),
            json!({ "and": { "a": 1 } }),
            json!({ "or": [1] }),
            json!({ "not": [] }),
            json!({ "or": wide }),
            deep,
        ] {
            let error = Filter::parse(&bad).unwrap_err();
            assert_eq!(error.code(), "invalid_option", "{bad}");
            assert!(error.to_string().contains("where") && error.to_string().len() < 400);
        }
    }
}
