//! The lists around the current position of a reader, and the markers of their items.

/// The most levels of indentation of a list item.
const MAX_INDENT: usize = 8;

/// The indentation of an item in so many lists around its own.
pub(super) fn indentation(lists: usize) -> String {
    "  ".repeat(lists.min(MAX_INDENT))
}

/// The open lists, outermost first, each with the number of its next item if it is numbered.
#[derive(Default)]
pub(super) struct OpenLists(Vec<Option<u64>>);

impl OpenLists {
    /// Begins a list inside the open ones, numbered from `first`.
    pub(super) fn begin(&mut self, first: Option<u64>) {
        self.0.push(first);
    }

    /// Ends the innermost list.
    pub(super) fn end(&mut self) {
        self.0.pop();
    }

    /// The next item of the innermost list has this number, if the list is numbered.
    pub(super) fn set_number(&mut self, number: u64) {
        if let Some(Some(next)) = self.0.last_mut() {
            *next = number;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The marker of the next item of the innermost list.
    pub(super) fn next_marker(&mut self) -> String {
        let indent = indentation(self.0.len().saturating_sub(1));
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
