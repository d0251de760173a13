//! The data at the beginning of a Markdown file: "key: value" lines of YAML or TOML.

use crate::document::{BlockKind, FileDetails};

use super::blocks::DocumentBuilder;

/// Reads the lines into the text, as they can be asked for, and what is known of every file into
/// the details. The title is the first heading of a file without one: `has_heading`.
pub(super) fn read(
    text: &str,
    has_heading: bool,
    builder: &mut DocumentBuilder,
    details: &mut FileDetails,
) {
    let mut list_key = "";
    for line in text.lines() {
        let item = line.trim_start().strip_prefix("- ").filter(|_| !list_key.is_empty());
        let (key, value) = match (item, line.split_once([':', '='])) {
            (Some(item), _) => (list_key, item),
            (None, Some((key, value))) => (key.trim(), value),
            (None, None) => continue,
        };
        list_key = key;
        let value = value.trim().trim_matches(['"', '\'']);
        if value.is_empty() || value.starts_with('#') {
            continue;
        }
        let name = key.to_ascii_lowercase();
        if name != "title" {
            builder.push(BlockKind::ListItem, &format!("{key}: {}", values(value).join(", ")));
        } else if !has_heading {
            builder.push(BlockKind::Heading(1), value);
        }
        match name.as_str() {
            "title" => details.title = Some(value.to_owned()),
            "author" | "authors" => details.authors.extend(values(value)),
            "date" | "published" => details.date = Some(value.to_owned()),
            "updated" | "modified" | "lastmod" => {
                details.date.get_or_insert_with(|| value.to_owned());
            }
            "lang" | "language" => details.language = Some(value.to_owned()),
            _ => {}
        }
    }
}

/// The values of "[a, b]", or the one value.
fn values(value: &str) -> Vec<String> {
    let Some(list) = value.strip_prefix('[').and_then(|list| list.strip_suffix(']')) else {
        return vec![value.to_owned()];
    };
    let values = list.split(',').map(|value| value.trim().trim_matches(['"', '\'']).to_owned());
    values.filter(|value| !value.is_empty()).collect()
}
