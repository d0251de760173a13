//! The tables of some documents, without a knowledge base.

use std::rc::Rc;

use super::catalog::{CatalogTable, DescribedTable, catalog, named_in, with_table_names};
use super::request::SqlRequest;
use crate::document::{Document, DocumentInfo, Place};
use crate::error::Error;
use crate::sql_value::SqlValue;
use crate::table::{Table, TableSpans};

/// The tables of some documents.
#[derive(Debug)]
pub struct DocumentTables {
    documents: Vec<DocumentWithTables>,
    tables: Vec<CatalogTable>,
}

#[derive(Debug)]
struct DocumentWithTables {
    info: Rc<DocumentInfo>,
    document: Document,
    spans: Vec<TableSpans>,
    described: Vec<Rc<DescribedTable>>,
}

impl DocumentWithTables {
    fn new(info: DocumentInfo, document: Document) -> Self {
        let spans = TableSpans::all_of(&document);
        let described = spans.iter().map(|table| Rc::new(DescribedTable::of(&document, table)));
        Self { described: described.collect(), info: Rc::new(info), document, spans }
    }
}

impl DocumentTables {
    /// The tables of these documents, in their order. Takes time for each cell.
    pub fn new(documents: Vec<(DocumentInfo, Document)>) -> Self {
        let documents = documents.into_iter();
        let documents: Vec<DocumentWithTables> =
            documents.map(|(info, document)| DocumentWithTables::new(info, document)).collect();
        let tables = catalog(documents.iter().map(|it| (&it.info, it.described.as_slice())));
        Self { documents, tables }
    }

    /// The tables, with their names in SQL.
    pub fn tables(&self) -> &[CatalogTable] {
        &self.tables
    }

    /// A query, with the tables that it names.
    pub fn request(
        &self,
        sql: &str,
        params: Vec<SqlValue>,
        limit: u32,
        milliseconds: u32,
    ) -> SqlRequest {
        let named = named_in(sql, &self.tables);
        let missing = named.iter().filter_map(|table| {
            let (document, spans) = self.source(table)?;
            Some(table.load(document, spans))
        });
        SqlRequest {
            tables: named.iter().map(|table| table.key()).collect(),
            missing: missing.collect(),
            sql: sql.to_owned(),
            params,
            limit,
            milliseconds,
        }
    }

    /// Where a row of a table is in its file: the name of the file, and the place.
    pub fn place_of_row(&self, table: &str, row: u32) -> Option<(&str, Place)> {
        let table = self.tables.iter().find(|known| known.name == table)?;
        let (document, spans) = self.source(table)?;
        let span = spans.rows.get(row as usize)?;
        let place = document.place(*span).unwrap_or_default();
        Some((&table.document.name, place))
    }

    /// A table as data, for questions.
    pub fn data(&self, table: &CatalogTable) -> Option<Table> {
        let (document, spans) = self.source(table)?;
        let columns: Vec<String> = table.columns().map(|(name, ..)| name.to_owned()).collect();
        Some(spans.data(document, &columns).named(&table.name))
    }

    /// The error of a table that is not there says which are.
    pub fn with_names(&self, error: Error) -> Error {
        with_table_names(error, &self.tables)
    }

    fn source(&self, table: &CatalogTable) -> Option<(&Document, &TableSpans)> {
        let found = self.documents.iter().find(|it| it.info.id == table.document.id)?;
        Some((&found.document, found.spans.get(table.number)?))
    }
}
