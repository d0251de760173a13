//! The reader of RTF.

use std::collections::HashSet;

use docling::InputFormat;
use docling::backend::RtfBackend;

use super::grid::MAX_GRID_CELLS;
use super::output::Output;
use super::package::too_large;
use super::{convert, nodes};
use crate::error::Result;
use crate::read::{Input, ReadFile};

/// The most groups within each other.
const MAX_DEPTH: u64 = 1000;
/// Elements that a paragraph or cell counts as.
const BLOCK_WEIGHT: u64 = 8;

/// Reads RTF: headings, lists, tables and equations.
pub(crate) fn rtf(input: &Input<'_>) -> Result<ReadFile> {
    check(input)?;
    let document = convert::convert(input, &RtfBackend, InputFormat::Rtf, input.bytes.to_vec())?;
    let mut out = Output::new(input);
    nodes::write(&document.nodes, nodes::Text::Markdown, None, &mut out);
    Ok(out.finish())
}

/// Counts groups, paragraphs and cells: a table is held with a column for each place where a
/// cell of any row ends.
fn check(input: &Input<'_>) -> Result<()> {
    let (mut depth, mut deepest, mut blocks, mut rows) = (0u64, 0u64, 0u64, 0u64);
    let mut column_ends = HashSet::new();
    let mut rest = input.bytes;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' => depth = depth.saturating_sub(1),
            b'\\' => {
                let letters = rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
                match &rest[..letters] {
                    b"par" | b"cell" | b"line" => blocks += BLOCK_WEIGHT,
                    b"row" => rows += 1,
                    b"cellx" => {
                        let end: Vec<u8> = rest[letters..]
                            .iter()
                            .take(11)
                            .copied()
                            .take_while(|byte| byte.is_ascii_digit() || *byte == b'-')
                            .collect();
                        column_ends.insert(end);
                        blocks += BLOCK_WEIGHT;
                    }
                    _ => {}
                }
                rest = &rest[letters.max(1).min(rest.len())..];
            }
            _ => {}
        }
    }
    let limit = u64::from(input.limits.objects);
    if blocks > limit {
        return Err(too_large(input, blocks, limit, "parts of its text"));
    }
    if deepest > MAX_DEPTH {
        return Err(too_large(input, deepest, MAX_DEPTH, "groups within each other"));
    }
    let cells = rows.saturating_mul(column_ends.len() as u64);
    if cells > MAX_GRID_CELLS {
        return Err(too_large(input, cells, MAX_GRID_CELLS, "cells"));
    }
    Ok(())
}
