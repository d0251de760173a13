//! TeX: the text of a LaTeX document, formulas as they are written.

use crate::document::{BlockKind, FileDetails};
use crate::error::Result;
use crate::read::blocks::readable;
use crate::read::lists::indentation;
use crate::read::{Input, ReadFile};

use super::paragraphs::Paragraphs;
use super::tex_macros::{self, Meaning};

/// How deep arguments are read within arguments. Those further inside keep their markup.
const MAX_ARGUMENTS: usize = 12;

/// The most bytes of an argument.
const MAX_ARGUMENT_BYTES: usize = 100_000;
/// After so many bytes of arguments that never end, only short ones are looked for.
const MAX_LOST_BYTES: usize = 1 << 20;

/// Environments that are lists and tables.
const LISTS: &[&str] = &["itemize", "enumerate", "description", "compactitem"];
const TABLES: &[&str] = &["tabular", "tabularx", "longtable", "array", "tabulary", "tabu"];

/// Reads LaTeX: sections, lists, tables, code, formulas, captions, footnotes. Comments and
/// everything about the looks are left out.
pub(crate) fn tex(input: &Input<'_>) -> Result<ReadFile> {
    let text = input.text(false)?;
    let text = without_comments(&readable(&text));
    let (preamble, body) = match text.split_once("\\begin{document}") {
        Some((preamble, body)) => (preamble, body.split("\\end{document}").next().unwrap_or(body)),
        None => ("", text.as_str()),
    };
    let has_chapters = body.contains("\\chapter");
    let mut reader = Reader { out: Paragraphs::new(input), has_chapters, ..Reader::default() };
    reader.read_details(preamble);
    let mut source = Source::new(body, 0);
    let total = body.len() as u64;
    let mut next_step = 0;
    while source.at < body.len() {
        if source.at >= next_step {
            input.step(source.at as u64, total, "bytes")?;
            reader.out.check(input)?;
            next_step = source.at + (64 << 10);
        }
        reader.read(&mut source, 0);
    }
    reader.end_row();
    reader.end_table();
    reader.end_paragraph();
    let (document, details) = (reader.out.finish_within(input)?, reader.details);
    Ok(ReadFile { document, details, ..ReadFile::default() })
}

/// The text without comments: from a percent sign to the line's end.
fn without_comments(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let comment = line.match_indices('%').find(|(at, _)| {
            let slashes = line[..*at].bytes().rev().take_while(|&byte| byte == b'\\').count();
            slashes % 2 == 0
        });
        match comment {
            // The line's end belongs to the comment.
            Some((0, _)) => {}
            Some((at, _)) => clean.push_str(line[..at].trim_end_matches('\n')),
            None => clean.push_str(line),
        }
    }
    clean
}

/// A position in a text.
struct Source<'a> {
    text: &'a str,
    at: usize,
    /// Bytes that were searched for the ends of arguments that have none.
    lost: usize,
}

impl<'a> Source<'a> {
    fn new(text: &'a str, at: usize) -> Self {
        Self { text, at, lost: 0 }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// The name of the macro after a backslash: letters, or one other character.
    fn name(&mut self) -> &'a str {
        let rest = self.rest();
        let letters = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
        let length =
            if letters > 0 { letters } else { rest.chars().next().map_or(0, char::len_utf8) };
        self.at += length;
        if letters > 0 && self.rest().starts_with('*') {
            self.at += 1;
        }
        &rest[..length]
    }

    /// Skips what only ends the name of a macro: empty braces, or a space.
    fn end_name(&mut self, name: &str) {
        if self.rest().starts_with("{}") {
            self.at += 2;
        } else if name.ends_with(|c: char| c.is_ascii_alphabetic()) {
            self.at += usize::from(self.rest().starts_with(' '));
        }
    }

    /// The argument between braces that follows, if one does.
    fn argument(&mut self) -> Option<&'a str> {
        self.between('{', '}')
    }

    /// Skips the optional arguments that follow.
    fn skip_options(&mut self) {
        while self.between('[', ']').is_some() {}
    }

    fn between(&mut self, open: char, close: char) -> Option<&'a str> {
        let rest = self.rest();
        let inner = rest.trim_start_matches([' ', '\n', '\t']).strip_prefix(open)?;
        let start = rest.len() - inner.len();
        let limit = if self.lost > MAX_LOST_BYTES { 200 } else { MAX_ARGUMENT_BYTES };
        let (mut depth, mut escaped) = (0_usize, false);
        for (at, character) in inner.char_indices() {
            match character {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '{' => depth += 1,
                c if c == close && depth == 0 => {
                    self.at += start + at + 1;
                    return Some(&inner[..at]);
                }
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            // An argument that never ends is none.
            if at > limit {
                break;
            }
        }
        self.lost += inner.len().min(limit);
        None
    }

    /// Skips past `end`, or to the end of the text, and returns what is before it.
    fn until(&mut self, end: &str) -> &'a str {
        let (inner, length) = match self.rest().split_once(end) {
            Some((inner, _)) => (inner, inner.len() + end.len()),
            None => (self.rest(), self.rest().len()),
        };
        self.at += length;
        inner
    }
}

#[derive(Default)]
struct Reader {
    out: Paragraphs,
    details: FileDetails,
    has_chapters: bool,
    /// The text of the current paragraph.
    text: String,
    /// The marker of a list item, which precedes the current paragraph.
    marker: Option<String>,
    /// The open lists, each with the number of its next item if it is numbered.
    lists: Vec<Option<u32>>,
    /// The open tables, and the cells of the current row.
    tables: usize,
    row: Vec<String>,
    rows: Vec<Vec<String>>,
    /// The rows above the first line that is drawn below one.
    headers: usize,
    footnotes: Vec<String>,
    footnote: usize,
}

impl Reader {
    fn read_details(&mut self, preamble: &str) {
        let argument = |name: &str| {
            let at = preamble.find(&format!("\\{name}{{"))?;
            Source::new(preamble, at + 1 + name.len()).argument()
        };
        self.details.title = argument("title").map(|title| self.plain(title, 0));
        let authors =
            argument("author").map(|authors| authors.replace("\\and", "\n").replace("\\\\", "\n"));
        if let Some(first) = authors.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            let names = first.lines().filter(|line| !line.trim().is_empty());
            self.details.authors =
                names.map(|name| self.plain(name, 0)).filter(|name| !name.is_empty()).collect();
        }
        self.details.date =
            argument("date").map(|date| self.plain(date, 0)).filter(|date| !date.is_empty());
        if let Some(title) = self.details.title.clone().filter(|title| !title.is_empty()) {
            self.out.push(BlockKind::Heading(1), &title);
        }
    }

    /// Reads one character or macro.
    fn read(&mut self, source: &mut Source<'_>, depth: usize) {
        let Some(character) = source.rest().chars().next() else { return };
        let rest = source.rest();
        source.at += character.len_utf8();
        match character {
            '\\' => self.read_macro(source, depth),
            '\n' if rest.starts_with("\n\n")
                || rest[1..].trim_start_matches([' ', '\t']).starts_with('\n') =>
            {
                self.end_paragraph();
            }
            '{' | '}' => {}
            '~' => self.text.push(' '),
            '&' if self.tables > 0 => {
                let cell = std::mem::take(&mut self.text);
                self.row.push(cell);
                self.out.count_cells(1);
            }
            '$' if rest.starts_with("$$") => {
                source.at += 1;
                let formula = source.until("$$");
                self.display(formula);
            }
            '$' => {
                let formula = source.until("$");
                self.text.push_str(&format!("${formula}$"));
            }
            '`' if rest.starts_with("``") => self.mark(source, "“"),
            '\'' if rest.starts_with("''") => self.mark(source, "”"),
            '-' if rest.starts_with("---") => {
                source.at += 1;
                self.mark(source, "—");
            }
            '-' if rest.starts_with("--") => self.mark(source, "–"),
            other => self.text.push(other),
        }
    }

    /// Adds the character that two marks stand for.
    fn mark(&mut self, source: &mut Source<'_>, shown: &str) {
        source.at += 1;
        self.text.push_str(shown);
    }

    fn read_macro(&mut self, source: &mut Source<'_>, depth: usize) {
        let name = source.name();
        if let Some(level) = tex_macros::section_level(name, self.has_chapters) {
            source.skip_options();
            let title = source.argument().unwrap_or("");
            self.end_paragraph();
            let title = self.plain(title, depth);
            self.out.push(BlockKind::Heading(level), &title);
            return;
        }
        match tex_macros::meaning(name) {
            Meaning::Begin => self.begin(source, depth),
            Meaning::End => self.end(source.argument().unwrap_or("")),
            Meaning::Item => self.item(source, depth),
            Meaning::NewLine => {
                source.skip_options();
                if self.tables > 0 { self.end_row() } else { self.text.push('\n') }
            }
            Meaning::NewParagraph => self.end_paragraph(),
            Meaning::Rule => {
                if self.headers == 0 {
                    self.headers = self.rows.len();
                }
            }
            Meaning::Display => {
                let formula = source.until("\\]");
                self.display(formula);
            }
            Meaning::Inline => {
                let formula = source.until("\\)");
                self.text.push_str(&format!("${formula}$"));
            }
            Meaning::Shown(text) => {
                self.text.push_str(text);
                source.end_name(name);
            }
            Meaning::Accent(mark) => self.accent(source, mark),
            Meaning::Verb => {
                if let Some(mark) = source.rest().chars().next() {
                    source.at += mark.len_utf8();
                    let code = source.until(mark.encode_utf8(&mut [0; 4]));
                    self.text.push_str(code);
                }
            }
            Meaning::Transparent => source.skip_options(),
            other => self.read_arguments(&other, source, depth),
        }
    }

    /// Reads a macro that does something with its arguments.
    fn read_arguments(&mut self, meaning: &Meaning, source: &mut Source<'_>, depth: usize) {
        source.skip_options();
        match meaning {
            Meaning::Dropped(arguments) => {
                for _ in 0..*arguments {
                    source.argument();
                }
            }
            Meaning::Reference => {
                let key = source.argument().unwrap_or("");
                self.text.push_str(&format!("[{key}]"));
            }
            Meaning::Caption => {
                let caption = source.argument().unwrap_or("");
                self.end_paragraph();
                let caption = self.plain(caption, depth);
                self.out.push(BlockKind::Caption, &caption);
            }
            Meaning::Footnote => {
                let note = source.argument().unwrap_or("");
                let note = self.plain(note, depth);
                self.footnote += 1;
                self.footnotes.push(format!("[{}] {note}", self.footnote));
                self.text.push_str(&format!("[{}]", self.footnote));
            }
            Meaning::Marked(mark) => {
                let part = source.argument().unwrap_or("");
                let part = self.plain(part, depth);
                mark.add(&mut self.text, &part);
            }
            // The text of a link, its second argument, is read as what follows.
            _ => drop(source.argument()),
        }
    }

    fn begin(&mut self, source: &mut Source<'_>, depth: usize) {
        let name = source.argument().unwrap_or("");
        let base = name.trim_end_matches('*');
        let end = format!("\\end{{{name}}}");
        match base {
            "verbatim" | "Verbatim" | "lstlisting" | "minted" | "alltt" => {
                source.skip_options();
                if base == "minted" {
                    source.argument();
                }
                self.end_paragraph();
                let code = source.until(&end);
                self.out.push(BlockKind::Code, code);
            }
            "equation" | "align" | "gather" | "multline" | "eqnarray" | "displaymath" | "math"
            | "flalign" | "alignat" => {
                let formula = source.until(&end);
                self.display(formula);
            }
            "comment" | "tikzpicture" | "pgfpicture" | "filecontents" => {
                source.until(&end);
            }
            name if LISTS.contains(&name) => {
                self.end_paragraph();
                source.skip_options();
                self.lists.push((base == "enumerate").then_some(1));
            }
            name if TABLES.contains(&name) => self.begin_table(name, source),
            "abstract" => {
                self.end_paragraph();
                self.out.push(BlockKind::Heading(2), "Abstract");
            }
            "thebibliography" => {
                self.end_paragraph();
                source.argument();
                self.out.push(BlockKind::Heading(2), "References");
                self.lists.push(None);
            }
            _ => {
                self.end_paragraph();
                let title = source.between('[', ']').filter(|title| title.contains(' '));
                if let Some(title) = title {
                    self.text = self.plain(title, depth) + ": ";
                }
            }
        }
    }

    fn begin_table(&mut self, name: &str, source: &mut Source<'_>) {
        self.end_paragraph();
        source.skip_options();
        // Some state their width before their columns.
        let arguments = if matches!(name, "tabularx" | "tabulary") { 2 } else { 1 };
        for _ in 0..arguments {
            source.argument();
        }
        self.tables += 1;
    }

    fn end(&mut self, name: &str) {
        match name.trim_end_matches('*') {
            name if LISTS.contains(&name) || name == "thebibliography" => {
                self.end_paragraph();
                self.lists.pop();
            }
            name if TABLES.contains(&name) => {
                self.end_row();
                self.tables = self.tables.saturating_sub(1);
                self.end_table();
            }
            _ => self.end_paragraph(),
        }
    }

    fn item(&mut self, source: &mut Source<'_>, depth: usize) {
        self.end_paragraph();
        let label = source.between('[', ']').map(|label| self.plain(label, depth));
        // A work of the bibliography has a key.
        let key = source.rest().starts_with('{').then(|| source.argument()).flatten();
        let indent = indentation(self.lists.len().saturating_sub(1));
        let marker = match (label.or(key.map(|key| format!("[{key}]"))), self.lists.last_mut()) {
            (Some(label), _) => format!("{indent}- {label} "),
            (None, Some(Some(number))) => {
                *number += 1;
                format!("{indent}{}. ", *number - 1)
            }
            (None, _) => format!("{indent}- "),
        };
        self.marker = Some(marker);
    }

    fn accent(&mut self, source: &mut Source<'_>, mark: char) {
        let letter = source.argument().map(str::to_owned).or_else(|| {
            let letter = source.rest().trim_start().chars().next()?;
            source.at += source.rest().len() - source.rest().trim_start().len() + letter.len_utf8();
            Some(letter.to_string())
        });
        let letter = letter.unwrap_or_default().replace("\\i", "i").replace("\\j", "j");
        let mut letters = letter.chars();
        if let Some(first) = letters.next() {
            let composed = unicode_normalization::char::compose(first, mark);
            match composed {
                Some(composed) => self.text.push(composed),
                None => self.text.extend([first, mark]),
            }
        }
        self.text.extend(letters);
    }

    /// Adds a formula on lines of its own.
    fn display(&mut self, formula: &str) {
        let formula = tex_macros::without_labels(formula);
        self.text.push_str(&format!(" $${}$$ ", formula.trim()));
    }

    /// The text of an argument.
    fn plain(&self, argument: &str, depth: usize) -> String {
        if depth >= MAX_ARGUMENTS {
            return argument.to_owned();
        }
        let mut inner = Self { has_chapters: self.has_chapters, ..Self::default() };
        let mut source = Source::new(argument, 0);
        while source.at < argument.len() {
            inner.read(&mut source, depth + 1);
        }
        inner.end_row();
        inner.end_table();
        inner.end_paragraph();
        one_line(&inner.out.finish())
    }

    fn end_row(&mut self) {
        let last = std::mem::take(&mut self.text);
        if self.row.is_empty() {
            self.text = last;
            return self.end_paragraph();
        }
        self.row.push(last);
        let cells = std::mem::take(&mut self.row);
        let cells: Vec<String> = cells.iter().map(|cell| one_line(cell)).collect();
        self.rows.push(cells);
        if self.tables == 0 {
            self.end_table();
        }
    }

    fn end_table(&mut self) {
        let rows = std::mem::take(&mut self.rows);
        let headers = std::mem::take(&mut self.headers);
        self.out.push_table(&rows, if headers < rows.len() { headers } else { 0 });
    }

    fn end_paragraph(&mut self) {
        if self.tables > 0 && !self.row.is_empty() {
            return;
        }
        let lines = self.text.split('\n').map(one_line).filter(|line| !line.is_empty());
        let text = lines.collect::<Vec<_>>().join(" ");
        self.text.clear();
        if text.is_empty() {
            return;
        }
        match self.marker.take() {
            Some(marker) => self.out.push(BlockKind::ListItem, &(marker + &text)),
            None => self.out.push(BlockKind::Paragraph, &text),
        }
        for note in std::mem::take(&mut self.footnotes) {
            self.out.push(BlockKind::Footnote, &note);
        }
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
