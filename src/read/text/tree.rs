//! Data as a tree in the order of its file: what JSON, YAML, TOML and XML become.

use std::cell::Cell;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::error::{Error, Result};
use crate::read::Input;

/// The key under which a TOML parser hands over a date.
const TOML_DATE: &str = "$__toml_private_datetime";

/// A value of a data format.
#[derive(Debug, Clone)]
pub(super) enum Tree {
    /// A text, a number, a date, true, false or null, as it is written.
    Scalar(String),
    /// Values in order.
    List(Vec<Tree>),
    /// Keys and values in order. A key may occur twice.
    Map(Vec<(String, Tree)>),
}

impl Tree {
    /// The text of a scalar.
    pub(super) fn scalar(&self) -> Option<&str> {
        match self {
            Self::Scalar(text) => Some(text),
            _ => None,
        }
    }

    /// How many values it has, itself included, and the bytes of their text.
    pub(super) fn size(&self) -> (u32, u64) {
        let sum = |sizes: &mut dyn Iterator<Item = (u32, u64)>| {
            sizes.fold((1, 0), |sum: (u32, u64), one| (sum.0 + one.0, sum.1 + one.1))
        };
        match self {
            Self::Scalar(text) => (1, text.len() as u64),
            Self::List(values) => sum(&mut values.iter().map(Self::size)),
            Self::Map(entries) => sum(&mut entries.iter().map(|(key, value)| {
                let (values, bytes) = value.size();
                (values, bytes + key.len() as u64)
            })),
        }
    }
}

/// What a tree may take: values, bytes of text, and levels.
pub(super) struct Bounds<'a> {
    input: &'a Input<'a>,
    values_left: Cell<u32>,
    bytes_left: Cell<u64>,
    excess: Cell<Option<Excess>>,
}

#[derive(Clone, Copy)]
enum Excess {
    Values,
    Bytes,
    Depth,
}

impl<'a> Bounds<'a> {
    pub(super) fn new(input: &'a Input<'a>) -> Self {
        Self {
            input,
            values_left: Cell::new(input.limits.objects),
            bytes_left: Cell::new(input.limits.text_bytes),
            excess: Cell::new(None),
        }
    }

    /// Counts values and their text; false over the limit.
    pub(super) fn take(&self, values: u32, bytes: u64) -> bool {
        let left = self.values_left.get().checked_sub(values);
        let bytes_left = self.bytes_left.get().checked_sub(bytes);
        match (left, bytes_left) {
            (Some(left), Some(bytes_left)) => {
                self.values_left.set(left);
                self.bytes_left.set(bytes_left);
                return true;
            }
            (None, _) => self.excess.set(Some(Excess::Values)),
            (_, None) => self.excess.set(Some(Excess::Bytes)),
        }
        false
    }

    /// Whether values at `depth` are allowed.
    pub(super) fn allows(&self, depth: u32) -> bool {
        let allowed = depth <= self.input.limits.depth;
        if !allowed {
            self.excess.set(Some(Excess::Depth));
        }
        allowed
    }

    /// The error of a file over a limit; none where it is within all.
    pub(super) fn error(&self) -> Option<Error> {
        let limits = self.input.limits;
        let (limit, unit) = match self.excess.get()? {
            Excess::Values => (limits.objects.into(), "values"),
            Excess::Bytes => (limits.text_bytes, "bytes of text"),
            Excess::Depth => (limits.depth.into(), "levels"),
        };
        Some(self.input.too_large(limit + 1, limit, unit))
    }

    /// The error of a parser, or that of the limit because of which it stopped.
    pub(super) fn or_damaged(&self, error: impl ToString) -> Error {
        self.error().unwrap_or_else(|| self.input.damaged(error.to_string()))
    }

    /// Reads the tree of a serde format.
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        &self,
        deserializer: D,
    ) -> Result<Tree, D::Error> {
        Seed { bounds: self, depth: 0 }.deserialize(deserializer)
    }
}

#[derive(Clone, Copy)]
struct Seed<'a> {
    bounds: &'a Bounds<'a>,
    depth: u32,
}

impl Seed<'_> {
    fn scalar<E: serde::de::Error>(self, text: impl Into<String>) -> Result<Tree, E> {
        let text = text.into();
        match self.bounds.take(1, text.len() as u64) {
            true => Ok(Tree::Scalar(text)),
            false => Err(E::custom("too large")),
        }
    }

    fn inner<E: serde::de::Error>(self) -> Result<Self, E> {
        let depth = self.depth + 1;
        if !self.bounds.allows(depth) || !self.bounds.take(1, 0) {
            return Err(E::custom("too large"));
        }
        Ok(Self { depth, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Tree;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Tree;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Tree, E> {
        self.scalar(value.to_string())
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Tree, E> {
        self.scalar(value.to_string())
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Tree, E> {
        self.scalar(value.to_string())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Tree, E> {
        // The numbers of TOML: "1.0" stays "1.0", but "1.50" becomes "1.5".
        self.scalar(format!("{value:?}"))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Tree, E> {
        self.scalar(value)
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Tree, E> {
        self.scalar("null")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Tree, A::Error> {
        let seed = self.inner()?;
        let mut list = Vec::new();
        while let Some(value) = values.next_element_seed(seed)? {
            list.push(value);
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Tree, A::Error> {
        let seed = self.inner()?;
        let mut map = Vec::new();
        while let Some(key) = entries.next_key::<String>()? {
            if !self.bounds.take(0, key.len() as u64) {
                return Err(A::Error::custom("too large"));
            }
            let value = entries.next_value_seed(seed)?;
            if key == TOML_DATE {
                return Ok(value);
            }
            map.push((key, value));
        }
        Ok(Tree::Map(map))
    }
}
