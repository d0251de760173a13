//! Counts what is in the XML of an office file, because the crates that read it build a tree or
//! a grid of it: a small file may declare more than there is memory for.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::grid::{Cell, Extent, MAX_GRID_CELLS};
use super::package::too_large;
use crate::error::Result;
use crate::read::Input;

/// The most elements within each other.
const MAX_DEPTH: usize = 256;
/// Bytes that a paragraph, a run or a cell takes of memory, as counted in elements.
const BLOCK_WEIGHT: u64 = 8;
/// The most columns that a cell of a text document may span.
const MAX_SPAN: u64 = 1000;
/// The most points of a series in a chart.
const MAX_POINTS: u64 = 100_000;
/// How often a row or a cell of a sheet of OpenDocument is repeated at most.
const MAX_REPEAT: u64 = 1024;

/// The family of the XML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Word and PowerPoint.
    Text,
    /// Excel.
    Sheet,
    /// OpenDocument.
    OpenDocument,
}

/// Checks the parts of one file, and counts them together.
pub(super) struct Checker<'a> {
    input: &'a Input<'a>,
    dialect: Dialect,
    /// Elements of all parts; a block counts more.
    weight: u64,
    /// Cells of all sheets and tables, with those that are repeated or merged.
    cells: u64,
    tables: Vec<Table>,
}

/// A table or sheet that is open.
#[derive(Default)]
struct Table {
    extent: Extent,
    row: u64,
    column: u64,
    row_repeat: u64,
}

impl<'a> Checker<'a> {
    pub(super) fn new(input: &'a Input<'a>, dialect: Dialect) -> Self {
        Self { input, dialect, weight: 0, cells: 0, tables: Vec::new() }
    }

    /// Checks one part.
    ///
    /// # Errors
    /// [`Error::TooLarge`](crate::Error::TooLarge) with too many elements or cells,
    /// [`Error::DamagedFile`](crate::Error::DamagedFile) for what is not XML or declares a
    /// document type.
    pub(super) fn check(&mut self, name: &str, xml: &[u8]) -> Result<()> {
        if name == "mimetype" {
            return Ok(());
        }
        let text = std::str::from_utf8(xml)
            .map_err(|_| self.input.damaged(format!("its part {name} is not UTF-8")))?;
        self.tables = vec![Table::default()];
        let mut reader = Reader::from_str(text);
        let mut depth = 0usize;
        loop {
            match reader.read_event() {
                Err(error) => {
                    return Err(self
                        .input
                        .damaged(format!("its part {name} is cut or broken ({error})")));
                }
                Ok(Event::Eof) if depth > 0 => {
                    return Err(self.input.damaged(format!("its part {name} is cut off")));
                }
                Ok(Event::Eof) => return Ok(()),
                Ok(Event::DocType(_)) => {
                    let detail = format!("its part {name} declares a document type");
                    return Err(self.input.damaged(detail));
                }
                Ok(Event::Start(element)) => {
                    depth += 1;
                    if depth > MAX_DEPTH {
                        let (got, limit) = (depth as u64, MAX_DEPTH as u64);
                        return Err(too_large(
                            self.input,
                            got,
                            limit,
                            "elements within each other",
                        ));
                    }
                    self.element(&element, false)?;
                }
                Ok(Event::Empty(element)) => self.element(&element, true)?,
                Ok(Event::End(element)) => {
                    depth = depth.saturating_sub(1);
                    self.end(element.local_name().as_ref().as_bytes())?;
                }
                Ok(_) => {}
            }
        }
    }

    fn element(&mut self, element: &BytesStart<'_>, is_empty: bool) -> Result<()> {
        let name = element.local_name();
        let name = name.as_ref().as_bytes();
        self.chart_element(name, element)?;
        match self.dialect {
            Dialect::Sheet => self.sheet_element(name, element, is_empty),
            Dialect::Text => {
                self.table_element(name, element)?;
                self.add_weight(name)
            }
            Dialect::OpenDocument => {
                self.open_document_element(name, element, is_empty)?;
                self.add_weight(name)
            }
        }
    }

    /// A chart has room for each of its points, whether they are there or not.
    fn chart_element(&mut self, name: &[u8], element: &BytesStart<'_>) -> Result<()> {
        let points = match name {
            b"ptCount" => attribute(element, b"val"),
            b"pt" => attribute(element, b"idx"),
            _ => return Ok(()),
        };
        let points = points.unwrap_or(0);
        if points > MAX_POINTS {
            return Err(self.input.damaged(format!("a chart has {points} points")));
        }
        self.add_cells(if name == b"pt" { 1 } else { points })
    }

    /// Elements are held in trees, and what becomes a block of text in several.
    fn add_weight(&mut self, name: &[u8]) -> Result<()> {
        let is_block = matches!(name, b"p" | b"tc" | b"tr" | b"h" | b"drawing" | b"pict" | b"sp");
        self.weight += if is_block { BLOCK_WEIGHT } else { 1 };
        let limit = u64::from(self.input.limits.objects);
        if self.weight > limit {
            return Err(too_large(self.input, self.weight, limit, "parts of its text"));
        }
        Ok(())
    }

    fn add_cells(&mut self, cells: u64) -> Result<()> {
        self.cells = self.cells.saturating_add(cells);
        let limit = u64::from(self.input.limits.objects);
        if self.cells > limit {
            return Err(too_large(self.input, self.cells, limit, "cells"));
        }
        Ok(())
    }

    fn sheet_element(
        &mut self,
        name: &[u8],
        element: &BytesStart<'_>,
        is_empty: bool,
    ) -> Result<()> {
        match name {
            b"row" => {
                let table = self.table();
                table.row = attribute(element, b"r").unwrap_or(table.row + 1);
                table.column = 0;
            }
            b"c" => {
                let cell = reference(element, b"r");
                let table = self.table();
                match cell.and_then(|reference| Cell::parse(&reference)) {
                    Some(cell) => (table.row, table.column) = (cell.row, cell.column),
                    None => table.column += 1,
                }
                if !is_empty {
                    let (row, column) = (table.row, table.column);
                    table.extent.add(row, column);
                    self.add_cells(1)?;
                }
            }
            b"mergeCell" => {
                let merged = reference(element, b"ref").as_deref().and_then(Extent::parse);
                self.add_cells(merged.map_or(0, |merged| merged.area()))?;
            }
            b"sst" => self.add_cells(attribute(element, b"uniqueCount").unwrap_or(0))?,
            b"si" | b"xf" | b"comment" | b"numFmt" => self.add_weight(name)?,
            _ => {}
        }
        self.check_extent()
    }

    /// Tables of Word: rows of cells that span columns.
    fn table_element(&mut self, name: &[u8], element: &BytesStart<'_>) -> Result<()> {
        match name {
            b"tbl" => self.tables.push(Table::default()),
            b"tr" => {
                let table = self.table();
                table.row += 1;
                table.column = 0;
            }
            b"tc" | b"gridCol" => {
                let table = self.table();
                table.column += 1;
                let (row, column) = (table.row.max(1), table.column);
                table.extent.add(row, column);
            }
            b"gridSpan" | b"gridBefore" | b"gridAfter" => {
                let span = attribute(element, b"val").unwrap_or(1);
                if span > MAX_SPAN {
                    return Err(self.input.damaged(format!("a table has {span} columns")));
                }
                let table = self.table();
                table.column += span;
                let (row, column) = (table.row.max(1), table.column);
                table.extent.add(row, column);
            }
            _ => {}
        }
        self.check_extent()
    }

    fn open_document_element(
        &mut self,
        name: &[u8],
        element: &BytesStart<'_>,
        is_empty: bool,
    ) -> Result<()> {
        match name {
            b"table" => self.tables.push(Table::default()),
            b"table-row" => {
                let repeat = attribute(element, b"number-rows-repeated").unwrap_or(1);
                let table = self.table();
                table.row += table.row_repeat.max(1);
                table.column = 0;
                table.row_repeat = repeat;
            }
            b"table-cell" | b"covered-table-cell" => {
                let columns = attribute(element, b"number-columns-repeated").unwrap_or(1);
                let rows_spanned = attribute(element, b"number-rows-spanned").unwrap_or(1);
                let columns_spanned = attribute(element, b"number-columns-spanned").unwrap_or(1);
                let has_content = !is_empty
                    || name == b"covered-table-cell"
                    || reference(element, b"value-type").is_some();
                let table = self.table();
                let (row, column) = (table.row, table.column + 1);
                table.column = table.column.saturating_add(columns);
                if has_content {
                    let rows = table.row_repeat.clamp(1, MAX_REPEAT);
                    let repeated = columns.clamp(1, MAX_REPEAT);
                    table.extent.add(row, column);
                    table.extent.add(
                        row.saturating_add(rows.max(rows_spanned) - 1),
                        column.saturating_add(repeated.max(columns_spanned) - 1),
                    );
                    self.add_cells(rows * repeated)?;
                }
            }
            _ => {}
        }
        self.check_extent()
    }

    fn end(&mut self, name: &[u8]) -> Result<()> {
        let ends_table = match self.dialect {
            Dialect::Text => name == b"tbl",
            Dialect::OpenDocument => name == b"table",
            Dialect::Sheet => false,
        };
        if ends_table && self.tables.len() > 1 {
            self.tables.pop();
        }
        Ok(())
    }

    fn table(&mut self) -> &mut Table {
        if self.tables.is_empty() {
            self.tables.push(Table::default());
        }
        self.tables.last_mut().expect("one was pushed above")
    }

    /// The crates hold every cell between the first and the last one.
    fn check_extent(&mut self) -> Result<()> {
        let area = self.table().extent.area();
        if area > MAX_GRID_CELLS {
            let unit = "cells between the first and the last one";
            return Err(too_large(self.input, area, MAX_GRID_CELLS, unit));
        }
        Ok(())
    }
}

fn reference(element: &BytesStart<'_>, name: &[u8]) -> Option<String> {
    let mut attributes = element.attributes();
    let mut named = attributes.with_checks(false).flatten();
    let attribute =
        named.find(|attribute| attribute.key.local_name().as_ref().as_bytes() == name)?;
    Some(attribute.value.into_owned())
}

fn attribute(element: &BytesStart<'_>, name: &[u8]) -> Option<u64> {
    reference(element, name)?.trim().parse().ok()
}
