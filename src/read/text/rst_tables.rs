//! Tables of reStructuredText: drawn ones and those of directives. Each is read up to `max_cells`,
//! and with the row that goes beyond, so that whoever counts its cells sees that it was too large.

use super::paragraphs::MAX_ROW_CELLS;

/// A table, and how many lines it took.
pub(super) struct Table {
    pub(super) rows: Vec<Vec<String>>,
    pub(super) headers: usize,
    pub(super) lines: usize,
}

/// A table drawn with "+---+" and "|". `lines` begin with it.
pub(super) fn grid(lines: &[&str], max_cells: usize) -> Table {
    let mut table = Table { rows: Vec::new(), headers: 0, lines: 0 };
    let mut row: Vec<String> = Vec::new();
    let mut cells_left = max_cells;
    for line in lines.iter().map(|line| line.trim()) {
        if line.starts_with('+') {
            if !row.is_empty() {
                let Some(left) = cells_left.checked_sub(row.len()) else { break };
                cells_left = left;
                table.rows.push(std::mem::take(&mut row));
            }
            if line.starts_with("+=") {
                table.headers = table.rows.len();
            }
        } else if let Some(cells) = line.strip_prefix('|') {
            for (at, cell) in cells.trim_end_matches('|').splitn(MAX_ROW_CELLS, '|').enumerate() {
                add(&mut row, at, cell.trim());
            }
        } else {
            break;
        }
        table.lines += 1;
    }
    table.rows.extend(Some(row).filter(|row| !row.is_empty()));
    table
}

fn add(row: &mut Vec<String>, at: usize, text: &str) {
    if row.len() <= at {
        row.resize(at + 1, String::new());
    }
    if !row[at].is_empty() && !text.is_empty() {
        row[at].push(' ');
    }
    row[at].push_str(text);
}

/// Whether a line is the border of a table whose columns are marked by "===".
pub(super) fn is_simple(line: &str) -> bool {
    let line = line.trim();
    line.contains(' ')
        && line.len() >= 3
        && line.starts_with('=')
        && line.chars().all(|c| matches!(c, '=' | ' '))
}

/// A table between borders such as "===  ====". None if a border is missing.
pub(super) fn simple(lines: &[&str], max_cells: usize) -> Option<Table> {
    let border = lines.first()?;
    let is_border = |line: &&str| {
        is_simple(line) || (line.trim().len() >= 3 && line.trim().chars().all(|c| c == '='))
    };
    let mut starts = Vec::new();
    let mut last = ' ';
    for (at, mark) in border.char_indices() {
        if mark == '=' && last != '=' {
            starts.push(at);
        }
        last = mark;
    }
    let mut table = Table { rows: Vec::new(), headers: 0, lines: 1 };
    let mut borders = 1;
    for line in &lines[1..] {
        table.lines += 1;
        if is_border(line) {
            borders += 1;
            let is_end = lines.get(table.lines).is_none_or(|next| next.trim().is_empty());
            if borders == 3 || is_end {
                return Some(table);
            }
            table.headers = table.rows.len();
            continue;
        }
        if line.trim().is_empty() || line.trim().chars().all(|c| matches!(c, '-' | ' ')) {
            continue;
        }
        let cells: Vec<String> = starts
            .iter()
            .enumerate()
            .map(|(at, &start)| {
                let end = starts.get(at + 1).copied().unwrap_or(line.len()).min(line.len());
                let start = line.floor_char_boundary(start.min(line.len()));
                let end = line.floor_char_boundary(end).max(start);
                line[start..end].trim().to_owned()
            })
            .collect();
        match table.rows.last_mut() {
            // Without a first cell the line goes on with the row above.
            Some(row) if cells[0].is_empty() => {
                cells.iter().enumerate().for_each(|(at, cell)| add(row, at, cell));
            }
            _ => table.rows.push(cells),
        }
        if table.rows.len() * starts.len() > max_cells {
            return Some(table);
        }
    }
    None
}

/// The rows of a "csv-table", and how many of them are headers.
pub(super) fn csv(
    body: &str,
    header: Option<&str>,
    headers: usize,
    max_cells: usize,
) -> (Vec<Vec<String>>, usize) {
    let whole =
        header.map_or_else(|| body.to_owned(), |header| format!("{header}\n{}", body.trim_start()));
    let mut builder = ::csv::ReaderBuilder::new();
    builder.has_headers(false).flexible(true).trim(::csv::Trim::All);
    let rows = builder.from_reader(whole.as_bytes()).into_records().map_while(Result::ok);
    let mut cells = 0;
    let rows = rows.take_while(|row| {
        let is_within = cells <= max_cells;
        cells += row.len();
        is_within
    });
    let rows =
        rows.map(|row| row.iter().take(max_cells + 1).map(str::to_owned).collect()).collect();
    (rows, headers + usize::from(header.is_some()))
}

/// The rows of a "list-table": a list of lists.
pub(super) fn list(lines: &[&str], max_cells: usize) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut cells = 0;
    for line in lines {
        if cells > max_cells {
            break;
        }
        let text = line.trim();
        let (is_row, text) = match text.strip_prefix("* ") {
            Some(rest) => (true, rest.trim_start()),
            None => (false, text),
        };
        if is_row {
            rows.push(Vec::new());
        }
        let Some(row) = rows.last_mut() else { continue };
        match (text.strip_prefix("- ").or((text == "-").then_some("")), row.last_mut()) {
            (Some(cell), _) => {
                row.push(cell.trim().to_owned());
                cells += 1;
            }
            (None, Some(cell)) if !text.is_empty() => {
                cell.push(' ');
                cell.push_str(text);
            }
            _ => {}
        }
    }
    rows
}
