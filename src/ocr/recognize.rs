//! Recognition: a line of text, cut out -> its characters.
//!
//! The network gives the probabilities of all characters at every eighth column. The best of
//! each column are read from left to right; repeated ones count once, blanks not at all (CTC:
//! Graves et al. 2006, best path decoding).

use super::characters::Characters;
use super::crop::{Crop, LINE_HEIGHT};
use super::network::{Network, Tensor, corrupt};
use crate::error::Result;

/// Columns of the network's widest input; longer lines are read in pieces.
const MAX_PIECE: usize = 1_600;
/// Where a piece may end before that: within a word's length.
const CUT_WINDOW: usize = 240;
/// Columns without ink that are a space between words.
const SPACE_WIDTH: usize = 12;
/// The network halves the width of its input three times.
const WIDTH_MULTIPLE: usize = 8;

/// The text of a line.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Reading {
    pub(super) text: String,
    /// Mean of the probabilities of its characters; 0 if there are none.
    pub(super) confidence: f32,
}

/// Reads a line.
pub(super) fn recognize(
    network: &Network,
    characters: &Characters,
    crop: &Crop,
) -> Result<Reading> {
    let mut decoded = Decoded::default();
    let mut start = 0;
    while start < crop.width {
        let cut = next_cut(crop, start);
        let (input, width) = piece(crop, start, cut.at);
        let output = network.run([1, 3, LINE_HEIGHT, width], &input)?;
        decoded.append(&output, characters)?;
        if cut.is_space && cut.at < crop.width {
            decoded.text.push(' ');
        }
        start = cut.at;
    }
    Ok(decoded.finish())
}

struct Cut {
    at: usize,
    is_space: bool,
}

/// Where a piece that begins at `start` ends: at the end of the line, or in the middle of the
/// widest gap between letters near the largest width.
fn next_cut(crop: &Crop, start: usize) -> Cut {
    let limit = start + MAX_PIECE;
    if crop.width <= limit {
        return Cut { at: crop.width, is_space: false };
    }
    let contrast: Vec<f32> = (limit - CUT_WINDOW..limit).map(|x| contrast(crop, x)).collect();
    let least = contrast.iter().copied().fold(f32::INFINITY, f32::min);
    let (mut widest, mut length) = ((0, 0), 0);
    for (at, &value) in contrast.iter().enumerate() {
        length = if value <= least + 0.1 { length + 1 } else { 0 };
        if length > widest.1 {
            widest = (at + 1 - length, length);
        }
    }
    let at = limit - CUT_WINDOW + widest.0 + widest.1 / 2;
    Cut { at: at.max(start + 1), is_space: widest.1 >= SPACE_WIDTH }
}

/// The difference between the darkest and the lightest pixel of a column.
fn contrast(crop: &Crop, x: usize) -> f32 {
    let column = (0..LINE_HEIGHT).map(|y| crop.values[y * crop.width + x]);
    let (low, high) =
        column.fold((1.0_f32, -1.0_f32), |(low, high), value| (low.min(value), high.max(value)));
    high - low
}

/// Columns `start..end` of a line, filled up to a width that the network takes.
fn piece(crop: &Crop, start: usize, end: usize) -> (Vec<f32>, usize) {
    let width = (end - start).next_multiple_of(WIDTH_MULTIPLE);
    let mut values = vec![0.0; 3 * LINE_HEIGHT * width];
    for (to, from) in values.chunks_exact_mut(width).zip(crop.values.chunks_exact(crop.width)) {
        to[..end - start].copy_from_slice(&from[start..end]);
    }
    (values, width)
}

/// Characters that were read so far.
#[derive(Default)]
struct Decoded {
    text: String,
    probability: f32,
    count: usize,
}

impl Decoded {
    /// Decodes probabilities of the shape `[1, columns, classes]`.
    fn append(&mut self, output: &Tensor, characters: &Characters) -> Result<()> {
        let classes = characters.classes();
        if !matches!(output.shape[..], [1, _, last] if last == classes) {
            let shape = &output.shape;
            return Err(corrupt(format!("{classes} characters were expected in {shape:?}")));
        }
        let mut previous = 0;
        for column in output.values.chunks_exact(classes) {
            let (class, probability) = best(column);
            if class != previous && class != 0 {
                self.text.push_str(characters.of_class(class));
                self.probability += probability;
                self.count += 1;
            }
            previous = class;
        }
        Ok(())
    }

    fn finish(self) -> Reading {
        let confidence = self.probability / self.count.max(1) as f32;
        Reading { text: self.text.trim().to_owned(), confidence: confidence.min(1.0) }
    }
}

/// The most probable class. Of equal ones, the first.
fn best(probabilities: &[f32]) -> (usize, f32) {
    let better = |best: (usize, f32), (class, &value): (usize, &f32)| {
        if value > best.1 { (class, value) } else { best }
    };
    probabilities.iter().enumerate().fold((0, 0.0), better)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(classes: &[usize]) -> Reading {
        let characters = Characters::parse(b"a\nb\nc").expect("three characters");
        let mut values = vec![0.0; classes.len() * 5];
        for (at, &class) in classes.iter().enumerate() {
            values[at * 5 + class] = 0.5;
        }
        let mut decoded = Decoded::default();
        let output = Tensor { shape: vec![1, classes.len(), 5], values };
        decoded.append(&output, &characters).expect("a fitting shape");
        decoded.finish()
    }

    #[test]
    fn repeated_characters_count_once_unless_a_blank_is_between() {
        assert_eq!(decode(&[1, 1, 0, 1, 2, 2, 4, 3]).text, "aab c");
        assert_eq!(decode(&[0, 1, 2]).confidence, 0.5);
    }

    #[test]
    fn a_line_of_blanks_has_no_text_and_no_confidence() {
        assert_eq!(decode(&[0, 0, 0]), Reading::default());
        assert_eq!(decode(&[]), Reading::default());
    }

    #[test]
    fn an_output_with_other_classes_is_a_corrupt_model() {
        let characters = Characters::parse(b"a\nb").expect("two characters");
        for shape in [vec![1, 2, 5], vec![2, 1, 4], vec![8]] {
            let output = Tensor { values: vec![0.0; shape.iter().product()], shape };
            assert!(Decoded::default().append(&output, &characters).is_err());
        }
    }

    #[test]
    fn a_long_line_is_cut_in_its_widest_gap() {
        let width = 2 * MAX_PIECE;
        let gap = MAX_PIECE - 100..MAX_PIECE - 80;
        let ink = |at: usize| !gap.contains(&(at % width)) && (at / width).is_multiple_of(2);
        let values = (0..3 * LINE_HEIGHT * width).map(|at| if ink(at) { -1.0 } else { 1.0 });
        let crop = Crop { width, values: values.collect() };
        let cut = next_cut(&crop, 0);
        assert!(cut.is_space);
        assert_eq!(cut.at, MAX_PIECE - 90);
        assert_eq!(next_cut(&crop, cut.at + MAX_PIECE).at, width);
    }

    #[test]
    fn a_piece_is_filled_up_to_a_multiple_of_eight_columns() {
        let crop = Crop { width: 20, values: vec![1.0; 3 * LINE_HEIGHT * 20] };
        let (values, width) = piece(&crop, 3, 14);
        assert_eq!(width, 16);
        assert_eq!(values[..16].iter().sum::<f32>(), 11.0);
    }
}
