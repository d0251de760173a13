//! Bookmarks that a browser exported, in the HTML of Netscape.

use crate::document::BlockKind;
use crate::error::Result;
use crate::read::blocks::DocumentBuilder;
use crate::read::html::tokens::{Token, tokens};
use crate::read::{Input, ReadFile};

/// Reads bookmarks: folders are headings, each bookmark a line with its address.
pub(crate) fn bookmarks(input: &Input<'_>) -> Result<ReadFile> {
    let source = input.text(true)?;
    let mut builder = DocumentBuilder::new(input);
    let (mut depth, mut text, mut address) = (0_u8, String::new(), None);
    for token in tokens(&source) {
        match token {
            Token::Text(part) => text.push_str(&part),
            Token::Start(tag) => match tag.name.as_str() {
                "dl" => depth = depth.saturating_add(1),
                "a" => {
                    write_note(&mut text, &mut builder);
                    address = Some(tag.address().unwrap_or_default().to_owned());
                }
                "h1" | "h3" | "title" | "dt" => write_note(&mut text, &mut builder),
                _ => {}
            },
            Token::End(name) => match name.as_str() {
                "dl" => {
                    write_note(&mut text, &mut builder);
                    depth = depth.saturating_sub(1);
                }
                "title" => text.clear(),
                "h1" | "h3" => {
                    let level = depth.saturating_add(1).min(6);
                    builder.push(BlockKind::Heading(level), std::mem::take(&mut text).trim());
                }
                "a" => {
                    let (title, address) = (std::mem::take(&mut text), address.take());
                    let line = [title.trim(), address.as_deref().unwrap_or("").trim()];
                    let line = line.into_iter().filter(|part| !part.is_empty());
                    builder.push(BlockKind::ListItem, &line.collect::<Vec<_>>().join(": "));
                }
                _ => {}
            },
        }
    }
    write_note(&mut text, &mut builder);
    Ok(builder.finish_within(input)?.into())
}

/// Writes what stands below a bookmark: its description.
fn write_note(text: &mut String, builder: &mut DocumentBuilder) {
    let note = std::mem::take(text);
    builder.push(BlockKind::Paragraph, &note.split_whitespace().collect::<Vec<_>>().join(" "));
}
