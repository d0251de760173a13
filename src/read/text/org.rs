//! Org: headings, lists, tables, code, links as their text.

use crate::document::{BlockKind, FileDetails};
use crate::error::Result;
use crate::read::blocks::readable;
use crate::read::{Input, ReadFile};

use super::inline::{replaced, without_marker};
use super::paragraphs::{MAX_ROW_CELLS, Paragraphs, for_each_line, indent, list_item};

/// Reads Org. Comments, drawers and options are left out.
pub(crate) fn org(input: &Input<'_>) -> Result<ReadFile> {
    let text = input.text(false)?;
    let text = readable(&text);
    let mut reader = Reader { out: Paragraphs::new(input), ..Reader::default() };
    for_each_line(input, &text, |line| {
        reader.read(line);
        reader.out.check(input)
    })?;
    reader.end_table();
    let (document, details) = (reader.out.finish_within(input)?, reader.details);
    Ok(ReadFile { document, details, ..ReadFile::default() })
}

#[derive(Default)]
struct Reader {
    out: Paragraphs,
    details: FileDetails,
    /// The name of the block that is open: "src".
    block: Option<String>,
    code: String,
    in_drawer: bool,
    rows: Vec<Vec<String>>,
    headers: usize,
}

impl Reader {
    fn read(&mut self, line: &str) {
        let text = line.trim();
        if let Some(name) = self.block.clone() {
            let end = format!("#+end_{name}");
            if text.to_ascii_lowercase().starts_with(&end) {
                self.end_block(&name);
                return;
            }
            match name.as_str() {
                "comment" => return,
                "quote" | "center" | "verse" => {}
                _ => {
                    self.code.push_str(line);
                    self.code.push('\n');
                    return;
                }
            }
        }
        if self.in_drawer {
            self.in_drawer = !text.eq_ignore_ascii_case(":end:");
            return;
        }
        if text.starts_with('|') {
            return self.table_line(text);
        }
        self.end_table();
        self.read_text(line, text);
    }

    fn read_text(&mut self, line: &str, text: &str) {
        let stars = line.len() - line.trim_start_matches('*').len();
        if text.is_empty() {
            self.out.end();
        } else if stars > 0 && line[stars..].starts_with(' ') {
            let shift = usize::from(self.details.title.is_some());
            let level = (stars + shift).min(6) as u8;
            self.out.push(BlockKind::Heading(level), &plain(text[stars..].trim()));
        } else if let Some(keyword) = text.strip_prefix("#+") {
            self.keyword(keyword);
        } else if text == "#" || text.starts_with("# ") {
            self.out.end();
        } else if let Some(code) = text.strip_prefix(": ") {
            self.out.push(BlockKind::Code, code);
        } else if is_drawer(text) {
            self.in_drawer = true;
        } else if let Some((label, note)) = footnote(line) {
            self.out.begin(BlockKind::Footnote, &format!("[{label}] {}", plain(note.trim())));
        } else if let Some((marker, rest)) = item(line) {
            self.out.begin(BlockKind::ListItem, &(marker + &plain(rest)));
        } else if text.len() >= 5 && text.bytes().all(|byte| byte == b'-') {
            self.out.end();
        } else {
            self.out.add(&plain(text));
        }
    }

    fn keyword(&mut self, keyword: &str) {
        let (name, value) = keyword.split_once(':').unwrap_or((keyword, ""));
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
        let block = keyword.split_whitespace().next().unwrap_or("").to_ascii_lowercase();
        if let Some(block) = block.strip_prefix("begin_") {
            self.out.end();
            self.block = Some(block.to_owned());
            return;
        }
        match name.as_str() {
            "title" => {
                self.out.push(BlockKind::Heading(1), &plain(value));
                self.details.title = Some(plain(value));
            }
            "author" => self.details.authors.push(value.to_owned()),
            "date" => self.details.date = Some(value.trim_matches(['<', '>', '[', ']']).to_owned()),
            "language" => self.details.language = Some(value.to_owned()),
            "caption" => self.out.push(BlockKind::Caption, &plain(value)),
            _ => self.out.end(),
        }
    }

    fn end_block(&mut self, name: &str) {
        self.block = None;
        let code = std::mem::take(&mut self.code);
        let is_text = matches!(name, "quote" | "center" | "verse" | "comment");
        if is_text {
            self.out.end();
        } else {
            self.out.push(BlockKind::Code, &code);
        }
    }

    fn table_line(&mut self, text: &str) {
        if text.starts_with("|-") {
            // The rows above the first line are the header.
            if self.headers == 0 {
                self.headers = self.rows.len();
            }
            return;
        }
        let row = text.trim_start_matches('|').trim_end_matches('|');
        let cells = row.splitn(MAX_ROW_CELLS, '|').map(|cell| plain(cell.trim()));
        let cells: Vec<String> = cells.collect();
        self.out.count_cells(cells.len());
        self.rows.push(cells);
    }

    fn end_table(&mut self) {
        let rows = std::mem::take(&mut self.rows);
        let headers = std::mem::take(&mut self.headers);
        let headers = if headers < rows.len() { headers } else { 0 };
        self.out.push_table(&rows, headers);
    }
}

fn is_drawer(text: &str) -> bool {
    let name = text.strip_prefix(':').and_then(|text| text.strip_suffix(':'));
    name.is_some_and(|name| {
        !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_')
    })
}

fn footnote(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix("[fn:")?.split_once(']')
}

/// A star in the first column is a heading.
fn item(line: &str) -> Option<(String, &str)> {
    let bullets: &[&str] = if indent(line) > 0 { &["-", "+", "*"] } else { &["-", "+"] };
    list_item(line, bullets)
}

/// The text of a line without markup.
fn plain(text: &str) -> String {
    let linked = replaced(text, "[[", "]]", |link| {
        let (target, label) = link.split_once("][").unwrap_or((link, link));
        Some(if label.is_empty() { target.to_owned() } else { label.to_owned() })
    });
    let noted = replaced(&linked, "[fn:", "]", |label| Some(format!("[{label}]")));
    let noted = noted.replace(" :: ", ": ");
    ["=", "~", "*", "/", "_"].iter().fold(noted, |text, marker| without_marker(&text, marker))
}
