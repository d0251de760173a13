//! Takes away the marks of inline Markdown that docling puts into text.

/// The text without marks of bold, italic and struck text, without the addresses of links, and
/// without escapes.
pub(super) fn plain(text: &str) -> String {
    if !text.contains(['*', '~', '[', '\\', '&']) {
        return text.to_owned();
    }
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let (shown, length) = match next {
            '\\' if rest[1..].starts_with(['_', '*', '\\', '`', '~']) => (&rest[1..2], 2),
            '&' => entity(rest),
            '[' => match link(rest) {
                Some((label, length)) => {
                    clean.push_str(&plain(label));
                    ("", length)
                }
                None => ("[", 1),
            },
            '*' | '~' => mark(rest, clean.chars().next_back()),
            _ => (&rest[..next.len_utf8()], next.len_utf8()),
        };
        clean.push_str(shown);
        rest = &rest[length..];
    }
    clean
}

fn entity(rest: &str) -> (&str, usize) {
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")];
    let found = entities.iter().find(|(entity, _)| rest.starts_with(entity));
    found.map_or(("&", 1), |(entity, shown)| (shown, entity.len()))
}

/// The label and the length of `[label](address)`.
fn link(rest: &str) -> Option<(&str, usize)> {
    let middle = rest.find("](")?;
    let label = &rest[1..middle];
    let address = &rest[middle + 2..];
    let end = address.find(')')?;
    let is_link = !label.contains(['[', '\n']) && !address[..end].contains([' ', '\n']);
    is_link.then_some((label, middle + 2 + end + 1))
}

/// A mark is next to the words that it is around; other asterisks are text.
fn mark(rest: &str, before: Option<char>) -> (&str, usize) {
    let mark = &rest[..1];
    let length = rest.len() - rest.trim_start_matches(['*', '~']).len();
    let after = rest[length..].chars().next();
    let is_space = |character: Option<char>| character.is_none_or(char::is_whitespace);
    let is_word = |character: Option<char>| character.is_some_and(char::is_alphanumeric);
    let is_text = if mark == "~" {
        length < 2
    } else {
        (is_space(before) && is_space(after)) || (length == 1 && is_word(before) && is_word(after))
    };
    if is_text { (&rest[..length], length) } else { ("", length) }
}
