//! The metadata of a GGUF file.

use std::fmt;

/// Characters of a string that an error shows.
const SHOWN_CHARS: usize = 40;

/// A value of the metadata.
#[derive(Clone, PartialEq)]
pub(crate) enum Value {
    Integer(i128),
    Float(f64),
    Bool(bool),
    String(String),
    Strings(StringArray),
    Integers(Vec<i32>),
    Floats(Vec<f32>),
    /// An array that no model here uses. It is not kept.
    Other,
}

impl fmt::Display for Value {
    /// For errors, so it is short.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(n) => n.fmt(f),
            Self::Float(x) => x.fmt(f),
            Self::Bool(flag) => flag.fmt(f),
            Self::String(text) => {
                let shown: String = text.chars().take(SHOWN_CHARS).collect();
                write!(f, "{shown:?}")
            }
            Self::Strings(_) | Self::Integers(_) | Self::Floats(_) => f.write_str("an array"),
            Self::Other => f.write_str("something else"),
        }
    }
}

/// An array of strings in one block of memory: half a million words must not be half a million
/// allocations.
#[derive(Clone, PartialEq, Default)]
pub(crate) struct StringArray {
    all: String,
    ends: Vec<u32>,
}

impl StringArray {
    /// The strings in `bytes`, one after another; `None` where one is not UTF-8.
    pub(super) fn new(bytes: Vec<u8>, ends: Vec<u32>) -> Option<Self> {
        let all = String::from_utf8(bytes).ok()?;
        let valid = ends.iter().all(|&end| all.is_char_boundary(end as usize));
        valid.then_some(Self { all, ends })
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(&0).chain(&self.ends);
        starts.zip(&self.ends).map(|(&start, &end)| &self.all[start as usize..end as usize])
    }
}
