//! Pictures of a document.

use serde::{Deserialize, Serialize};

use super::{Area, Block, BlockKind, Document, PlaceMark, Span};
use crate::fingerprint::Fingerprint;

/// A picture of a document: the whole of an image file, a page, or a picture within a file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    /// What the document's text says of it, and the words that were read in it. Of a picture with
    /// no words of its own, the block beside it.
    pub span: Span,
    /// Whether the span is the block beside it.
    pub is_beside: bool,
    /// Its number among the pictures of its file, from 0; none where it is the whole file or a
    /// page.
    pub number: Option<u32>,
    /// Its width in pixels, as a person sees it.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
    /// A small JPEG of it: at most 320 pixels a side and 40 kB.
    #[serde(with = "serde_bytes")]
    pub thumbnail: Vec<u8>,
    /// What an image encoder made of it; none where none was loaded when it was read.
    pub vector: Option<PictureVector>,
    /// The path of its file, seen from the folder of the document's file, where the document only links
    /// to it. Size, thumbnail and vector are those of the document that was read from that file.
    pub link: Option<String>,
}

/// The unit vector of a picture, in eight bits a number: what was computed is number x scale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PictureVector {
    /// The fingerprint of the image encoder.
    pub encoder: Fingerprint,
    /// The numbers, each from -127 to 127, as bytes.
    #[serde(with = "serde_bytes")]
    pub codes: Vec<u8>,
    /// The scale of the numbers.
    pub scale: f32,
}

/// Where a picture is among the text of its file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PictureSpot {
    /// The caption and the alternative text; or the block beside it. Words that are read in the
    /// picture stand after it.
    pub span: Span,
    /// Whether the span is the block beside it.
    pub is_beside: bool,
    /// Where the picture is on its page.
    pub area: Option<Area>,
}

impl Document {
    /// What the file says of a picture, without the words that were read in it.
    pub fn caption(&self, picture: &Picture) -> &str {
        if picture.is_beside {
            return "";
        }
        let Span { start, end } = picture.span;
        let is_read = |mark: &&PlaceMark| mark.place.sureness.is_some() && mark.start >= start;
        let words = self.places.iter().find(is_read).map_or(end, |mark| mark.start.min(end));
        self.text[start as usize..words as usize].trim_end()
    }

    /// Gives a picture that says nothing the name of its file as its text.
    pub(crate) fn name_picture(&mut self, file: &str) {
        if !self.blocks.is_empty() || self.pictures.is_empty() {
            return;
        }
        let name = stem(file);
        let span = Span::new(0..name.len());
        self.text = name.to_owned();
        self.blocks = vec![Block { span, kind: BlockKind::Caption }];
        self.pictures.iter_mut().for_each(|picture| picture.span = span);
    }
}

/// A file's name without its folders and its ending; the whole where nothing would be left.
fn stem(name: &str) -> &str {
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let stem = base.rsplit_once('.').map_or(base, |(stem, _)| stem).trim();
    if stem.is_empty() { name } else { stem }
}
