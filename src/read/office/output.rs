//! What the readers of office files write to.

use docling_core::{PictureDescription, PictureImage, TableCell};

use super::grid::{Cell, MAX_GRID_CELLS, range_name};
use super::media::Media;
use crate::document::{BlockKind, FileDetails, Place};
use crate::read::blocks::{self, DocumentBuilder};
use crate::read::pictures::pictures_warning;
use crate::read::{Input, ReadFile, dates, encoding, html};

/// The document so far. It takes no more text than the limit allows, and one block over it, so
/// that the file is refused.
pub(super) struct Output {
    builder: DocumentBuilder,
    max_text_bytes: u64,
    place: Place,
    /// The pictures of a package; none where docling has the pictures themselves.
    pub(super) media: Option<Media>,
    /// The alternative text of the picture that was pushed last, until something follows it.
    alternative: String,
    pub(super) details: FileDetails,
}

impl Output {
    pub(super) fn new(input: &Input<'_>) -> Self {
        Self {
            builder: DocumentBuilder::default(),
            max_text_bytes: input.limits.text_bytes,
            place: Place::default(),
            media: None,
            alternative: String::new(),
            details: FileDetails::default(),
        }
    }

    pub(super) fn push(&mut self, kind: BlockKind, text: &str) {
        // In OpenDocument it is also text of the paragraph around the picture.
        let alternative = std::mem::take(&mut self.alternative);
        if !alternative.is_empty() && alternative == text.trim() {
            return;
        }
        if self.builder.text_bytes() as u64 <= self.max_text_bytes {
            self.builder.push(kind, text);
        }
    }

    /// A picture with its alternative text.
    pub(super) fn push_picture(
        &mut self,
        image: Option<&PictureImage>,
        description: Option<&PictureDescription>,
    ) {
        let alternative = description.map_or("", |description| alternative(&description.text));
        let bytes = image.and_then(|image| match &self.media {
            Some(media) => media.get(image),
            None => Some(&*image.data),
        });
        match bytes {
            Some(bytes) if self.builder.text_bytes() as u64 <= self.max_text_bytes => {
                self.builder.push_picture(bytes, alternative);
                self.alternative = alternative.to_owned();
            }
            _ => self.push(BlockKind::Caption, alternative),
        }
    }

    /// The blocks from now on are on this slide, with the first as 1.
    pub(super) fn begin_slide(&mut self, number: u32) {
        self.details.pages = self.details.pages.max(Some(number));
        self.set_place(Place::slide(number));
    }

    /// Whether the file has slides or sheets.
    pub(super) fn has_pages(&self) -> bool {
        self.details.pages.is_some()
    }

    /// Begins a sheet with a heading of its name.
    pub(super) fn begin_sheet(&mut self, name: &str, is_hidden: bool) {
        self.details.pages = Some(self.details.pages.unwrap_or(0) + 1);
        self.set_place(Place { sheet: Some(name.to_owned()), ..Place::default() });
        if is_hidden {
            self.warn(&format!("The sheet \"{name}\" is hidden."));
            self.push(BlockKind::Heading(1), &format!("{name} (hidden)"));
        } else {
            self.push(BlockKind::Heading(1), name);
        }
    }

    /// The blocks from now on are in this message, which was sent at `date`, in seconds since 1970.
    pub(super) fn begin_message(&mut self, date: Option<i64>, author: Option<String>) {
        let day = date.and_then(dates::of_seconds).map(|(day, _)| day);
        let parts: Vec<String> = day.into_iter().chain(author.clone()).collect();
        let message = (!parts.is_empty()).then(|| parts.join(", "));
        self.set_place(Place { message, ..Place::default() });
        self.details.date = date.map(dates::iso);
        self.details.authors.extend(author);
    }

    /// The blocks of a page of HTML, in the encoding that it declares.
    pub(super) fn push_page(&mut self, page: &[u8]) {
        let end = page.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
        let page = &page[..end];
        let text = encoding::decode(page, None, true).map(|decoded| decoded.text);
        let text = text.unwrap_or_else(|_| encoding::decode_lossy(page, None).into_owned());
        html::read_fragment(&text, &mut self.builder);
    }

    fn set_place(&mut self, place: Place) {
        self.builder.set_place(place.clone());
        self.place = place;
    }

    /// A table, of which the first `headers` rows are its header. In a sheet, its first cell is
    /// at `corner`. A row without text is left out.
    pub(super) fn push_table<Row: std::borrow::Borrow<Vec<String>>>(
        &mut self,
        rows: impl ExactSizeIterator<Item = Row>,
        headers: usize,
        corner: Option<Cell>,
    ) {
        let headers = if rows.len() > headers { headers } else { 0 };
        for (index, row) in rows.enumerate() {
            let row = row.borrow();
            if row.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            if let Some(first) = corner {
                let (row_number, columns) = (first.row + index as u64, row.len() as u64);
                let first = Cell { row: row_number, ..first };
                let last = Cell { column: first.column + columns - 1, ..first };
                let cells = Some(range_name(first, last));
                self.builder.set_place(Place { cells, ..self.place.clone() });
            }
            let kind = if index < headers { BlockKind::TableHeader } else { BlockKind::TableRow };
            self.push(kind, &row_text(row));
        }
        self.builder.set_place(self.place.clone());
    }

    /// A comment, in a sheet and a cell where it is in one.
    pub(super) fn push_comment(&mut self, place: Option<(&str, &str)>, text: &str) {
        if let Some((sheet, cell)) = place {
            let (sheet, cells) = (Some(sheet.to_owned()), Some(cell.to_owned()));
            self.builder.set_place(Place { sheet, cells, ..Place::default() });
        }
        self.push(BlockKind::Footnote, text);
        self.builder.set_place(self.place.clone());
    }

    /// Tells people once that something was not read.
    pub(super) fn warn(&mut self, warning: &str) {
        if !self.details.warnings.iter().any(|known| known == warning) {
            self.details.warnings.push(warning.to_owned());
        }
    }

    pub(super) fn finish(mut self) -> ReadFile {
        let (pictures, left_out) = self.builder.take_pictures();
        self.details.warnings.extend(pictures_warning(left_out));
        let document = self.builder.finish();
        ReadFile { document, details: self.details, pictures, ..ReadFile::default() }
    }
}

/// The alternative text without what Word adds where it made the text itself.
fn alternative(text: &str) -> &str {
    let text = text.trim();
    let lines = text.rsplit_once('\n').filter(|(_, last)| last.starts_with("Description auto"));
    lines.map_or(text, |(before, _)| before.trim_end())
}

/// The cells of a row on one line.
fn row_text(cells: &[String]) -> String {
    let cells = cells.iter().map(|cell| {
        let mut text = String::new();
        push_line(&mut text, cell);
        text
    });
    blocks::row_text(&cells.collect::<Vec<_>>())
}

/// Adds `text` with one space for each run of white space.
pub(super) fn push_line(line: &mut String, text: &str) {
    for (index, word) in text.split_whitespace().enumerate() {
        if index > 0 {
            line.push(' ');
        }
        line.push_str(word);
    }
}

/// The rows of a table. The text of a cell that spans others is in each of them, because each
/// row is found by itself, and each cell is read with the header above it.
pub(super) fn rows_of_cells(cells: &[TableCell], texts: &[String]) -> Vec<Vec<String>> {
    let rows = cells.iter().map(|cell| cell.start_row + 1).max().unwrap_or(0);
    let columns = cells.iter().map(|cell| cell.start_col + cell.col_span.max(1)).max().unwrap_or(0);
    if (rows as u64).saturating_mul(columns as u64) > MAX_GRID_CELLS {
        return Vec::new();
    }
    let mut grid = vec![vec![String::new(); columns]; rows];
    for (cell, text) in cells.iter().zip(texts) {
        for row in grid.iter_mut().skip(cell.start_row).take(cell.row_span.max(1)) {
            for covered in row.iter_mut().skip(cell.start_col).take(cell.col_span.max(1)) {
                covered.clone_from(text);
            }
        }
    }
    grid
}
