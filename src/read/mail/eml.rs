//! One message.

use super::parts::PartReader;
use super::writer::MessageWriter;
use crate::error::Result;
use crate::read::{Input, ReadFile};

/// Reads a message: its subject, its headers, its text, and the files attached to it.
///
/// What it quotes stays part of the text, because the quoted message may be nowhere else.
pub(crate) fn eml(input: &Input<'_>) -> Result<ReadFile> {
    let message = PartReader::new(input).read(input.bytes)?;
    if message.headers.lines().is_empty() && message.headers.subject().is_none() {
        return Err(input.damaged("it has no headers of a message"));
    }
    let mut writer = MessageWriter::new(input);
    writer.write(&message, 1, "", None)?;
    writer.finish(Some(&message.headers))
}
