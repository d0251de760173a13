//! A set of whole numbers below a length.

/// Numbers from 0 to below a length, each in the set or not: one bit each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bits {
    length: usize,
    words: Vec<u64>,
}

impl Bits {
    /// None of the numbers below `length`.
    pub fn none(length: usize) -> Self {
        Self { length, words: vec![0; length.div_ceil(64)] }
    }

    /// How many numbers may be in the set: the length.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Puts `number` into the set.
    pub fn set(&mut self, number: usize) {
        self.words[number / 64] |= 1 << (number % 64);
    }

    /// Whether `number` is in the set.
    pub fn get(&self, number: usize) -> bool {
        self.words[number / 64] >> (number % 64) & 1 == 1
    }

    /// How many numbers are in the set.
    pub fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The numbers in the set, ascending.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.length).filter(|&number| self.get(number))
    }
}
