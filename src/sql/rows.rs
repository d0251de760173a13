//! The rows of a table as one list of bytes: it crosses to the worker that queries as it is, and SQLite takes texts
//! from where they stand.
//!
//! ```text
//! row:   number (u32), bytes of its values (u32), each value
//! value: 0 | 1 i64 | 2 f64 | 3 length (u32), UTF-8        all numbers little-endian
//! ```

#[cfg(feature = "read-sql")]
use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::sql_value::CellValue;

/// Bytes of the number of a row, and of its length.
const HEAD_BYTES: usize = 8;
const NULL: u8 = 0;
const INTEGER: u8 = 1;
const REAL: u8 = 2;
const TEXT: u8 = 3;

/// Rows of values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SqlRows {
    #[serde(with = "serde_bytes")]
    bytes: Vec<u8>,
    count: usize,
}

impl SqlRows {
    /// How many rows they are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Appends a row with its number in the table of the document. One of more than 4 GiB, which no document has, is
    /// left out.
    #[cfg(feature = "engine")]
    pub(crate) fn push<'a>(&mut self, number: u32, values: impl Iterator<Item = CellValue<'a>>) {
        let start = self.bytes.len();
        self.bytes.extend([number.to_le_bytes(), [0; 4]].as_flattened());
        values.for_each(|value| self.push_value(&value));
        match u32::try_from(self.bytes.len() - start - HEAD_BYTES) {
            Ok(length) => {
                let place = start + HEAD_BYTES - 4..start + HEAD_BYTES;
                self.bytes[place].copy_from_slice(&length.to_le_bytes());
                self.count += 1;
            }
            Err(_) => self.bytes.truncate(start),
        }
    }

    #[cfg(feature = "engine")]
    fn push_value(&mut self, value: &CellValue<'_>) {
        let number = |tag: u8, bytes: [u8; 8]| {
            let [a, b, c, d, e, f, g, h] = bytes;
            [tag, a, b, c, d, e, f, g, h]
        };
        match value {
            CellValue::Null => self.bytes.push(NULL),
            CellValue::Integer(it) => self.bytes.extend(number(INTEGER, it.to_le_bytes())),
            CellValue::Real(it) => self.bytes.extend(number(REAL, it.to_le_bytes())),
            CellValue::Text(text) => {
                // Where it is cut here, the row is too long as well.
                let [a, b, c, d] = (text.len() as u32).to_le_bytes();
                self.bytes.extend([TEXT, a, b, c, d]);
                self.bytes.extend(text.as_bytes());
            }
        }
    }

    /// Each row with its number. They end where bytes are no row.
    #[cfg(feature = "read-sql")]
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, Values<'_>)> {
        let mut rest = Values(&self.bytes);
        (0..self.count).map_while(move |_| {
            let (number, length) = (rest.take_u32()?, rest.take_u32()?);
            let (row, after) = rest.0.split_at_checked(length as usize)?;
            rest.0 = after;
            Some((number, Values(row)))
        })
    }
}

/// The values of a row.
#[cfg(feature = "read-sql")]
#[derive(Debug, Clone)]
pub(crate) struct Values<'a>(&'a [u8]);

#[cfg(feature = "read-sql")]
impl Values<'_> {
    /// Bytes that they take here.
    pub(crate) fn byte_len(&self) -> usize {
        self.0.len()
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn take_u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }
}

#[cfg(feature = "read-sql")]
impl<'a> Iterator for Values<'a> {
    type Item = CellValue<'a>;

    fn next(&mut self) -> Option<CellValue<'a>> {
        let [tag] = self.take()?;
        Some(match tag {
            NULL => CellValue::Null,
            INTEGER => CellValue::Integer(i64::from_le_bytes(self.take()?)),
            REAL => CellValue::Real(f64::from_le_bytes(self.take()?)),
            TEXT => {
                let length = self.take_u32()? as usize;
                let (text, rest) = self.0.split_at_checked(length)?;
                self.0 = rest;
                CellValue::Text(Cow::Borrowed(std::str::from_utf8(text).ok()?))
            }
            _ => return None,
        })
    }
}

#[cfg(all(test, feature = "engine", feature = "read-sql"))]
mod tests {
    use super::*;
    use crate::test;

    fn rows() -> Vec<(u32, Vec<CellValue<'static>>)> {
        use CellValue::{Integer, Null, Real, Text};
        let text = |text| Text(Cow::Borrowed(text));
        vec![
            (0, vec![Null, Integer(i64::MIN), Real(-0.5)]),
            (2, vec![text(""), text("Mühle"), Integer(7)]),
            (7, Vec::new()),
        ]
    }

    fn packed() -> SqlRows {
        let mut packed = SqlRows::default();
        for (number, values) in rows() {
            packed.push(number, values.into_iter());
        }
        packed
    }

    fn unpacked(packed: &SqlRows) -> Vec<(u32, Vec<CellValue<'_>>)> {
        packed.iter().map(|(number, values)| (number, values.collect())).collect()
    }

    #[test]
    fn rows_are_what_was_appended() {
        let packed = packed();
        assert_eq!((packed.len(), packed.is_empty()), (3, false));
        assert_eq!(unpacked(&packed), rows());
    }

    #[test]
    fn bytes_that_end_too_early_give_fewer_rows() {
        let whole = packed();
        for length in 0..whole.bytes.len() {
            let cut = SqlRows { bytes: whole.bytes[..length].to_vec(), count: 3 };
            let read = unpacked(&cut);
            assert!(read.len() < 3 && read == rows()[..read.len()], "{length} bytes");
        }
    }
}
