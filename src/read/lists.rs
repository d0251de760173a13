//! The lists around the current position of a reader, and the markers of their items.

/// The most levels of indentation of a list item.
const MAX_INDENT: usize = 8;
/// The largest number that is written as a Roman one.
const MAX_ROMAN: u64 = 3999;

/// The indentation of an item in so many lists around its own.
pub(super) fn indentation(lists: usize) -> String {
    "  ".repeat(lists.min(MAX_INDENT))
}

/// How the items of a list are numbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Numbering {
    /// The number of the next item.
    pub(super) next: u64,
    pub(super) is_reversed: bool,
    pub(super) digits: Digits,
}

/// How numbers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(dead_code, reason = "Markdown has only decimal numbers")]
pub(super) enum Digits {
    Decimal,
    /// "a" or "A".
    Letters {
        is_upper: bool,
    },
    /// "iv" or "IV".
    Roman {
        is_upper: bool,
    },
}

impl From<u64> for Numbering {
    fn from(first: u64) -> Self {
        Self { next: first, is_reversed: false, digits: Digits::Decimal }
    }
}

/// The open lists, outermost first, with the numbers of those that are numbered.
#[derive(Default)]
pub(super) struct OpenLists(Vec<Option<Numbering>>);

impl OpenLists {
    /// Begins a list inside the open ones.
    pub(super) fn begin(&mut self, numbering: Option<Numbering>) {
        self.0.push(numbering);
    }

    /// Ends the innermost list.
    pub(super) fn end(&mut self) {
        self.0.pop();
    }

    /// The next item of the innermost list has this number, if the list is numbered.
    pub(super) fn set_number(&mut self, number: u64) {
        if let Some(Some(numbering)) = self.0.last_mut() {
            numbering.next = number;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The marker of the next item of the innermost list.
    pub(super) fn next_marker(&mut self) -> String {
        let indent = indentation(self.0.len().saturating_sub(1));
        match self.0.last_mut() {
            Some(Some(Numbering { next, is_reversed, digits })) => {
                let marker = format!("{indent}{}. ", digits.write(*next));
                *next = if *is_reversed { next.saturating_sub(1) } else { next.saturating_add(1) };
                marker
            }
            _ => format!("{indent}- "),
        }
    }
}

impl Digits {
    fn write(self, number: u64) -> String {
        let (text, is_upper) = match self {
            Self::Letters { is_upper } if number > 0 => (letters(number), is_upper),
            Self::Roman { is_upper } if number > 0 => (roman(number), is_upper),
            _ => return number.to_string(),
        };
        if is_upper { text.to_uppercase() } else { text }
    }
}

/// "a" to "z", "aa" and so on.
fn letters(mut number: u64) -> String {
    let mut letters = Vec::new();
    while number > 0 {
        number -= 1;
        letters.push(char::from(b'a' + (number % 26) as u8));
        number /= 26;
    }
    letters.into_iter().rev().collect()
}

/// A number in lower-case Roman digits; in decimal ones where these end.
pub(super) fn roman(mut number: u64) -> String {
    if number > MAX_ROMAN {
        return number.to_string();
    }
    const NUMERALS: [(u64, &str); 13] = [
        (1000, "m"),
        (900, "cm"),
        (500, "d"),
        (400, "cd"),
        (100, "c"),
        (90, "xc"),
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
        (1, "i"),
    ];
    let mut text = String::new();
    for (value, numeral) in NUMERALS {
        while number >= value {
            text.push_str(numeral);
            number -= value;
        }
    }
    text
}
