//! Marks of note-taking programs: comments, highlights, ids of blocks, callouts.

use std::borrow::Cow;

/// The fewest characters of the id of a block.
const MIN_ID_BYTES: usize = 2;

/// The text without `%%comments%%`, whose line ends stay. Code is left as it is, and so is a mark
/// that nothing ends.
pub(super) fn without_comments(text: &str) -> Cow<'_, str> {
    if !text.contains("%%") {
        return Cow::Borrowed(text);
    }
    let mut seen = String::with_capacity(text.len());
    let (mut fence, mut is_comment) = (None, false);
    let mut position = 0;
    for line in text.split_inclusive('\n') {
        position += line.len();
        if !is_comment {
            fence = fence_after(fence, line);
        }
        if fence.is_some() {
            seen.push_str(line);
            continue;
        }
        let (mut rest, mut ticks) = (line, 0);
        while let Some(at) = rest.find("%%") {
            let (before, after) = (&rest[..at], &rest[at + 2..]);
            ticks += before.matches('`').count();
            rest = after;
            if is_comment {
                is_comment = false;
                continue;
            }
            seen.push_str(before);
            is_comment = ticks % 2 == 0 && begins_comment(before, &text[position - after.len()..]);
            if !is_comment {
                seen.push_str("%%");
            }
        }
        if !is_comment {
            seen.push_str(rest);
        } else if line.ends_with('\n') {
            seen.push('\n');
        }
    }
    Cow::Owned(seen)
}

/// Whether `%%` between two texts begins a comment: it begins a word, and another one ends it in
/// the same paragraph, or anywhere if it is alone on its line.
fn begins_comment(before: &str, after: &str) -> bool {
    let is_word = before.ends_with(|c: char| !c.is_whitespace());
    let is_alone =
        before.trim().is_empty() && after.trim_start_matches([' ', '\t']).starts_with('\n');
    let ends = |comment: &str| is_alone || !comment.contains("\n\n");
    !is_word && !after.starts_with('%') && after.find("%%").is_some_and(|end| ends(&after[..end]))
}

/// The fence of the code block that is open after a line.
pub(super) fn fence_after(open: Option<&'static str>, line: &str) -> Option<&'static str> {
    let line = line.trim_start_matches([' ', '\t', '>']);
    match open {
        Some(fence) => Some(fence).filter(|fence| !line.starts_with(fence)),
        None => ["```", "~~~"].into_iter().find(|fence| line.starts_with(fence)),
    }
}

/// The open `==highlight==` of a block: where its text begins.
#[derive(Default)]
pub(super) struct Highlight(Option<usize>);

impl Highlight {
    /// Adds a part of a line to the text of a block, without the marks of highlights.
    pub(super) fn add(&mut self, part: &str, text: &mut String) {
        let mut rest = part;
        while let Some(at) = rest.find("==") {
            let marks = rest[at..].len() - rest[at..].trim_start_matches('=').len();
            let (before, after) = (&rest[..at], &rest[at + marks..]);
            text.push_str(before);
            rest = after;
            let is_word = |c: Option<char>| c.is_some_and(|c| !c.is_whitespace());
            let last = text.chars().next_back();
            match self.0 {
                Some(_) if marks == 2 && is_word(last) => self.0 = None,
                None if marks == 2
                    && !last.is_some_and(char::is_alphanumeric)
                    && (is_word(after.chars().next()) || after.is_empty()) =>
                {
                    self.0 = Some(text.len());
                }
                _ => text.push_str(&"=".repeat(marks)),
            }
        }
        text.push_str(rest);
    }

    /// Ends the block: a mark that nothing ended is text.
    pub(super) fn end(&mut self, text: &mut String) {
        if let Some(at) = self.0.take().filter(|at| text.is_char_boundary(*at)) {
            text.insert_str(at, "==");
        }
    }
}

/// The text of a block without the id that ends it: "… within a minute. ^warn-1".
pub(super) fn without_id(text: &str) -> &str {
    let Some((before, id)) = text.trim_end().rsplit_once('^') else { return text };
    let is_id = id.len() >= MIN_ID_BYTES
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && id.bytes().any(|byte| byte.is_ascii_alphabetic());
    let is_apart = before.is_empty() || before.ends_with(char::is_whitespace);
    if is_id && is_apart { before.trim_end() } else { text }
}

/// The title of a callout whose first line this is: "[!warning] Mind the solvent". One without a
/// title is called by its kind.
pub(super) fn callout_title(line: &str) -> Option<String> {
    let (kind, title) = line.trim_start().strip_prefix("[!")?.split_once(']')?;
    let kind = kind.split('|').next().unwrap_or(kind).trim();
    let is_kind =
        !kind.is_empty() && kind.chars().all(|c| c.is_alphanumeric() || "-_ ".contains(c));
    let title = title.strip_prefix(['+', '-']).unwrap_or(title).trim();
    match (is_kind, title) {
        (false, _) => None,
        (true, "") => {
            let mut letters = kind.chars();
            let first = letters.next()?.to_uppercase();
            Some(first.chain(letters.flat_map(char::to_lowercase)).collect())
        }
        (true, title) => Some(title.to_owned()),
    }
}

/// What a link to a part of a note shows: "Soap water > Recipe".
pub(super) fn link_text(target: &str) -> String {
    let parts = target.split('#').map(|part| part.trim_start_matches('^').trim());
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" > ")
}
