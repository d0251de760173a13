//! The lists that are open where a document is read, and the marks of their items.

/// Deepest indentation of a list item, in steps.
const MAX_INDENT: usize = 8;

/// The number of the next item of each open list, if it has numbers.
#[derive(Default)]
pub(super) struct OpenLists(Vec<Option<u64>>);

impl OpenLists {
    /// Begins a list in those that are open, numbered from `first`.
    pub(super) fn begin(&mut self, first: Option<u64>) {
        self.0.push(first);
    }

    /// Ends the innermost list.
    pub(super) fn end(&mut self) {
        self.0.pop();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What the next item of the innermost list starts with.
    pub(super) fn next_marker(&mut self) -> String {
        let indent = "  ".repeat(self.0.len().saturating_sub(1).min(MAX_INDENT));
        match self.0.last_mut() {
            Some(Some(number)) => {
                let marker = format!("{indent}{number}. ");
                *number = number.saturating_add(1);
                marker
            }
            _ => format!("{indent}- "),
        }
    }
}
