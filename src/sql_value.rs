//! Values of tables, as SQL has them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// The most columns of a table: SQLite's own limit. Those after them are left out.
pub(crate) const MAX_COLUMNS: usize = 2_000;
/// The most MiB that SQLite takes, in all its connections together.
pub(crate) const MAX_MEMORY_MIB: usize = 512;

/// A value of a table or of a result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum SqlValue {
    /// No value.
    Null,
    /// A whole number.
    Integer(i64),
    /// Another number.
    Real(f64),
    /// A text. Of a result, bytes are one too: `x'00ff'`.
    Text(String),
}

/// A value whose text may stand elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum CellValue<'a> {
    Null,
    Integer(i64),
    Real(f64),
    Text(Cow<'a, str>),
}

#[cfg(feature = "engine")]
impl<'a> From<&'a SqlValue> for CellValue<'a> {
    fn from(value: &'a SqlValue) -> Self {
        match value {
            SqlValue::Null => Self::Null,
            SqlValue::Integer(number) => Self::Integer(*number),
            SqlValue::Real(number) => Self::Real(*number),
            SqlValue::Text(text) => Self::Text(text.into()),
        }
    }
}

#[cfg(feature = "engine")]
impl From<CellValue<'_>> for SqlValue {
    fn from(value: CellValue<'_>) -> Self {
        match value {
            CellValue::Null => Self::Null,
            CellValue::Integer(number) => Self::Integer(number),
            CellValue::Real(number) => Self::Real(number),
            CellValue::Text(text) => Self::Text(text.into_owned()),
        }
    }
}

/// How values of a column are stored and compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SqlType {
    /// Whole numbers.
    Integer,
    /// Other numbers.
    Real,
    /// Texts.
    Text,
}

impl SqlValue {
    /// The order of two values in a sorted column: numbers before texts, and no value last, also where the
    /// largest is first. It is a total order: integers are compared exactly, also with other numbers.
    #[cfg(feature = "engine")]
    pub(crate) fn sorted(&self, other: &Self, is_descending: bool) -> std::cmp::Ordering {
        let ordering = match (self, other) {
            (Self::Null, _) | (_, Self::Null) => {
                return (*self == Self::Null).cmp(&(*other == Self::Null));
            }
            (Self::Text(one), Self::Text(other)) => one.cmp(other),
            (Self::Text(_), _) => std::cmp::Ordering::Greater,
            (_, Self::Text(_)) => std::cmp::Ordering::Less,
            (Self::Integer(one), Self::Integer(other)) => one.cmp(other),
            (Self::Integer(one), Self::Real(other)) => compared(*one, *other),
            (Self::Real(one), Self::Integer(other)) => compared(*other, *one).reverse(),
            (Self::Real(one), Self::Real(other)) => one.total_cmp(other),
        };
        if is_descending { ordering.reverse() } else { ordering }
    }
}

/// The order of an integer and another number, as `f64::total_cmp` would have it if it held all integers.
#[cfg(feature = "engine")]
fn compared(integer: i64, number: f64) -> std::cmp::Ordering {
    use std::cmp::Ordering::{Greater, Less};
    // 2^63, which no integer reaches.
    const END: f64 = 9_223_372_036_854_775_808.0;
    match number {
        number if number.is_nan() => {
            if number.is_sign_negative() {
                Greater
            } else {
                Less
            }
        }
        number if number >= END => Less,
        number if number < -END => Greater,
        // Where the whole parts are the same, an f64 holds that of the integer.
        number => integer.cmp(&(number.trunc() as i64)).then((integer as f64).total_cmp(&number)),
    }
}

impl SqlType {
    /// Its name in a `CREATE TABLE`.
    #[cfg(feature = "read-sql")]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Integer => "INTEGER",
            Self::Real => "REAL",
            Self::Text => "TEXT",
        }
    }
}

impl SqlValue {
    /// As it is written in a query.
    #[cfg(feature = "engine")]
    pub(crate) fn literal(&self) -> String {
        match self {
            Self::Null => "NULL".to_owned(),
            Self::Integer(number) => number.to_string(),
            Self::Real(number) => number.to_string(),
            Self::Text(text) => literal(text),
        }
    }
}

/// A name in SQL.
pub(crate) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text in SQL.
#[cfg(feature = "engine")]
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(all(test, feature = "engine"))]
mod tests {
    use std::cmp::Ordering;

    use super::*;
    use crate::rng::{Rng, seed};
    use crate::test;

    /// Numbers near those where an `f64` holds no longer all integers, and some others.
    fn value(rng: &mut Rng) -> SqlValue {
        let near = [0, 1 << 53, -(1 << 53), i64::MAX - 2, i64::MIN + 2][rng.below(5)];
        let integer = near + rng.below(5) as i64 - 2;
        match rng.below(6) {
            0 => SqlValue::Real(f64::from_bits(rng.bits())),
            1 => SqlValue::Real(integer as f64 + [0.0, 0.5, -0.5][rng.below(3)]),
            2 => SqlValue::Real([0.0, -0.0, f64::NAN, -f64::NAN, f64::INFINITY][rng.below(5)]),
            3 => [SqlValue::Null, SqlValue::Text("a".into())][rng.below(2)].clone(),
            _ => SqlValue::Integer(integer.wrapping_add(rng.below(3) as i64 - 1)),
        }
    }

    #[test]
    fn the_order_of_values_is_total() {
        let mut rng = Rng::new(seed());
        for is_descending in [false, true] {
            for _ in 0..100_000 {
                let [a, b, c] = [(); 3].map(|()| value(&mut rng));
                let sorted = |one: &SqlValue, other: &SqlValue| one.sorted(other, is_descending);
                assert_eq!(sorted(&a, &b), sorted(&b, &a).reverse(), "{a:?} {b:?}");
                assert_eq!(sorted(&a, &a.clone()), Ordering::Equal, "{a:?}");
                if sorted(&a, &b).is_le() && sorted(&b, &c).is_le() {
                    assert!(sorted(&a, &c).is_le(), "{a:?} {b:?} {c:?}");
                }
            }
        }
    }

    #[test]
    fn integers_are_compared_exactly_with_other_numbers() {
        let large = 1_i64 << 53;
        let order = |integer: i64, number: f64| {
            SqlValue::Integer(integer).sorted(&SqlValue::Real(number), false)
        };
        assert_eq!(order(large + 1, large as f64), Ordering::Greater);
        assert_eq!(order(large, large as f64), Ordering::Equal);
        assert_eq!(order(i64::MAX, i64::MAX as f64), Ordering::Less);
        assert_eq!(order(i64::MIN, i64::MIN as f64), Ordering::Equal);
        assert_eq!((order(-1, -1.5), order(-2, -1.5)), (Ordering::Greater, Ordering::Less));
        assert_eq!(order(7, f64::NAN), Ordering::Less);
    }
}
