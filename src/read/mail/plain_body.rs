//! The text of a message: its paragraphs, and which of them are quoted.

/// The most lines of "On 3 May 2025, R. Okafor wrote:".
const MAX_ATTRIBUTION_LINES: usize = 3;

/// A paragraph of a message.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Paragraph {
    /// Its lines, without the marks of a quote.
    pub(super) text: String,
    pub(super) role: Role,
}

/// What a paragraph is in its message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Written for this message.
    New,
    /// A line that says whose words follow.
    Attribution,
    /// Copied from another message.
    Quoted,
}

/// Splits the text of a message into paragraphs. `is_flowed` tells that a line that ends in a
/// space goes on in the next one (RFC 3676).
pub(super) fn paragraphs(text: &str, is_flowed: bool) -> Vec<Paragraph> {
    let mut paragraphs: Vec<Paragraph> = Vec::new();
    let (mut is_open, mut is_copy, mut flows) = (false, false, false);
    for line in text.lines() {
        let (depth, content) = quote(line);
        // The line that begins a signature is the exception of RFC 3676.
        let flows_on = is_flowed && content.ends_with(' ') && content != "-- ";
        let visible = content.trim_end();
        if visible.trim_start().is_empty() {
            is_open = false;
            continue;
        }
        is_copy |= begins_copy(visible);
        let role = if depth > 0 || is_copy { Role::Quoted } else { Role::New };
        match paragraphs.last_mut().filter(|last| is_open && last.role == role) {
            Some(last) => {
                last.text.push(if flows { ' ' } else { '\n' });
                last.text.push_str(if flows { visible.trim_start() } else { visible });
            }
            None => {
                if role == Role::Quoted {
                    mark_attribution(&mut paragraphs);
                }
                paragraphs.push(Paragraph { text: visible.to_owned(), role });
            }
        }
        (is_open, flows) = (true, flows_on);
    }
    paragraphs
}

/// How deep a line is quoted, and its content.
fn quote(line: &str) -> (usize, &str) {
    let (mut depth, mut rest) = (0, line);
    while let Some(after) = rest.strip_prefix('>') {
        depth += 1;
        // Between marks there may be a space.
        rest = after.strip_prefix(' ').filter(|inner| inner.starts_with('>')).unwrap_or(after);
    }
    (depth, if depth > 0 { rest.strip_prefix(' ').unwrap_or(rest) } else { rest })
}

/// Whether a line says that the rest is another message: "-----Original Message-----".
fn begins_copy(line: &str) -> bool {
    let inner = line.trim_matches('-');
    let dashes = line.len() - inner.len();
    let words = inner.split_whitespace().count();
    line.starts_with("--") && line.ends_with("--") && dashes >= 8 && (1..=4).contains(&words)
}

/// Takes the line that introduces a quote out of the paragraph before it.
fn mark_attribution(paragraphs: &mut Vec<Paragraph>) {
    let Some(last) = paragraphs.last_mut().filter(|last| last.role == Role::New) else { return };
    if !last.text.ends_with([':', '：']) {
        return;
    }
    if last.text.lines().count() <= MAX_ATTRIBUTION_LINES {
        last.role = Role::Attribution;
    } else if let Some((before, line)) = last.text.rsplit_once('\n') {
        let attribution = Paragraph { text: line.to_owned(), role: Role::Attribution };
        last.text = before.to_owned();
        paragraphs.push(attribution);
    }
}
