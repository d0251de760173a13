//! What a stream of page content costs to read: its operators, and how far its texts extend.

use std::collections::HashMap;

use unpdf::parser::backend::{ContentOp, PdfValue};
use unpdf::parser::raw::content::parse_content_stream;

use super::nesting;

/// The most bytes of a page's content.
pub(super) const MAX_CONTENT_BYTES: usize = 32 << 20;
/// The most operators of a page and the forms that it paints.
pub(super) const MAX_OPERATORS: u64 = 2_000_000;
/// The most operators and operands of one stream.
const MAX_TOKENS: u64 = 3 * MAX_OPERATORS;
/// How deep graphics states are saved: more are counted as one.
const MAX_SAVED: usize = 1000;

/// What a stream costs.
#[derive(Default)]
pub(super) struct ContentCost {
    /// Its operators.
    pub(super) operators: u64,
    /// The length of its longest text in points, apart from its glyphs.
    pub(super) spacing: f64,
    /// The length of its longest text for glyphs that are as wide as the font's size.
    pub(super) glyphs: f64,
    /// The XObjects that it paints, each with how often, and the largest scale.
    pub(super) painted: HashMap<Vec<u8>, (u64, f64)>,
}

/// Measures decoded content. None where it is too large or nested too deep.
pub(super) fn measure(content: &[u8]) -> Option<ContentCost> {
    let is_large = content.len() > MAX_CONTENT_BYTES || has_too_many_tokens(content);
    if is_large || nesting::is_content_too_deep(content) {
        return None;
    }
    let operations = parse_content_stream(content).ok()?;
    let mut cost = ContentCost { operators: operations.len() as u64, ..ContentCost::default() };
    let (mut state, mut saved) = (State::default(), Vec::new());
    for operation in &operations {
        match operation.operator.as_str() {
            "q" if saved.len() < MAX_SAVED => saved.push(state),
            "Q" => state = saved.pop().unwrap_or(state),
            "Do" => cost.paint(operation, state.page),
            "Tj" | "TJ" | "'" | "\"" => cost.show(operation, &state),
            _ => state.follow(operation),
        }
    }
    Some(cost)
}

/// Whether there are more operators or operands than can be held. Words in strings count as
/// operators here: a page has thousands, not millions.
fn has_too_many_tokens(content: &[u8]) -> bool {
    let (mut operators, mut tokens, mut is_inside) = (0, 0, false);
    for &byte in content {
        let is_mark = b"'\"[]()<>/".contains(&byte);
        if is_mark || (!is_inside && !byte.is_ascii_whitespace()) {
            tokens += 1;
            operators += u64::from(byte.is_ascii_alphabetic() || b"'\"".contains(&byte));
        }
        is_inside = !is_mark && !byte.is_ascii_whitespace();
    }
    operators > MAX_OPERATORS || tokens > MAX_TOKENS
}

/// The size of a matrix: by how much it scales at most.
pub(super) fn scale_of([a, b, c, d]: [f64; 4]) -> f64 {
    ((a + d).hypot(b - c) + (a - d).hypot(b + c)) / 2.0
}

/// What decides the size of a text.
#[derive(Clone, Copy)]
struct State {
    /// The linear parts of the matrices of the page and of the text.
    page: [f64; 4],
    text: [f64; 4],
    size: f64,
    /// Added for each character, in points.
    spacing: [f64; 2],
    /// Horizontal scale, in percent.
    stretch: f64,
}

impl Default for State {
    fn default() -> Self {
        let identity = [1.0, 0.0, 0.0, 1.0];
        Self { page: identity, text: identity, size: 1.0, spacing: [0.0; 2], stretch: 100.0 }
    }
}

impl State {
    fn follow(&mut self, operation: &ContentOp) {
        let number = |place: usize| operation.operands.get(place).map_or(0.0, number_of);
        match operation.operator.as_str() {
            "cm" => self.page = product([0, 1, 2, 3].map(number), self.page),
            "Tm" => self.text = [0, 1, 2, 3].map(number),
            "BT" => self.text = Self::default().text,
            "Tf" => self.size = number(1),
            "Tc" => self.spacing[0] = number(0),
            "Tw" => self.spacing[1] = number(0),
            "Tz" => self.stretch = number(0),
            _ => {}
        }
    }

    fn scale(&self) -> f64 {
        scale_of(product(self.text, self.page)) * (self.stretch.abs() / 100.0).max(1.0)
    }
}

impl ContentCost {
    fn paint(&mut self, operation: &ContentOp, page: [f64; 4]) {
        if let Some(PdfValue::Name(name)) = operation.operands.first() {
            let (count, scale) = self.painted.entry(name.clone()).or_default();
            *count += 1;
            *scale = scale.max(scale_of(page));
        }
    }

    fn show(&mut self, operation: &ContentOp, state: &State) {
        let (mut bytes, mut shifts) = (0, 0.0);
        for operand in &operation.operands {
            let parts = match operand {
                PdfValue::Array(parts) => parts.as_slice(),
                part => std::slice::from_ref(part),
            };
            for part in parts {
                match part {
                    PdfValue::Str(text) => bytes += text.len(),
                    part => shifts += number_of(part).abs(),
                }
            }
        }
        let (count, size, scale) = (bytes as f64, state.size.abs(), state.scale());
        let spacing = state.spacing.iter().map(|spacing| spacing.abs()).sum::<f64>();
        self.spacing = largest(self.spacing, scale * (count * spacing + shifts / 1000.0 * size));
        self.glyphs = largest(self.glyphs, scale * count * size);
    }
}

/// The larger number; what is no number is larger than any.
pub(super) fn largest(one: f64, other: f64) -> f64 {
    if other.is_nan() { f64::INFINITY } else { one.max(other) }
}

/// A number; 0 for what is none.
pub(super) fn number_of(value: &PdfValue) -> f64 {
    match value {
        PdfValue::Integer(number) => *number as f64,
        PdfValue::Real(number) => f64::from(*number),
        _ => 0.0,
    }
}

/// The linear part of the matrix that applies `first`, then `second`.
fn product(first: [f64; 4], second: [f64; 4]) -> [f64; 4] {
    let ([a, b, c, d], [e, f, g, h]) = (first, second);
    [a * e + b * g, a * f + b * h, c * e + d * g, c * f + d * h]
}
