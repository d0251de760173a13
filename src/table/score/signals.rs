//! What the words of a question say of an order: which way, and by which column.

use super::super::column::{Column, ColumnClass};
use super::super::question::{Links, Question};
use super::super::view::View;

/// What a superlative or a comparative asks for. The numbers are those of features.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sense {
    More = 0,
    Fewer = 1,
    Early = 2,
    Late = 3,
    Good = 4,
    Bad = 5,
    Fast = 6,
    Slow = 7,
    Old = 8,
    Young = 9,
    High = 10,
    Low = 11,
}

/// The words of each sense.
const SENSES: &[(Sense, &[&str])] = &[
    (
        Sense::More,
        &[
            "most", "more", "maximum", "max", "longer", "larger", "greater", "bigger", "taller",
            "heavier", "deeper", "wider", "farther", "further", "stronger", "exceed", "over",
        ],
    ),
    (
        Sense::Fewer,
        &[
            "least",
            "smallest",
            "fewest",
            "minimum",
            "min",
            "shortest",
            "lightest",
            "narrowest",
            "nearest",
            "closest",
            "cheapest",
            "thinnest",
            "weakest",
            "less",
            "fewer",
            "smaller",
            "shorter",
            "lighter",
            "under",
        ],
    ),
    (
        Sense::Early,
        &["earliest", "first", "earlier", "sooner", "soonest", "before", "initial", "original"],
    ),
    (Sense::Late, &["latest", "last", "final", "recent", "recently", "later", "after"]),
    (Sense::High, &["high", "higher", "highest", "above"]),
    (Sense::Low, &["low", "lower", "lowest", "below"]),
    (Sense::Good, &["best", "top", "better"]),
    (Sense::Bad, &["worst", "bottom", "worse"]),
    (Sense::Fast, &["fastest", "quickest", "faster", "quicker"]),
    (Sense::Slow, &["slowest", "slower"]),
    (Sense::Old, &["oldest", "older", "eldest"]),
    (Sense::Young, &["youngest", "younger", "newest", "newer"]),
];
/// Words that end as superlatives and are none.
const NO_SUPERLATIVES: &[&str] = &[
    "west",
    "east",
    "northwest",
    "northeast",
    "southwest",
    "southeast",
    "test",
    "rest",
    "guest",
    "contest",
    "interest",
    "forest",
    "request",
    "quest",
    "chest",
    "west",
    "budapest",
    "harvest",
    "protest",
    "invest",
    "suggest",
    "conquest",
    "arrest",
    "nest",
    "modest",
    "honest",
    "priest",
    "midwest",
    "crest",
    "latest",
    "best",
];
/// Words before what is summed up.
const TOTALS: &[&str] =
    &["total", "combined", "sum", "average", "mean", "difference", "differ", "overall"];
/// Words from a sign to a header that it is about.
const REACH: usize = 5;

/// What the words of a question say of an order.
pub(super) struct Signals {
    /// Each sense once.
    pub(super) senses: Vec<Sense>,
    /// Of each column, whether its header is the first after a word with a sense, and after one
    /// for a sum.
    pub(super) is_ordering: Vec<bool>,
    pub(super) is_summed: Vec<bool>,
    /// Whether a word for an order, or for a sum, is one of a header.
    pub(super) in_header: u32,
}

impl Sense {
    /// Whether it asks for the largest of a column; `None` where that is not sure.
    pub(super) fn is_max(self, column: &Column, is_time: bool) -> Option<bool> {
        let is_date = matches!(column.class, ColumnClass::Date | ColumnClass::Year);
        let is_index = column.class == ColumnClass::Index;
        match self {
            Self::More if is_index => None,
            Self::Fewer if is_index => None,
            Self::More | Self::Late => Some(true),
            Self::Fewer | Self::Early => Some(false),
            Self::High => Some(!is_index),
            Self::Low => Some(is_index),
            Self::Good => Some(!is_index && !is_time),
            Self::Bad => Some(is_index || is_time),
            Self::Fast => Some(!is_index && !is_time),
            Self::Slow => Some(is_index || is_time),
            Self::Old => Some(!is_date),
            Self::Young => Some(is_date),
        }
    }
}

impl Signals {
    pub(super) fn new(question: &Question, links: &Links, view: &View) -> Self {
        let found: Vec<(usize, Sense)> =
            (0..question.words.len()).filter_map(|at| Some((at, sense(question, at)?))).collect();
        let mut senses: Vec<Sense> = found.iter().map(|(_, sense)| *sense).collect();
        senses.sort_unstable_by_key(|sense| *sense as u32);
        senses.dedup();
        let is_in_header = |at: usize| {
            let stem = &question.stems[at];
            view.columns.iter().any(|column| column.words.contains(stem))
        };
        let has_order = found.iter().any(|(at, _)| is_in_header(*at));
        let totals = (0..question.words.len()).filter(|at| TOTALS.contains(&question.word(*at)));
        let has_total = totals.clone().any(is_in_header);
        Self {
            senses,
            is_ordering: nearest(links, view, found.iter().map(|(at, _)| *at)),
            is_summed: nearest(links, view, totals),
            in_header: u32::from(has_order) + 2 * u32::from(has_total),
        }
    }
}

/// The sense of a word, by those after it.
fn sense(question: &Question, at: usize) -> Option<Sense> {
    let (word, next) = (question.word(at), question.word(at + 1));
    match (word, next) {
        ("most", "recent" | "recently") => return None,
        ("least", "recent" | "recently") => return Some(Sense::Early),
        ("at", _) => return None,
        _ => {}
    }
    if at > 0 && question.word(at - 1) == "at" && matches!(word, "least" | "most") {
        return None;
    }
    let known = SENSES.iter().find(|(_, words)| words.contains(&word));
    let is_superlative =
        word.len() > 5 && word.ends_with("est") && !NO_SUPERLATIVES.contains(&word);
    known.map(|(sense, _)| *sense).or(is_superlative.then_some(Sense::More))
}

/// Of each column, whether its header is the first one after one of these words.
fn nearest(links: &Links, view: &View, words: impl Iterator<Item = usize>) -> Vec<bool> {
    let mut is_nearest = vec![false; view.columns.len()];
    for from in words {
        let distance = |column: usize| {
            let after =
                links.headers[column].words.iter().filter(|at| (from..=from + REACH).contains(at));
            after.map(|at| at - from).min()
        };
        let distances: Vec<Option<usize>> = (0..view.columns.len()).map(distance).collect();
        let Some(least) = distances.iter().flatten().min().copied() else { continue };
        for (column, distance) in distances.iter().enumerate() {
            is_nearest[column] |= *distance == Some(least);
        }
    }
    is_nearest
}
