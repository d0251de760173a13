//! Rotary position embeddings: positions as rotations of pairs of numbers (Su et al. 2021,
//! <https://arxiv.org/abs/2104.09864>).

/// Which numbers of a head are a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RotaryLayout {
    /// The first and the second, the third and the fourth …
    Interleaved,
    /// The first of each half, the second of each half …
    SplitHalves,
}

/// The angle of each pair, for a step of one position.
#[derive(Debug, Clone)]
pub(super) struct Rotary {
    layout: RotaryLayout,
    frequencies: Vec<f32>,
}

/// Sines and cosines of a slice of positions, computed once for all layers.
#[derive(Debug, Default, Clone)]
pub(super) struct RotaryTable {
    sin_cos: Vec<(f32, f32)>,
}

impl Rotary {
    /// Rotations of the first `rotated` numbers of each head.
    pub(super) fn new(layout: RotaryLayout, rotated: usize, base: f64) -> Self {
        let frequencies = (0..rotated / 2)
            .map(|pair| base.powf(-2.0 * pair as f64 / rotated as f64) as f32)
            .collect();
        Self { layout, frequencies }
    }

    /// Divides the angle of each pair.
    pub(super) fn divide(&mut self, by: impl Fn(usize) -> f32) {
        for (pair, frequency) in self.frequencies.iter_mut().enumerate() {
            *frequency /= by(pair);
        }
    }

    /// Whether every angle is finite.
    pub(super) fn is_finite(&self) -> bool {
        self.frequencies.iter().all(|frequency| frequency.is_finite())
    }

    /// Writes the sines and cosines of `count` positions from `start` on.
    pub(super) fn fill_table(&self, start: usize, count: usize, table: &mut RotaryTable) {
        table.sin_cos.clear();
        for position in start..start + count {
            let angles = self.frequencies.iter().map(|f| (position as f32 * f).sin_cos());
            table.sin_cos.extend(angles);
        }
    }

    /// Rotates every head of every row, each row by its own position.
    pub(super) fn rotate(&self, rows: &mut [f32], row: usize, head: usize, table: &RotaryTable) {
        let count = self.frequencies.len();
        for (row, table) in rows.chunks_exact_mut(row).zip(table.sin_cos.chunks_exact(count)) {
            for head in row.chunks_exact_mut(head) {
                match self.layout {
                    RotaryLayout::Interleaved => {
                        for (pair, sin_cos) in head.as_chunks_mut::<2>().0.iter_mut().zip(table) {
                            (pair[0], pair[1]) = rotate_pair(pair[0], pair[1], *sin_cos);
                        }
                    }
                    RotaryLayout::SplitHalves => {
                        let (first, second) = head.split_at_mut(count);
                        for ((a, b), sin_cos) in first.iter_mut().zip(second).zip(table) {
                            (*a, *b) = rotate_pair(*a, *b, *sin_cos);
                        }
                    }
                }
            }
        }
    }
}

fn rotate_pair(a: f32, b: f32, (sin, cos): (f32, f32)) -> (f32, f32) {
    (a * cos - b * sin, a * sin + b * cos)
}
