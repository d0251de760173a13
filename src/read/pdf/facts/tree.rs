//! Trees of names and of numbers.

use std::collections::HashSet;

use unpdf::parser::raw::{PdfObject, RawDocument};

use super::get;

/// Pairs and branches of a tree that are followed at most.
const MAX_ENTRIES: usize = 100_000;

/// Calls `found` for each pair of a tree, in order. A branch that stands in several places is
/// followed once.
pub(super) fn leaves<'a>(
    document: &'a RawDocument,
    root: &'a PdfObject,
    pairs: &[u8],
    mut found: impl FnMut(&'a PdfObject, &'a PdfObject),
) {
    let (mut left, mut visited, mut nodes) = (MAX_ENTRIES, HashSet::new(), vec![root]);
    while let Some(node) = nodes.pop() {
        if node.as_reference().is_some_and(|id| !visited.insert(id)) {
            continue;
        }
        let Some(node) = document.resolve(node).as_dict() else { continue };
        let list = |name: &[u8]| {
            get(document, node, name).and_then(PdfObject::as_array).unwrap_or_default()
        };
        for pair in list(pairs).chunks_exact(2).take(left) {
            left -= 1;
            found(document.resolve(&pair[0]), document.resolve(&pair[1]));
        }
        let kids = list(b"Kids");
        let kids = &kids[..kids.len().min(left)];
        left -= kids.len();
        nodes.extend(kids.iter().rev());
    }
}
