//! Answers that are computed from the tables among the passages of a question.

use std::rc::Rc;

use super::Engine;
use crate::answer::ComputedAnswer;
use crate::document::{DocumentId, Span};
use crate::error::Result;
use crate::retrieve::Passage;
use crate::runtime::Task;
use crate::sql::CatalogTable;
use crate::table::{MAX_CELLS, TABLE_CONFIDENCE, Table, TableAnswer, TableSpans, Weights, answer};

/// The passages whose tables are looked at.
const PASSAGES: usize = 3;
/// The most tables that are looked at.
const MAX_TABLES: usize = 3;
/// The most cells that an answer cites.
const MAX_CITED_CELLS: usize = 200;

impl Engine {
    /// The answer that the tables among `passages` give, where one is sure enough.
    pub(super) async fn computed_answer(
        &self,
        question: &str,
        passages: &[Passage],
        task: &Task,
    ) -> Result<Option<ComputedAnswer>> {
        let places = tables_of_passages(passages);
        if places.is_empty() {
            return Ok(None);
        }
        let catalog = self.tables(task).await?;
        let mut best: Option<(CatalogTable, TableAnswer)> = None;
        for (document, number) in places {
            let mut tables = catalog.iter();
            let Some(table) = tables.find(|it| it.document.id == document && it.number == number)
            else {
                continue;
            };
            let data = self.table_data(table, task).await?;
            let found = answer(question, &data, Weights::trained());
            task.step(&*self.runtime).await?;
            let found = found.filter(|found| found.confidence >= TABLE_CONFIDENCE);
            let is_better = |found: &TableAnswer| {
                best.as_ref().is_none_or(|(_, best)| found.confidence > best.confidence)
            };
            if let Some(found) = found.filter(is_better) {
                best = Some((table.clone(), found));
            }
        }
        let Some((table, answer)) = best else { return Ok(None) };
        let column = answer.column;
        let cells = answer.rows.iter().flat_map(|row| column.map(|column| (*row, Some(column))));
        let rows = answer.rows.iter().map(|row| (*row, None)).filter(|_| column.is_none());
        let places: Vec<(usize, Option<usize>)> = cells.chain(rows).collect();
        let citations = self.cells_of(&table, &places, MAX_CITED_CELLS, task).await?;
        Ok(Some(ComputedAnswer { answer, table, citations }))
    }

    /// The table as data. The last ones are remembered.
    async fn table_data(&self, table: &CatalogTable, task: &Task) -> Result<Rc<Table>> {
        let key = table.key();
        if let Some(data) = self.tables.data(&key) {
            return Ok(data);
        }
        let (document, spans) = self.spans_of(table, task).await?;
        let columns: Vec<String> = table.columns().map(|(name, ..)| name.to_owned()).collect();
        let data = Rc::new(spans.data(&document.document, &columns).named(&table.name));
        self.tables.remember(key, data.clone());
        Ok(data)
    }
}

/// The tables that the best passages are of: their documents, and their numbers there.
fn tables_of_passages(passages: &[Passage]) -> Vec<(DocumentId, usize)> {
    let mut found = Vec::new();
    for passage in passages.iter().take(PASSAGES) {
        let document = &passage.document.document;
        let overlaps = |span: Span| span.start < passage.span.end && passage.span.start < span.end;
        for (number, table) in TableSpans::all_of(document).iter().enumerate() {
            let is_small = table.width().saturating_mul(table.rows.len()) <= MAX_CELLS;
            let place = (passage.document.id(), number);
            if is_small && table.has_header() && overlaps(table.span()) && !found.contains(&place) {
                found.push(place);
            }
        }
    }
    found.truncate(MAX_TABLES);
    found
}
