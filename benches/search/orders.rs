//! A large table, made up: the orders of a shop, as CSV.

use std::fmt::Write;

use crate::rng::Rng;

const SEED: u64 = 11;

const FIRST_NAMES: [&str; 16] = [
    "Anna", "Bruno", "Clara", "David", "Elif", "Farid", "Greta", "Hugo", "Inês", "Jonas", "Karin",
    "Luís", "Marta", "Nils", "Olga", "Pedro",
];
const LAST_NAMES: [&str; 16] = [
    "Almeida",
    "Becker",
    "Costa",
    "Dupont",
    "Eriksen",
    "Fischer",
    "Garcia",
    "Haddad",
    "Ivanova",
    "Jensen",
    "Kowalski",
    "Lindqvist",
    "Müller",
    "Novak",
    "Okafor",
    "Pereira",
];
const CITIES: [&str; 12] = [
    "Lisboa", "Porto", "Berlin", "Hamburg", "Lyon", "Oslo", "Gdańsk", "Praha", "Lagos", "Sevilla",
    "Wien", "Zürich",
];
const STATES: [&str; 5] = ["paid", "open", "sent", "returned", "cancelled"];
const GOODS: [&str; 12] = [
    "chair", "lamp", "carpet", "kettle", "curtain", "mirror", "shelf", "blanket", "clock", "vase",
    "stool", "basket",
];
const NOTES: [&str; 10] = [
    "leave at the door",
    "ring twice",
    "gift wrapped",
    "call before delivery",
    "second attempt",
    "neighbour takes it",
    "fragile",
    "no invoice in the parcel",
    "pick up on Friday",
    "none",
];

/// The first line.
const HEADER: &str = "order,customer,email,city,date,status,item,quantity,amount,note";

/// The number of the order in a row, by which the row is found.
pub(crate) fn order_number(row: usize) -> usize {
    10_000_000 + row * 7
}

/// A table with so many rows: about 100 bytes each.
pub(crate) fn orders(rows: usize) -> String {
    let mut rng = Rng::new(SEED);
    let mut csv = format!("{HEADER}\n");
    for row in 0..rows {
        write_row(row, &mut rng, &mut csv);
    }
    csv
}

fn write_row(row: usize, rng: &mut Rng, csv: &mut String) {
    let mut one_of = |values: &[&'static str]| values[rng.below(values.len())];
    let (first, last) = (one_of(&FIRST_NAMES), one_of(&LAST_NAMES));
    let (city, state, item, note) =
        (one_of(&CITIES), one_of(&STATES), one_of(&GOODS), one_of(&NOTES));
    let (year, month, day) = (2019 + rng.below(6), 1 + rng.below(12), 1 + rng.below(28));
    let (quantity, cents) = (1 + rng.below(9), 100 + rng.below(99_900));
    let account = rng.below(10_000);
    let email = format!("{}{account}@example.org", last.to_lowercase());
    let amount = format!("{}.{:02}", cents / 100, cents % 100);
    let number = order_number(row);
    // Writing to a text does not fail.
    let _ = writeln!(
        csv,
        "{number},{first} {last},{email},{city},{year}-{month:02}-{day:02},{state},{item},{quantity},\
         {amount},{note}"
    );
}
