//! Functions of our own: what is quick where SQLite's are not, and the rows that a value is from.
//!
//! A call of a function is one step of SQLite's machine, in which nobody looks at the clock. SQLite's `instr`,
//! `replace` and `trim` take time for each pair of bytes of their two texts; these take it for each byte.

use std::borrow::Cow;

use rusqlite::functions::{Aggregate, Context, FunctionFlags};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Result, ffi};

use super::sources::MAX_ROWS;

/// The aggregate of the numbers of rows.
pub(super) const ROWS: &str = "rows_of_source";
/// The most bytes that `replace` makes. SQLite, whose limit may be lower, counts them too, but only afterwards.
const MAX_REPLACED_BYTES: usize = 64 << 20;
/// Exponents of numbers that SQLite writes without them.
const PLAIN_EXPONENTS: std::ops::RangeInclusive<i32> = -4..=16;
/// Numbers of rows that are gathered before those are looked for that are there twice.
const MIN_GATHERED: usize = 4_096;

/// Replaces slow functions of SQLite.
pub(super) fn replace_slow(connection: &Connection) -> Result<()> {
    let add = |name: &str, count, function: fn(&Context<'_>) -> Option<Result<Value>>| {
        let call = move |context: &Context<'_>| function(context).unwrap_or(Ok(Value::Null));
        connection.create_scalar_function(name, count, flags(), call)
    };
    add("instr", 2, |context| position(context.get_raw(0), context.get_raw(1)))?;
    add("replace", 3, replaced)?;
    add("trim", 2, |context| trimmed(context, |text, is_cut| text.trim_matches(is_cut)))?;
    add("ltrim", 2, |context| trimmed(context, |text, is_cut| text.trim_start_matches(is_cut)))?;
    add("rtrim", 2, |context| trimmed(context, |text, is_cut| text.trim_end_matches(is_cut)))
}

/// Adds the aggregate of rows, for a query of ours. A query of the user must not have it: its numbers could be any.
pub(super) fn add_rows(connection: &Connection) -> Result<()> {
    connection.create_aggregate_function(ROWS, 1, flags(), Rows)
}

/// Removes it, if it is there.
pub(super) fn remove_rows(connection: &Connection) -> Result<()> {
    connection.remove_function(ROWS, 1)
}

fn flags() -> FunctionFlags {
    FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS
}

/// A value as SQLite casts it to a text; `None` without a value.
fn text(value: ValueRef<'_>) -> Option<Cow<'_, str>> {
    Some(match value {
        ValueRef::Null => return None,
        ValueRef::Integer(number) => number.to_string().into(),
        ValueRef::Real(number) => real_text(number).into(),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => String::from_utf8_lossy(bytes),
    })
}

/// The fewest digits that tell the number (where SQLite has 16 or 17, its last may be another), with an exponent where it is very large or small.
fn real_text(number: f64) -> String {
    if !number.is_finite() {
        return if number > 0.0 { "Inf" } else { "-Inf" }.to_owned();
    }
    let written = format!("{number:e}");
    let (digits, exponent) = written.split_once('e').unwrap_or((&written, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let with_point = |text: &str| {
        if text.contains('.') { text.to_owned() } else { format!("{text}.0") }
    };
    if PLAIN_EXPONENTS.contains(&exponent) {
        return with_point(&number.to_string());
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}e{sign}{:02}", with_point(digits), exponent.abs())
}

/// `instr`: where the second value begins in the first, counted from 1, in characters or, of two blobs, in bytes.
fn position(text_in: ValueRef<'_>, part: ValueRef<'_>) -> Option<Result<Value>> {
    let (whole, part) = match (text_in, part) {
        (ValueRef::Blob(whole), ValueRef::Blob(part)) => {
            let characters = |bytes: &[u8]| bytes.iter().map(|&byte| char::from(byte)).collect();
            (Cow::Owned(characters(whole)), Cow::Owned(characters(part)))
        }
        (whole, part) => (text(whole)?, text(part)?),
    };
    let before = whole.find(part.as_ref()).map(|at| whole[..at].chars().count());
    let position = before.and_then(|count| i64::try_from(count + 1).ok());
    Some(Ok(Value::Integer(position.unwrap_or(0))))
}

/// `replace`.
fn replaced(context: &Context<'_>) -> Option<Result<Value>> {
    let (whole, part) = (text(context.get_raw(0))?, text(context.get_raw(1))?);
    if part.is_empty() {
        return Some(Ok(Value::Text(whole.into_owned())));
    }
    let new = text(context.get_raw(2))?;
    let count = whole.matches(part.as_ref()).count();
    let bytes = whole.len() - count * part.len() + count.saturating_mul(new.len());
    if bytes > MAX_REPLACED_BYTES {
        let error = ffi::Error::new(ffi::SQLITE_TOOBIG);
        return Some(Err(rusqlite::Error::SqliteFailure(error, None)));
    }
    Some(Ok(Value::Text(whole.replace(part.as_ref(), &new))))
}

/// `trim` and the like, with the characters to cut as the second value.
fn trimmed(
    context: &Context<'_>,
    cut: for<'a> fn(&'a str, &dyn Fn(char) -> bool) -> &'a str,
) -> Option<Result<Value>> {
    let (whole, set) = (text(context.get_raw(0))?, text(context.get_raw(1))?);
    let mut set: Vec<char> = set.chars().collect();
    set.sort_unstable();
    let kept = cut(&whole, &|char| set.binary_search(&char).is_ok());
    Some(Ok(Value::Text(kept.to_owned())))
}

/// What the aggregate gives: how many rows there are, and the numbers of the first, from 1.
pub(super) fn rows_of(list: &[u8]) -> Option<(u32, Vec<u32>)> {
    let (numbers, _) = list.as_chunks::<4>();
    let mut numbers = numbers.iter().copied().map(u32::from_le_bytes);
    Some((numbers.next()?, numbers.collect()))
}

/// The numbers of the rows that a value is from: how many there are, and the first of them.
struct Rows;

/// Numbers of rows, of which some may be there twice.
struct Gathered {
    numbers: Vec<u32>,
    /// How many may be gathered until those that are there twice are looked for.
    room: usize,
}

impl Gathered {
    fn add(&mut self, number: u32) {
        self.numbers.push(number);
        if self.numbers.len() >= self.room {
            self.sort();
            self.room = MIN_GATHERED.max(self.numbers.len() * 2);
        }
    }

    fn sort(&mut self) {
        self.numbers.sort_unstable();
        self.numbers.dedup();
    }
}

impl Aggregate<Gathered, Value> for Rows {
    fn init(&self, _: &mut Context<'_>) -> Result<Gathered> {
        Ok(Gathered { numbers: Vec::new(), room: MIN_GATHERED })
    }

    fn step(&self, context: &mut Context<'_>, gathered: &mut Gathered) -> Result<()> {
        // A row of an outer join without a partner has none.
        if let ValueRef::Integer(number) = context.get_raw(0) {
            u32::try_from(number).into_iter().for_each(|number| gathered.add(number));
        }
        Ok(())
    }

    /// A list of 32-bit numbers, little-endian, with their count before them; none without rows.
    fn finalize(&self, _: &mut Context<'_>, gathered: Option<Gathered>) -> Result<Value> {
        let Some(mut gathered) = gathered.filter(|it| !it.numbers.is_empty()) else {
            return Ok(Value::Null);
        };
        gathered.sort();
        let count = u32::try_from(gathered.numbers.len()).unwrap_or(u32::MAX);
        let first = gathered.numbers.into_iter().take(MAX_ROWS);
        let list = std::iter::once(count).chain(first).flat_map(u32::to_le_bytes);
        Ok(Value::Blob(list.collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn they_give_what_those_of_sqlite_give() {
        let theirs = Connection::open_in_memory().expect("SQLite opens");
        let ours = Connection::open_in_memory().expect("SQLite opens");
        replace_slow(&ours).expect("functions are added");
        let values = [
            "NULL",
            "''",
            "'a'",
            "'é'",
            "'banana'",
            "'ana'",
            "'漢字é漢'",
            "'字'",
            "12",
            "1.5",
            "2.0",
            "-0.1",
            "1e15",
            "12345678901234.5",
            "1e14",
            "1.0e-5",
            "0.0001",
            "1e16",
            "1e17",
            "1e18",
            "-1.5e17",
            "1e300",
            "9e999",
            "x'00ff00'",
            "x'ff'",
            "x'61'",
            "'.'",
            "0.1 + 0.2",
        ];
        let mut calls = Vec::new();
        for one in values {
            for other in values {
                let functions = ["instr", "trim", "ltrim", "rtrim"];
                calls.extend(functions.map(|name| format!("{name}({one}, {other})")));
                calls.push(format!("replace({one}, {other}, 'é1')"));
                calls.push(format!("replace({one}, 'a', {other})"));
            }
        }
        for call in calls {
            let value = |connection: &Connection| -> Value {
                let sql = format!("SELECT {call}");
                connection.query_row(&sql, [], |row| row.get(0)).expect(&call)
            };
            // What is no text in UTF-8 is written in another way.
            if !call.contains("ff") || call.starts_with("instr(x'") && call.contains(", x'") {
                assert_eq!(value(&ours), value(&theirs), "{call}");
            }
        }
    }
}
