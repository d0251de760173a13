//! Files of each format with changed bytes: nothing panics, and memory stays bounded.

use image::ImageFormat;

use super::make::{self, Random};
use super::{OTHERS, SQUARES};
use crate::read::Unwatched;
use crate::read::picture::{Picture, PictureDetails, PictureFile, PictureLimits, thumbnail};

/// Changed files of each kind. `PICTURE_CASES` sets another number.
const CASES: u64 = 200;

const LIMITS: PictureLimits =
    PictureLimits { bytes: 1 << 20, pixels: 1_000_000, memory_bytes: 16 << 20 };
/// What a file of these limits may take: the memory, and tables of decoders.
const MOST_BYTES: u64 = (16 << 20) + (40 << 20);

/// The file with bytes changed, removed, repeated or cut off.
fn changed(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=random.below(6) {
        let at = random.below(bytes.len().max(1));
        let Some(byte) = bytes.get_mut(at) else { break };
        match random.below(12) {
            0 => *byte = 0,
            1 => *byte = 0xff,
            2 => *byte = byte.wrapping_add(1),
            3 => *byte ^= 1 << random.below(8),
            4 => drop(bytes.drain(at..(at + random.below(9)).min(bytes.len()))),
            5 => {
                let piece = bytes[at..(at + random.below(40)).min(bytes.len())].to_vec();
                bytes.splice(at..at, piece);
            }
            6 if random.below(4) == 0 => bytes.truncate(at),
            // Sizes and offsets are there.
            7..=8 => {
                let early = at % 64.min(bytes.len());
                bytes[early] = random.next() as u8;
            }
            _ => *byte = random.next() as u8,
        }
    }
    bytes
}

fn read_all(bytes: &[u8]) {
    let file = PictureFile { name: "a", bytes };
    for decoded in [
        Picture::decode(&file, &LIMITS, &Unwatched),
        Picture::decode_reduced(&file, 16, &LIMITS, &Unwatched),
    ] {
        let Ok(decoded) = decoded else { continue };
        assert!(thumbnail(&decoded.picture).len() <= crate::read::picture::THUMBNAIL_BYTES);
    }
    let _ = PictureDetails::read(bytes);
}

#[test]
fn changed_bytes_never_panic_and_never_take_much_memory() {
    let cases = std::env::var("PICTURE_CASES").ok().and_then(|cases| cases.parse().ok());
    let cases = cases.unwrap_or(CASES);
    let photo = make::blobs(90, 70, 1);
    let formats = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Tiff];
    let made = formats.map(|format| ("made", make::file(&photo, format)));
    let fixtures = SQUARES.into_iter().chain(OTHERS).map(|(name, bytes)| (name, bytes.to_vec()));
    for (name, bytes) in fixtures.chain(made) {
        for seed in 0..cases {
            let bytes = changed(&bytes, &mut Random::new(seed));
            // Shown where the case panics or is killed.
            let case = Case { name, seed };
            let taken = allocation_counter::measure(|| read_all(&bytes));
            assert!(taken.bytes_max < MOST_BYTES, "{} bytes", taken.bytes_max);
            std::mem::forget(case);
        }
    }
}

/// Says which case failed.
struct Case<'a> {
    name: &'a str,
    seed: u64,
}

impl Drop for Case<'_> {
    fn drop(&mut self) {
        eprintln!("the changed file is {}, its seed is {}", self.name, self.seed);
    }
}
