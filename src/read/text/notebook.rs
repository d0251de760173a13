//! Jupyter notebooks: text, code, and the text that the code printed.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::document::{BlockKind, Place};
use crate::error::Result;
use crate::read::blocks::DocumentBuilder;
use crate::read::{Input, ReadFile, html, markdown};

/// The most bytes that are kept of what a cell printed.
const MAX_OUTPUT_BYTES: usize = 20_000;

/// A notebook of format 4; in format 3 the cells are in worksheets.
#[derive(Deserialize)]
struct Notebook {
    #[serde(default)]
    cells: Vec<Cell>,
    #[serde(default)]
    worksheets: Vec<Worksheet>,
    #[serde(default)]
    metadata: Map<String, Value>,
}

#[derive(Deserialize)]
struct Worksheet {
    #[serde(default)]
    cells: Vec<Cell>,
}

#[derive(Deserialize)]
struct Cell {
    cell_type: String,
    /// The text of a cell: one string, or one a line.
    #[serde(default, alias = "input")]
    source: Value,
    /// The level of a heading in format 3.
    #[serde(default)]
    level: u8,
    #[serde(default)]
    outputs: Vec<Map<String, Value>>,
}

/// Reads a notebook. Pictures that the code drew are left out.
pub(crate) fn notebook(input: &Input<'_>) -> Result<ReadFile> {
    let text = input.text(false)?;
    let notebook: Notebook =
        serde_json::from_str(&text).map_err(|error| input.damaged(error.to_string()))?;
    let mut builder = DocumentBuilder::new(input);
    let mut file = ReadFile::default();
    let old = notebook.worksheets.into_iter().flat_map(|sheet| sheet.cells);
    let cells: Vec<Cell> = notebook.cells.into_iter().chain(old).collect();
    for (at, cell) in cells.iter().enumerate() {
        input.step(at as u64, cells.len() as u64, "cells")?;
        builder.set_place(Place { section: Some(format!("cell {}", at + 1)), ..Place::default() });
        write_cell(cell, &mut builder, &mut file);
        builder.check(input)?;
    }
    let title = notebook.metadata.get("title").and_then(Value::as_str);
    file.details.title = title.map(str::to_owned).or(file.details.title);
    let authors = notebook.metadata.get("authors").and_then(Value::as_array);
    let names = authors.into_iter().flatten().filter_map(|author| author.get("name")?.as_str());
    file.details.authors.extend(names.map(str::to_owned));
    file.document = builder.finish_within(input)?;
    Ok(file)
}

fn write_cell(cell: &Cell, builder: &mut DocumentBuilder, file: &mut ReadFile) {
    let source = joined(&cell.source);
    match cell.cell_type.as_str() {
        "markdown" => markdown::read(&source, builder, &mut file.details),
        "heading" => builder.push(BlockKind::Heading(cell.level.clamp(1, 6)), source.trim()),
        "code" => builder.push(BlockKind::Code, &source),
        _ => builder.push(BlockKind::Paragraph, &source),
    }
    for output in &cell.outputs {
        write_output(output, builder);
    }
}

/// Writes what a cell printed: a table where there is one, otherwise its text.
fn write_output(output: &Map<String, Value>, builder: &mut DocumentBuilder) {
    // In format 3 the texts are in the output itself.
    let data = output.get("data").and_then(Value::as_object).unwrap_or(output);
    let of_type = |names: [&str; 2]| names.iter().find_map(|name| data.get(*name)).map(joined);
    if let Some(page) = of_type(["text/html", "html"]).filter(|page| page.contains("<table")) {
        return html::read_fragment(&page, builder);
    }
    if let Some(text) = of_type(["text/markdown", "text/latex"]) {
        return builder.push(BlockKind::Paragraph, &text);
    }
    let error = output.get("ename").and_then(Value::as_str).map(|name| {
        format!("{name}: {}", output.get("evalue").and_then(Value::as_str).unwrap_or(""))
    });
    let text = error.or_else(|| of_type(["text/plain", "text"])).unwrap_or_default();
    let text = without_colours(&text[..text.floor_char_boundary(MAX_OUTPUT_BYTES)]);
    builder.push(BlockKind::Code, &text);
}

fn joined(source: &Value) -> String {
    match source {
        Value::String(text) => text.clone(),
        Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect(),
        _ => String::new(),
    }
}

/// A terminal's text without its escape sequences.
fn without_colours(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or("").to_owned();
    for part in parts {
        let end = part.find(|c: char| c.is_ascii_alphabetic()).map_or(part.len(), |at| at + 1);
        plain.push_str(&part[end..]);
    }
    plain
}
