//! The weights of features, as text: one line a feature, its id and its weight.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::LazyLock;

/// Weights are whole numbers of these parts of one.
const PARTS_OF_ONE: f32 = 100.0;

/// The weights of features. Those that are not there count nothing.
#[derive(Debug, Clone, Default)]
pub struct Weights {
    by_id: HashMap<u32, f32>,
}

/// What `multimodal-rag train-tables` wrote.
static TRAINED: LazyLock<Weights> =
    LazyLock::new(|| Weights::parse(include_str!("weights.txt")).unwrap_or_default());

impl Weights {
    /// The weights of the crate.
    pub fn trained() -> &'static Self {
        &TRAINED
    }

    /// The weights of a text: lines of an id, in hexadecimal, and a weight in hundredths. `None`
    /// where a line is something else.
    pub fn parse(text: &str) -> Option<Self> {
        let weight = |line: &str| {
            let (id, hundredths) = line.trim_end().split_once(' ')?;
            let weight = hundredths.parse::<i16>().ok().map(f32::from)?;
            Some((u32::from_str_radix(id, 16).ok()?, weight / PARTS_OF_ONE))
        };
        let by_id = text.lines().map(weight).collect::<Option<_>>()?;
        Some(Self { by_id })
    }

    /// The text of these weights, in the order of their ids. Weights that are rounded to nothing
    /// are left out.
    pub fn to_text(list: &[(u32, f32)]) -> String {
        let mut rounded: Vec<(u32, i16)> = list
            .iter()
            // A conversion of floats keeps within the bounds of the type.
            .map(|(id, weight)| (*id, (weight * PARTS_OF_ONE).round() as i16))
            .filter(|(_, hundredths)| *hundredths != 0)
            .collect();
        rounded.sort_unstable();
        rounded.iter().fold(String::new(), |mut text, (id, hundredths)| {
            // Writing to a string does not fail.
            let _ = writeln!(text, "{id:x} {hundredths}");
            text
        })
    }

    /// The sum of the weights of these features.
    pub(super) fn score(&self, features: &[u32]) -> f32 {
        features.iter().filter_map(|id| self.by_id.get(id)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn weights_are_the_same_after_a_round_trip() {
        let list = [(0x40_0801, -1.25), (7, 0.5), (u32::MAX, 3.0), (9, 0.001)];
        let text = Weights::to_text(&list);
        assert_eq!(text, "7 50\n400801 -125\nffffffff 300\n");
        let weights = Weights::parse(&text).expect("it is a text of weights");
        let scores = [7, 9, 0x40_0801, u32::MAX].map(|id| weights.score(&[id]));
        assert_eq!(scores, [0.5, 0.0, -1.25, 3.0]);
        assert_eq!(weights.score(&[7, 7, u32::MAX, 1]), 4.0);
    }

    #[test]
    fn the_weights_of_the_crate_can_be_read() {
        assert!(Weights::trained().by_id.len() > 1000);
    }

    #[test]
    fn other_texts_are_no_weights() {
        for text in ["7", "7 x", "g 5", "7 5 5", "7 99999", "\n"] {
            assert!(Weights::parse(text).is_none(), "{text:?}");
        }
        assert_eq!(Weights::parse("").map(|weights| weights.score(&[1])), Some(0.0));
    }
}
