//! Checks an image encoder: loads it, and compares plain colours, or files, with texts.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use multimodal_rag::{FileToRead, ImageEmbedder, ReadLimits, Unwatched, read_file as read};

use crate::Failure;
use crate::files::read_file;
use crate::models::load_image_embedder;

/// The pictures that are compared where none are given: one colour each.
const COLOURS: [(&str, [u8; 3]); 4] = [
    ("red", [220, 20, 30]),
    ("green", [20, 160, 40]),
    ("blue", [20, 40, 210]),
    ("yellow", [250, 220, 20]),
];

/// Checks an image encoder.
#[derive(Args)]
pub(crate) struct CheckModel {
    /// The image encoder: a packed file, or a folder with model.safetensors, config.json,
    /// tokenizer.json and preprocessor_config.json, or with open_clip_model.safetensors,
    /// open_clip_config.json and tokenizer.json.
    model: PathBuf,
    /// A picture to compare with the texts [default: four plain colours].
    #[arg(long, value_name = "FILE")]
    picture: Vec<PathBuf>,
    /// A text to compare with the pictures [default: the names of the colours].
    #[arg(long)]
    text: Vec<String>,
}

impl CheckModel {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let embedder = load_image_embedder(&self.model)?;
        let mut out = io::stdout();
        let (side, numbers) = (embedder.input().side, embedder.dimensions());
        writeln!(out, "Loaded: pictures of {side} x {side} pixels, vectors of {numbers} numbers.")?;
        writeln!(out, "Fingerprint: {}", embedder.fingerprint())?;
        let started = Instant::now();
        let pictures = self.pictures(&embedder)?;
        let milliseconds = started.elapsed().as_millis() / pictures.len().max(1) as u128;
        writeln!(out, "A picture takes {milliseconds} ms.")?;
        let mut right = 0;
        let texts = self.texts();
        let vectors = texts.iter().map(|text| embedder.embed_text(text));
        let vectors = vectors.collect::<multimodal_rag::Result<Vec<_>>>()?;
        for (place, (name, picture)) in pictures.iter().enumerate() {
            let products: Vec<f32> = vectors.iter().map(|text| product(text, picture)).collect();
            let best = (0..products.len()).max_by(|a, b| products[*a].total_cmp(&products[*b]));
            right += usize::from(best == Some(place));
            let listed = texts.iter().zip(&products);
            let listed: Vec<_> = listed.map(|(text, it)| format!("{text:?} {it:.3}")).collect();
            writeln!(out, "{name}: {}", listed.join(", "))?;
        }
        if !self.picture.is_empty() || !self.text.is_empty() || right == pictures.len() {
            return Ok(());
        }
        let all = pictures.len();
        Err(format!(
            "The encoder tells only {right} of {all} colours by their names. Are its files whole, and of one model?"
        )
        .into())
    }

    fn texts(&self) -> Vec<String> {
        if self.text.is_empty() {
            return COLOURS.map(|(name, _)| format!("the colour {name}")).to_vec();
        }
        self.text.clone()
    }

    /// The names and the vectors of the pictures.
    fn pictures(&self, embedder: &ImageEmbedder) -> Result<Vec<(String, Vec<f32>)>, Failure> {
        if self.picture.is_empty() {
            let pixels = embedder.input().bytes() / 3;
            let colour = |(name, colour): (&str, [u8; 3])| {
                Ok((name.to_owned(), embedder.embed_image(&colour.repeat(pixels))?))
            };
            return COLOURS.into_iter().map(colour).collect();
        }
        let file = |path: &PathBuf| {
            let (name, bytes) = (path.display().to_string(), read_file(path)?);
            let image_input = Some(embedder.input());
            let file =
                FileToRead { name: &name, bytes: &bytes, image_input, ..FileToRead::default() };
            let (_, read) = read(&file, &ReadLimits::default(), &Unwatched)?;
            if read.pixels.is_empty() {
                return Err(format!("{name} is no picture.").into());
            }
            let vector = embedder.embed_image(&read.pixels)?;
            Ok((name, vector))
        };
        self.picture.iter().map(file).collect()
    }
}

fn product(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
