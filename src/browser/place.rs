//! Where a text is in its file, for JavaScript.

use serde::Serialize;

use crate::document::{Area, DocumentInfo, Place, Span};
use crate::knowledge_base::StoredDocument;

/// The package's `Place`. What is not known is absent.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct JsPlace {
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
    area: Option<JsArea>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sureness: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    picture: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
}

/// The package's `Area`: shares of the width and the height.
#[derive(Serialize)]
struct JsArea {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl From<Area> for JsArea {
    fn from(Area { left, top, right, bottom }: Area) -> Self {
        let [left, top, right, bottom] =
            [left, top, right, bottom].map(|side| f64::from(side) / f64::from(Area::WHOLE));
        Self { left, top, right, bottom }
    }
}

impl JsPlace {
    /// Names the picture within the file, also for a text that is only beside it.
    pub(super) fn set_picture(&mut self, number: u32) {
        self.picture = Some(number);
    }

    /// Leaves out where the text is in its picture.
    pub(super) fn leave_out_area(&mut self) {
        self.area = None;
    }

    /// Where a span is in its file, and that as text; none where nothing is known.
    pub(super) fn of(stored: &StoredDocument, span: Span) -> (Option<Self>, Option<String>) {
        let place = stored.document.place(span).unwrap_or_default();
        let path = stored.info.container.as_ref().map(|container| container.path.clone());
        let picture = stored.document.picture(span).filter(|picture| !picture.is_beside);
        Self::of_parts(place, path, picture.and_then(|picture| picture.number))
    }

    /// The same of a place in the file of a document.
    pub(super) fn of_place(info: &DocumentInfo, place: &Place) -> (Option<Self>, Option<String>) {
        let path = info.container.as_ref().map(|container| container.path.clone());
        Self::of_parts(place.clone(), path, None)
    }

    fn of_parts(
        place: Place,
        path: Option<String>,
        picture: Option<u32>,
    ) -> (Option<Self>, Option<String>) {
        if place.is_empty() && path.is_none() && picture.is_none() {
            return (None, None);
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
            area,
            sureness,
        } = place;
        let (area, sureness) =
            (area.map(JsArea::from), sureness.map(|percent| f64::from(percent) / 100.0));
        let place = Self {
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
            area,
            sureness,
            picture,
            path,
        };
        (Some(place), place_text)
    }
}
