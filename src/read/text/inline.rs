//! Markup within a line.

use crate::read::marks::Mark;

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
    let (mut at, mut searched) = (0, 0);
    while let Some(start) = text[at..].find(open).map(|start| at + start + open.len()) {
        out.push_str(&text[at..start - open.len()]);
        let limit = text.floor_char_boundary(start + MAX_INNER_BYTES);
        // No closing marker begins between the last opening one and `searched`.
        let from = start.max(text.floor_char_boundary(searched));
        let end = text[from..limit.max(from)].find(close).map(|end| from + end);
        if end.is_none() {
            searched = searched.max((limit + 1).saturating_sub(close.len()));
        }
        match end.and_then(|end| Some((end, shown(&text[start..end])?))) {
            Some((end, shown)) => {
                out.push_str(&shown);
                at = end + close.len();
            }
            None => {
                out.push_str(open);
                at = start;
            }
        }
    }
    out.push_str(&text[at..]);
    out
}

/// The text with the parts without white space between two of `marker` marked: "10^6^".
pub(super) fn marked(text: &str, marker: char, mark: Mark) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(marker) {
        out.push_str(before);
        let is_part = |part: &str| {
            (1..=MAX_INNER_BYTES).contains(&part.len()) && !part.contains(char::is_whitespace)
        };
        match after.split_once(marker).filter(|(part, _)| is_part(part)) {
            Some((part, tail)) => {
                mark.add(&mut out, part);
                rest = tail;
            }
            None => {
                out.push(marker);
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}
