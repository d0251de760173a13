//! A set of whole numbers below a length, one bit each.

/// A set of numbers below [`BitSet::len`], such as the rows that a search may find or the
/// documents that were removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BitSet {
    len: usize,
    /// The bits from `len` on are 0.
    words: Vec<u64>,
}

impl BitSet {
    /// The empty set of numbers below `len`.
    pub fn none(len: usize) -> Self {
        Self { len, words: vec![0; len.div_ceil(64)] }
    }

    /// The set of all numbers below `len`.
    pub fn all(len: usize) -> Self {
        let mut bits = Self { len, words: vec![u64::MAX; len.div_ceil(64)] };
        if !len.is_multiple_of(64) {
            bits.words[len / 64] = (1 << (len % 64)) - 1;
        }
        bits
    }

    /// The set of these [`BitSet::words`]; none if their length does not match `len`.
    pub fn from_words(len: usize, words: Vec<u64>) -> Option<Self> {
        let used = len % 64;
        let is_within = used == 0 || words.last().is_some_and(|last| last >> used == 0);
        (words.len() == len.div_ceil(64) && is_within).then_some(Self { len, words })
    }

    /// The bound below which all numbers are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether no number is in the set.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|&word| word == 0)
    }

    /// Adds `number` to the set or removes it. It must be below [`BitSet::len`].
    pub fn set(&mut self, number: usize, is_in: bool) {
        assert!(number < self.len, "{number} in a set of numbers below {}", self.len);
        let bit = 1 << (number % 64);
        if is_in {
            self.words[number / 64] |= bit;
        } else {
            self.words[number / 64] &= !bit;
        }
    }

    /// Whether `number` is in the set; `false` from [`BitSet::len`] on.
    pub fn get(&self, number: usize) -> bool {
        self.words.get(number / 64).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    /// The number of elements.
    pub fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The numbers in the set, in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(place, &word)| {
            let rest = |word: &u64| Some(word & (word - 1)).filter(|&rest| rest != 0);
            let words = std::iter::successors(Some(word).filter(|&word| word != 0), rest);
            words.map(move |word| place * 64 + word.trailing_zeros() as usize)
        })
    }

    /// The set as words, the lowest number in the lowest bit of the first.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// Bytes of memory in use.
    pub fn memory_bytes(&self) -> usize {
        size_of::<Self>() + self.words.capacity() * size_of::<u64>()
    }
}
