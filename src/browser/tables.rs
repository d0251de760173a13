//! Bindings of tables and queries.

use std::rc::Rc;

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::convert::{thrown, to_js, utf16_length};
use super::engine::EngineHandle;
use super::place::JsPlace;
use super::{CancelHandle, options, task};
use crate::answer::{CellCitation, ComputedAnswer};
use crate::engine::{QueryAnswer, ShownRows};
use crate::knowledge_base::StoredDocument;
use crate::runtime::Task;
use crate::sql::{CatalogTable, RowSource};
use crate::sql_value::SqlValue;
use crate::table::{ColumnType, TableValue};

/// The most rows of a table that an event tells of.
const MAX_TOLD_ROWS: usize = 1_000;

#[wasm_bindgen]
impl EngineHandle {
    /// The package's `TableInfo[]`.
    pub async fn tables(&self) -> Result<JsValue, JsValue> {
        let tables = self.engine.tables(&Task::default()).await.map_err(thrown)?;
        Ok(to_js(&tables.iter().map(JsTable::of).collect::<Vec<_>>()))
    }

    /// The package's `TableRows`: `{ start, limit, orderBy, descending }`.
    #[wasm_bindgen(js_name = tableRows)]
    pub async fn table_rows(&self, name: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
        let name = options::text(&name, "name").map_err(thrown)?;
        let options = options::table_rows(&options).map_err(thrown)?;
        let rows = self.engine.table_rows(&name, &options, &Task::default()).await;
        Ok(to_js(&JsRows::of(rows.map_err(thrown)?)))
    }

    /// The package's `QueryResult`: `{ params, limit, timeout }`.
    pub async fn query(
        &self,
        sql: JsValue,
        options: JsValue,
        cancel: &CancelHandle,
    ) -> Result<JsValue, JsValue> {
        let task = task(cancel, None);
        let sql = options::text(&sql, "sql").map_err(thrown)?;
        let options = options::query(&options).map_err(thrown)?;
        let answer = self.engine.query(&sql, &options, &task).await.map_err(thrown)?;
        Ok(to_js(&JsQueryResult::of(&answer)))
    }
}

/// The package's `TableInfo`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct JsTable<'a> {
    name: &'a str,
    document_id: String,
    document_name: &'a str,
    title: &'a str,
    columns: Vec<JsColumn<'a>>,
    rows: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<JsPlace>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place_text: Option<String>,
}

#[derive(Serialize)]
struct JsColumn<'a> {
    name: &'a str,
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<&'a str>,
}

impl<'a> JsTable<'a> {
    fn of(table: &'a CatalogTable) -> Self {
        let column = |(name, kind, unit): (&'a str, ColumnType, &'a str)| JsColumn {
            name,
            r#type: kind.name(),
            unit: Some(unit).filter(|unit| !unit.is_empty()),
        };
        let (place, place_text) = JsPlace::of_place(&table.document, table.place());
        Self {
            name: &table.name,
            document_id: table.document.id.to_string(),
            document_name: &table.document.name,
            title: table.title(),
            columns: table.columns().map(column).collect(),
            rows: table.row_count(),
            place,
            place_text,
        }
    }
}

#[derive(Serialize)]
struct JsRows {
    rows: Vec<JsRow>,
    total: usize,
}

#[derive(Serialize)]
struct JsRow {
    row: usize,
    cells: Vec<String>,
}

impl JsRows {
    fn of(shown: ShownRows) -> Self {
        let rows = shown.rows.into_iter().map(|(row, cells)| JsRow { row, cells });
        Self { rows: rows.collect(), total: shown.total }
    }
}

/// The package's `QueryResult`.
#[derive(Serialize)]
struct JsQueryResult<'a> {
    columns: &'a [String],
    rows: Vec<Vec<JsSqlValue<'a>>>,
    truncated: bool,
    sources: Vec<Vec<JsSource<'a>>>,
    citations: Vec<JsCell<'a>>,
}

/// The package's `SqlValue`.
#[derive(Serialize)]
#[serde(untagged)]
enum JsSqlValue<'a> {
    Number(f64),
    Text(&'a str),
    /// `null`, or a bigint.
    Other(#[serde(with = "serde_wasm_bindgen::preserve")] JsValue),
}

/// Larger integers are no number of JavaScript.
const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

impl<'a> JsSqlValue<'a> {
    fn of(value: &'a SqlValue) -> Self {
        match value {
            SqlValue::Null => Self::Other(JsValue::NULL),
            SqlValue::Integer(number) if number.unsigned_abs() <= MAX_SAFE_INTEGER => {
                Self::Number(*number as f64)
            }
            SqlValue::Integer(number) => Self::Other(JsValue::from(*number)),
            SqlValue::Real(number) => Self::Number(*number),
            SqlValue::Text(text) => Self::Text(text),
        }
    }
}

/// The package's `RowSource`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsSource<'a> {
    table: &'a str,
    rows: &'a [u32],
    row_count: u32,
    columns: &'a [String],
}

impl<'a> JsSource<'a> {
    fn of(source: &'a RowSource) -> Self {
        let RowSource { table, rows, row_count, columns } = source;
        Self { table, rows, row_count: *row_count, columns }
    }
}

/// The package's `CellCitation`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct JsCell<'a> {
    table: &'a str,
    row: usize,
    column: &'a str,
    document_id: String,
    document_name: &'a str,
    start: u32,
    end: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<JsPlace>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place_text: Option<String>,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    shipped: Option<&'a str>,
}

/// The cells of one answer.
fn js_cells(cells: &[CellCitation]) -> Vec<JsCell<'_>> {
    cells.iter().zip(starts_of(cells)).map(|(cell, start)| JsCell::of(cell, start)).collect()
}

/// Where cells start, in UTF-16. They are counted in the order of their text, each from the one before: a cell at
/// the end of a long text does not cost the whole text again.
fn starts_of(cells: &[CellCitation]) -> Vec<u32> {
    let mut order: Vec<usize> = (0..cells.len()).collect();
    order.sort_by_key(|&at| (Rc::as_ptr(&cells[at].document), cells[at].span.start));
    let mut starts = vec![0; cells.len()];
    let mut last: Option<(&Rc<StoredDocument>, usize, u32)> = None;
    for at in order {
        let (document, byte) = (&cells[at].document, cells[at].span.range().start);
        let known = last.filter(|(known, ..)| Rc::ptr_eq(known, document));
        let (from, before) = known.map_or((0, 0), |(_, from, before)| (from, before));
        starts[at] = before + utf16_length(&document.text()[from..byte]);
        last = Some((document, byte, starts[at]));
    }
    starts
}

impl<'a> JsCell<'a> {
    fn of(cell: &'a CellCitation, start: u32) -> Self {
        let (place, place_text) = JsPlace::of(&cell.document, cell.span);
        Self {
            table: &cell.table,
            row: cell.row,
            column: &cell.column,
            document_id: cell.document.id().to_string(),
            document_name: &cell.document.info.name,
            start,
            end: start + utf16_length(cell.text()),
            place,
            place_text,
            text: cell.text(),
            shipped: cell.document.shipped.as_deref(),
        }
    }
}

impl<'a> JsQueryResult<'a> {
    fn of(answer: &'a QueryAnswer) -> Self {
        let QueryAnswer { result, citations } = answer;
        Self {
            columns: &result.columns,
            rows: result.rows.iter().map(|row| row.iter().map(JsSqlValue::of).collect()).collect(),
            truncated: result.is_truncated,
            sources: result
                .sources
                .iter()
                .map(|row| row.iter().map(JsSource::of).collect())
                .collect(),
            citations: js_cells(citations),
        }
    }
}

/// The package's `TableEvent`, without its type.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct JsComputed<'a> {
    text: String,
    explanation: &'a str,
    sql: &'a str,
    confidence: f32,
    table: JsTable<'a>,
    columns: [String; 1],
    rows: Vec<[JsTableValue<'a>; 1]>,
    source_rows: &'a [usize],
    source_row_count: usize,
    citations: Vec<JsCell<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum JsTableValue<'a> {
    Number(f64),
    Text(&'a str),
}

impl<'a> JsComputed<'a> {
    pub(super) fn of(computed: &'a ComputedAnswer) -> Self {
        let answer = &computed.answer;
        let value = |value: &'a TableValue| match value {
            TableValue::Number(number) => [JsTableValue::Number(*number)],
            TableValue::Text(text) => [JsTableValue::Text(text)],
        };
        Self {
            text: computed.text(),
            explanation: &answer.explanation,
            sql: &answer.sql,
            confidence: answer.confidence,
            table: JsTable::of(&computed.table),
            columns: [computed.column()],
            rows: answer.values.iter().map(value).collect(),
            source_rows: &answer.rows[..answer.rows.len().min(MAX_TOLD_ROWS)],
            source_row_count: answer.rows.len(),
            citations: js_cells(&computed.citations),
        }
    }
}
