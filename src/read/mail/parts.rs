//! The parts of a message, as MIME nests them.

use super::headers::{HeaderParser, Headers};
use crate::error::{Error, Result};
use crate::read::Input;
use crate::read::archive::too_many_members;

/// A part of a message, or the message itself.
pub(super) struct Part<'a> {
    pub(super) headers: Headers<'a>,
    /// In lower case, without parameters.
    pub(super) media_type: String,
    /// All bytes after the headers, still encoded.
    pub(super) body: &'a [u8],
    /// The parts of a multipart, otherwise none.
    pub(super) children: Vec<Part<'a>>,
}

/// Splits messages into parts.
pub(super) struct PartReader<'i> {
    pub(super) parser: HeaderParser,
    input: &'i Input<'i>,
}

impl<'i> PartReader<'i> {
    pub(super) fn new(input: &'i Input<'i>) -> Self {
        Self { parser: HeaderParser::default(), input }
    }

    /// The parts of a message. Takes time linear in its bytes for each level of nesting.
    ///
    /// # Errors
    /// [`Error::TooLarge`] for too many parts, or parts that are nested too deep.
    pub(super) fn read<'a>(&self, message: &'a [u8]) -> Result<Part<'a>> {
        let mut count = 0;
        self.part(message, "text/plain", 0, &mut count)
    }

    fn part<'a>(
        &self,
        bytes: &'a [u8],
        default_type: &str,
        depth: u32,
        count: &mut u32,
    ) -> Result<Part<'a>> {
        *count += 1;
        if *count > self.input.limits.members {
            return Err(too_many_members(self.input, (*count).into()));
        }
        if depth > self.input.limits.depth {
            return Err(self.too_deep(depth));
        }
        let (headers, body) = self.parser.split(bytes);
        let media_type = headers.media_type().unwrap_or_else(|| default_type.to_owned());
        let mut children = Vec::new();
        if media_type.starts_with("multipart/")
            && let Some(boundary) = headers.parameter("boundary").filter(|it| !it.is_empty())
        {
            let is_digest = media_type == "multipart/digest";
            let default_type = if is_digest { "message/rfc822" } else { "text/plain" };
            for child in children_of(body, boundary.as_bytes()) {
                children.push(self.part(child, default_type, depth + 1, count)?);
            }
        }
        Ok(Part { headers, media_type, body, children })
    }

    fn too_deep(&self, got: u32) -> Error {
        Error::TooLarge {
            what: format!("The nesting of parts in \"{}\"", self.input.name),
            got: got.into(),
            limit: self.input.limits.depth.into(),
            unit: "levels",
            advice: "Save its attachments, and add them.",
        }
    }
}

/// The bytes between the lines that consist of `--` and `boundary`. The last one may lack its
/// end.
fn children_of<'a>(body: &'a [u8], boundary: &[u8]) -> Vec<&'a [u8]> {
    let mut children = Vec::new();
    let (mut start, mut position) = (None, 0);
    for line in body.split_inclusive(|&byte| byte == b'\n') {
        let line_start = position;
        position += line.len();
        let Some(rest) = line.strip_prefix(b"--").and_then(|it| it.strip_prefix(boundary)) else {
            continue;
        };
        let rest = rest.trim_ascii_end();
        if !matches!(rest, b"" | b"--") {
            continue;
        }
        if let Some(start) = start {
            children.push(without_line_end(&body[start..line_start]));
        }
        start = rest.is_empty().then_some(position);
        if start.is_none() {
            return children;
        }
    }
    children.extend(start.map(|start| &body[start..]));
    children
}

/// The line end before a boundary belongs to it.
fn without_line_end(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    bytes.strip_suffix(b"\r").unwrap_or(bytes)
}
