//! Places: where a part of a document is, as a person says it.

use std::fmt::{self, Write};

use serde::{Deserialize, Serialize};

/// Where a part of a document is: page 12, slide 4, cells B4:D9 of a sheet, a message, a time.
/// What a format does not have is none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Place {
    /// Number of the page, from 1.
    pub page: Option<u32>,
    /// Number of the last page, where the part ends on another one.
    pub last_page: Option<u32>,
    /// The label that is printed on the page, where it is not its number: "xii".
    pub page_label: Option<String>,
    /// Number of the slide, from 1.
    pub slide: Option<u32>,
    /// Name of the sheet.
    pub sheet: Option<String>,
    /// Cells of the sheet: "B4:D9", or "B4".
    pub cells: Option<String>,
    /// The first and the last row of a table, or entry of a list of records, from 1.
    pub rows: Option<(u32, u32)>,
    /// The first and the last line of the file, from 1.
    pub lines: Option<(u32, u32)>,
    /// The message of a mailbox or a chat: "3 May 2025, R. Okafor".
    pub message: Option<String>,
    /// When it is said or shown: start and end in milliseconds.
    pub time: Option<(u32, u32)>,
    /// The chapter of a book, or the function or class of source code.
    pub section: Option<String>,
    /// Where it is on the page or the picture.
    pub area: Option<Area>,
    /// How surely its words were read, in percent, where they were read in a picture.
    pub sureness: Option<u8>,
}

/// A rectangle of a page or a picture, in ten-thousandths of its width and height, from the top left
/// corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Area {
    /// The left side.
    pub left: u16,
    /// The upper side.
    pub top: u16,
    /// The right side.
    pub right: u16,
    /// The lower side.
    pub bottom: u16,
}

impl Area {
    /// The width and the height of a page or a picture.
    pub const WHOLE: u16 = 10_000;

    /// The rectangle of the page that is `self` of a picture which is at `picture` on it.
    pub(super) fn within(self, picture: Self) -> Self {
        let along = |share: u16, start: u16, end: u16| {
            let length = u32::from(end.saturating_sub(start));
            start + (u32::from(share) * length / u32::from(Self::WHOLE)) as u16
        };
        Self {
            left: along(self.left, picture.left, picture.right),
            top: along(self.top, picture.top, picture.bottom),
            right: along(self.right, picture.left, picture.right),
            bottom: along(self.bottom, picture.top, picture.bottom),
        }
    }

    /// The smallest rectangle that holds both.
    fn with(self, other: Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }
}

impl Place {
    /// The place of page `number`.
    pub fn page(number: u32) -> Self {
        Self { page: Some(number), ..Self::default() }
    }

    /// The place of slide `number`.
    pub fn slide(number: u32) -> Self {
        Self { slide: Some(number), ..Self::default() }
    }

    /// The place of lines `first` to `last`.
    pub fn lines(first: u32, last: u32) -> Self {
        Self { lines: Some((first, last)), ..Self::default() }
    }

    /// The place of rows `first` to `last`.
    pub fn rows(first: u32, last: u32) -> Self {
        Self { rows: Some((first, last)), ..Self::default() }
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The place of a part that begins here and ends at `last`.
    pub(super) fn through(&self, last: &Self) -> Self {
        let mut whole = self.clone();
        if last.page > self.page {
            whole.last_page = last.page;
        }
        let extend = |one: Option<(u32, u32)>, other: Option<(u32, u32)>| match (one, other) {
            (Some((first, end)), Some((_, last))) => Some((first, end.max(last))),
            _ => one,
        };
        whole.rows = extend(self.rows, last.rows);
        whole.lines = extend(self.lines, last.lines);
        whole.time = extend(self.time, last.time);
        let is_one_page = last.page == self.page;
        whole.area = self.area.zip(last.area).filter(|_| is_one_page).map(|(a, b)| a.with(b));
        whole.sureness = self.sureness.into_iter().chain(last.sureness).min();
        if self.sheet == last.sheet
            && let (Some(first), Some(last)) = (&self.cells, &last.cells)
        {
            whole.cells = Some(join_cells(first, last));
        }
        whole
    }
}

/// The cells from the first of `first` to the last of `last`: "A1:C1" and "A4:C4" are "A1:C4".
fn join_cells(first: &str, last: &str) -> String {
    let start = first.split(':').next().unwrap_or(first);
    let end = last.rsplit(':').next().unwrap_or(last);
    if start == end { start.to_owned() } else { format!("{start}:{end}") }
}

/// For people: "page 12", "sheet Q3, B4:D9", "lines 3–9". Empty where nothing is known.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<String> = Vec::new();
        if let Some(page) = self.page {
            parts.push(match (self.last_page, &self.page_label) {
                (Some(last), _) => format!("pages {page}–{last}"),
                (None, Some(label)) => format!("page {label} ({page})"),
                (None, None) => format!("page {page}"),
            });
        }
        parts.extend(self.slide.map(|slide| format!("slide {slide}")));
        parts.extend(self.sheet.as_ref().map(|sheet| format!("sheet {sheet}")));
        parts.extend(self.cells.clone());
        parts.extend(self.section.clone());
        parts.extend(self.message.clone());
        parts.extend(self.rows.map(|rows| numbered("row", rows)));
        parts.extend(self.lines.map(|lines| numbered("line", lines)));
        parts.extend(self.time.map(|(start, _)| clock(start)));
        f.write_str(&parts.join(", "))
    }
}

fn numbered(what: &str, (first, last): (u32, u32)) -> String {
    if first == last { format!("{what} {first}") } else { format!("{what}s {first}–{last}") }
}

/// Hours, minutes and seconds: "00:12:31".
fn clock(milliseconds: u32) -> String {
    let seconds = milliseconds / 1000;
    let mut text = String::new();
    let _ = write!(text, "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    text
}

/// [`PlaceMark`] in records of version 2 of a document.
#[derive(Deserialize)]
pub(crate) struct PlaceMarkV2 {
    start: u32,
    place: PlaceV2,
}

/// [`Place`] there.
#[derive(Deserialize)]
struct PlaceV2 {
    page: Option<u32>,
    last_page: Option<u32>,
    page_label: Option<String>,
    slide: Option<u32>,
    sheet: Option<String>,
    cells: Option<String>,
    rows: Option<(u32, u32)>,
    lines: Option<(u32, u32)>,
    message: Option<String>,
    time: Option<(u32, u32)>,
    section: Option<String>,
}

impl From<PlaceMarkV2> for PlaceMark {
    fn from(PlaceMarkV2 { start, place }: PlaceMarkV2) -> Self {
        let PlaceV2 { page, last_page, page_label, slide, sheet, cells, .. } = place;
        let PlaceV2 { rows, lines, message, time, section, .. } = place;
        let (area, sureness) = (None, None);
        let place = Place {
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
        };
        Self { start, place }
    }
}

/// From byte `start` of the text on, until the next mark, the document is at `place`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceMark {
    /// The first byte.
    pub start: u32,
    /// The place.
    pub place: Place,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn what_spans_two_lines_of_a_picture_is_in_the_rectangle_of_both_and_as_sure_as_the_less_sure()
    {
        let line = |top, right, sureness| Place {
            area: Some(Area { left: 100, top, right, bottom: top + 50 }),
            sureness: Some(sureness),
            ..Place::page(1)
        };
        let both = line(200, 900, 97).through(&line(260, 700, 88));
        assert_eq!(both.area, Some(Area { left: 100, top: 200, right: 900, bottom: 310 }));
        assert_eq!(both.sureness, Some(88));
        // Of two pages there is no rectangle.
        let next = Place { page: Some(2), ..line(200, 900, 97) };
        assert_eq!(line(200, 900, 97).through(&next).area, None);
    }

    #[test]
    fn places_read_as_a_person_says_them() {
        let sheet =
            Place { sheet: Some("Q3".into()), cells: Some("B4:D4".into()), ..Place::default() };
        let last = Place { cells: Some("B9:D9".into()), ..sheet.clone() };
        let label = Place { page_label: Some("xii".into()), ..Place::page(12) };
        let time = Place { time: Some((751_000, 753_000)), ..Place::default() };
        let read = [
            Place::page(12),
            Place::page(12).through(&Place::page(13)),
            label,
            Place::slide(4),
            sheet.through(&last),
            Place::lines(3, 3),
            Place::lines(3, 4).through(&Place::lines(8, 9)),
            time,
        ]
        .map(|place| place.to_string());
        let expected = [
            "page 12",
            "pages 12–13",
            "page xii (12)",
            "slide 4",
            "sheet Q3, B4:D9",
            "line 3",
            "lines 3–9",
            "00:12:31",
        ];
        assert_eq!(read, expected);
        assert_eq!(Place::default().to_string(), "");
    }
}
