//! What features need of a question and a table, whatever the plan.

use super::super::column::{Column, ColumnClass, ColumnKind, is_share};
use super::super::question::{HeaderLink, Links, Predicate, Question, Test};
use super::super::view::View;
use super::asked::{asking_word, counted_word, question_word};
use super::entity::entity;
use super::signals::Signals;

/// Words of headers of columns of times, places and people: stems.
const TIMES: &[&str] = &[
    "date", "year", "day", "month", "time", "season", "period", "term", "week", "era", "built",
    "open", "found", "releas",
];
const PLACES: &[&str] = &[
    "locat", "place", "citi", "venu", "countri", "town", "state", "region", "counti", "stadium",
    "nation", "site", "villag", "district", "area", "destin", "provinc", "arena", "ground",
];
const PEOPLE: &[&str] = &[
    "name",
    "player",
    "driver",
    "rider",
    "athlet",
    "artist",
    "winner",
    "coach",
    "manag",
    "candid",
    "actor",
    "author",
    "direct",
    "member",
    "competitor",
    "skipper",
    "champion",
    "swimmer",
    "golfer",
    "king",
    "presid",
    "mayor",
    "person",
    "opponent",
    "wrestler",
    "record",
    "holder",
    "pilot",
    "student",
    "team",
    "nation",
    "jockey",
    "writer",
    "composer",
    "men",
    "women",
];
/// Classes of columns: each has themes.
const CLASSES: u32 = 5;
/// Words after "which" in which a header is near it.
const NEAR: usize = 3;
/// The smallest share of a header's words that is nearly all, and that is half.
const ALL: f32 = 0.99;
const HALF: f32 = 0.5;

/// What does not depend on the plan.
pub(super) struct Context {
    /// The number of the first question word.
    pub(super) question_word: u32,
    /// One a column.
    pub(super) columns: Vec<ColumnContext>,
    /// Whether a header is near what asks.
    pub(super) has_near: bool,
    /// The column that names what a row is about.
    pub(super) entity: usize,
    /// The first column that is named after what asks.
    pub(super) nearest: Option<usize>,
    /// The column of what is counted, and a number for it.
    pub(super) counted_column: Option<usize>,
    pub(super) counted: u32,
    /// The first column of amounts.
    pub(super) first_number: Option<usize>,
    pub(super) sorted: Sorted,
    pub(super) signals: Signals,
    /// One a predicate: whether the header of its column is the nearest to it: 1; another one: 2;
    /// no header is near: 0.
    pub(super) near: Vec<u32>,
    /// One a predicate: whether another one of its words is a whole cell.
    pub(super) has_other_exact: Vec<bool>,
    /// Whether several things are asked for, as a number of features.
    pub(super) plural: u32,
    /// A number for the noun that is asked for: none, a time, a place, a person, or another one.
    pub(super) asked_noun: u32,
    /// What is after "than".
    pub(super) than: u32,
}

/// What does not depend on the plan, of a column.
pub(super) struct ColumnContext {
    /// A number for its class, with times, places and people apart.
    pub(super) theme: u32,
    /// How much of its header is in the question, from 0 to 5.
    pub(super) header: u32,
    /// Whether it has times that are better where they are shorter.
    pub(super) is_time: bool,
    /// Whether it is named near what asks.
    pub(super) is_near: bool,
}

/// How rows are sorted by their dates. The numbers are those of features.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sorted {
    Unknown = 0,
    Up = 1,
    Down = 2,
    No = 3,
}

impl Context {
    /// The context of this question about this table.
    pub(super) fn new(question: &Question, links: &Links, view: &View) -> Self {
        let asking = asking_word(question);
        let columns = view.columns.iter().zip(&links.headers).map(|(column, link)| ColumnContext {
            theme: theme(column),
            header: header_level(link),
            is_time: column.class == ColumnClass::Amount
                && column.words.iter().any(|it| it == "time"),
            is_near: asking.is_some_and(|at| {
                link.words.iter().any(|word| (at + 1..=at + NEAR).contains(word))
            }),
        });
        let columns: Vec<ColumnContext> = columns.collect();
        let noun = counted_word(question);
        let counted_column = noun.and_then(|noun| counted_column(question, links, view, noun));
        let counted = match counted_column {
            Some(column) => 2 + view.columns[column].class as u32,
            None => u32::from(noun.is_some()),
        };
        let is_amount = |column: &Column| column.class == ColumnClass::Amount;
        Self {
            question_word: question_word(question),
            has_near: columns.iter().any(|column| column.is_near),
            columns,
            entity: entity(view),
            nearest: asking.and_then(|at| nearest(links, at)),
            counted_column,
            counted,
            first_number: view.columns.iter().position(is_amount),
            sorted: sorted(view),
            signals: Signals::new(question, links, view),
            near: links.predicates.iter().map(|it| nearness(links, it)).collect(),
            has_other_exact: links.predicates.iter().map(|it| has_other_exact(links, it)).collect(),
            plural: asking.map_or(0, |at| plural(question, at)),
            asked_noun: asking.map_or(0, |at| asked_noun(question, at)),
            than: than(question, links),
        }
    }
}

/// The column whose header has a word; rather the same word than one that is meant.
fn counted_column(question: &Question, links: &Links, view: &View, noun: usize) -> Option<usize> {
    let is_meant = |column: &usize| links.headers[*column].words.contains(&noun);
    let is_same = |column: &usize| view.columns[*column].words.contains(&question.stems[noun]);
    let columns = 0..view.columns.len();
    let same = columns.clone().find(|column| is_meant(column) && is_same(column));
    same.or_else(|| columns.clone().find(is_meant))
}

/// The column that is named first after a word.
fn nearest(links: &Links, at: usize) -> Option<usize> {
    let headers = links.headers.iter().enumerate();
    let named = headers.filter_map(|(column, link)| {
        let first = link.words.iter().filter(|word| **word > at).min()?;
        Some((*first, column))
    });
    named.min().map(|(_, column)| column)
}

/// Whether the header of a predicate's column is the nearest to it.
fn nearness(links: &Links, predicate: &Predicate) -> u32 {
    let distance = |column: usize| {
        let words = links.headers[column].words.iter();
        let distances = words.filter_map(|&word| match word {
            word if word < predicate.from => Some(predicate.from - word),
            word if word >= predicate.to => Some(word - predicate.to + 1),
            _ => None,
        });
        distances.min().filter(|distance| *distance <= NEAR + 1)
    };
    let least = (0..links.headers.len()).filter_map(distance).min();
    match (least, distance(predicate.column)) {
        (None, _) => 0,
        (least, own) if least == own => 1,
        _ => 2,
    }
}

/// Whether its words are within a cell, but those of another predicate are a whole one.
fn has_other_exact(links: &Links, predicate: &Predicate) -> bool {
    let is_other = |other: &Predicate| {
        other.test == Test::Exact && other.from <= predicate.from && predicate.to <= other.to
    };
    predicate.test != Test::Exact && links.predicates.iter().any(is_other)
}

/// The first word that says something after that which asks.
fn noun_after(question: &Question, asking: usize) -> Option<usize> {
    (asking + 1..=asking + NEAR).find(|at| question.is_content.get(*at) == Some(&true))
}

/// A number for the noun that is asked for.
fn asked_noun(question: &Question, asking: usize) -> u32 {
    let Some(noun) = noun_after(question, asking) else { return 0 };
    let stem = question.stems[noun].as_str();
    match () {
        () if TIMES.contains(&stem) => 1,
        () if PLACES.contains(&stem) => 2,
        () if PEOPLE.contains(&stem) => 3,
        () => 4,
    }
}

/// Whether the word for what is asked for is plural: 2; or not: 1.
fn plural(question: &Question, asking: usize) -> u32 {
    let noun = noun_after(question, asking);
    let Some(noun) = noun.map(|at| question.word(at)) else { return 0 };
    let is_plural = noun.ends_with('s') && !noun.ends_with("ss") && !noun.ends_with("us");
    1 + u32::from(is_plural || noun == "people")
}

/// What is after "than": nothing: 0; a number: 1; a cell: 2; something else: 3.
fn than(question: &Question, links: &Links) -> u32 {
    let Some(at) = question.words.iter().position(|word| word == "than") else { return 0 };
    let is_near = |from: usize| (at + 1..=at + NEAR).contains(&from);
    let is_thing = |it: &Predicate| it.test.is_of_words() && it.content > 0 && is_near(it.from);
    match () {
        () if question.numbers.iter().any(|number| is_near(number.at)) => 1,
        () if links.predicates.iter().any(is_thing) => 2,
        () => 3,
    }
}

fn theme(column: &Column) -> u32 {
    let has = |list: &[&str]| column.words.iter().any(|word| list.contains(&word.as_str()));
    let theme = match () {
        () if has(TIMES) => 1,
        () if has(PLACES) => 2,
        () if has(PEOPLE) => 3,
        () => 0,
    };
    column.class as u32 + CLASSES * theme
}

/// How much of a header is in the question: rather its own words than some that mean the same.
fn header_level(link: &HeaderLink) -> u32 {
    match (link.same, link.share) {
        (same, _) if same >= ALL => 5,
        (same, _) if same >= HALF => 4,
        (same, _) if same > 0.0 => 3,
        (_, share) if share >= HALF => 2,
        (_, share) if share > 0.0 => 1,
        _ => 0,
    }
}

/// How the rows are sorted by the first column of dates or years.
fn sorted(view: &View) -> Sorted {
    let is_time =
        |column: &Column| column.kind == ColumnKind::Date || column.class == ColumnClass::Year;
    let Some(column) = view.columns.iter().position(is_time) else { return Sorted::Unknown };
    let times = (0..view.rows.len()).filter_map(|row| view.order(row, column));
    let times: Vec<f64> = times.collect();
    let steps = times.len().saturating_sub(1);
    let up = times.windows(2).filter(|pair| pair[1] >= pair[0]).count();
    match steps {
        0 | 1 => Sorted::Unknown,
        _ if is_share(up, 8, steps) => Sorted::Up,
        _ if is_share(steps - up, 8, steps) => Sorted::Down,
        _ => Sorted::No,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::table;
    use super::*;
    use crate::test;

    fn context(question: &str, text: &str) -> Context {
        let (question, table) = (Question::new(question), table(text));
        let links = Links::new(&question, &table.view);
        Context::new(&question, &links, &table.view)
    }

    #[test]
    fn the_column_that_is_asked_for_is_near_the_question_word() {
        let context = context("which nation has the most goals", "Goals|Nation / 1|a / 2|b");
        assert_eq!(context.nearest, Some(1));
        let near: Vec<bool> = context.columns.iter().map(|column| column.is_near).collect();
        assert_eq!(near, [false, true]);
    }

    #[test]
    fn what_is_counted_is_a_column() {
        let context = context("how many nations are there", "Goals|Nation / 1|a / 2|b");
        assert_eq!(context.counted_column, Some(1));
        assert_eq!(context.counted, 2 + ColumnClass::Text as u32);
    }

    #[test]
    fn rows_are_sorted_by_their_dates() {
        let sorted = |cells: &str| context("", &format!("Year / {cells}")).sorted;
        assert_eq!(sorted("1990 / 1991 / 1995"), Sorted::Up);
        assert_eq!(sorted("1995 / 1991 / 1990"), Sorted::Down);
        assert_eq!(sorted("1995 / 1990 / 1991"), Sorted::No);
        assert_eq!(sorted("a / b / c"), Sorted::Unknown);
    }
}
