//! HTML: the text that a browser shows, reduced to the main content.
//!
//! Scripts, styles, templates, drawings, form fields and elements hidden by the `hidden`
//! attribute or an inline style are left out. If a page marks its content with `<main>` or
//! `<article>`, then `<nav>`, `<footer>` and `<aside>` are left out too. All other visible
//! text is kept. The page's title becomes its first heading if it has no `<h1>`. The cells
//! of a table row are joined, unless the table only lays out the page.

use crate::document::BlockKind;

use super::blocks::DocumentBuilder;
use super::html_elements::{CONTAINERS, HEADINGS, Role, ended_by, role};
use super::html_tokens::{Tag, Token, tokens};
use super::lists::OpenLists;

/// The deepest tracked nesting, half of that in browsers. The text of deeper elements
/// belongs to the element around them.
const MAX_DEPTH: usize = 256;
/// The deepest nesting of tables whose rows are recognized.
const MAX_TABLES: usize = 8;
/// A cell with more bytes contains a part of the page instead of a value.
const MAX_CELL_BYTES: usize = 1000;

/// Whether a text is HTML, by its beginning in lower case.
pub(crate) fn begins_as_html(head: &str) -> bool {
    let begins = ["<!doctype html", "<html", "<head", "<body"].iter().any(|s| head.starts_with(s));
    begins || (head.starts_with("<?xml") && head.contains("<html"))
}

/// Reads a page.
pub(super) fn read(source: &str, builder: &mut DocumentBuilder) {
    let mut reader = Reader::default();
    reader.run(source);
    let has_h1 = reader.pieces.iter().any(|piece| piece.kind == BlockKind::Heading(1));
    if let Some(title) = reader.title.as_deref().filter(|_| !has_h1) {
        builder.push(BlockKind::Heading(1), title);
    }
    let is_content = |piece: &Piece| piece.in_main && !piece.in_aside;
    let is_marked = reader.pieces.iter().any(is_content);
    for piece in reader.pieces.iter().filter(|piece| !is_marked || !piece.in_aside) {
        builder.push(piece.kind, &piece.text);
    }
}

/// Reads a part of a page, such as HTML inside Markdown.
pub(super) fn read_fragment(source: &str, builder: &mut DocumentBuilder) {
    let mut reader = Reader::default();
    reader.run(source);
    reader.pieces.iter().for_each(|piece| builder.push(piece.kind, &piece.text));
}

/// A block of text, before it is known whether the page marks its content.
struct Piece {
    kind: BlockKind,
    text: String,
    in_main: bool,
    in_aside: bool,
}

struct Open {
    name: String,
    role: Role,
    hides: bool,
}

/// A row of a table that is still open: the pieces of each of its cells.
type Row = Vec<Vec<Piece>>;

#[derive(Default)]
struct Reader {
    open: Vec<Open>,
    /// Elements open beyond `MAX_DEPTH`.
    too_deep: usize,
    rows: Vec<Row>,
    lists: OpenLists,
    /// The marker of a list item, which precedes the next block.
    marker: Option<String>,
    /// The text of the current block.
    text: String,
    /// Whether white space was read, which becomes a space if text follows.
    has_space: bool,
    pieces: Vec<Piece>,
    title: Option<String>,
    hidden: usize,
    preformatted: usize,
    mains: usize,
    asides: usize,
    headings: Vec<u8>,
}

impl Reader {
    fn run(&mut self, source: &str) {
        for token in tokens(source) {
            match token {
                Token::Text(text) => self.add_text(&text),
                Token::Start(tag) => self.start(tag),
                Token::End(name) => self.end(&name),
            }
        }
        while self.pop().is_some() {}
        self.flush();
    }

    fn add_text(&mut self, text: &str) {
        if self.is_in_title() {
            let title = text.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
            self.title = Some(title).filter(|title| !title.is_empty());
        }
        if self.hidden > 0 {
            return;
        }
        if self.preformatted > 0 {
            self.text.push_str(text);
            return;
        }
        for character in text.chars() {
            if character.is_ascii_whitespace() {
                self.has_space = true;
                continue;
            }
            if self.has_space && !self.text.is_empty() && !self.text.ends_with('\n') {
                self.text.push(' ');
            }
            self.has_space = false;
            self.text.push(character);
        }
    }

    fn start(&mut self, tag: Tag) {
        let role = role(&tag.name);
        match role {
            Role::Void => return,
            Role::Break => return self.line_break(),
            Role::Rule => return self.flush(),
            Role::Image => {
                let alt = tag.alt().filter(|_| !tag.hides());
                return alt.into_iter().for_each(|alt| self.add_text(alt));
            }
            _ => {}
        }
        let hides = tag.hides() || role == Role::Invisible;
        // Only foreign elements can be self-closing.
        let foreign = matches!(role, Role::Inline | Role::Invisible);
        if foreign && tag.self_closing {
            return;
        }
        if role == Role::Inline {
            // An inline element matters only if it hides its text, or if its end tag must
            // not end a hiding element of the same name.
            let is_in_same = self.is_innermost_inline(&tag.name);
            if is_in_same || (hides && self.hidden == 0) {
                self.push(tag, role, hides);
            }
            return;
        }
        self.end_unclosed(&tag.name, role);
        if role != Role::Invisible {
            self.flush();
        }
        self.push(tag, role, hides);
    }

    fn is_innermost_inline(&self, name: &str) -> bool {
        self.open.last().is_some_and(|open| open.role == Role::Inline && open.name == name)
    }

    /// Whether the text belongs to the page's title, which no other element hides.
    fn is_in_title(&self) -> bool {
        let innermost_is_title = || self.open.last().is_some_and(|open| open.name == "title");
        self.hidden == 1 && self.title.is_none() && innermost_is_title()
    }

    fn line_break(&mut self) {
        if self.hidden > 0 {
            return;
        }
        if self.preformatted > 0 {
            self.text.push('\n');
        } else if self.text.ends_with('\n') {
            // Two in a row separate paragraphs.
            self.flush();
        } else if !self.text.is_empty() {
            self.text.push('\n');
            self.has_space = false;
        }
    }

    /// Ends the elements whose end tags were omitted before this start tag.
    fn end_unclosed(&mut self, name: &str, role: Role) {
        // An open "p" can only be the innermost block: any other would have ended it.
        let block = self.open.iter().rposition(|open| open.role != Role::Inline);
        if let Some(depth) =
            block.filter(|&at| role != Role::Invisible && self.open[at].name == "p")
        {
            self.end_from(depth);
        }
        if let Some((ended, barriers)) = ended_by(name) {
            self.end_nearest(|open| ended.contains(&open), barriers);
        }
    }

    /// Ends the innermost element for which `matches` is true, and all elements in it, unless
    /// one of `barriers` is further inside.
    fn end_nearest(&mut self, matches: impl Fn(&str) -> bool, barriers: &[&str]) {
        let mut inward = self.open.iter().enumerate().rev();
        let stop = inward.find(|(_, open)| matches(&open.name) || barriers.contains(&&*open.name));
        if let Some(depth) = stop.filter(|(_, open)| matches(&open.name)).map(|(depth, _)| depth) {
            self.end_from(depth);
        }
    }

    fn end_from(&mut self, depth: usize) {
        while self.open.len() > depth {
            self.pop();
        }
    }

    fn end(&mut self, name: &str) {
        let role = role(name);
        match role {
            Role::Break => return self.line_break(),
            Role::Void | Role::Image | Role::Rule => return,
            _ if matches!(name, "body" | "html") => return,
            Role::Inline if self.hidden == 0 => return,
            Role::Inline | Role::Invisible => {}
            _ => self.flush(),
        }
        if self.too_deep > 0 && role != Role::Invisible {
            self.too_deep -= 1;
            return;
        }
        match role {
            Role::Inline => {
                if self.is_innermost_inline(name) {
                    self.pop();
                }
            }
            Role::Heading(_) => self.end_nearest(|open| HEADINGS.contains(&open), CONTAINERS),
            Role::Table | Role::Row | Role::Cell => self.end_nearest(|o| o == name, &["table"]),
            _ if matches!(name, "tbody" | "thead" | "tfoot" | "caption") => {
                self.end_nearest(|open| open == name, &["table"]);
            }
            _ => self.end_nearest(|open| open == name, &["td", "th", "table"]),
        }
    }

    fn push(&mut self, tag: Tag, role: Role, hides: bool) {
        // Invisible text must be left out at any depth.
        let begins_hiding = hides && self.hidden == 0;
        if self.open.len() >= MAX_DEPTH && !begins_hiding {
            self.too_deep += 1;
            return;
        }
        self.hidden += usize::from(hides);
        match role {
            Role::Heading(level) => self.headings.push(level),
            Role::Preformatted => self.preformatted += 1,
            Role::Main => self.mains += 1,
            Role::Aside => self.asides += 1,
            Role::List { numbered } => {
                self.lists.begin(numbered.then(|| tag.start().unwrap_or(1)));
            }
            Role::Item if self.hidden == 0 => self.marker = Some(self.lists.next_marker()),
            Role::Row if self.rows.len() < MAX_TABLES => self.rows.push(Row::new()),
            Role::Cell => {
                if let Some(row) = self.rows.last_mut() {
                    row.push(Vec::new());
                }
            }
            _ => {}
        }
        self.open.push(Open { name: tag.name, role, hides });
    }

    fn pop(&mut self) -> Option<()> {
        let role = self.open.last()?.role;
        if !matches!(role, Role::Inline | Role::Invisible) {
            self.flush();
        }
        let open = self.open.pop()?;
        self.hidden -= usize::from(open.hides);
        match open.role {
            Role::Heading(_) => drop(self.headings.pop()),
            Role::Preformatted => self.preformatted -= 1,
            Role::Main => self.mains -= 1,
            Role::Aside => self.asides -= 1,
            Role::List { .. } => self.lists.end(),
            Role::Item => self.marker = None,
            Role::Row => self.end_row(),
            _ => {}
        }
        Some(())
    }

    /// Ends the current block.
    fn flush(&mut self) {
        self.has_space = false;
        if self.text.trim().is_empty() {
            return self.text.clear();
        }
        let text = std::mem::take(&mut self.text);
        let (kind, text) = match (self.headings.last(), self.preformatted > 0) {
            (Some(&level), _) => (BlockKind::Heading(level), text.trim().replace('\n', " ")),
            (None, true) => (BlockKind::Code, text),
            (None, false) => match self.marker.take() {
                Some(marker) => (BlockKind::ListItem, marker + text.trim()),
                None => (BlockKind::Paragraph, text.trim().to_owned()),
            },
        };
        let (in_main, in_aside) = (self.mains > 0, self.asides > 0);
        self.add_piece(Piece { kind, text, in_main, in_aside });
    }

    fn add_piece(&mut self, piece: Piece) {
        let Some(row) = self.rows.last_mut() else { return self.pieces.push(piece) };
        match row.last_mut() {
            Some(cell) => cell.push(piece),
            None => row.push(vec![piece]),
        }
    }

    fn end_row(&mut self) {
        // Rows in too many tables were never begun.
        let rows = self.open.iter().filter(|open| open.role == Role::Row).count();
        if rows >= self.rows.len() {
            return;
        }
        let Some(row) = self.rows.pop() else { return };
        if lays_out(&row) {
            row.into_iter().flatten().for_each(|piece| self.add_piece(piece));
            return;
        }
        let Some(first) = row.iter().flatten().next() else { return };
        let (in_main, in_aside) = (first.in_main, first.in_aside);
        let text = row.iter().map(|cell| cell_text(cell)).collect::<Vec<_>>().join(" | ");
        self.add_piece(Piece { kind: BlockKind::TableRow, text, in_main, in_aside });
    }
}

/// Whether a row only arranges parts of the page side by side.
fn lays_out(row: &Row) -> bool {
    let is_part = |piece: &Piece| {
        matches!(piece.kind, BlockKind::Heading(_) | BlockKind::TableRow | BlockKind::Code)
    };
    let bytes = |cell: &Vec<Piece>| cell.iter().map(|piece| piece.text.len()).sum::<usize>();
    row.len() == 1
        || row.iter().flatten().any(is_part)
        || row.iter().any(|cell| bytes(cell) > MAX_CELL_BYTES)
}

fn cell_text(cell: &[Piece]) -> String {
    let words = cell.iter().flat_map(|piece| piece.text.split_ascii_whitespace());
    words.collect::<Vec<_>>().join(" ")
}
