//! Where a text is in its file, for JavaScript.

use serde::Serialize;

use crate::document::{Place, Span};
use crate::knowledge_base::StoredDocument;

/// Where a span is in its file; its entries are absent where nothing is known.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct JsPlaced {
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<JsPlace>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place_text: Option<String>,
}

/// The package's `Place`. What is not known is absent.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct JsPlace {
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_page: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    page_label: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    slide: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sheet: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cells: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<(u32, u32)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<(u32, u32)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<(u32, u32)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    section: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
}

impl JsPlaced {
    pub(super) fn of(stored: &StoredDocument, span: Span) -> Self {
        let place = stored.document.place(span).unwrap_or_default();
        let path = stored.info.container.as_ref().map(|container| container.path.clone());
        if place.is_empty() && path.is_none() {
            return Self { place: None, place_text: None };
        }
        let place_text = Some(place.to_string()).filter(|text| !text.is_empty());
        let Place {
            page,
            last_page,
            page_label,
            slide,
            sheet,
            cells,
            rows,
            lines,
            message,
            time,
            section,
        } = place;
        let place = JsPlace {
            page,
            last_page,
            page_label,
            slide,
            sheet,
            cells,
            rows,
            lines,
            message,
            time,
            section,
            path,
        };
        Self { place: Some(place), place_text }
    }
}
