//! Image encoders beside transformers and open_clip, and their files.

use multimodal_rag::internals::IdleRuntime;
use multimodal_rag::{
    Fingerprint, ImageEmbedder, ImageFit, ImageInput, OriginalImageEncoder, Resampling, Result,
    Task, quantize_image_encoder,
};

use super::cosine;
use super::image_encoders::Reference;
use super::rng::{Rng, seed};
use super::using::use_image_encoder;

const NAMES: [&str; 3] = ["clip", "siglip", "mobileclip"];

/// The least cosine to the vectors of the reference, with the same weights and with 8 bits.
const MIN_COSINE: f64 = 0.999_99;
const MIN_COSINE_PACKED: f64 = 0.99;

fn full_precision(files: OriginalImageEncoder<'_>) -> Result<ImageEmbedder> {
    pollster::block_on(ImageEmbedder::load_full_precision(files, &IdleRuntime, &Task::default()))
}

fn load(file: &[u8]) -> Result<ImageEmbedder> {
    pollster::block_on(ImageEmbedder::load(file, &IdleRuntime, &Task::default()))
}

/// The least cosine to the vectors of a reference.
fn least_cosine(what: &str, embedder: &ImageEmbedder, reference: &Reference) -> f64 {
    let of_pictures = reference
        .pictures
        .iter()
        .map(|picture| cosine(&embedder.embed_image(&picture.pixels()).unwrap(), &picture.vector));
    let of_texts = reference
        .texts
        .iter()
        .map(|text| cosine(&embedder.embed_text(&text.text).unwrap(), &text.vector));
    let least = of_pictures.chain(of_texts).fold(1.0, f64::min);
    println!("{what}: cosine at least {least:.7}");
    least
}

#[test]
fn vectors_of_pictures_and_texts_agree_with_transformers_and_open_clip() {
    for name in NAMES {
        let reference = Reference::of(name);
        let embedder = full_precision(reference.files()).unwrap();
        assert!(least_cosine(name, &embedder, &reference) > MIN_COSINE, "{name}");
    }
}

#[test]
fn token_ids_of_texts_agree_with_transformers_and_open_clip() {
    for name in NAMES {
        let reference = Reference::of(name);
        let embedder = full_precision(reference.files()).unwrap();
        for text in &reference.texts {
            let ids = embedder.tokens(&text.text).unwrap();
            let filled = ids.iter().skip(text.ids.len()).all(|id| Some(id) == text.ids.last());
            assert!(ids.starts_with(&text.ids) && filled, "{name}, {:?}: {ids:?}", text.text);
        }
    }
}

#[test]
fn a_packed_encoder_is_smaller_and_agrees_with_transformers_and_open_clip() {
    for name in NAMES {
        let reference = Reference::of(name);
        let files = reference.files();
        let packed = quantize_image_encoder(files).unwrap();
        // Small matrices stay as they are; these encoders have many.
        assert!(10 * packed.len() < 7 * files.weights.len(), "{} bytes", packed.len());
        let embedder = load(&packed).unwrap();
        assert_eq!(embedder.fingerprint(), Fingerprint::of(&packed));
        assert!(least_cosine(name, &embedder, &reference) > MIN_COSINE_PACKED, "{name}");
        let task = Task::default();
        let loading = ImageEmbedder::load_original(files, &IdleRuntime, &task);
        let original = pollster::block_on(loading).unwrap();
        assert_eq!(original.fingerprint(), embedder.fingerprint());
    }
}

#[test]
fn an_encoder_says_what_it_takes_and_what_it_gives() {
    let (crop, stretch) = (ImageFit::Crop, ImageFit::Stretch);
    for (name, dimensions, fit, resampling) in [
        ("clip", 96, crop, Resampling::Bicubic),
        ("siglip", 128, stretch, Resampling::Bicubic),
        ("mobileclip", 96, crop, Resampling::Bilinear),
    ] {
        let embedder = full_precision(Reference::of(name).files()).unwrap();
        let input = ImageInput { side: 64, fit, resampling };
        assert_eq!((embedder.input(), embedder.dimensions()), (input, dimensions), "{name}");
        assert_eq!(embedder.embed_image(&[0; 10]).unwrap_err().code(), "internal");
    }
}

#[test]
fn files_that_do_not_belong_together_are_named_in_the_error() {
    let (clip, siglip) = (Reference::of("clip"), Reference::of("siglip"));
    let (files, other) = (clip.files(), siglip.files());
    let mobileclip = Reference::of("mobileclip");
    let mobile = mobileclip.files();
    let other_trunk = mobile.config.replace("fastvit_mci0", "fastvit_mci3");
    let more_blocks = mobile.config.replace("fastvit_mci0", "fastvit_mci1");
    let wider = mobile.config.replace("fastvit_mci0", "fastvit_mci2");
    let other_texts =
        mobile.config.replace("\"heads\": 4", "\"heads\": 4, \"hf_model_name\": \"x\"");
    let other_gelu = mobile.config.replace("\"embed_dim\"", "\"quick_gelu\": true, \"embed_dim\"");
    let other_size = mobile.config.replace("\"image_size\": 64", "\"image_size\": 0");
    let other_filter = mobile.config.replace("bilinear", "nearest");
    let cases = [
        (OriginalImageEncoder { config: "{}", ..files }, "unsupported_architecture"),
        (OriginalImageEncoder { config: "[", ..files }, "corrupt_model"),
        (OriginalImageEncoder { config: r#"{"model_type":"clip"}"#, ..files }, "corrupt_model"),
        (OriginalImageEncoder { tokenizer: "{}", ..files }, "unsupported_tokenizer"),
        (OriginalImageEncoder { preprocessor: Some("{}"), ..files }, "corrupt_model"),
        (OriginalImageEncoder { preprocessor: None, ..files }, "corrupt_model"),
        (OriginalImageEncoder { config: &other_trunk, ..mobile }, "unsupported_architecture"),
        (OriginalImageEncoder { config: &other_texts, ..mobile }, "unsupported_architecture"),
        (OriginalImageEncoder { config: &other_gelu, ..mobile }, "unsupported_architecture"),
        (OriginalImageEncoder { config: &other_size, ..mobile }, "corrupt_model"),
        (OriginalImageEncoder { config: &other_filter, ..mobile }, "corrupt_model"),
        (OriginalImageEncoder { config: &more_blocks, ..mobile }, "corrupt_model"),
        (OriginalImageEncoder { config: &wider, ..mobile }, "corrupt_model"),
        (OriginalImageEncoder { weights: files.weights, ..mobile }, "corrupt_model"),
        (OriginalImageEncoder { weights: other.weights, ..files }, "corrupt_model"),
        (OriginalImageEncoder { weights: &files.weights[..9999], ..files }, "corrupt_model"),
        (OriginalImageEncoder { weights: b"", ..files }, "corrupt_model"),
    ];
    for (number, (files, code)) in cases.into_iter().enumerate() {
        assert_eq!(full_precision(files).unwrap_err().code(), code, "case {number}");
        let packed = quantize_image_encoder(files).map(|packed| load(&packed).unwrap_err());
        let error = packed.unwrap_or_else(|error| error);
        assert_eq!(error.code(), code, "case {number}, packed");
    }
    let bert = include_bytes!("../fixtures/models/tiny-bert/model.safetensors");
    assert_eq!(load(bert).unwrap_err().code(), "corrupt_model");
}

#[test]
fn a_packed_encoder_changed_at_random_fails_or_works() {
    let mut rng = Rng::new(seed());
    for (name, times) in [("siglip", 40), ("mobileclip", 10)] {
        let packed = quantize_image_encoder(Reference::of(name).files()).unwrap();
        for _ in 0..times {
            let mut damaged = packed.clone();
            // Half of the changes are in the header, which is a small part of the file.
            let end = if rng.below(2) == 0 { 20_000 } else { damaged.len() };
            let at = rng.below(end);
            damaged[at] = rng.below(256) as u8;
            // An error is an answer.
            let _ = use_image_encoder(&damaged);
        }
    }
}
