//! Text to token ids and back, with the tokenizers in generators' files.

use std::borrow::Cow;
use std::collections::HashMap;

use ahash::AHashMap;
use tokenizers::decoders::byte_level::ByteLevel as ByteLevelDecoder;
use tokenizers::models::bpe::BPE;
use tokenizers::normalizers::Replace;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::{AddedToken, PreTokenizerWrapper, SplitDelimiterBehavior, Tokenizer};

use super::{Gguf, StringArray, unsupported_tokenizer as unsupported};
use crate::error::Result;

/// How Llama 3 splits text before merging, from its tokenizer.json.
const LLAMA3_PATTERN: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// How Qwen 2 and 3 split text: like Llama 3, but each digit alone.
const QWEN2_PATTERN: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// End-of-turn tokens of chat templates, which files may not list as "eos".
const TURN_ENDS: [&str; 5] =
    ["<|im_end|>", "<|eot_id|>", "<|endoftext|>", "<|end|>", "<end_of_turn>"];

const UNKNOWN_TOKEN: i32 = 2;
const CONTROL_TOKEN: i32 = 3;
const USER_DEFINED_TOKEN: i32 = 4;
/// Limits of SentencePiece models: bytes of a piece, number of merges, bytes of all merges. Gemma,
/// which has the most tokens, has pieces of 93 bytes and 580,000 merges.
const MAX_PIECE_BYTES: usize = 512;
const MAX_MERGES: usize = 1 << 21;
const MAX_MERGED_BYTES: usize = 64 << 20;
/// SentencePiece's mark for a space.
const SPACE_MARK: char = '▁';

/// How tokens represent text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spelling {
    /// A token is a sequence of bytes.
    Bytes,
    /// A token is a sequence of characters, or a single byte. Where `prefixed`, a space is put
    /// before each text.
    Pieces { prefixed: bool },
}

/// The tokenizer of a generator, from its GGUF file.
pub(crate) struct TextTokenizer {
    tokenizer: Tokenizer,
    spelling: Spelling,
    /// Control tokens. Plain text must never become one.
    control: HashMap<String, u32>,
    control_by_id: HashMap<u32, String>,
    begin: Option<u32>,
    end: Vec<u32>,
}

impl TextTokenizer {
    /// Builds the tokenizer that `file` describes.
    pub(crate) async fn from_gguf(file: &Gguf<'_>) -> Result<Self> {
        let kind = file
            .string("tokenizer.ggml.model")
            .ok_or_else(|| unsupported("the file has no tokenizer"))?;
        let tokens = strings(file, "tokenizer.ggml.tokens")?;
        let prefixed = file.flag("tokenizer.ggml.add_space_prefix").unwrap_or(true);
        let (mut tokenizer, spelling) = match kind {
            "gpt2" => (byte_level(file, tokens).await?, Spelling::Bytes),
            "llama" => (sentence_piece(file, tokens).await?, Spelling::Pieces { prefixed }),
            other => return Err(unsupported(format!("its kind is \"{other}\""))),
        };
        file.file().step().await?;
        let kinds = file.integers("tokenizer.ggml.token_type").unwrap_or_default();
        let mut control = HashMap::new();
        let mut user_defined = Vec::new();
        for ((id, token), &kind) in (0u32..).zip(tokens.iter()).zip(kinds) {
            match kind {
                CONTROL_TOKEN | UNKNOWN_TOKEN if !token.is_empty() => {
                    control.insert(token.to_owned(), id);
                }
                USER_DEFINED_TOKEN => {
                    user_defined.push(AddedToken::from(token, false).normalized(false));
                }
                _ => {}
            }
        }
        // All at once, because the library goes through all added tokens in each call.
        tokenizer.add_tokens(user_defined).map_err(|e| unsupported(e.to_string()))?;
        let token_id = |key: &str| file.integer(key, 0..tokens.len()).ok().map(|id| id as u32);
        let mut end: Vec<u32> = ["eos", "eot", "eom"]
            .iter()
            .filter_map(|name| token_id(&format!("tokenizer.ggml.{name}_token_id")))
            .collect();
        // Some files list them as user-defined tokens, not as control tokens.
        let turn_ends = tokens.iter().zip(0..).filter(|(token, _)| TURN_ENDS.contains(token));
        end.extend(turn_ends.map(|(_, id)| id));
        let add_begin = file.flag("tokenizer.ggml.add_bos_token").unwrap_or(kind == "llama");
        let begin = token_id("tokenizer.ggml.bos_token_id").filter(|_| add_begin);
        let control_by_id = control.iter().map(|(token, id)| (*id, token.clone())).collect();
        Ok(Self { tokenizer, spelling, control, control_by_id, begin, end })
    }

    /// Appends the ids of plain text: a `<|im_end|>` in it is not a control token.
    pub(crate) fn append_plain(&self, text: &str, ids: &mut Vec<u32>) -> Result<()> {
        let begins = ids.last().is_none_or(|id| self.control_by_id.contains_key(id));
        let text = if self.is_prefixed() && begins && !text.is_empty() {
            Cow::Owned(format!(" {text}"))
        } else {
            Cow::Borrowed(text)
        };
        let encoding =
            self.tokenizer.encode_fast(text, false).map_err(|e| unsupported(e.to_string()))?;
        ids.extend(encoding.get_ids());
        Ok(())
    }

    /// Appends the ids of text with control tokens, as in a chat template.
    pub(crate) fn append_with_control(&self, text: &str, ids: &mut Vec<u32>) -> Result<()> {
        let mut rest = text;
        while let Some((at, token, id)) = self.first_control(rest) {
            self.append_plain(&rest[..at], ids)?;
            ids.push(id);
            rest = &rest[at + token.len()..];
        }
        self.append_plain(rest, ids)
    }

    /// The leftmost control token; the longest of those that begin together.
    fn first_control(&self, text: &str) -> Option<(usize, &str, u32)> {
        self.control
            .iter()
            .filter_map(|(token, id)| Some((text.find(token.as_str())?, token.as_str(), *id)))
            .min_by_key(|(at, token, _)| (*at, usize::MAX - token.len()))
    }

    /// The text of `ids` without control tokens. Ends with U+FFFD where the last character is
    /// incomplete.
    pub(crate) fn decode(&self, ids: &[u32]) -> Result<String> {
        let text = self.decode_after(ids)?;
        match text.strip_prefix(' ') {
            Some(own) if self.is_prefixed() => Ok(own.to_owned()),
            _ => Ok(text),
        }
    }

    /// The text of ids that follow others: a space at its beginning belongs to it.
    pub(crate) fn decode_after(&self, ids: &[u32]) -> Result<String> {
        let plain: Vec<u32> =
            ids.iter().copied().filter(|id| !self.control_by_id.contains_key(id)).collect();
        if self.spelling == Spelling::Bytes {
            return self.tokenizer.decode(&plain, false).map_err(|e| unsupported(e.to_string()));
        }
        let mut bytes = Vec::new();
        for token in plain.into_iter().filter_map(|id| self.tokenizer.id_to_token(id)) {
            match single_byte(&token) {
                Some(byte) => bytes.push(byte),
                None => bytes.extend(token.replace(SPACE_MARK, " ").as_bytes()),
            }
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Whether a space is put before each text.
    fn is_prefixed(&self) -> bool {
        self.spelling == Spelling::Pieces { prefixed: true }
    }

    /// The token that every text begins with, for models that need one.
    pub(crate) fn begin(&self) -> Option<u32> {
        self.begin
    }

    /// The text of a control token.
    pub(crate) fn control_text(&self, id: u32) -> Option<&str> {
        self.control_by_id.get(&id).map(String::as_str)
    }

    /// The first of the tokens that end a text.
    pub(crate) fn end(&self) -> Option<u32> {
        self.end.first().copied()
    }

    /// The tokens that end a text.
    pub(crate) fn ends(&self) -> &[u32] {
        &self.end
    }

    /// Whether this token ends the text.
    pub(crate) fn is_end(&self, id: u32) -> bool {
        self.end.contains(&id)
    }
}

/// The byte of a SentencePiece token such as `<0x0A>`.
fn single_byte(token: &str) -> Option<u8> {
    let digits = token.strip_prefix("<0x")?.strip_suffix('>')?;
    u8::from_str_radix(digits, 16).ok().filter(|_| digits.len() == 2)
}

fn strings<'a>(file: &'a Gguf, key: &str) -> Result<&'a StringArray> {
    file.strings(key).ok_or_else(|| unsupported(format!("the file has no strings {key}")))
}

fn vocabulary(tokens: &StringArray) -> AHashMap<String, u32> {
    tokens.iter().map(str::to_owned).zip(0..).collect()
}

/// Byte-level BPE (GPT-2 and its relatives). The file names its pre-tokenizer, and an unknown name
/// is an error, because a wrong pre-tokenizer would go unnoticed.
async fn byte_level(file: &Gguf<'_>, tokens: &StringArray) -> Result<Tokenizer> {
    let name = file
        .string("tokenizer.ggml.pre")
        .ok_or_else(|| unsupported("the file does not name its pre-tokenizer"))?;
    let gpt2 = PreTokenizerWrapper::from(ByteLevel::new(false, false, true));
    let pre_tokenizer = match name {
        "gpt-2" => gpt2,
        "smollm" => Sequence::new(vec![Digits::new(true).into(), gpt2]).into(),
        "llama3" | "llama-v3" | "llama-bpe" => split_by(LLAMA3_PATTERN)?,
        "qwen2" => split_by(QWEN2_PATTERN)?,
        other => return Err(unsupported(format!("its pre-tokenizer \"{other}\" is unknown"))),
    };
    let merges = strings(file, "tokenizer.ggml.merges")?
        .iter()
        .map(|merge| merge.split_once(' ').map(|(a, b)| (a.to_owned(), b.to_owned())))
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| unsupported("a merge does not have two parts"))?;
    let vocab = vocabulary(tokens);
    file.file().step().await?;
    let bpe = BPE::builder()
        .vocab_and_merges(vocab, merges)
        .ignore_merges(name.starts_with("llama"))
        .build()
        .map_err(|e| unsupported(e.to_string()))?;
    let mut tokenizer = Tokenizer::new(bpe);
    tokenizer.with_pre_tokenizer(Some(pre_tokenizer));
    tokenizer.with_decoder(Some(ByteLevelDecoder::default()));
    Ok(tokenizer)
}

/// Splits text by a pattern, and writes bytes as characters.
fn split_by(pattern: &str) -> Result<PreTokenizerWrapper> {
    let pattern = SplitPattern::Regex(pattern.to_owned());
    let split = Split::new(pattern, SplitDelimiterBehavior::Isolated, false)
        .map_err(|e| unsupported(e.to_string()))?;
    Ok(Sequence::new(vec![split.into(), ByteLevel::new(false, false, false).into()]).into())
}

/// SentencePiece BPE (Llama 1 and 2). Merges are ordered by the score of their result; characters
/// without a piece become bytes.
async fn sentence_piece(file: &Gguf<'_>, tokens: &StringArray) -> Result<Tokenizer> {
    let scores = file
        .floats("tokenizer.ggml.scores")
        .filter(|scores| scores.len() == tokens.len())
        .ok_or_else(|| unsupported("the file has no scores of its tokens"))?;
    let vocab = vocabulary(tokens);
    let mut merged_bytes = 0;
    let mut merges: Vec<(f32, u32, (String, String))> = Vec::new();
    for ((id, token), &score) in (0u32..).zip(tokens.iter()).zip(scores) {
        if token.len() > MAX_PIECE_BYTES
            || merges.len() > MAX_MERGES
            || merged_bytes > MAX_MERGED_BYTES
        {
            return Err(unsupported("its tokens are too long, or have too many merges"));
        }
        for (at, _) in token.char_indices().skip(1) {
            let (left, right) = token.split_at(at);
            if vocab.contains_key(left) && vocab.contains_key(right) {
                merged_bytes += token.len();
                merges.push((score, id, (left.to_owned(), right.to_owned())));
            }
        }
    }
    merges.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let merges = merges.into_iter().map(|(_, _, merge)| merge).collect::<Vec<_>>();
    file.file().step().await?;
    let bpe = BPE::builder()
        .vocab_and_merges(vocab, merges)
        .unk_token("<unk>".to_owned())
        .fuse_unk(true)
        .byte_fallback(true)
        .build()
        .map_err(|e| unsupported(e.to_string()))?;
    let mut tokenizer = Tokenizer::new(bpe);
    let mark = SPACE_MARK.to_string();
    let to_mark = Replace::new(" ", mark).map_err(|e| unsupported(e.to_string()))?;
    tokenizer.with_normalizer(Some(to_mark)).map_err(|e| unsupported(e.to_string()))?;
    Ok(tokenizer)
}
