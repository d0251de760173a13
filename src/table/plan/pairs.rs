//! Plans about two things beside each other: their difference, and which of them has more.

use super::super::column::ColumnKind;
use super::super::question::{Group, Predicate, Question, Test};
use super::super::view::View;
use super::enumeration::{Draft, Enumeration};
use super::rows::{RowSet, Rows};
use super::yes_no::yes_or_no;
use super::{Operation, TableValue};

/// The most pairs of a question.
const MAX_PAIRS: usize = 40;
/// Differences of decimals are rounded to so many parts of one.
const PARTS_OF_ONE: f64 = 1e6;
/// Groups of phrases that ask how many rows more one thing has.
const DIFFERENCE_GROUPS: &[Group] = &[Group::Difference, Group::Between, Group::More, Group::Less];
/// Groups of phrases that ask for one of two things.
const CHOICE_GROUPS: &[Group] = &[Group::Or, Group::Between];
/// Groups of phrases that ask for a word that compares.
pub(super) const COMPARING_GROUPS: &[Group] = &[Group::More, Group::Less, Group::Above];

/// Words that compare a larger with a smaller value, and the other way round.
pub(crate) const OPPOSITES: &[(&str, &str)] = &[
    ("more", "less"),
    ("above", "below"),
    ("higher", "lower"),
    ("more", "fewer"),
    ("longer", "shorter"),
    ("larger", "smaller"),
    ("taller", "shorter"),
    ("older", "younger"),
    ("before", "after"),
];

/// Two things of a column.
struct Pair<'a> {
    set: RowSet,
    column: usize,
    things: [Thing<'a>; 2],
    /// Whether one of them is asked for.
    is_choice: bool,
}

/// One of them.
struct Thing<'a> {
    predicate: &'a Predicate,
    rows: Vec<usize>,
    first_row: usize,
}

impl<'a> Thing<'a> {
    fn new(predicate: &'a Predicate) -> Option<Self> {
        let rows: Vec<usize> = predicate.chosen().collect();
        let first_row = *rows.first()?;
        Some(Self { predicate, rows, first_row })
    }
}

impl Enumeration<'_> {
    /// The plans about two things.
    pub(super) fn pairs(&mut self) {
        let links = self.links;
        let predicates = links.predicates.iter().enumerate();
        let pairs = predicates.flat_map(|(at, first)| {
            let others = links.predicates.iter().enumerate().skip(at + 1);
            others.map(move |(other, second)| (Rows::Or(at, other), [first, second]))
        });
        let pairs = pairs.filter(|(_, [first, second])| is_pair(first, second));
        for (rows, [first, second]) in pairs.take(MAX_PAIRS) {
            let (Some(one), Some(other)) = (Thing::new(first), Thing::new(second)) else {
                continue;
            };
            let list = one.rows.iter().chain(&other.rows).copied().collect();
            let column = first.column;
            let is_choice =
                self.question.has_any(CHOICE_GROUPS) || self.question.has_word(&["and"]);
            let set = RowSet { rows, list, columns: vec![column] };
            self.pair(&Pair { set, column, things: [one, other], is_choice });
        }
    }

    fn pair(&mut self, pair: &Pair) {
        let [one, other] = &pair.things;
        let counts = [one, other].map(|thing| thing.rows.len() as f64);
        if self.question.has_any(DIFFERENCE_GROUPS) {
            let difference = (counts[0] - counts[1]).abs();
            let draft = Draft::of_rows(Operation::CountDifference, difference);
            self.put(&pair.set, draft.by(pair.column), &pair.set.list);
        }
        if pair.is_choice {
            if counts[0] != counts[1] {
                self.choose(pair, Operation::ChooseCount, None, counts[0] > counts[1]);
            }
            let (first, second) = (one.first_row, other.first_row);
            self.choose(pair, Operation::ChooseFirst, None, first < second);
            self.choose(pair, Operation::ChooseLast, None, first > second);
        }
        for column in self.ordered.clone() {
            if column != pair.column {
                self.compare(pair, column);
            }
        }
    }

    /// Adds a plan that gives the name of one of two things.
    fn choose(&mut self, pair: &Pair, operation: Operation, by: Option<usize>, is_first: bool) {
        let [one, other] = &pair.things;
        let thing = if is_first { one } else { other };
        let name = TableValue::Text(thing_name(self.question, self.view, thing.predicate));
        let draft = Draft { by, ..Draft::new(operation, pair.column, vec![name]) };
        self.put(&pair.set, draft, &pair.set.list);
    }

    /// Compares the values of two things.
    fn compare(&mut self, pair: &Pair, column: usize) {
        let [one, other] = &pair.things;
        let (Some(first), Some(second)) = (self.value(one, column), self.value(other, column))
        else {
            return;
        };
        let difference = match self.view.columns[column].kind {
            ColumnKind::Number => first - second,
            _ => self.year(one.first_row, column) - self.year(other.first_row, column),
        };
        let difference = rounded(difference.abs());
        let draft = Draft::number(Operation::Difference, column, difference);
        self.put(&pair.set, draft, &pair.set.list);
        let is_in_order = one.predicate.from < other.predicate.from;
        if self.question.is_yes_no() {
            let is_more = if is_in_order { first > second } else { second > first };
            let is_less = first != second && !is_more;
            let answers = [(Operation::WhetherMore, is_more), (Operation::WhetherLess, is_less)];
            for (operation, is_so) in answers {
                let draft = Draft::new(operation, column, vec![yes_or_no(is_so)]);
                self.put(&pair.set, draft, &pair.set.list);
            }
        }
        if first != second && pair.is_choice {
            self.choose(pair, Operation::ChooseMax, Some(column), first > second);
            self.choose(pair, Operation::ChooseMin, Some(column), first < second);
            self.comparing_words(pair, column, (first > second) == is_in_order);
        }
    }

    /// Adds the words of the question that compare the thing named first with the other.
    fn comparing_words(&mut self, pair: &Pair, column: usize, is_more: bool) {
        if !self.question.has_any(COMPARING_GROUPS) {
            return;
        }
        for (up, down) in OPPOSITES {
            if self.question.has_word(&[up]) && self.question.has_word(&[down]) {
                let word = if is_more { up } else { down };
                let word = TableValue::Text((*word).to_owned());
                let draft = Draft::new(Operation::MoreLess, column, vec![word]);
                self.put(&pair.set, draft, &pair.set.list);
            }
        }
    }

    /// The value of a thing: of several rows with numbers, their sum.
    fn value(&self, thing: &Thing, column: usize) -> Option<f64> {
        let mut values = thing.rows.iter().filter_map(|row| self.view.order(*row, column));
        let first = values.next()?;
        let is_number = self.view.columns[column].kind == ColumnKind::Number;
        Some(if is_number { values.fold(first, |sum, value| sum + value) } else { first })
    }

    fn year(&self, row: usize, column: usize) -> f64 {
        let date = self.view.rows[row][column].date;
        date.and_then(|date| date.year).map_or(0.0, f64::from)
    }
}

/// A number without the noise of floats.
pub(super) fn rounded(number: f64) -> f64 {
    let rounded = (number * PARTS_OF_ONE).round() / PARTS_OF_ONE;
    // A product that is too large has nothing to round.
    if rounded.is_finite() { rounded } else { number }
}

/// The cell that names a thing, or the words of the question.
pub(crate) fn thing_name(question: &Question, view: &View, predicate: &Predicate) -> String {
    let cell = predicate.chosen().next().map(|row| &view.rows[row][predicate.column]);
    match cell {
        Some(cell) if predicate.test == Test::Exact => cell.text.clone(),
        _ => question.words[predicate.from..predicate.to].join(" "),
    }
}

/// Whether two predicates are things of one column.
fn is_pair(first: &Predicate, second: &Predicate) -> bool {
    let is_thing = |it: &Predicate| it.test.is_of_words() || it.test == Test::Decade;
    first.column == second.column
        && !first.overlaps(second)
        && is_thing(first)
        && is_thing(second)
        && first.rows != second.rows
}
