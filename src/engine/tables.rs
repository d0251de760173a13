//! The tables of all documents: listed, shown, queried.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::Engine;
use crate::answer::CellCitation;
use crate::document::{DocumentId, DocumentInfo};
use crate::error::{Error, Result};
use crate::knowledge_base::{KnowledgeBase, StoredDocument};
use crate::runtime::Task;
use crate::sql::{
    CatalogTable, DescribedTable, SqlRequest, SqlResult, SqlRunner, catalog, named_in,
    with_table_names,
};
use crate::sql_value::SqlValue;
use crate::table::{Table, TableSpans};
use crate::text::fold;

/// The most rows that are shown at once.
const MAX_SHOWN_ROWS: usize = 1_000;
/// The most rows of a result.
const MAX_RESULT_ROWS: u32 = 100_000;
/// The most milliseconds of a query.
const MAX_MILLISECONDS: u32 = 600_000;
/// The most cells that a result cites.
const MAX_CITED_CELLS: usize = 1_000;

/// Which rows of a table are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowsOptions {
    /// The first row, from 0.
    pub start: usize,
    /// The most rows, from 1 to 1,000.
    pub limit: usize,
    /// The name of the column that sorts them; none for the order of the document. Empty cells are last.
    pub order_by: Option<String>,
    /// Whether the largest is first.
    pub is_descending: bool,
}

impl Default for RowsOptions {
    fn default() -> Self {
        Self { start: 0, limit: 100, order_by: None, is_descending: false }
    }
}

/// Rows of a table as they are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownRows {
    /// Each with its number in the table, from 0.
    pub rows: Vec<(usize, Vec<String>)>,
    /// The rows of the whole table.
    pub total: usize,
}

/// How a query is run.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryOptions {
    /// The values of its parameters, in order.
    pub params: Vec<SqlValue>,
    /// The most rows of the result, from 1 to 100,000.
    pub limit: u32,
    /// Milliseconds after which it ends, from 1 to 600,000.
    pub milliseconds: u32,
}

impl Default for QueryOptions {
    fn default() -> Self {
        Self { params: Vec::new(), limit: 1_000, milliseconds: 10_000 }
    }
}

/// What a query gives.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryAnswer {
    /// Its rows, and the rows of tables that they are from.
    pub result: SqlResult,
    /// The cells that the first of them are from, at most 1,000.
    pub citations: Vec<CellCitation>,
}

/// What is known of tables without reading their documents again.
#[derive(Default)]
pub(super) struct TableCache {
    described: RefCell<HashMap<DocumentId, DescribedDocument>>,
    open: RefCell<Option<OpenTable>>,
    /// Tables as data, the last remembered last.
    data: RefCell<Vec<(String, Rc<Table>)>>,
}

/// Tables that are remembered as data.
const MAX_DATA: usize = 4;

impl TableCache {
    /// The table of this key as data, if it is remembered.
    pub(super) fn data(&self, key: &str) -> Option<Rc<Table>> {
        let data = self.data.borrow();
        data.iter().find(|(known, _)| known == key).map(|(_, table)| table.clone())
    }

    /// Remembers a table as data, and forgets the oldest one.
    pub(super) fn remember(&self, key: String, table: Rc<Table>) {
        let mut data = self.data.borrow_mut();
        if data.len() == MAX_DATA {
            data.remove(0);
        }
        data.push((key, table));
    }
}

struct DescribedDocument {
    info: Rc<DocumentInfo>,
    tables: Vec<Rc<DescribedTable>>,
}

/// The table that was shown or cited last.
#[derive(Clone)]
struct OpenTable {
    key: String,
    document: Rc<StoredDocument>,
    spans: Rc<TableSpans>,
    order: Option<Order>,
}

/// The rows of a table, sorted.
#[derive(Clone)]
struct Order {
    column: usize,
    is_descending: bool,
    rows: Rc<[u32]>,
}

impl Engine {
    /// The engine with who runs its queries: [`Engine::query`] fails without.
    pub fn with_sql_runner(self, sql_runner: Rc<dyn SqlRunner>) -> Self {
        Self { sql_runner: Some(sql_runner), ..self }
    }

    /// The tables of all documents, in the order of adding. The first call reads all documents, later ones
    /// those that were added since.
    pub async fn tables(&self, task: &Task) -> Result<Vec<CatalogTable>> {
        self.check_open()?;
        let state = self.readable(task).await?;
        let documents = state.documents();
        for (info, _) in &documents {
            self.describe(info, &state, task).await?;
        }
        let mut described = self.tables.described.borrow_mut();
        described.retain(|id, _| state.index.find(*id).is_some());
        let known = documents.iter().filter_map(|(info, _)| described.get(&info.id));
        Ok(catalog(known.map(|document| (&document.info, document.tables.as_slice()))))
    }

    /// Rows of a table, as they are written.
    ///
    /// # Errors
    /// [`Error::TableNotFound`]; [`Error::InvalidOption`].
    pub async fn table_rows(
        &self,
        name: &str,
        options: &RowsOptions,
        task: &Task,
    ) -> Result<ShownRows> {
        if !(1..=MAX_SHOWN_ROWS).contains(&options.limit) {
            let (got, expected) = (options.limit.to_string(), "a number of rows from 1 to 1000");
            return Err(Error::InvalidOption { option: "limit", got, expected });
        }
        let table = self.table(name, task).await?;
        let column = options.order_by.as_deref().map(|by| column_of(&table, by)).transpose()?;
        let open = self.open_table(&table, task).await?;
        let sorted = column.map(|by| self.order(&open, &table, by, options.is_descending));
        let total = open.spans.rows.len();
        let end = options.start.saturating_add(options.limit).min(total);
        let rows = (options.start..end).map(|at| {
            let row = sorted.as_ref().map_or(at, |rows| rows[at] as usize);
            let cells = 0..table.described.columns.len();
            let text = |column| open.spans.cell(&open.document.document, row, column).to_owned();
            (row, cells.map(text).collect())
        });
        Ok(ShownRows { rows: rows.collect(), total })
    }

    /// Runs one `SELECT` over the tables, by the names of [`Engine::tables`].
    ///
    /// # Errors
    /// [`Error::InvalidQuery`], [`Error::QueryTooSlow`], [`Error::QueryTooLarge`]; [`Error::InvalidOption`].
    pub async fn query(
        &self,
        sql: &str,
        options: &QueryOptions,
        task: &Task,
    ) -> Result<QueryAnswer> {
        check_query_options(options)?;
        let runner = self.sql_runner.as_deref().ok_or_else(|| Error::InvalidQuery {
            detail: "this engine was opened without what runs queries".to_owned(),
        })?;
        let all = self.tables(task).await?;
        let named = named_in(sql, &all);
        let mut result = self.run(runner, &named, sql, options, task).await;
        if result == Err(Error::TablesLost) {
            // The worker had ended since it was asked: another one is told everything.
            result = self.run(runner, &named, sql, options, task).await;
        }
        let result = result.map_err(|error| with_table_names(error, &all))?;
        let citations = self.cite(&result, &all, task).await?;
        Ok(QueryAnswer { result, citations })
    }

    async fn run(
        &self,
        runner: &dyn SqlRunner,
        named: &[&CatalogTable],
        sql: &str,
        options: &QueryOptions,
        task: &Task,
    ) -> Result<SqlResult> {
        let held = runner.held();
        let mut missing = Vec::new();
        for table in named.iter().filter(|table| !held.contains(&table.key())) {
            let open = self.open_table(table, task).await?;
            missing.push(table.load(&open.document.document, &open.spans));
            task.step(&*self.runtime).await?;
        }
        let request = SqlRequest {
            tables: named.iter().map(|table| table.key()).collect(),
            missing,
            sql: sql.to_owned(),
            params: options.params.clone(),
            limit: options.limit,
            milliseconds: options.milliseconds,
        };
        runner.run(request, &*self.runtime, task).await
    }

    /// The cells that the first rows of a result are from.
    async fn cite(
        &self,
        result: &SqlResult,
        tables: &[CatalogTable],
        task: &Task,
    ) -> Result<Vec<CellCitation>> {
        let mut open: HashMap<&str, (&CatalogTable, OpenTable)> = HashMap::new();
        let mut cited: Vec<CellCitation> = Vec::new();
        let mut rows_cited: HashSet<(&str, u32)> = HashSet::new();
        for source in result.sources.iter().flatten() {
            if cited.len() >= MAX_CITED_CELLS {
                break;
            }
            let name = source.table.as_str();
            if !open.contains_key(name) {
                let Some(table) = tables.iter().find(|table| table.name == name) else { continue };
                open.insert(name, (table, self.open_table(table, task).await?));
            }
            let (table, open) = &open[name];
            for &row in source.rows.iter().filter(|row| rows_cited.insert((name, **row))) {
                let columns = source.columns.iter().filter_map(|name| table.column(name));
                cited.extend(cells(table, open, row as usize, columns));
                if cited.len() >= MAX_CITED_CELLS {
                    break;
                }
            }
        }
        cited.truncate(MAX_CITED_CELLS);
        Ok(cited)
    }

    /// Cells of a table, by the numbers of their rows and columns, or of whole rows: at most `limit`.
    pub(super) async fn cells_of(
        &self,
        table: &CatalogTable,
        places: &[(usize, Option<usize>)],
        limit: usize,
        task: &Task,
    ) -> Result<Vec<CellCitation>> {
        let open = self.open_table(table, task).await?;
        let cited = places
            .iter()
            .flat_map(|(row, column)| cells(table, &open, *row, column.iter().copied()));
        Ok(cited.take(limit).collect())
    }

    /// The document of a table, and where its cells are.
    pub(super) async fn spans_of(
        &self,
        table: &CatalogTable,
        task: &Task,
    ) -> Result<(Rc<StoredDocument>, Rc<TableSpans>)> {
        let open = self.open_table(table, task).await?;
        Ok((open.document, open.spans))
    }

    async fn table(&self, name: &str, task: &Task) -> Result<CatalogTable> {
        let mut tables = self.tables(task).await?.into_iter();
        let found = tables.find(|table| table.name.eq_ignore_ascii_case(name));
        found.ok_or_else(|| Error::TableNotFound { name: name.to_owned() })
    }

    /// Remembers the tables of a document. One that cannot be read now has none until it can.
    async fn describe(
        &self,
        info: &Rc<DocumentInfo>,
        state: &KnowledgeBase,
        task: &Task,
    ) -> Result<()> {
        let is_known = |known: &DescribedDocument| known.info == *info;
        if self.tables.described.borrow().get(&info.id).is_some_and(is_known) {
            return Ok(());
        }
        let Some(found) = state.index.find(info.id) else { return Ok(()) };
        // Perhaps the next time.
        let Ok(read) = self.document_cache.get(&*self.store, &found).await else { return Ok(()) };
        let mut tables = Vec::new();
        for table in TableSpans::all_of(&read.document) {
            tables.push(Rc::new(DescribedTable::of(&read.document, &table)));
            task.step(&*self.runtime).await?;
        }
        let described = DescribedDocument { info: info.clone(), tables };
        self.tables.described.borrow_mut().insert(info.id, described);
        task.step(&*self.runtime).await
    }

    /// The table with its document. The last one is remembered.
    async fn open_table(&self, table: &CatalogTable, task: &Task) -> Result<OpenTable> {
        let key = table.key();
        if let Some(open) = self.tables.open.borrow().as_ref().filter(|open| open.key == key) {
            return Ok(open.clone());
        }
        let state = self.readable(task).await?;
        let lost = || Error::TableNotFound { name: table.name.clone() };
        let found = state.index.find(table.document.id).ok_or_else(lost)?;
        let document = self.document_cache.get(&*self.store, &found).await?;
        let spans = TableSpans::all_of(&document.document).into_iter().nth(table.number);
        let spans = Rc::new(spans.ok_or_else(lost)?);
        let open = OpenTable { key, document, spans, order: None };
        *self.tables.open.borrow_mut() = Some(open.clone());
        Ok(open)
    }

    /// The rows of a table, sorted by a column. The last order is remembered.
    fn order(
        &self,
        open: &OpenTable,
        table: &CatalogTable,
        column: usize,
        is_descending: bool,
    ) -> Rc<[u32]> {
        let is_known =
            |order: &&Order| (order.column, order.is_descending) == (column, is_descending);
        if let Some(order) = open.order.as_ref().filter(is_known) {
            return order.rows.clone();
        }
        let typed = &table.described.columns[column].typed;
        let texts = open.spans.column(&open.document.document, column);
        let values: Vec<SqlValue> = texts.map(|text| sort_key(typed.value(text))).collect();
        let mut rows: Vec<u32> = (0..).take(values.len()).collect();
        rows.sort_by(|&one, &other| {
            let (one, other) = (&values[one as usize], &values[other as usize]);
            one.sorted(other, is_descending)
        });
        let rows: Rc<[u32]> = rows.into();
        let order = Some(Order { column, is_descending, rows: rows.clone() });
        if let Some(known) = self.tables.open.borrow_mut().as_mut().filter(|it| it.key == open.key)
        {
            known.order = order;
        }
        rows
    }
}

/// The cells of a row in these columns; of none, all of the row.
fn cells<'a>(
    table: &'a CatalogTable,
    open: &'a OpenTable,
    row: usize,
    columns: impl Iterator<Item = usize>,
) -> Vec<CellCitation> {
    let mut columns: Vec<usize> = columns.collect();
    if columns.is_empty() {
        columns = (0..table.described.columns.len()).collect();
    }
    let cited = columns.into_iter().filter_map(|column| {
        Some(CellCitation {
            table: table.name.clone(),
            row,
            column: table.described.columns.get(column)?.name.clone(),
            document: open.document.clone(),
            span: open.spans.cell_span(row, column)?,
        })
    });
    cited.collect()
}

/// What sorts a value: a text regardless of case and accents, and by these where they alone differ.
fn sort_key(value: SqlValue) -> SqlValue {
    match value {
        SqlValue::Text(text) => SqlValue::Text(format!("{}\0{text}", fold(&text))),
        other => other,
    }
}

fn column_of(table: &CatalogTable, name: &str) -> Result<usize> {
    table.column(name).ok_or_else(|| Error::InvalidOption {
        option: "orderBy",
        got: format!("\"{name}\""),
        expected: "the name of a column of the table",
    })
}

fn check_query_options(options: &QueryOptions) -> Result<()> {
    let invalid = |option, got: u32, expected| {
        Err(Error::InvalidOption { option, got: got.to_string(), expected })
    };
    if !(1..=MAX_RESULT_ROWS).contains(&options.limit) {
        return invalid("limit", options.limit, "a number of rows from 1 to 100000");
    }
    if !(1..=MAX_MILLISECONDS).contains(&options.milliseconds) {
        return invalid("timeout", options.milliseconds, "milliseconds from 1 to 600000");
    }
    Ok(())
}
