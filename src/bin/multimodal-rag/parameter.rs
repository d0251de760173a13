//! Arguments of the command line as values of a query.

use multimodal_rag::SqlValue;

/// The number that an argument is in plain decimal notation, or else its text: 01234 is a postcode, `nan` a name.
pub(crate) fn value_of(text: &str) -> SqlValue {
    let number = match is_plain_number(text) {
        true if text.contains('.') => text.parse().map(SqlValue::Real).ok(),
        // One with more digits than an integer holds is a name.
        true => text.parse().map(SqlValue::Integer).ok(),
        false => None,
    };
    number.unwrap_or_else(|| SqlValue::Text(text.to_owned()))
}

/// Whether it has digits, at most one minus before them and a point between them, and no zero too much.
fn is_plain_number(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (whole, decimals) = match text.split_once('.') {
        Some((whole, decimals)) => (whole, Some(decimals)),
        None => (text, None),
    };
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    are_digits(whole)
        && decimals.is_none_or(are_digits)
        && (whole == "0" || !whole.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_numbers_are_numbers_and_all_else_stays_a_text() {
        for (text, expected) in [
            ("0", SqlValue::Integer(0)),
            ("7", SqlValue::Integer(7)),
            ("-3", SqlValue::Integer(-3)),
            ("0.5", SqlValue::Real(0.5)),
            ("-12.25", SqlValue::Real(-12.25)),
        ] {
            assert_eq!(value_of(text), expected, "{text}");
        }
        for text in [
            "",
            "-",
            "01234",
            "-01",
            "00",
            "+5",
            "1e3",
            "1.",
            ".5",
            "1.2.3",
            "Nan",
            "nan",
            "inf",
            "infinity",
            " 7",
            "1_000",
            "0x10",
            "99999999999999999999",
        ] {
            assert_eq!(value_of(text), SqlValue::Text(text.to_owned()), "{text}");
        }
    }
}
