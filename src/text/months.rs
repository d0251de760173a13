//! The names of months in some languages.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::fold;

/// By name, folded, the number from 1.
static MONTHS: LazyLock<BTreeMap<String, u32>> = LazyLock::new(|| {
    let mut months = BTreeMap::new();
    for line in include_str!("months.txt").lines() {
        let names = line.split_once(' ').map_or("", |(_, names)| names);
        for (number, names) in (1..).zip(names.split('|')) {
            months.extend(names.split(',').map(|name| (fold(name), number)));
        }
    }
    months
});

/// The number of a month, from 1, by its name or an abbreviation.
pub(crate) fn month_named(name: &str) -> Option<u32> {
    MONTHS.get(&fold(name.trim_end_matches('.'))).copied()
}

/// The names of a month, folded, of all languages.
pub(crate) fn names_of_month(number: u32) -> impl Iterator<Item = &'static str> {
    let months = MONTHS.iter().filter(move |(_, month)| **month == number);
    months.map(|(name, _)| name.as_str())
}
