//! Names in SQL of tables and columns.

use std::collections::{HashMap, HashSet};

/// The most characters of a table's name.
const MAX_NAME_CHARS: usize = 40;
/// Names of the number of a row.
const ROW_NUMBERS: [&str; 3] = ["rowid", "oid", "_rowid_"];

/// Names that are taken, whatever the case of their letters.
#[derive(Debug, Default)]
pub(super) struct TakenNames {
    names: HashSet<String>,
    /// The number to try next for a name that is taken.
    next: HashMap<String, u32>,
}

impl TakenNames {
    fn of(names: &[&str]) -> Self {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Self { names, next: HashMap::new() }
    }

    /// Takes a name. Returns whether it was free.
    fn take(&mut self, name: &str) -> bool {
        self.names.insert(name.to_lowercase())
    }

    /// Takes the name, or the name with the first number from 2 that makes it new.
    fn take_unique(&mut self, name: &str) -> String {
        if self.take(name) {
            return name.to_owned();
        }
        let key = name.to_lowercase();
        loop {
            let next = self.next.entry(key.clone()).or_insert(2);
            let numbered = format!("{name}_{next}");
            *next += 1;
            if self.take(&numbered) {
                return numbered;
            }
        }
    }
}

/// The names of columns with these headers: each once, whatever the case of its letters.
pub(crate) fn column_names(headers: &[String]) -> Vec<String> {
    let mut taken = TakenNames::of(&ROW_NUMBERS);
    let names = headers.iter().enumerate().map(|(at, header)| {
        let header = header.split_whitespace().collect::<Vec<_>>().join(" ");
        let name = if header.is_empty() { format!("column_{}", at + 1) } else { header };
        taken.take_unique(&name)
    });
    names.collect()
}

/// What a table is called, by what is known of it.
pub(super) struct TableNames<'a> {
    /// The name of the document's file.
    pub(super) document: &'a str,
    /// The name of its sheet, or of the table in a database.
    pub(super) sheet: Option<&'a str>,
    /// Its caption, or the heading above it.
    pub(super) title: &'a str,
    /// Whether the document has no other table.
    pub(super) is_only: bool,
}

impl TableNames<'_> {
    /// A name that is not among `taken`, which it joins.
    pub(super) fn choose(&self, taken: &mut TakenNames) -> String {
        let stem = identifier(stem(self.document));
        let sheet = self.sheet.map(identifier).filter(|sheet| !sheet.is_empty());
        let title = identifier(self.title);
        let with = |part: &str| identifier(&format!("{stem}_{part}"));
        let candidates = match (sheet, self.is_only) {
            (None, true) => vec![stem.clone()],
            (Some(sheet), true) => vec![stem.clone(), with(&sheet)],
            (Some(sheet), false) => vec![sheet.clone(), with(&sheet)],
            (None, false) if !title.is_empty() => vec![title.clone(), with(&title)],
            (None, false) => vec![stem.clone()],
        };
        let mut names = candidates.iter().filter(|name| !name.is_empty());
        let free = names.find(|name| taken.take(name));
        free.cloned().unwrap_or_else(|| {
            let last = candidates.last().filter(|name| !name.is_empty());
            taken.take_unique(last.map_or("table", String::as_str))
        })
    }
}

/// The name of a file without folders and ending.
fn stem(name: &str) -> &str {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    file.rsplit_once('.').map_or(file, |(stem, _)| stem)
}

/// A text as a name that needs no quotes, unless it is a keyword of SQL: letters, digits and `_`.
fn identifier(text: &str) -> String {
    let mut name = String::new();
    for char in text.chars() {
        match char {
            char if char.is_alphanumeric() => name.push(char),
            _ if name.ends_with('_') || name.is_empty() => {}
            _ => name.push('_'),
        }
        if name.chars().count() >= MAX_NAME_CHARS {
            break;
        }
    }
    let name = name.trim_end_matches('_');
    // SQLite keeps these names for itself.
    let is_reserved = name.to_lowercase().starts_with("sqlite_");
    let needs_letter = name.starts_with(|c: char| c.is_numeric()) || is_reserved;
    if needs_letter { format!("t_{name}") } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn columns_have_different_names() {
        let headers = ["Name", "", "name", " Unit\n price ", "rowid", "name_2"].map(str::to_owned);
        let names = column_names(&headers);
        assert_eq!(names, ["Name", "column_2", "name_2", "Unit price", "rowid_2", "name_2_2"]);
    }

    fn choose(names: &TableNames<'_>, taken: &[&str]) -> String {
        names.choose(&mut TakenNames::of(taken))
    }

    #[test]
    fn a_table_is_called_by_its_file_its_sheet_or_its_title() {
        let alone =
            TableNames { document: "a/Sales 2024.csv", sheet: None, title: "", is_only: true };
        assert_eq!(choose(&alone, &[]), "Sales_2024");
        assert_eq!(choose(&alone, &["sales_2024"]), "Sales_2024_2");
        let sheet =
            TableNames { document: "b.xlsx", sheet: Some("Q1"), title: "Q1", is_only: false };
        assert_eq!(choose(&sheet, &[]), "Q1");
        assert_eq!(choose(&sheet, &["q1"]), "b_Q1");
        let titled =
            TableNames { document: "c.html", sheet: None, title: "Höhe, in m", is_only: false };
        assert_eq!(choose(&titled, &[]), "Höhe_in_m");
        let bare = TableNames { document: "!.html", sheet: None, title: "", is_only: false };
        assert_eq!(choose(&bare, &[]), "table");
        assert_eq!(choose(&TableNames { document: "2024.csv", ..alone }, &[]), "t_2024");
        let mut taken = TakenNames::default();
        let names: Vec<String> = (0..4).map(|_| alone.choose(&mut taken)).collect();
        assert_eq!(names, ["Sales_2024", "Sales_2024_2", "Sales_2024_3", "Sales_2024_4"]);
    }
}
