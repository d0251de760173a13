//! A page of a book -> its blocks, with the marks taken out of their texts.

use super::book::resolved;
use super::marks::{Mark, MarkedPage, is_mark};
use super::navigation::Target;
use crate::document::BlockKind;
use crate::error::Result;
use crate::read::blocks::DocumentBuilder;
use crate::read::{Input, html};

/// A block of a page.
pub(super) struct Item {
    pub(super) kind: BlockKind,
    pub(super) text: String,
    /// What begins before it.
    pub(super) before: Vec<Target>,
    /// The notes that it calls: the paths of their pages and their ids, with `#` between.
    pub(super) calls: Vec<String>,
    /// The note that it is part of, likewise.
    pub(super) note: Option<String>,
    /// The pictures that stand in it.
    pub(super) pictures: Vec<Picture>,
}

/// A picture of a page.
pub(super) struct Picture {
    /// The path of its file.
    pub(super) path: String,
    /// Its alternative text, where that is not part of a longer text.
    pub(super) alternative: String,
}

impl Item {
    /// A block that is nothing but a picture has its text as that of the picture.
    fn part_picture(&mut self, alternatives: &str) {
        if let Some(picture) = self.pictures.first_mut()
            && self.text.trim() == alternatives.trim()
            && !matches!(self.kind, BlockKind::Heading(_))
        {
            picture.alternative = std::mem::take(&mut self.text);
        }
    }
}

/// The blocks of the marked page at `path`, and what begins after them. What begins within a
/// block counts from the next one.
pub(super) fn items(
    input: &Input<'_>,
    path: &str,
    page: &MarkedPage,
) -> Result<(Vec<Item>, Vec<Target>)> {
    let mut builder = DocumentBuilder::new(input);
    html::read_fragment(&page.source, &mut builder);
    let document = builder.finish_within(input)?;
    let mut items: Vec<Item> = Vec::new();
    let mut before: Vec<Target> = Vec::new();
    let mut note: Option<String> = None;
    for block in &document.blocks {
        let mut item = Item {
            kind: block.kind,
            text: String::new(),
            before: Vec::new(),
            calls: Vec::new(),
            note: None,
            pictures: Vec::new(),
        };
        let mut alternatives = String::new();
        let (mut has_text, mut within) = (false, Vec::new());
        for character in document.slice(block.span).chars() {
            let Some(mark) = page.mark(character) else {
                if !is_mark(character) {
                    if !has_text && !character.is_whitespace() {
                        has_text = true;
                        item.note.clone_from(&note);
                    }
                    item.text.push(character);
                }
                continue;
            };
            match mark {
                Mark::Target(target) if has_text => within.push(target.clone()),
                Mark::Target(target) => before.push(target.clone()),
                Mark::Note(id) => note = Some(format!("{path}#{id}")),
                Mark::NoteEnd => note = None,
                Mark::Call(link) => {
                    let (path, id) = resolved(path, link);
                    item.calls.extend(id.map(|id| format!("{path}#{id}")));
                }
                Mark::Picture { link, alternative } => {
                    alternatives.push_str(alternative);
                    let (path, _) = resolved(path, link);
                    item.pictures.push(Picture { path, alternative: String::new() });
                }
            }
        }
        if has_text || !item.pictures.is_empty() {
            item.text = item.text.trim_end().to_owned();
            item.part_picture(&alternatives);
            item.before = std::mem::take(&mut before);
            items.push(item);
        }
        before.extend(within);
    }
    Ok((items, before))
}
