//! Data that its parser refuses, read line by line.

use crate::document::{BlockKind, Place};
use crate::error::Result;
use crate::read::blocks::{DocumentBuilder, readable};
use crate::read::{Input, ReadFile};

/// The text between blank lines as code, each with its lines, and a warning.
pub(super) fn read(input: &Input<'_>, text: &str, format: &str, why: &str) -> Result<ReadFile> {
    let text = readable(text);
    let mut builder = DocumentBuilder::new(input);
    let (mut part, mut first) = (String::new(), 1);
    let mut push = |part: &mut String, first: u32, end: u32| {
        builder.set_place(Place::lines(first, end - 1));
        builder.push(BlockKind::Code, part);
        part.clear();
    };
    let total = text.len() as u64;
    let (mut done, mut number) = (0, 0);
    for line in text.lines() {
        number += 1;
        if line.trim().is_empty() {
            push(&mut part, first, number);
            first = number + 1;
            input.step(done, total, "bytes")?;
        } else {
            part.push_str(line);
            part.push('\n');
        }
        done += line.len() as u64 + 1;
    }
    push(&mut part, first, number + 1);
    let mut file = ReadFile::from(builder.finish_within(input)?);
    let why = why.lines().next().unwrap_or("").trim_end_matches('.');
    let warning = format!("It is not valid {format} ({why}), and was read line by line.");
    file.details.warnings.push(warning);
    Ok(file)
}
