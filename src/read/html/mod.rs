//! HTML: the text that a browser shows, reduced to the main content.
//!
//! Scripts, styles, templates, drawings, choices of forms, deleted text and elements hidden by the
//! `hidden` attribute or an inline style are left out, and so are parts of a line that a style
//! sheet or `aria-hidden` hides. If a page marks its content with `<main>` or `<article>`, then
//! `<nav>`, `<footer>` and `<aside>` are boilerplate; so is, on any page, a block that a style
//! sheet hides or a script closes, such as a notice about cookies. All other visible
//! text is kept. The page's title becomes its first heading if it has no `<h1>`. The cells of a
//! table row are joined, unless the table only lays out the page.

mod abbreviations;
mod declarations;
mod details;
mod elements;
mod fields;
mod pieces;
mod seen;
mod selectors;
mod style_sheet;
mod tables;
pub(super) mod tokens;

use crate::document::{BlockKind, FileDetails};
use crate::read::blocks::DocumentBuilder;
use crate::read::lists::OpenLists;
use crate::read::marks::Marks;

use abbreviations::Abbreviations;
use elements::{CONTAINERS, HEADINGS, Role, ended_by, role};
use pieces::{BlockPictures, Piece};
use seen::Seen;
use selectors::Path;
use style_sheet::StyleSheet;
use tables::{Cell, Repetition, Row};
use tokens::tokens_with;
pub(in crate::read) use tokens::{Tag, Token, tokens};

/// The deepest tracked nesting, half of that in browsers. The text of deeper elements
/// belongs to the element around them.
const MAX_DEPTH: usize = 256;
/// The deepest nesting of tables whose rows are recognized.
const MAX_TABLES: usize = 8;

/// Whether a text is HTML, by its beginning in lower case.
pub(crate) fn begins_as_html(head: &str) -> bool {
    let begins = ["<!doctype html", "<html", "<head", "<body"].iter().any(|s| head.starts_with(s));
    begins || (head.starts_with("<?xml") && head.contains("<html"))
}

/// Reads a page.
pub(super) fn read(source: &str, builder: &mut DocumentBuilder, details: &mut FileDetails) {
    let mut reader = Reader::new(source);
    reader.run(source);
    let is_h1 = |piece: &Piece| piece.kind == BlockKind::Heading(1) && !piece.text.is_empty();
    let has_h1 = reader.pieces.iter().any(is_h1);
    if let Some(title) = reader.title.as_deref().filter(|_| !has_h1) {
        builder.push(BlockKind::Heading(1), title);
    }
    details::push_lines(&reader.details, builder);
    let is_content = |piece: &Piece| piece.in_main && !piece.in_aside && !piece.is_unseen;
    let is_marked = reader.pieces.iter().any(is_content);
    // A page that a script shows when it is loaded is no boilerplate.
    let is_shown_later = reader.pieces.iter().all(|piece| piece.is_unseen);
    for piece in reader.pieces {
        let is_unseen = piece.is_unseen && !is_shown_later;
        if is_unseen || (is_marked && piece.in_aside) {
            builder.push(BlockKind::Boilerplate, &piece.text);
        } else {
            piece.push_to(builder);
        }
    }
    *details = reader.details;
    details.title = reader.title;
}

/// Reads a part of a page, such as HTML inside Markdown.
pub(super) fn read_fragment(source: &str, builder: &mut DocumentBuilder) {
    let mut reader = Reader::new(source);
    reader.run(source);
    reader.pieces.into_iter().for_each(|piece| piece.push_to(builder));
}

struct Open {
    name: String,
    role: Role,
    hides: bool,
    is_unseen: bool,
}

struct Reader {
    open: Vec<Open>,
    /// Elements open beyond `MAX_DEPTH`.
    too_deep: usize,
    /// The rows of the tables that are still open, and those rows that are.
    tables: Vec<Vec<Row>>,
    rows: Vec<Row>,
    repetition: Repetition,
    lists: OpenLists,
    /// The marker of a list item, which precedes the next block.
    marker: Option<String>,
    /// The text of the current block.
    text: String,
    /// The pictures in it.
    pictures: BlockPictures,
    /// Whether white space was read, which becomes a space if text follows.
    has_space: bool,
    pieces: Vec<Piece>,
    title: Option<String>,
    details: FileDetails,
    marks: Marks,
    abbreviations: Abbreviations,
    sheet: StyleSheet,
    /// What is around the current element, if a style sheet asks for it.
    path: Path,
    hidden: usize,
    unseen: usize,
    heads: usize,
    captions: usize,
    preformatted: usize,
    mains: usize,
    asides: usize,
    headings: Vec<u8>,
}

impl Reader {
    fn new(source: &str) -> Self {
        Self {
            open: Vec::new(),
            too_deep: 0,
            tables: Vec::new(),
            rows: Vec::new(),
            repetition: Repetition::of(source),
            lists: OpenLists::default(),
            marker: None,
            text: String::new(),
            pictures: BlockPictures::default(),
            has_space: false,
            pieces: Vec::new(),
            title: None,
            details: FileDetails::default(),
            marks: Marks::default(),
            abbreviations: Abbreviations::default(),
            sheet: StyleSheet::of(source),
            path: Path::default(),
            hidden: 0,
            unseen: 0,
            heads: 0,
            captions: 0,
            preformatted: 0,
            mains: 0,
            asides: 0,
            headings: Vec::new(),
        }
    }

    fn run(&mut self, source: &str) {
        let attributes = self.sheet.attributes().to_vec();
        for token in tokens_with(source, &attributes) {
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
        let role = match role(&tag.name) {
            Role::Block => tag.landmark().unwrap_or(Role::Block),
            role => role,
        };
        match role {
            Role::Void if tag.name == "input" => {
                return fields::shown(&tag).into_iter().for_each(|text| self.add_text(text));
            }
            Role::Void => return details::read(&tag, &mut self.details),
            Role::Break => return self.line_break(),
            Role::Rule => return self.flush(),
            Role::Image if self.sheet.seen(&tag, &self.path) != Seen::Now => return,
            Role::Image => return self.add_image(&tag),
            _ => {}
        }
        // Only foreign elements can be self-closing.
        let foreign = matches!(role, Role::Inline | Role::Invisible);
        if foreign && tag.self_closing {
            return;
        }
        if role != Role::Inline {
            self.end_unclosed(&tag.name, role);
        }
        let seen = self.sheet.seen(&tag, &self.path);
        let hides = seen == Seen::Never
            || role == Role::Invisible
            || (role == Role::Inline && seen == Seen::Later);
        if role == Role::Inline {
            // An inline element matters only if it hides its text, or if its end tag must
            // not end a hiding element of the same name.
            let is_in_same = self.is_innermost_inline(&tag.name);
            if is_in_same || (hides && self.hidden == 0) {
                self.push(tag, role, hides, false);
            } else if self.hidden == 0 {
                self.begin_inline(tag);
            }
            return;
        }
        if tag.name == "html" {
            details::read(&tag, &mut self.details);
        }
        if role != Role::Invisible {
            self.flush();
        }
        self.push(tag, role, hides, seen == Seen::Later);
    }

    fn add_image(&mut self, tag: &Tag) {
        tag.alt().into_iter().for_each(|alt| self.add_text(alt));
        if self.hidden == 0 {
            self.pictures.add(tag);
        }
    }

    fn begin_inline(&mut self, tag: Tag) {
        match tag.name.as_str() {
            "q" => self.add_text("“"),
            name => self.marks.begin(name, &self.text),
        }
        self.abbreviations.begin(&tag);
        if self.sheet.looks_around() {
            self.path.begin_inline(tag, self.open.len());
        }
    }

    fn end_inline(&mut self, name: &str) {
        self.path.end_inline(name, self.open.len());
        match name {
            "q" => self.text.push('”'),
            name => self.marks.end(name, &mut self.text),
        }
        if let Some(meaning) = self.abbreviations.end(name) {
            self.add_text(&meaning);
        }
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
            Role::Inline if self.hidden == 0 => return self.end_inline(name),
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

    fn push(&mut self, tag: Tag, role: Role, hides: bool, is_unseen: bool) {
        // Invisible text must be left out at any depth.
        let begins_hiding = hides && self.hidden == 0;
        if self.open.len() >= MAX_DEPTH && !begins_hiding {
            self.too_deep += 1;
            return;
        }
        self.hidden += usize::from(hides);
        self.unseen += usize::from(is_unseen);
        self.heads += usize::from(tag.name == "thead");
        match role {
            Role::Heading(level) => self.headings.push(level),
            Role::Preformatted => self.preformatted += 1,
            Role::Main => self.mains += 1,
            Role::Aside => self.asides += 1,
            Role::List { numbered } => {
                self.lists.begin(numbered.then(|| tag.numbering()));
            }
            Role::Item if self.hidden == 0 => {
                tag.value().into_iter().for_each(|number| self.lists.set_number(number));
                self.marker = Some(self.lists.next_marker());
            }
            Role::Caption => self.captions += 1,
            Role::Table if self.tables.len() < MAX_TABLES => self.tables.push(Vec::new()),
            Role::Row if self.rows.len() < MAX_TABLES => {
                self.rows.push(Row { cells: Vec::new(), in_head: self.heads > 0 });
            }
            Role::Cell => {
                if let Some(row) = self.rows.last_mut() {
                    row.cells.push(cell(&tag));
                }
            }
            _ => {}
        }
        self.open.push(Open { name: tag.name.clone(), role, hides, is_unseen });
        if self.sheet.looks_around() {
            self.path.begin_block(tag, self.open.len());
        }
    }

    fn pop(&mut self) -> Option<()> {
        let role = self.open.last()?.role;
        if !matches!(role, Role::Inline | Role::Invisible) {
            self.flush();
        }
        let open = self.open.pop()?;
        self.path.end_blocks(self.open.len());
        self.hidden -= usize::from(open.hides);
        self.unseen -= usize::from(open.is_unseen);
        self.heads -= usize::from(open.name == "thead");
        match open.role {
            Role::Heading(_) => drop(self.headings.pop()),
            Role::Preformatted => self.preformatted -= 1,
            Role::Main => self.mains -= 1,
            Role::Aside => self.asides -= 1,
            Role::List { .. } => self.lists.end(),
            Role::Item => self.marker = None,
            Role::Caption => self.captions -= 1,
            Role::Row => self.end_row(),
            Role::Table => self.end_table(),
            _ => {}
        }
        Some(())
    }

    /// Ends the current block.
    fn flush(&mut self) {
        self.has_space = false;
        self.marks.clear();
        self.abbreviations.clear();
        let pictures = std::mem::take(&mut self.pictures);
        if self.text.trim().is_empty() && pictures.is_empty() {
            return self.text.clear();
        }
        let text = std::mem::take(&mut self.text);
        let is_blank = text.trim().is_empty();
        if pictures.are_all_of(&text) && !is_blank {
            // An item of a list that is nothing but a picture has no mark.
            self.marker = None;
        }
        let (kind, text) = match (self.headings.last(), self.preformatted > 0) {
            (Some(&level), _) => (BlockKind::Heading(level), text.trim().replace('\n', " ")),
            (None, true) => (BlockKind::Code, text),
            (None, false) if self.captions > 0 => (BlockKind::Caption, text.trim().to_owned()),
            (None, false) => match self.marker.take_if(|_| !is_blank) {
                Some(marker) => (BlockKind::ListItem, marker + text.trim()),
                None => (BlockKind::Paragraph, text.trim().to_owned()),
            },
        };
        let (in_main, in_aside) = (self.mains > 0, self.asides > 0);
        let is_unseen = self.unseen > 0;
        self.add_piece(Piece { kind, text, in_main, in_aside, is_unseen, pictures });
    }

    fn add_piece(&mut self, piece: Piece) {
        let Some(row) = self.rows.last_mut() else { return self.pieces.push(piece) };
        match row.cells.last_mut() {
            Some(cell) => cell.pieces.push(piece),
            None => row.cells.push(Cell { pieces: vec![piece], ..cell(&Tag::default()) }),
        }
    }

    fn end_row(&mut self) {
        // Rows in too many tables were never begun.
        let rows = self.open.iter().filter(|open| open.role == Role::Row).count();
        if rows >= self.rows.len() {
            return;
        }
        let Some(row) = self.rows.pop() else { return };
        match self.tables.last_mut() {
            Some(table) => table.push(row),
            None => self.add_table(vec![row]),
        }
    }

    fn end_table(&mut self) {
        let tables = self.open.iter().filter(|open| open.role == Role::Table).count();
        if tables < self.tables.len()
            && let Some(rows) = self.tables.pop()
        {
            self.add_table(rows);
        }
    }

    fn add_table(&mut self, rows: Vec<Row>) {
        let pieces = tables::pieces(rows, &mut self.repetition);
        pieces.into_iter().for_each(|piece| self.add_piece(piece));
    }
}

fn cell(tag: &Tag) -> Cell {
    let (columns, rows) = tag.spans();
    Cell { pieces: Vec::new(), is_header: tag.name == "th", columns, rows }
}
