//! Where a question meets a table: the headers that it names, and the rows that its words choose.

use std::cmp::Ordering;

use super::super::column::Column;
use super::super::date::Date;
use super::super::part::Part;
use super::super::view::View;
use super::Question;
use super::filters::Filters;
use super::meanings::{have_one_root, means};

/// Columns that questions are about, with the derived ones. Those after them are left out.
pub(crate) const MAX_COLUMNS: usize = 200;
/// What a word that means one of a header counts, beside the same word.
const MEANING_WEIGHT: f32 = 0.6;
/// What a function word counts.
const FUNCTION_WORD_WEIGHT: f32 = 0.3;
/// What sums of equal weights may differ by.
const TOLERANCE: f32 = 1e-6;

/// How a predicate chooses its rows. The numbers are those of features.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Test {
    /// The cell is the words of the question.
    Exact = 0,
    /// The cell contains them.
    Contains = 1,
    Greater = 2,
    Less = 3,
    AtLeast = 4,
    AtMost = 5,
    /// The cell has no value.
    Empty = 6,
    /// The year is in a decade or a century.
    Decade = 7,
    Equal = 8,
    Between = 9,
    /// The cell begins with letters of the question.
    Starts = 10,
}

impl Test {
    /// Whether it is one of words in cells.
    pub(crate) fn is_of_words(self) -> bool {
        matches!(self, Self::Exact | Self::Contains)
    }

    /// Whether a value passes that compares so with that of the question.
    pub(crate) fn admits(self, ordering: Ordering) -> bool {
        match self {
            Self::Greater => ordering.is_gt(),
            Self::Less => ordering.is_lt(),
            Self::AtLeast => ordering.is_ge(),
            Self::AtMost => ordering.is_le(),
            _ => ordering.is_eq(),
        }
    }
}

/// What a test compares cells with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Operand {
    /// The words of the question that the predicate is from.
    Words,
    Number(f64),
    /// From the first on; to the second with it, or of a decade, to below it.
    Range(f64, f64),
    Date(Date),
    Nothing,
}

/// Rows that a part of the question chooses.
#[derive(Debug)]
pub(crate) struct Predicate {
    pub(crate) column: usize,
    pub(crate) test: Test,
    pub(crate) operand: Operand,
    /// Its words in the question: the first, and the one after the last.
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// Whether it chooses a row.
    pub(crate) rows: Vec<bool>,
    /// Rows that it chooses: at least one.
    pub(crate) count: usize,
    /// Whether no other predicate has these words and more.
    pub(crate) is_maximal: bool,
    /// Its words that are no function words.
    pub(crate) content: usize,
}

impl Predicate {
    /// The rows that it chooses.
    pub(crate) fn chosen(&self) -> impl Iterator<Item = usize> {
        self.rows.iter().enumerate().filter(|(_, is_chosen)| **is_chosen).map(|(row, _)| row)
    }

    /// Whether it shares words of the question with another one.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        self.from < other.to && other.from < self.to
    }
}

/// What a question says of a header.
#[derive(Debug)]
pub(crate) struct HeaderLink {
    /// The words of the question that mean words of the header.
    pub(crate) words: Vec<usize>,
    /// The share of the header's words that are meant.
    pub(crate) share: f32,
    /// The share of them that are in the question themselves.
    pub(crate) same: f32,
    /// Whether the question has the header word for word.
    pub(crate) is_phrase: bool,
    /// Whether no other header has more of the question.
    pub(crate) is_best: bool,
    /// Whether the question may be about this part of a column.
    pub(crate) is_open: bool,
}

/// The predicates and headers of a question.
#[derive(Debug)]
pub(crate) struct Links {
    pub(crate) predicates: Vec<Predicate>,
    /// One a column.
    pub(crate) headers: Vec<HeaderLink>,
}

impl Links {
    /// Where this question meets this table.
    pub(crate) fn new(question: &Question, view: &View) -> Self {
        let headers = headers(question, view);
        let predicates = Filters::new(question, view, &headers).all();
        Self { predicates, headers }
    }

    /// The columns that the question may be about.
    pub(crate) fn open(&self) -> impl Iterator<Item = usize> {
        self.headers.iter().enumerate().filter(|(_, header)| header.is_open).map(|(at, _)| at)
    }
}

fn headers(question: &Question, view: &View) -> Vec<HeaderLink> {
    let columns = || view.columns.iter();
    let meant: Vec<Vec<usize>> = columns().map(|column| meant_words(question, column)).collect();
    let weights: Vec<f32> =
        columns().zip(&meant).map(|(column, own)| weight(question, column, own, &meant)).collect();
    let most = weights.iter().copied().fold(0.0, f32::max);
    let links =
        columns().zip(meant).zip(weights).enumerate().map(|(at, ((column, own), weight))| {
            HeaderLink {
                share: share(column, |word| own.iter().any(|at| means(&question.stems[*at], word))),
                same: share(column, |word| {
                    own.iter().any(|at| have_one_root(&question.stems[*at], word))
                }),
                words: own,
                is_phrase: !column.words.is_empty()
                    && question
                        .stems
                        .windows(column.words.len())
                        .any(|words| words == column.words),
                is_best: weight > 0.0 && weight >= most - TOLERANCE,
                is_open: at < MAX_COLUMNS && is_open(question, column.part),
            }
        });
    links.collect()
}

/// The words of a question that mean words of a header. A function word does where it is all of it.
fn meant_words(question: &Question, column: &Column) -> Vec<usize> {
    let is_meant = |at: &usize| {
        (question.is_content[*at] || column.words.len() == 1)
            && column.words.iter().any(|word| means(&question.stems[*at], word))
    };
    (0..question.stems.len()).filter(is_meant).collect()
}

fn share(column: &Column, is_meant: impl Fn(&str) -> bool) -> f32 {
    let meant = column.words.iter().filter(|word| is_meant(word)).count();
    meant as f32 / column.words.len().max(1) as f32
}

/// How much of a question a header has. Words of fewer headers say more.
fn weight(question: &Question, column: &Column, own: &[usize], all: &[Vec<usize>]) -> f32 {
    let weights = own.iter().map(|at| {
        let is_same = column.words.contains(&question.stems[*at]);
        let headers = all.iter().filter(|other| other.contains(at)).count();
        let content = if question.is_content[*at] { 1.0 } else { FUNCTION_WORD_WEIGHT };
        let meaning = if is_same { 1.0 } else { MEANING_WEIGHT };
        content * meaning / (headers as f32).sqrt()
    });
    weights.sum()
}

/// Whether a question has a word for which a part of a column is asked for.
fn is_open(question: &Question, part: Part) -> bool {
    let words: &[&str] = match part {
        Part::Whole | Part::Base | Part::Inner => return true,
        Part::Month => &["month", "months"],
        Part::Year => &["year", "years", "when"],
        Part::Duration => &[
            "long", "longest", "longer", "shortest", "shorter", "length", "term", "serve",
            "served", "years", "year", "duration", "reign", "lived", "live", "old", "time",
        ],
        Part::First | Part::Second => &[
            "score", "scored", "points", "goals", "win", "wins", "won", "lose", "lost", "losses",
            "most", "least", "how", "total",
        ],
        Part::Margin => &["difference", "differential", "margin", "apart", "by"],
        Part::Head | Part::Tail => &[
            "country",
            "countries",
            "nation",
            "nations",
            "state",
            "states",
            "city",
            "cities",
            "town",
            "towns",
            "county",
            "counties",
            "region",
            "province",
            "where",
            "place",
            "places",
            "nationality",
            "nationalities",
            "location",
            "locations",
            "venue",
        ],
        Part::Sum => &[
            "total", "combined", "sum", "together", "both", "most", "least", "highest", "lowest",
            "scoring",
        ],
    };
    question.has_word(words)
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::table;
    use super::*;
    use crate::test;

    fn headers_of(question: &str) -> Vec<HeaderLink> {
        let table = table("Player|Home goals|Away goals|Result / a|1|2|2-1 / b|3|4|3-0");
        headers(&Question::new(question), &table.view)
    }

    #[test]
    fn a_header_is_meant_by_its_words() {
        let links = headers_of("Who has the most home goals?");
        assert_eq!(links[0].words, [0], "who is a player");
        assert_eq!((links[1].share, links[2].share), (1.0, 0.5));
        assert!(links[1].is_phrase && links[1].is_best);
        assert!(!links[2].is_phrase && !links[2].is_best);
    }

    #[test]
    fn parts_are_open_where_a_word_asks_for_them() {
        let open = |question: &str| -> Vec<bool> {
            headers_of(question).iter().skip(4).map(|link| link.is_open).collect()
        };
        assert_eq!(open("what is the margin"), [false, false, true, false]);
        assert_eq!(open("what is the combined score"), [true, true, false, true]);
    }
}
