//! What a query may do: read the tables that it names, and compute.

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

/// Functions that reach beyond the values that they are given: they are not compiled in, but a later SQLite may
/// have them. The last take time for each pair of parts of their two values, in one step.
const REFUSED_FUNCTIONS: [&str; 10] = [
    "load_extension",
    "fts3_tokenizer",
    "readfile",
    "writefile",
    "edit",
    "sqlar_uncompress",
    "zipfile",
    "json_patch",
    "jsonb_patch",
    "unhex",
];
/// Table functions that only compute.
const TABLE_FUNCTIONS: [&str; 4] = ["json_each", "json_tree", "jsonb_each", "jsonb_tree"];

/// Beginnings of names that SQLite keeps for itself.
const OWN_BEGINNINGS: [&str; 2] = ["sqlite_", "pragma_"];
/// Names of other virtual tables, which are there without being made.
const OWN_NAMES: [&str; 12] = [
    "bytecode",
    "csv",
    "dbstat",
    "fsdir",
    "fts3tokenize",
    "fts4aux",
    "fts5",
    "fts5vocab",
    "generate_series",
    "rtree",
    "tables_used",
    "zipfile",
];

/// The names that a query may use. The letters of ASCII in them are in lower case: SQLite tells apart all others.
pub(super) struct Names {
    /// The tables that it may read.
    pub(super) readable: Vec<String>,
    /// Other tables that are loaded.
    pub(super) others: Vec<String>,
}

/// Decides on one action of a statement that is being compiled.
pub(super) fn authorize(context: &AuthContext<'_>, names: &Names) -> Authorization {
    let is_allowed = match context.action {
        AuthAction::Select | AuthAction::Recursive => true,
        AuthAction::Function { function_name } => {
            !REFUSED_FUNCTIONS.contains(&function_name.to_ascii_lowercase().as_str())
        }
        AuthAction::Read { table_name, column_name } => {
            let name = table_name.to_ascii_lowercase();
            names.readable.contains(&name)
                || TABLE_FUNCTIONS.contains(&name.as_str())
                || column_name.is_empty() && names.is_of_query(&name)
        }
        _ => false,
    };
    if is_allowed { Authorization::Allow } else { Authorization::Deny }
}

impl Names {
    /// Whether the query itself may give this name, to a common table expression. SQLite asks for such a name
    /// where no column of it is read; for the columns it does not ask.
    fn is_of_query(&self, name: &str) -> bool {
        !self.others.iter().any(|other| other == name)
            && !OWN_BEGINNINGS.iter().any(|own| name.starts_with(own))
            && !OWN_NAMES.contains(&name)
    }
}
