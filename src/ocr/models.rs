//! The models of OCR: detection, recognition and its characters.

use super::characters::Characters;
use super::crop::LINE_HEIGHT;
use super::network::{Network, corrupt};
use crate::error::Result;

/// A pair of models that were loaded: those of PP-OCRv6 (tiny, small), or of the same form.
#[derive(Debug)]
pub struct OcrModels {
    pub(super) detection: Network,
    pub(super) recognition: Network,
    pub(super) characters: Characters,
}

impl OcrModels {
    /// Loads two ONNX files and the characters of the second one, which are a JSON list of
    /// strings, or text with one character a line. Both networks run once on a tiny input, so
    /// that files of another kind are refused here. Check the hashes of the files before: some
    /// damaged files would keep the loader busy forever.
    ///
    /// - `detection`: `[1, 3, height, width]` -> `[1, 1, height, width]`, sides in multiples of 32.
    /// - `recognition`: `[1, 3, 48, width]` -> `[1, columns, classes]`; the classes are a blank,
    ///   the characters, and a space.
    ///
    /// # Errors
    /// [`Error::CorruptModel`](crate::error::Error::CorruptModel) for files that are not such
    /// networks, or that do not belong together.
    pub fn load(detection: Vec<u8>, recognition: Vec<u8>, characters: &[u8]) -> Result<Self> {
        let characters = Characters::parse(characters)?;
        let detection = Network::load(detection)?;
        let recognition = Network::load(recognition)?;
        check(&detection, [32, 32], |shape| shape == [1, 1, 32, 32])?;
        let classes = characters.classes();
        check(
            &recognition,
            [LINE_HEIGHT, 32],
            |shape| matches!(shape, [1, _, n] if *n == classes),
        )?;
        Ok(Self { detection, recognition, characters })
    }
}

fn check(
    network: &Network,
    [height, width]: [usize; 2],
    fits: impl Fn(&[usize]) -> bool,
) -> Result<()> {
    let output = network.run([1, 3, height, width], &vec![0.0; 3 * height * width])?;
    if fits(&output.shape) {
        return Ok(());
    }
    Err(corrupt(format!(
        "its output for {height} x {width} pixels has the shape {:?}, which does not fit",
        output.shape
    )))
}
