//! The parts of a message, as MIME nests them.

use super::headers::{HeaderParser, Headers};
use crate::error::Result;
use crate::read::Input;
use crate::read::members::too_many_members;

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
    /// [`Error::TooLarge`](crate::Error::TooLarge) for too many parts, or parts that are nested too deep.
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
            let limit = self.input.limits.depth.into();
            return Err(self.input.too_large(depth.into(), limit, "levels of parts"));
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
}

/// The bytes between the lines that consist of `--` and `boundary`. The last one may lack its
/// end.
fn children_of<'a>(body: &'a [u8], boundary: &[u8]) -> impl Iterator<Item = &'a [u8]> {
    let (mut start, mut position) = (None, 0);
    std::iter::from_fn(move || {
        while let Some(line) = body[position..].split_inclusive(|&byte| byte == b'\n').next() {
            let line_start = position;
            position += line.len();
            let rest = line.strip_prefix(b"--").and_then(|it| it.strip_prefix(boundary));
            let Some(rest @ (b"" | b"--")) = rest.map(<[u8]>::trim_ascii_end) else { continue };
            let next = rest.is_empty().then_some(position);
            if next.is_none() {
                // After the last boundary, there is nothing.
                position = body.len();
            }
            if let Some(start) = std::mem::replace(&mut start, next) {
                return Some(without_line_end(&body[start..line_start]));
            }
        }
        start.take().map(|start| &body[start..])
    })
}

/// The line end before a boundary belongs to it.
fn without_line_end(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    bytes.strip_suffix(b"\r").unwrap_or(bytes)
}
