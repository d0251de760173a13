//! Raised, lowered and struck text: what it says in plain text.

/// The open elements whose text is marked, innermost last, and where their text begins.
#[derive(Default)]
pub(super) struct Marks(Vec<(Mark, usize)>);

/// How a part of a text is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Raised,
    Lowered,
    Struck,
}

/// The most marks that are open at once.
const MAX_MARKS: usize = 16;
/// The most bytes of an exponent or an index.
const MAX_SCRIPT_BYTES: usize = 12;
/// A number raised after a longer word calls a note: that of a unit is an exponent.
const MAX_UNIT_LETTERS: usize = 3;

impl Marks {
    /// Begins the element `name` at the end of `text`.
    pub(super) fn begin(&mut self, name: &str, text: &str) {
        if let Some(mark) = mark(name).filter(|_| self.0.len() < MAX_MARKS) {
            self.0.push((mark, text.len()));
        }
    }

    /// Ends the element `name`, and marks its text.
    pub(super) fn end(&mut self, name: &str, text: &mut String) {
        let Some(mark) = mark(name) else { return };
        let Some(at) = self.0.iter().rposition(|(open, _)| *open == mark) else { return };
        let start = self.0[at].1;
        self.0.truncate(at);
        let Some(inner) = text.get(start..) else { return };
        let start = start + inner.len() - inner.trim_start().len();
        mark.apply(text, start);
    }

    /// Forgets the elements that were not ended: their block was.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

impl Mark {
    /// Adds a part with this mark to a text.
    #[allow(dead_code, reason = "pages and Markdown have elements")]
    pub(super) fn add(self, text: &mut String, part: &str) {
        let start = text.len();
        text.push_str(part);
        self.apply(text, start);
    }

    /// Marks the end of a text.
    fn apply(self, text: &mut String, start: usize) {
        if text[start..].trim().is_empty() {
            return;
        }
        match self {
            Self::Struck => {
                text.insert_str(start, "~~");
                text.push_str("~~");
            }
            Self::Raised => raise(text, start),
            Self::Lowered => {
                // "H2O" reads as it is; an index of a number would become part of it.
                if text[..start].ends_with(|c: char| c.is_ascii_digit()) {
                    text.insert(start, '_');
                }
            }
        }
    }
}

fn mark(name: &str) -> Option<Mark> {
    match name {
        "sup" => Some(Mark::Raised),
        "sub" => Some(Mark::Lowered),
        "s" | "strike" | "del" => Some(Mark::Struck),
        _ => None,
    }
}

/// Marks the raised end of a text: `10^6`, `m^2`, `note[3]`, but `1st`.
fn raise(text: &mut String, start: usize) {
    let (before, raised) = text.split_at(start);
    let is_number = raised.chars().all(|c| c.is_ascii_digit() || "+-−–.,/".contains(c));
    let letters = before.chars().rev().take_while(|c| c.is_alphabetic()).count();
    let follows = before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, ')' | ']'));
    let follows_punctuation = before.ends_with(['.', ',', ';', ':', '!', '?', '"', '”']);
    if raised.len() > MAX_SCRIPT_BYTES {
    } else if is_number && (letters > MAX_UNIT_LETTERS || follows_punctuation) {
        text.insert(start, '[');
        text.push(']');
    } else if follows && (is_number || letters == 1) {
        text.insert(start, '^');
    }
}
