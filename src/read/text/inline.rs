//! Markup within a line.

/// The most bytes between two markers that belong together: it keeps the search linear.
const MAX_INNER_BYTES: usize = 2000;

/// The text without pairs of `marker` around words, as in "a *bold* word". A marker within a
/// word stays. Takes time linear in the text.
pub(super) fn without_marker(text: &str, marker: &str) -> String {
    let mut removed: Vec<usize> = Vec::new();
    let mut open: Option<usize> = None;
    for (at, _) in text.match_indices(marker) {
        let before = text[..at].chars().next_back();
        let after = text[at + marker.len()..].chars().next();
        let is_space = |c: Option<char>| c.is_none_or(char::is_whitespace);
        let is_border = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        let closes = !is_space(before) && is_border(after);
        let opens = is_border(before) && !is_space(after);
        match open {
            Some(start) if closes && start + marker.len() < at => {
                removed.extend([start, at]);
                open = None;
            }
            None if opens => open = Some(at),
            _ => {}
        }
    }
    let mut plain = String::with_capacity(text.len());
    let mut end = 0;
    for at in removed {
        plain.push_str(&text[end..at]);
        end = at + marker.len();
    }
    plain.push_str(&text[end..]);
    plain
}

/// The text with each part between `open` and `close` replaced by what `shown` makes of it. A
/// part that `shown` does not take stays.
pub(super) fn replaced(
    text: &str,
    open: &str,
    close: &str,
    shown: impl Fn(&str) -> Option<String>,
) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(open) {
        out.push_str(before);
        let near = &after[..after.floor_char_boundary(MAX_INNER_BYTES)];
        let inner = near.find(close).map(|end| &near[..end]);
        match inner.and_then(|inner| Some((inner, shown(inner)?))) {
            Some((inner, shown)) => {
                out.push_str(&shown);
                rest = &after[inner.len() + close.len()..];
            }
            None => {
                out.push_str(open);
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}
