//! TOML.

use crate::error::Result;
use crate::read::blocks::DocumentBuilder;
use crate::read::{Input, ReadFile};

use super::data_lines;
use super::records::Records;
use super::tree::Bounds;

/// Reads TOML: "key: value" lines, headings for larger tables. A file that is no TOML, such as
/// a template of one, is read line by line.
pub(crate) fn toml(input: &Input<'_>) -> Result<ReadFile> {
    let text = input.text(false)?;
    let bounds = Bounds::new(input);
    let parsed = ::toml::Deserializer::parse(&text);
    let tree = match parsed.and_then(|deserializer| bounds.deserialize(deserializer)) {
        Ok(tree) => tree,
        Err(error) => {
            return match bounds.error() {
                Some(error) => Err(error),
                None => data_lines::read(input, &text, "TOML", error.message()),
            };
        }
    };
    let mut builder = DocumentBuilder::new(input);
    Records::new(&mut builder, input).write(&tree)?;
    Ok(builder.finish_within(input)?.into())
}
