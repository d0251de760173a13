//! Answers that were computed from a table, and the cells that they are from.

use std::rc::Rc;

use crate::document::Span;
use crate::knowledge_base::StoredDocument;
use crate::sql::CatalogTable;
use crate::table::{TableAnswer, TableValue};

/// A cell of a table of a document.
#[derive(Debug, Clone, PartialEq)]
pub struct CellCitation {
    /// The name of the table.
    pub table: String,
    /// The number of its row in the table, from 0.
    pub row: usize,
    /// The name of its column.
    pub column: String,
    /// The document.
    pub document: Rc<StoredDocument>,
    /// Its span in the document's text.
    pub span: Span,
}

impl CellCitation {
    /// The cited text.
    pub fn text(&self) -> &str {
        &self.document.text()[self.span.range()]
    }
}

/// An answer that was computed from a table.
#[derive(Debug, Clone, PartialEq)]
pub struct ComputedAnswer {
    /// The answer, and how it was computed.
    pub answer: TableAnswer,
    /// Its table.
    pub table: CatalogTable,
    /// The cells that were read, at most 200.
    pub citations: Vec<CellCitation>,
}

/// The most values that a sentence lists.
const MAX_LISTED: usize = 10;

impl ComputedAnswer {
    /// The answer in a sentence: its values, and what they are.
    pub fn text(&self) -> String {
        let values = &self.answer.values;
        let listed: Vec<String> =
            values.iter().take(MAX_LISTED).map(TableValue::to_string).collect();
        let more = match values.len() - listed.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let explanation = self.answer.explanation.trim_end_matches('.');
        let mut chars = explanation.chars();
        let first: String = chars.next().into_iter().flat_map(char::to_lowercase).collect();
        format!("{}{more}: {first}{}, in {}.", listed.join(", "), chars.as_str(), self.table.name)
    }

    /// The name of the column of its values.
    pub fn column(&self) -> String {
        let column = self.answer.column.and_then(|at| self.table.columns().nth(at));
        column.map_or_else(|| self.answer.operation.to_owned(), |(name, ..)| name.to_owned())
    }
}
