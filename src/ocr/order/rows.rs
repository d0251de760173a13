//! Fragments beside each other are one row.

use super::Fragment;

/// Two fragments are in one row if their middles differ by less than this share of the lower
/// one's height.
const SAME_ROW: f32 = 0.5;
/// Fragments that lie over each other by more than this share of the narrower one are not.
const MAX_OVERLAP: f32 = 0.3;
/// A gap of this many heights is one between cells.
const CELL_GAP: f32 = 1.2;

/// Fragments of one row, from left to right. There is at least one.
#[derive(Debug, Clone)]
pub(super) struct Row(Vec<Fragment>);

/// The rows of a page, from the top.
pub(super) fn rows(mut fragments: Vec<Fragment>) -> Vec<Row> {
    fragments.sort_by(|a, b| a.middle.total_cmp(&b.middle).then(a.left.total_cmp(&b.left)));
    let mut rows: Vec<Row> = Vec::new();
    for fragment in fragments {
        match rows.iter_mut().rev().find(|row| row.takes(&fragment)) {
            Some(row) => row.insert(fragment),
            None => rows.push(Row(vec![fragment])),
        }
    }
    sort(&mut rows);
    rows
}

fn sort(rows: &mut [Row]) {
    rows.sort_by(|a, b| a.middle().total_cmp(&b.middle()));
}

impl Row {
    pub(super) fn fragments(&self) -> &[Fragment] {
        &self.0
    }

    /// Whether a fragment continues the row: it is as high up as its neighbour there.
    fn takes(&self, fragment: &Fragment) -> bool {
        let gap = |cell: &Fragment| (cell.left - fragment.right).max(fragment.left - cell.right);
        let Some(nearest) = self.0.iter().min_by(|a, b| gap(a).total_cmp(&gap(b))) else {
            return false;
        };
        let low = nearest.height.min(fragment.height);
        let overlap = -gap(nearest) / nearest.width().min(fragment.width()).max(1.0);
        (nearest.middle - fragment.middle).abs() < low * SAME_ROW && overlap < MAX_OVERLAP
    }

    fn insert(&mut self, fragment: Fragment) {
        let at = self.0.partition_point(|cell| cell.left <= fragment.left);
        self.0.insert(at, fragment);
    }

    /// The mean of the middles.
    pub(super) fn middle(&self) -> f32 {
        self.0.iter().map(|cell| cell.middle).sum::<f32>() / self.0.len() as f32
    }

    /// The largest height.
    pub(super) fn height(&self) -> f32 {
        self.0.iter().map(|cell| cell.height).fold(0.0, f32::max)
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        let mut end: Option<f32> = None;
        for cell in &self.0 {
            if let Some(end) = end {
                let is_wide = cell.left - end > self.height() * CELL_GAP;
                text.push(if is_wide { '\t' } else { ' ' });
            }
            text.push_str(&cell.reading.text);
            end = Some(cell.right);
        }
        text
    }

    /// The mean over all characters.
    pub(super) fn confidence(&self) -> f32 {
        let counts = self.0.iter().map(|cell| cell.reading.text.chars().count() as f32);
        let total: f32 = counts.clone().sum();
        let sum: f32 =
            counts.zip(&self.0).map(|(count, cell)| count * cell.reading.confidence).sum();
        sum / total.max(1.0)
    }

    /// The fragments before `x` and those after it, each as a row if there are any.
    pub(super) fn split(self, x: f32) -> [Option<Row>; 2] {
        let (left, right): (Vec<_>, Vec<_>) =
            self.0.into_iter().partition(|cell| (cell.left + cell.right) / 2.0 < x);
        [left, right].map(|cells| (!cells.is_empty()).then_some(Row(cells)))
    }
}

/// Rows of one column, where rows of the whole page were split.
pub(super) fn column(rows: impl Iterator<Item = Row>) -> Vec<Row> {
    let mut rows: Vec<Row> = rows.collect();
    sort(&mut rows);
    rows
}
