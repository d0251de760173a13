//! Texts that a spreadsheet takes as text.

/// What begins a formula.
const SIGNS: [char; 8] = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
/// What may end a cell, in a spreadsheet of some locale.
const ENDS: [char; 4] = [';', '\t', '\n', '\r'];

/// The text with an apostrophe before each sign that would begin a formula. Numbers stay. The rule is that of
/// `pkg/to-csv.js`.
pub(crate) fn as_text(text: &str) -> String {
    let mark = if text.starts_with(['\t', '\n', '\r']) { "'" } else { "" };
    std::iter::once(mark.to_owned()).chain(text.split_inclusive(ENDS).map(piece)).collect()
}

fn piece(text: &str) -> String {
    let start = text.len() - text.trim_start_matches(is_skipped).len();
    let (space, rest) = text.split_at(start);
    let mark = if rest.starts_with(SIGNS) && !is_number(rest) { "'" } else { "" };
    format!("{space}{mark}{rest}")
}

/// Whether this is a sign with a plain number, and nothing after it.
fn is_number(text: &str) -> bool {
    let text = text.trim_end_matches(|char| ENDS.contains(&char) || is_skipped(char));
    let digits = text.strip_prefix(['+', '-']).unwrap_or_default();
    let mut groups = digits.split(['.', ',']);
    groups.all(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a spreadsheet takes what follows as the beginning of a cell.
fn is_skipped(char: char) -> bool {
    let is_end = ENDS.contains(&char);
    !is_end && (char.is_whitespace() || char.is_control() || ['"', '\u{feff}'].contains(&char))
}

#[cfg(test)]
mod tests {
    use super::as_text;

    #[test]
    fn no_cell_of_a_text_is_a_formula() {
        for (text, safe) in [
            ("=cmd|'/c calc'!A0", "'=cmd|'/c calc'!A0"),
            ("  =1+1", "  '=1+1"),
            ("x;=1+1;@SUM(A1)\t+A1", "x;'=1+1;'@SUM(A1)\t'+A1"),
            ("a\n=1", "a\n'=1"),
            ("\t=1", "'\t'=1"),
            ("x;\"=1+1\"", "x;\"'=1+1\""),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            ("-5", "-5"),
            ("+3.2;-5,3", "+3.2;-5,3"),
            ("-1e3;-inf;-", "'-1e3;'-inf;'-"),
            ("-5 people", "'-5 people"),
            ("a = b - c", "a = b - c"),
            ("", ""),
        ] {
            assert_eq!(as_text(text), safe);
        }
    }
}
