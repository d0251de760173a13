//! The reader of Excel of 1997 to 2003.

use std::collections::HashMap;
use std::io::Cursor;

use calamine::{Data, Dimensions, Range, Reader, SheetVisible, Xls, XlsError};

use super::binary::warn_of_programs;
use super::grid::{Cell, Extent, MAX_GRID_CELLS};
use super::output::Output;
use super::package::too_large;
use super::{convert, streams};
use crate::error::Result;
use crate::read::compound_file::{u16_at, u32_at};
use crate::read::{Input, ReadFile};

/// Bytes of a sector of a large compound file; those of others are shorter.
const MAX_SECTOR_BYTES: usize = 4096;
/// Significant digits of a number.
const DIGITS: usize = 14;

/// Reads the sheets: a table for each run of rows, with its cells. Numbers are as they are
/// stored, dates as ISO 8601.
pub(crate) fn xls(input: &Input<'_>) -> Result<ReadFile> {
    let file = streams::open(input)?;
    let root = file.children(0);
    let records = file.stream(&root, "Workbook").or_else(|| file.stream(&root, "Book"));
    let records = records.ok_or_else(|| input.damaged("it has no workbook"))?;
    check(input, &records)?;
    let mut workbook: Xls<_> =
        Xls::new(Cursor::new(whole_sectors(input.bytes))).map_err(|error| match error {
            XlsError::Password => convert::encrypted(input),
            error => input.damaged(error.to_string()),
        })?;
    let mut out = Output::new(input);
    warn_of_programs(&file, &mut out);
    let sheets = workbook.sheets_metadata().to_vec();
    for (index, sheet) in sheets.iter().enumerate() {
        input.step(index as u64, sheets.len() as u64, "sheets")?;
        let Ok(range) = workbook.worksheet_range(&sheet.name) else { continue };
        let merged = workbook.merge_cells_by_sheet_name(&sheet.name).unwrap_or_default();
        out.begin_sheet(&sheet.name, sheet.visible != SheetVisible::Visible);
        write_sheet(&range, &merged, &mut out);
    }
    Ok(out.finish())
}

/// calamine wants the last sector of a file to be whole.
fn whole_sectors(bytes: &[u8]) -> Vec<u8> {
    let mut whole = bytes.to_vec();
    whole.resize(bytes.len().next_multiple_of(MAX_SECTOR_BYTES), 0);
    whole
}

/// Writes a table for each run of rows that are not empty.
fn write_sheet(range: &Range<Data>, merged: &[Dimensions], out: &mut Output) {
    let Some((first_row, first_column)) = range.start() else { return };
    let mut covered = HashMap::new();
    for area in merged {
        for row in area.start.0..=area.end.0 {
            covered.extend((area.start.1..=area.end.1).map(|column| ((row, column), area.start)));
        }
    }
    let text = |row: u32, column: u32| {
        let position = covered.get(&(row, column)).copied().unwrap_or((row, column));
        range.get_value(position).map(shown).unwrap_or_default()
    };
    let mut table: Vec<Vec<String>> = Vec::new();
    let mut begin = first_row;
    for (row, values) in (first_row..).zip(range.rows()) {
        if values.iter().all(|value| matches!(value, Data::Empty)) {
            write_table(&mut table, begin, first_column, out);
            begin = row + 1;
        } else {
            let columns = first_column..first_column + values.len() as u32;
            table.push(columns.map(|column| text(row, column)).collect());
        }
    }
    write_table(&mut table, begin, first_column, out);
}

fn write_table(table: &mut Vec<Vec<String>>, row: u32, column: u32, out: &mut Output) {
    let corner = Cell { row: u64::from(row) + 1, column: u64::from(column) + 1 };
    out.push_table(table.iter(), 1, Some(corner));
    table.clear();
}

fn shown(value: &Data) -> String {
    match value {
        Data::Float(number) => shown_number(*number),
        Data::DateTime(date) => match date.as_datetime() {
            Some(time) => shown_time(&time.to_string(), date.as_f64()),
            None => shown_number(date.as_f64()),
        },
        value => value.to_string(),
    }
}

/// A day, a time of day or both, by what `days` says: whole days, or less than one.
fn shown_time(time: &str, days: f64) -> String {
    let (day, clock) = time.split_once(' ').unwrap_or((time, ""));
    let clock = clock.split('.').next().unwrap_or(clock);
    if days < 1.0 {
        clock.to_owned()
    } else if days.fract() == 0.0 {
        day.to_owned()
    } else {
        format!("{day} {clock}")
    }
}

/// A number without the noise of binary fractions: 0.1 + 0.2 is 0.3.
fn shown_number(number: f64) -> String {
    let rounded = format!("{number:.DIGITS$e}").parse::<f64>().unwrap_or(number);
    rounded.to_string()
}

/// Counts cells: a sheet is held from the first to the last one.
fn check(input: &Input<'_>, records: &[u8]) -> Result<()> {
    let limit = u64::from(input.limits.objects);
    let mut at = 0;
    let (mut cells, mut grid, mut sheet) = (0u64, 0u64, Extent::default());
    while let (Some(kind), Some(length)) = (u16_at(records, at), u16_at(records, at + 2)) {
        let data = at + 4;
        let number = |offset: usize| u64::from(u16_at(records, data + offset).unwrap_or(0));
        match kind {
            // The beginning of a sheet.
            0x0809 | 0x0409 | 0x0209 | 0x0009 => {
                grid = grid.saturating_add(sheet.area());
                sheet = Extent::default();
            }
            // Cells; several of one row in 0x00bd and 0x00be, whose last column comes last.
            0x00bd | 0x00be | 0x0006 | 0x00fd | 0x00d6 | 0x0201..=0x0205 | 0x027e => {
                let (row, first) = (number(0), number(2));
                let is_several = matches!(kind, 0x00bd | 0x00be);
                let last =
                    if is_several { number(usize::from(length).saturating_sub(2)) } else { first };
                sheet.add(row + 1, first + 1);
                sheet.add(row + 1, last + 1);
                cells += last.saturating_sub(first) + 1;
            }
            // Merged cells.
            0x00e5 => {
                for merged in 0..number(0) as usize {
                    let bound = |place: usize| number(2 + merged * 8 + place);
                    let rows = bound(2).saturating_sub(bound(0)) + 1;
                    cells += rows * (bound(6).saturating_sub(bound(4)) + 1);
                }
            }
            // Strings that cells share.
            0x00fc => cells += u64::from(u32_at(records, data + 4).unwrap_or(0)),
            _ => {}
        }
        at = data + usize::from(length);
    }
    grid = grid.saturating_add(sheet.area());
    if cells > limit {
        return Err(too_large(input, cells, limit, "cells"));
    }
    if grid > MAX_GRID_CELLS {
        return Err(too_large(
            input,
            grid,
            MAX_GRID_CELLS,
            "cells between the first and the last one",
        ));
    }
    Ok(())
}
