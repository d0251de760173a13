//! Text chunks of PNG (ISO 15948): `tEXt`, `zTXt` and `iTXt`.

use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;

use super::text::{clean, of_bytes};
use super::{PictureDetails, Pieces};

/// Chunks that are looked at.
const MAX_CHUNKS: usize = 100_000;
/// Texts that are read.
const MAX_TEXTS: usize = 64;
/// Bytes of a text when it is unpacked: XMP may have some.
const TEXT_BYTES: usize = 1 << 20;

/// XMP, title and description.
pub(super) fn pieces(file: &[u8]) -> Pieces<'_> {
    let texts = chunks(file).take(MAX_CHUNKS).filter_map(|(kind, content)| text(kind, content));
    let mut pieces = Pieces::default();
    let mut comment = None;
    let chunks = &mut pieces.chunks;
    for (keyword, content) in texts.take(MAX_TEXTS) {
        let kept = match keyword {
            b"XML:com.adobe.xmp" => {
                pieces.xmp = content.unpacked().map(Into::into);
                continue;
            }
            b"Title" => &mut chunks.title,
            b"Description" => &mut chunks.description,
            b"Comment" => &mut comment,
            _ => continue,
        };
        if kept.is_none() {
            *kept = content.text();
        }
    }
    let description = chunks.description.take().or(comment);
    pieces.chunks = PictureDetails { description, ..std::mem::take(&mut pieces.chunks) };
    pieces
}

/// Type and content of the chunks, up to one that is damaged. Checksums are not checked.
fn chunks(file: &[u8]) -> impl Iterator<Item = (&[u8; 4], &[u8])> {
    let mut rest = file.get(8..).unwrap_or_default();
    std::iter::from_fn(move || {
        let (length, behind) = rest.split_first_chunk::<4>()?;
        let (kind, behind) = behind.split_first_chunk::<4>()?;
        let (content, behind) = behind.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        rest = behind.get(4..).unwrap_or_default();
        Some((kind, content))
    })
}

/// The content of a text chunk.
struct Content<'a> {
    bytes: &'a [u8],
    is_packed: bool,
    is_utf8: bool,
}

/// The keyword and the content of a chunk of text.
fn text<'a>(kind: &[u8; 4], chunk: &'a [u8]) -> Option<(&'a [u8], Content<'a>)> {
    let (keyword, rest) = split_at_zero(chunk)?;
    let content = match kind {
        b"tEXt" => Content { bytes: rest, is_packed: false, is_utf8: false },
        b"zTXt" => Content { bytes: rest.strip_prefix(&[0])?, is_packed: true, is_utf8: false },
        b"iTXt" => {
            let (&[is_packed, _method], rest) = rest.split_first_chunk()?;
            let (_language, rest) = split_at_zero(rest)?;
            let (_translated, bytes) = split_at_zero(rest)?;
            Content { bytes, is_packed: is_packed == 1, is_utf8: true }
        }
        _ => return None,
    };
    Some((keyword, content))
}

fn split_at_zero(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|&byte| byte == 0)?;
    Some((&bytes[..end], &bytes[end + 1..]))
}

impl Content<'_> {
    fn unpacked(&self) -> Option<Vec<u8>> {
        if self.is_packed {
            return decompress_to_vec_zlib_with_limit(self.bytes, TEXT_BYTES).ok();
        }
        (self.bytes.len() <= TEXT_BYTES).then(|| self.bytes.to_vec())
    }

    /// The text. That of the older chunks is Latin-1, but many programs write UTF-8.
    fn text(&self) -> Option<String> {
        let bytes = self.unpacked()?;
        if self.is_utf8 { clean(&String::from_utf8_lossy(&bytes)) } else { of_bytes(&bytes) }
    }
}
