//! Words, each about as frequent as a language's word of its place by frequency is.

use crate::rng::Rng;

/// How many different words there are.
const VOCABULARY: usize = 150_000;

/// The most frequent ones: by these a text is taken for English.
const FREQUENT: [&str; 11] =
    ["the", "of", "and", "in", "to", "was", "is", "for", "as", "on", "with"];

const SYLLABLES: [&str; 10] = ["ba", "ke", "di", "no", "lu", "sha", "tre", "mi", "go", "fen"];

/// Made-up English, of which half of the words are in two forms.
pub(crate) struct Words {
    /// The sum of the frequencies of each word and all before it.
    sums: Vec<f64>,
}

impl Words {
    pub(crate) fn new() -> Self {
        let mut sum = 0.0;
        let frequencies = (0..VOCABULARY).map(|place| 1.0 / (place as f64 + 2.7));
        let sums = frequencies.map(|frequency| {
            sum += frequency;
            sum
        });
        Self { sums: sums.collect() }
    }

    /// Appends so many words.
    pub(crate) fn write(&self, count: usize, rng: &mut Rng, text: &mut String) {
        for number in 0..count {
            if number > 0 {
                text.push(' ');
            }
            self.write_one(rng, text);
        }
    }

    fn write_one(&self, rng: &mut Rng, text: &mut String) {
        let at = share(rng) * self.sums[VOCABULARY - 1];
        let place = self.sums.partition_point(|&sum| sum < at);
        if let Some(word) = FREQUENT.get(place) {
            return text.push_str(word);
        }
        let mut rest = place / 2 * 7919 % 1_000_003;
        while rest > 0 {
            text.push_str(SYLLABLES[rest % 10]);
            rest /= 10;
        }
        if place.is_multiple_of(4) {
            text.push('s');
        }
    }
}

/// A number from 0 to 1.
pub(crate) fn share(rng: &mut Rng) -> f64 {
    rng.bits() as f64 / u64::MAX as f64
}
