//! JSON and JSON Lines.

use serde::de::IgnoredAny;

use crate::error::Result;
use crate::read::blocks::DocumentBuilder;
use crate::read::{Input, ReadFile};

use super::records::Records;
use super::tree::{Bounds, Tree};

/// Reads JSON: "key: value" lines, headings for larger parts, tables for lists of records.
/// Comments and trailing commas, as in configuration files, are allowed. Numbers stay as they are
/// written.
pub(crate) fn json(input: &Input<'_>) -> Result<ReadFile> {
    let text = input.text(false)?;
    let bounds = Bounds::new(input);
    let tree = match parse(&text, &bounds) {
        Ok(tree) => tree,
        Err(error) => {
            let error = bounds.or_damaged(error);
            if !text.contains("//") && !text.contains("/*") && !text.contains(',') {
                return Err(error);
            }
            let bounds = Bounds::new(input);
            parse(&without_comments(&text), &bounds).map_err(|_| error)?
        }
    };
    let mut builder = DocumentBuilder::new(input);
    Records::new(&mut builder, input).write(&tree)?;
    Ok(builder.finish_within(input)?.into())
}

/// Reads JSON Lines: a list of records. A line that is no JSON is read as text.
pub(crate) fn json_lines(input: &Input<'_>) -> Result<ReadFile> {
    let text = input.text(false)?;
    let bounds = Bounds::new(input);
    let (mut records, mut bad_lines) = (Vec::new(), Vec::new());
    let mut first_error = None;
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match parse(line, &bounds) {
            Ok(tree) => records.push(tree),
            Err(error) => {
                if let Some(error) = bounds.error() {
                    return Err(error);
                }
                if !bounds.take(1, line.len() as u64) {
                    return Err(bounds.or_damaged(error));
                }
                bad_lines.push(at + 1);
                first_error.get_or_insert(error);
                records.push(Tree::Scalar(line.trim().to_owned()));
            }
        }
    }
    if let Some(error) = first_error.filter(|_| bad_lines.len() == records.len()) {
        return Err(bounds.or_damaged(error));
    }
    let mut builder = DocumentBuilder::new(input);
    Records::new(&mut builder, input).write(&Tree::List(records))?;
    let mut file = ReadFile::from(builder.finish_within(input)?);
    if let Some(first) = bad_lines.first() {
        let others = match bad_lines.len() - 1 {
            0 => "is".to_owned(),
            count => format!("and {count} others are"),
        };
        let warning = format!("Line {first} {others} not JSON, and read as text.");
        file.details.warnings.push(warning);
    }
    Ok(file)
}

fn parse(text: &str, bounds: &Bounds<'_>) -> serde_json::Result<Tree> {
    let quoted = with_quoted_numbers(text);
    let mut deserializer = serde_json::Deserializer::from_str(&quoted);
    let tree = bounds.deserialize(&mut deserializer).and_then(|tree| {
        deserializer.end()?;
        Ok(tree)
    });
    // The columns of its errors are those of the file.
    let in_file = |error| serde_json::from_str::<IgnoredAny>(text).err().unwrap_or(error);
    tree.map_err(in_file)
}

/// JSON with its numbers as strings: as numbers, "19.90" would lose its zero, and a long number
/// its digits. What is no number of JSON stays as it is, and is refused as such.
fn with_quoted_numbers(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    let (mut at, mut copied) = (0, 0);
    let bytes = text.as_bytes();
    while let Some(&byte) = bytes.get(at) {
        at += match byte {
            b'"' => string_length(&text[at..]),
            b'-' | b'0'..=b'9' => {
                let length = number_length(&bytes[at..]);
                let number = &text[at..at + length];
                if is_number(number) {
                    quoted.push_str(&text[copied..at]);
                    quoted.extend(["\"", number, "\""]);
                    copied = at + length;
                }
                length
            }
            _ => 1,
        };
    }
    quoted.push_str(&text[copied..]);
    quoted
}

/// The bytes that a number, or what looks like one, has at the beginning.
fn number_length(bytes: &[u8]) -> usize {
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
    bytes.iter().take_while(is_part).count()
}

/// Whether a text is a number of JSON: "-0.5e+3".
fn is_number(text: &str) -> bool {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (text, exponent) = match text.split_once(['e', 'E']) {
        Some((text, exponent)) => (text, exponent.strip_prefix(['+', '-']).unwrap_or(exponent)),
        None => (text, "0"),
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_whole = is_digits(whole) && (whole == "0" || !whole.starts_with('0'));
    is_whole && is_digits(fraction) && is_digits(exponent)
}

/// JSON without comments and without the commas that end a list.
fn without_comments(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let length = match character {
            '"' => string_length(rest),
            '/' if rest.starts_with("//") => {
                rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
                continue;
            }
            '/' if rest.starts_with("/*") => {
                rest = rest.find("*/").map_or("", |end| &rest[end + 2..]);
                continue;
            }
            ']' | '}' => {
                let kept = clean.trim_end().len();
                if clean[..kept].ends_with(',') {
                    clean.truncate(kept - 1);
                }
                1
            }
            other => other.len_utf8(),
        };
        clean.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    clean
}

/// The bytes of the string that `text` begins with, quotes included.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}
