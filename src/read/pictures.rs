//! Pictures that stand among the text of a file: which are worth showing, and what the text says of
//! them.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::picture_format::PictureFormat;
use super::{FoundPicture, PictureAt};
use crate::document::{Block, BlockKind, PictureSpot, Span};
use crate::lines::is_caption;

/// The most pictures of a file that are read, and the most links to pictures; the most bytes of pictures.
const MAX_PICTURES: usize = 64;
const MAX_BYTES: usize = 64 << 20;
/// The most pictures that are looked at: of more, the first ones.
const MAX_SEEN: usize = 4096;
/// A picture that stands in so many places is a logo or an ornament.
pub(super) const ORNAMENT_PLACES: usize = 3;
/// The fewest bytes of a picture that shows anything: fewer are a dot that measures, or a line.
const MIN_BYTES: usize = 128;

/// The pictures of a file so far. The same picture is kept once.
#[derive(Default)]
pub(super) struct Pictures {
    kept: Vec<KeptPicture>,
    /// In how many places each picture stands, by its hash.
    places: HashMap<[u8; 32], usize>,
    /// The blocks that are the alternative text of a picture, in order.
    alternatives: Vec<usize>,
    /// How many are left out because they are too large together, or too many.
    left_out: usize,
    /// How many pictures were looked at, and how many links.
    seen: usize,
    links: usize,
    bytes: usize,
}

struct KeptPicture {
    hash: [u8; 32],
    bytes: Vec<u8>,
    link: Option<String>,
    /// The number of blocks before it, and of those after which are its alternative text.
    block: usize,
    own_blocks: usize,
}

impl Pictures {
    /// Adds a picture behind `block` blocks, of which `own_blocks` more are its alternative text. What
    /// is no picture of a known format is ignored.
    pub(super) fn add(&mut self, bytes: &[u8], block: usize, own_blocks: usize) {
        self.alternatives.extend(block..block + own_blocks);
        self.seen += 1;
        if bytes.len() < MIN_BYTES || PictureFormat::of(bytes).is_none() {
            return;
        }
        if self.seen > MAX_SEEN || self.bytes + bytes.len() > MAX_BYTES {
            self.left_out += 1;
            return;
        }
        let hash = Sha256::digest(bytes).into();
        if self.is_first_place(hash) {
            self.bytes += bytes.len();
            let bytes = bytes.to_vec();
            self.kept.push(KeptPicture { hash, bytes, link: None, block, own_blocks });
        }
    }

    /// As [`Pictures::add`], for a picture in a file of its own.
    pub(super) fn add_link(&mut self, path: String, block: usize, own_blocks: usize) {
        self.alternatives.extend(block..block + own_blocks);
        self.links += 1;
        let hash = Sha256::digest(&path).into();
        if self.links <= MAX_SEEN && self.is_first_place(hash) {
            let (bytes, link) = (Vec::new(), Some(path));
            self.kept.push(KeptPicture { hash, bytes, link, block, own_blocks });
        }
    }

    /// Counts a place of the picture with this hash.
    fn is_first_place(&mut self, hash: [u8; 32]) -> bool {
        let places = self.places.entry(hash).or_default();
        *places += 1;
        *places == 1
    }

    /// The pictures of a text with these blocks, without ornaments, and the number of those that are
    /// too many.
    pub(super) fn finish(self, text: &str, blocks: &[Block]) -> (Vec<FoundPicture>, usize) {
        let Self { mut kept, places, alternatives, left_out, .. } = self;
        let (mut files, mut links) = (0, 0);
        kept.retain(|picture| {
            let count = if picture.link.is_some() { &mut links } else { &mut files };
            let is_shown = places[&picture.hash] < ORNAMENT_PLACES;
            *count += usize::from(is_shown);
            is_shown && *count <= MAX_PICTURES
        });
        let left_out = left_out + usize::saturating_sub(files, MAX_PICTURES);
        let mut taken = 0;
        let found = |picture: KeptPicture| {
            let at = PictureAt::Text(spot(&picture, (text, blocks), &alternatives, &mut taken));
            FoundPicture { at, bytes: picture.bytes, link: picture.link }
        };
        (kept.into_iter().map(found).collect(), left_out)
    }
}

/// The warning that so many pictures of a file were left out.
pub(super) fn pictures_warning(left_out: usize) -> Option<String> {
    (left_out > 0).then(|| {
        format!("Only the first {MAX_PICTURES} pictures were read; {left_out} were left out.")
    })
}

/// What the text says of a picture: its alternative text, and the caption below or above it. The blocks
/// before `taken` belong to pictures before it, and `alternatives` each to its own.
fn spot(
    picture: &KeptPicture,
    (text, blocks): (&str, &[Block]),
    alternatives: &[usize],
    taken: &mut usize,
) -> PictureSpot {
    let is_caption = |at: usize| {
        let says_so = |block: &Block| {
            block.kind == BlockKind::Caption || is_caption(&text[block.span.range()])
        };
        blocks.get(at).is_some_and(says_so) && alternatives.binary_search(&at).is_err()
    };
    let (mut first, mut end) = (picture.block, picture.block + picture.own_blocks);
    if is_caption(end) {
        end += 1;
    } else if first > *taken && is_caption(first - 1) {
        first -= 1;
    }
    *taken = end.max(*taken);
    let is_beside = first == end;
    let own = blocks.get(first..end).filter(|own| !own.is_empty());
    let is_content = |block: &&Block| block.kind != BlockKind::Boilerplate;
    let beside = || blocks.get(..first)?.iter().rev().find(is_content).or(blocks.get(first));
    let span = match (own, beside()) {
        (Some([first, .., last]), _) => Span { start: first.span.start, end: last.span.end },
        (Some([only]), _) => only.span,
        (_, Some(block)) => block.span,
        (_, None) => Span::default(),
    };
    PictureSpot { span, is_beside, area: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::blocks::DocumentBuilder;
    use crate::test;

    /// A file that begins as a PNG.
    fn picture(number: u8) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
        bytes.resize(200, number);
        bytes
    }

    /// The texts of the pictures, and whether each stands beside its text.
    fn spots(builder: DocumentBuilder) -> Vec<(String, bool)> {
        let mut builder = builder;
        let (pictures, _) = builder.take_pictures();
        let document = builder.finish();
        let spot = |picture: &FoundPicture| match picture.at {
            PictureAt::Text(spot) => (document.slice(spot.span).to_owned(), spot.is_beside),
            PictureAt::Page(page) => panic!("it is page {page}"),
        };
        pictures.iter().map(spot).collect()
    }

    #[test]
    fn a_picture_has_its_alternative_text_and_the_caption_below_or_above_it() {
        let mut builder = DocumentBuilder::default();
        builder.push(BlockKind::Paragraph, "The gate opens at six.");
        builder.push_picture(&picture(1), "A gate");
        builder.push(BlockKind::Paragraph, "Figure 1: The gate");
        builder.push(BlockKind::Paragraph, "The pump runs all night.");
        builder.push_picture(&picture(2), "");
        builder.push(BlockKind::Paragraph, "Figure 2: The pump");
        builder.push_picture(&picture(3), "");
        builder.push(BlockKind::Caption, "Picture 3");
        builder.push_picture(&picture(4), "");
        builder.push(BlockKind::Paragraph, "The end.");
        let expected = [
            ("A gate\n\nFigure 1: The gate", false),
            ("Figure 2: The pump", false),
            ("Picture 3", false),
            ("Picture 3", true),
        ];
        assert_eq!(spots(builder), expected.map(|(text, beside)| (text.to_owned(), beside)));
    }

    #[test]
    fn a_picture_does_not_take_the_alternative_text_of_the_next_one() {
        let mut builder = DocumentBuilder::default();
        builder.push_picture(&picture(1), "A gate");
        builder.push_picture(&picture(2), "A pump");
        builder.push(BlockKind::Boilerplate, "Page 3");
        builder.push_picture(&picture(3), "");
        let expected = [("A gate", false), ("A pump", false), ("A pump", true)];
        assert_eq!(spots(builder), expected.map(|(text, beside)| (text.to_owned(), beside)));
    }

    #[test]
    fn the_same_picture_is_kept_once_and_an_ornament_never() {
        let mut builder = DocumentBuilder::default();
        for number in [1, 2, 2, 1, 1, 3] {
            builder.push_picture(&picture(number), "");
        }
        builder.push_picture(&b"no picture".repeat(20), "");
        let (pictures, _) = builder.take_pictures();
        let kept: Vec<u8> = pictures.iter().map(|picture| picture.bytes[100]).collect();
        assert_eq!(kept, [2, 3]);
    }

    #[test]
    fn pictures_over_the_limit_are_counted() {
        let mut builder = DocumentBuilder::default();
        for number in 0..70 {
            builder.push_picture(&picture(number), "");
        }
        let (pictures, left_out) = builder.take_pictures();
        assert_eq!((pictures.len(), left_out), (64, 6));
    }
}
