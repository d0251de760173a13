//! Numbers as people write them: signs, currencies, units, and marks between thousands and before decimals.

use crate::sql_value::CellValue;

/// The most characters of a unit.
const MAX_UNIT_CHARS: usize = 12;
/// Digits of a group of thousands.
const GROUP: usize = 3;
/// The most digits that a 64-bit integer holds in any case.
const MAX_INTEGER_DIGITS: usize = 18;
/// The most digits that an `f64` holds in any case.
const MAX_EXACT_DIGITS: usize = 15;
const CURRENCY_SIGNS: [char; 8] = ['$', '€', '£', '¥', '₹', '₽', '₩', '₺'];
const CURRENCY_CODES: [&str; 20] = [
    "USD", "EUR", "GBP", "JPY", "CHF", "CNY", "INR", "CAD", "AUD", "SEK", "NOK", "DKK", "PLN",
    "CZK", "BRL", "MXN", "RUB", "TRY", "ZAR", "NZD",
];

/// What stands before decimals. The other mark may stand between thousands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DecimalMark {
    Point,
    Comma,
    /// Numbers of both kinds are in the column: those that can be read in one way only are read.
    Mixed,
}

/// A number as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Written<'a> {
    has_minus: bool,
    in_brackets: bool,
    /// Digits, and the marks between them.
    digits: &'a str,
    /// What follows them or, of a currency, stands before them; empty without a unit.
    pub(super) unit: &'a str,
}

impl<'a> Written<'a> {
    /// The number that a whole text is.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let text = text.trim();
        if is_plain(text) {
            return Some(Self { has_minus: false, in_brackets: false, digits: text, unit: "" });
        }
        let (in_brackets, text) = match text.strip_prefix('(').and_then(|it| it.strip_suffix(')')) {
            Some(inner) => (true, inner.trim()),
            None => (false, text),
        };
        let (first_sign, text) = without_sign(text);
        let (before, text) = without_currency(text);
        let (second_sign, text) = without_sign(text);
        let text = text.trim_start();
        let length = length_of_digits(text);
        let (digits, after) = (&text[..length], text[length..].trim());
        let unit = if before.is_empty() { after } else { before };
        let has_two_units = !before.is_empty() && !after.is_empty();
        let is_number = digits.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | ','))
            && digits.bytes().any(|byte| byte.is_ascii_digit())
            && !has_two_units
            && !(first_sign && second_sign)
            && is_unit(unit);
        let has_minus = first_sign || second_sign;
        (is_number && !(in_brackets && has_minus)).then_some(Self {
            has_minus,
            in_brackets,
            digits,
            unit,
        })
    }

    /// Whether brackets around it may be a note, as of a year: they are not around a currency.
    pub(super) fn has_open_brackets(&self) -> bool {
        self.in_brackets && !self.is_money()
    }

    /// Whether it is written as amounts are: with a currency, or with marks between thousands or before decimals.
    /// Brackets around other numbers of its column mean minus then.
    pub(super) fn is_amount(&self) -> bool {
        self.is_money() || !self.in_brackets && self.digits.contains([',', '.'])
    }

    /// Whether the unit is a currency.
    pub(super) fn is_money(&self) -> bool {
        is_currency(self.unit)
    }

    /// Whether it is a name made of digits: 007, or one that no number holds exactly. Digits after a mark or with
    /// an exponent are a measure.
    pub(super) fn is_name(&self) -> bool {
        let digits = self.digits.as_bytes();
        let begins_with_zero = digits.len() > 1 && digits[0] == b'0' && digits[1].is_ascii_digit();
        let is_plain = digits.iter().all(u8::is_ascii_digit);
        begins_with_zero || is_plain && digits.len() > MAX_INTEGER_DIGITS
    }

    /// The mark before decimals, where it can be only one.
    pub(super) fn only_mark(&self) -> Option<DecimalMark> {
        if are_digits(self.digits) {
            return None;
        }
        match (self.parts('.', ','), self.parts(',', '.')) {
            (Some(_), None) => Some(DecimalMark::Point),
            (None, Some(_)) => Some(DecimalMark::Comma),
            _ => None,
        }
    }

    /// Its value: whole, or not.
    pub(super) fn value(&self, mark: DecimalMark) -> Option<CellValue<'static>> {
        let (point, comma) = (|| self.parts('.', ','), || self.parts(',', '.'));
        let parts = match mark {
            DecimalMark::Point => point(),
            DecimalMark::Comma => comma(),
            DecimalMark::Mixed => match (point(), comma()) {
                (Some(point), Some(comma)) => (point.plain("") == comma.plain("")).then_some(point),
                (one, other) => one.or(other),
            },
        }?;
        parts.value(if self.has_minus || self.in_brackets { "-" } else { "" })
    }

    /// Its parts, with this mark before decimals and that between thousands.
    fn parts(&self, decimal: char, thousands: char) -> Option<NumberParts<'a>> {
        if are_digits(self.digits) {
            let (whole, decimals, exponent) = (self.digits, None, "");
            return Some(NumberParts { whole, decimals, exponent, thousands });
        }
        let is_exponent = |byte: u8| matches!(byte, b'e' | b'E');
        let (number, exponent) = match self.digits.bytes().position(is_exponent) {
            Some(at) => self.digits.split_at(at),
            None => (self.digits, ""),
        };
        let (whole, decimals) = match number.rsplit_once(decimal) {
            Some((whole, decimals)) => (whole, Some(decimals)),
            None => (number, None),
        };
        let parts = NumberParts { whole, decimals, exponent, thousands };
        let has_digits = match decimals {
            Some(decimals) => are_digits(decimals) && !decimals.is_empty(),
            None => !whole.is_empty(),
        };
        (has_digits && (are_digits(whole) || parts.are_groups())).then_some(parts)
    }
}

/// A number in its parts.
#[derive(Debug, Clone, Copy)]
struct NumberParts<'a> {
    /// Before decimals: digits, or groups of them.
    whole: &'a str,
    decimals: Option<&'a str>,
    exponent: &'a str,
    /// What stands between groups.
    thousands: char,
}

impl<'a> NumberParts<'a> {
    fn groups(self) -> impl Iterator<Item = &'a str> {
        let is_between =
            move |c: char| c == self.thousands || is_space_of_thousands(c) || c == '\'' || c == '’';
        self.whole.split(is_between)
    }

    fn are_groups(self) -> bool {
        let mut groups = self.groups();
        // A first group that begins with 0 is no group of thousands: 0.125 is less than 1.
        let is_first = |first: &str| {
            (1..=GROUP).contains(&first.len()) && are_digits(first) && !first.starts_with('0')
        };
        groups.next().is_some_and(is_first)
            && groups.all(|group| group.len() == GROUP && are_digits(group))
    }

    /// As Rust reads it.
    fn plain(self, sign: &str) -> String {
        let whole: String = self.groups().collect();
        let whole = if whole.is_empty() { "0" } else { &whole };
        let exponent = self.exponent;
        match self.decimals {
            Some(decimals) => format!("{sign}{whole}.{decimals}{exponent}"),
            None if exponent.is_empty() => format!("{sign}{whole}"),
            None => format!("{sign}{whole}.0{exponent}"),
        }
    }

    fn value(self, sign: &str) -> Option<CellValue<'static>> {
        let is_short =
            (1..=MAX_INTEGER_DIGITS).contains(&self.whole.len()) && are_digits(self.whole);
        let is_whole = self.decimals.is_none() && self.exponent.is_empty();
        if is_whole && is_short {
            let number: i64 = self.whole.parse().ok()?;
            return Some(CellValue::Integer(if sign.is_empty() { number } else { -number }));
        }
        if let Some(number) = self.short_decimal() {
            return Some(CellValue::Real(if sign.is_empty() { number } else { -number }));
        }
        let plain = self.plain(sign);
        if is_whole {
            return plain.parse().ok().map(CellValue::Integer);
        }
        plain.parse::<f64>().ok().filter(|number| number.is_finite()).map(CellValue::Real)
    }

    /// The number of few digits: both the digits as an integer and the power of ten are exact, and so is their quotient
    /// but for its last rounding.
    fn short_decimal(self) -> Option<f64> {
        let decimals = self.decimals.filter(|_| self.exponent.is_empty())?;
        let is_short = self.whole.len() + decimals.len() <= MAX_EXACT_DIGITS;
        let digits = || self.whole.bytes().chain(decimals.bytes());
        (is_short && are_digits(self.whole)).then(|| {
            let number = digits().fold(0, |number, digit| number * 10 + u64::from(digit - b'0'));
            number as f64 / 10_u64.pow(decimals.len() as u32) as f64
        })
    }
}

fn are_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text is digits, perhaps with one point between them.
fn is_plain(text: &str) -> bool {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    !whole.is_empty() && !decimals.is_empty() && are_digits(whole) && are_digits(decimals)
}

fn without_sign(text: &str) -> (bool, &str) {
    let text = text.trim_start();
    match text.strip_prefix(['-', '−']) {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// The currency that a text begins with.
fn without_currency(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    if text.starts_with(CURRENCY_SIGNS) {
        let length = text.chars().next().map_or(0, char::len_utf8);
        return text.split_at(length);
    }
    let is_code = |code: &&str| {
        code.starts_with(|c: char| c.is_ascii_uppercase()) && CURRENCY_CODES.contains(code)
    };
    match text.get(..3).filter(is_code) {
        Some(_) => text.split_at(3),
        None => ("", text),
    }
}

fn is_currency(unit: &str) -> bool {
    let mut chars = unit.chars();
    let is_sign = chars.next().is_some_and(|first| CURRENCY_SIGNS.contains(&first));
    is_sign && chars.next().is_none() || CURRENCY_CODES.contains(&unit)
}

fn is_space_of_thousands(char: char) -> bool {
    matches!(char, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}')
}

/// Bytes of the digits at the beginning, with the marks between them and an exponent.
fn length_of_digits(text: &str) -> usize {
    let mut end = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, char)) = chars.next() {
        let next_is_digit = chars.peek().is_some_and(|(_, next)| next.is_ascii_digit());
        let is_mark = matches!(char, '.' | ',' | '\'' | '’') || is_space_of_thousands(char);
        if char.is_ascii_digit() || is_mark && next_is_digit {
            end = at + char.len_utf8();
        } else {
            break;
        }
    }
    end + length_of_exponent(&text[end..])
}

fn length_of_exponent(text: &str) -> usize {
    let Some(rest) = text.strip_prefix(['e', 'E']) else { return 0 };
    let digits = rest.strip_prefix(['+', '-']).unwrap_or(rest);
    let count = digits.bytes().take_while(u8::is_ascii_digit).count();
    let is_end = digits[count..].is_empty();
    if count > 0 && count <= 3 && is_end { text.len() } else { 0 }
}

/// Whether a text may be a unit: one short word without digits.
fn is_unit(text: &str) -> bool {
    text.chars().count() <= MAX_UNIT_CHARS
        && !text.contains(|c: char| c.is_ascii_digit() || c.is_whitespace() || c == ',' || c == ':')
        && !text.starts_with(['-', '–', '—', '/', '.', '+', '(', '['])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Rng, seed};
    use crate::sql_value::SqlValue;
    use crate::test;

    fn value(text: &str, mark: DecimalMark) -> Option<SqlValue> {
        Written::parse(text)?.value(mark).map(SqlValue::from)
    }

    #[test]
    fn thousands_and_decimals_are_those_of_the_column() {
        use DecimalMark::{Comma, Mixed, Point};
        use SqlValue::{Integer, Real};
        for (text, mark, expected) in [
            ("1,234", Point, Some(Integer(1234))),
            ("1,234", Comma, Some(Real(1.234))),
            ("1.234,50", Comma, Some(Real(1234.5))),
            ("1.234,50", Point, None),
            ("1 234 567", Point, Some(Integer(1_234_567))),
            ("1\u{a0}234,5", Comma, Some(Real(1234.5))),
            ("1'234.5", Point, Some(Real(1234.5))),
            ("12 34", Point, None),
            ("1,23,456", Point, None),
            ("0.125", Comma, None),
            ("0.125", Mixed, Some(Real(0.125))),
            ("0,125", Point, None),
            ("0 125", Point, None),
            ("0.125,5", Comma, None),
            (".5", Point, Some(Real(0.5))),
            ("5.", Point, None),
            ("2.5e3", Point, Some(Real(2500.0))),
            ("3e2", Point, Some(Real(300.0))),
            ("1.234", Mixed, None),
            ("1.234,5", Mixed, Some(Real(1234.5))),
            ("12", Mixed, Some(Integer(12))),
        ] {
            assert_eq!(value(text, mark), expected, "{text}");
        }
    }

    #[test]
    fn decimals_are_rounded_as_rust_does() {
        let mut rng = Rng::new(seed());
        for _ in 0..20_000 {
            let digits = format!("{:06}", rng.bits() >> rng.below(60));
            let at = 1 + rng.below(5);
            let text = format!("{}.{}", &digits[..at], &digits[at..]);
            let number = value(&text, DecimalMark::Point);
            let expected = text.parse().expect("a number");
            assert_eq!(number, Some(SqlValue::Real(expected)), "{text}");
        }
    }

    #[test]
    fn signs_currencies_and_units_belong_to_a_number() {
        let unit = |text| Written::parse(text).map(|it| it.unit.to_owned());
        let whole = |text| value(text, DecimalMark::Point);
        assert_eq!(whole("-$1,200"), Some(SqlValue::Integer(-1200)));
        assert_eq!(whole("($1,200)"), Some(SqlValue::Integer(-1200)));
        assert_eq!(whole("€ −5"), Some(SqlValue::Integer(-5)));
        assert_eq!(whole("USD 30"), Some(SqlValue::Integer(30)));
        assert_eq!(unit("30 km/h").as_deref(), Some("km/h"));
        assert_eq!(unit("12.5 %").as_deref(), Some("%"));
        assert_eq!(unit("EUR 5").as_deref(), Some("EUR"));
        for no_number in
            ["", "-", "abc", "12 years old", "3–1", "3/4", "1:30", "€5 EUR", "=1+1", "--3"]
        {
            assert_eq!(Written::parse(no_number), None, "{no_number}");
        }
    }

    #[test]
    fn names_of_digits_are_no_numbers() {
        let is_name = |text| Written::parse(text).is_some_and(|it| it.is_name());
        assert!(is_name("007") && is_name("1234567890123456789"));
        assert!(!is_name("0") && !is_name("0.5") && !is_name("70"));
        assert!(!is_name("1.2345678901234567e19") && !is_name("0.00012345678901234567"));
    }
}
