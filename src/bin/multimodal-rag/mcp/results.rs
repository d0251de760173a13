//! What the engine gives, as results of tools.

use std::error::Error;

use multimodal_rag::{
    AddedDocument, CatalogTable, CellCitation, Citation, ComputedAnswer, DocumentInfo, Passage,
    QueryAnswer, Span, SqlValue, StoredDocument, TableValue,
};
use serde_json::{Value, json};

/// The beginning of the address of a document.
pub(super) const URI: &str = "multimodal-rag://document/";

/// An error, with what to do.
pub(super) fn described(error: &(impl Error + ?Sized)) -> String {
    error.to_string()
}

/// A document as a resource.
pub(super) fn resource(info: &DocumentInfo) -> Value {
    json!({
        "uri": format!("{URI}{}", info.id),
        "name": info.name,
        "title": info.details.title.as_deref().unwrap_or(&info.name),
        "mimeType": "text/plain",
    })
}

/// A document of a list.
pub(super) fn document(added: &AddedDocument) -> Value {
    let AddedDocument { info, chunks, already_added, .. } = added;
    json!({
        "id": info.id.to_string(),
        "name": info.name,
        "title": info.details.title,
        "chunks": chunks,
        "alreadyAdded": already_added,
        "warnings": info.details.warnings,
    })
}

pub(super) fn passage(passage: &Passage) -> Value {
    let Passage { document, span, headings, score, .. } = passage;
    let mut result = quoted(document, *span, headings);
    result["score"] = json!(score);
    result["scores"] = json!({ "dense": passage.dense, "lexical": passage.lexical });
    result
}

pub(super) fn citation(citation: &Citation) -> Value {
    quoted(&citation.document, citation.span, &citation.headings)
}

/// A text, and where it is: bytes and characters of the document's text, and the place in its file.
fn quoted(document: &StoredDocument, span: Span, headings: &str) -> Value {
    let (text, range) = (document.text(), span.range());
    let quote = &text[range.clone()];
    let start_character = text[..range.start].chars().count();
    let mut result = source(document, span);
    result["startCharacter"] = json!(start_character);
    result["endCharacter"] = json!(start_character + quote.chars().count());
    result["text"] = json!(quote);
    result["headings"] = json!(headings);
    result
}

/// Where a text is: bytes of the document's text, and the place in its file.
fn source(document: &StoredDocument, span: Span) -> Value {
    let place = document.document.place(span).map(|place| place.to_string());
    json!({
        "document": document.info.name,
        "documentId": document.info.id.to_string(),
        "place": place,
        "start": span.start,
        "end": span.end,
    })
}

pub(super) fn computed(computed: &ComputedAnswer) -> Value {
    let values = computed.answer.values.iter().map(|value| match value {
        TableValue::Number(number) => json!(number),
        TableValue::Text(text) => json!(text),
    });
    json!({
        "text": computed.text(),
        "explanation": computed.answer.explanation,
        "sql": computed.answer.sql,
        "confidence": computed.answer.confidence,
        "values": values.collect::<Vec<_>>(),
        "cells": computed.citations.iter().map(cell).collect::<Vec<_>>(),
    })
}

fn cell(cell: &CellCitation) -> Value {
    let mut result = source(&cell.document, cell.span);
    result["text"] = json!(cell.text());
    result["table"] = json!(cell.table);
    result["column"] = json!(cell.column);
    result["row"] = json!(cell.row);
    result
}

pub(super) fn table(table: &CatalogTable) -> Value {
    let columns = table
        .columns()
        .map(|(name, kind, unit)| json!({ "name": name, "type": kind.name(), "unit": unit }));
    json!({
        "name": table.name,
        "document": table.document.name,
        "title": table.title(),
        "rows": table.row_count(),
        "columns": columns.collect::<Vec<_>>(),
    })
}

pub(super) fn query(answer: &QueryAnswer) -> Value {
    let row = |row: &Vec<SqlValue>| row.iter().map(value).collect::<Vec<_>>();
    json!({
        "columns": answer.result.columns,
        "rows": answer.result.rows.iter().map(row).collect::<Vec<_>>(),
        "truncated": answer.result.is_truncated,
        "cells": answer.citations.iter().map(cell).collect::<Vec<_>>(),
    })
}

fn value(value: &SqlValue) -> Value {
    match value {
        SqlValue::Null => Value::Null,
        SqlValue::Integer(number) => json!(number),
        SqlValue::Real(number) => json!(number),
        SqlValue::Text(text) => json!(text),
    }
}
