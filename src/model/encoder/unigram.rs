//! The Unigram tokenizer of SentencePiece (Kudo 2018, <https://arxiv.org/abs/1804.10959>), for the
//! vocabularies of multilingual encoders.
//!
//! Characters are replaced by a table, and each word is split into the pieces whose sum of scores
//! is largest. Characters without a piece become one unknown token together with their neighbours.
//! A quarter of a million pieces takes 7 MB and loads in milliseconds, where the library's trie of
//! hash maps takes 260 MB and a second.

use std::ops::{Range, RangeInclusive};

use unicode_normalization::char::canonical_combining_class;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::error::Result;
use crate::model::corrupt;

/// The mark before each word.
const WORD_MARK: char = '▁';
/// What an unknown character scores below the least likely piece, as in SentencePiece.
const UNKNOWN_PENALTY: f32 = 10.0;
/// A slot of the table: bits of the hash above a piece's number plus one.
const NUMBER_BITS: u32 = 20;
const NUMBER_MASK: u32 = (1 << NUMBER_BITS) - 1;
/// Longer words are cut, so that no text takes more memory than itself.
const MAX_WORD_BYTES: usize = 1 << 14;
/// The most pieces. The largest vocabulary in use has half as many.
const MAX_PIECES: usize = NUMBER_MASK as usize - 1;

/// The tables of a tokenizer, as a file has them. Nothing in them is trusted.
#[derive(Debug, Clone, Default)]
pub(crate) struct UnigramTables {
    /// The pieces, one after another.
    pub(crate) pieces: Vec<u8>,
    /// The bytes of each piece.
    pub(crate) lengths: Vec<u8>,
    /// The log-probability of each piece. Control tokens have 0, and no text becomes one.
    pub(crate) scores: Vec<f32>,
    /// Of each replaced character, in ascending order: it, how many characters stand for it, and
    /// these.
    pub(crate) replacements: Vec<u32>,
}

/// Tokens with a meaning of their own.
#[derive(Debug, Clone, Copy, serde::Serialize, serde::Deserialize)]
pub(crate) struct SpecialTokens {
    /// Begins each text.
    pub(crate) begin: u32,
    /// Ends each text.
    pub(crate) end: u32,
    /// Stands for characters without a piece.
    pub(crate) unknown: u32,
}

/// The tokenizer.
pub(crate) struct Unigram {
    pieces: String,
    /// Where each piece ends.
    ends: Vec<u32>,
    scores: Vec<f32>,
    unknown_score: f32,
    max_piece_bytes: usize,
    /// An open hash table of the pieces.
    slots: Vec<u32>,
    replacements: Replacements,
    special: SpecialTokens,
}

impl Unigram {
    /// Builds a tokenizer whose ids are below `vocabulary`.
    pub(crate) fn build(
        tables: UnigramTables,
        special: SpecialTokens,
        vocabulary: usize,
    ) -> Result<Self> {
        let UnigramTables { pieces, lengths, scores, replacements } = tables;
        let count = lengths.len();
        if count > vocabulary || count > MAX_PIECES || scores.len() != count {
            let scored = scores.len();
            return Err(corrupt(format!(
                "{count} pieces with {scored} scores for {vocabulary} embeddings"
            )));
        }
        if [special.begin, special.end, special.unknown].iter().any(|&id| id as usize >= count) {
            return Err(corrupt("its special tokens are beyond its pieces"));
        }
        if !scores.iter().all(|score| score.is_finite()) {
            return Err(corrupt("its pieces have scores that are not finite"));
        }
        let pieces = String::from_utf8(pieces).map_err(|_| corrupt("its pieces are not UTF-8"))?;
        let ends: Vec<u32> = lengths
            .iter()
            .scan(0, |end, length| {
                *end += u32::from(*length);
                Some(*end)
            })
            .collect();
        let whole = ends.last().is_some_and(|end| *end as usize == pieces.len());
        if !whole || !ends.iter().all(|end| pieces.is_char_boundary(*end as usize)) {
            return Err(corrupt("its pieces are not as long as their lengths say"));
        }
        let mut tokenizer = Self {
            unknown_score: scores.iter().copied().fold(0.0, f32::min) - UNKNOWN_PENALTY,
            max_piece_bytes: lengths.iter().copied().max().unwrap_or(0).into(),
            slots: vec![0; (2 * count).next_power_of_two()],
            replacements: Replacements::parse(&replacements)?,
            pieces,
            ends,
            scores,
            special,
        };
        tokenizer.fill_slots();
        Ok(tokenizer)
    }

    /// Control tokens get no slot, and so does no text become one.
    fn fill_slots(&mut self) {
        for number in 0..self.ends.len() {
            let piece = self.piece(number).as_bytes();
            if self.scores[number] >= 0.0 || piece.is_empty() {
                continue;
            }
            let hash = piece.iter().fold(Hash::default(), |hash, &byte| hash.with(byte));
            let mut at = hash.0 as usize & (self.slots.len() - 1);
            while self.slots[at] != 0 {
                at = (at + 1) & (self.slots.len() - 1);
            }
            self.slots[at] = hash.tag() | (number as u32 + 1);
        }
    }

    fn piece(&self, number: usize) -> &str {
        let start = if number == 0 { 0 } else { self.ends[number - 1] };
        &self.pieces[start as usize..self.ends[number] as usize]
    }

    /// The number of a piece, if there is such a piece.
    fn find(&self, piece: &[u8], hash: Hash) -> Option<u32> {
        let mask = self.slots.len() - 1;
        let mut at = hash.0 as usize & mask;
        loop {
            let slot = self.slots[at];
            if slot == 0 {
                return None;
            }
            let number = (slot & NUMBER_MASK) - 1;
            if slot & !NUMBER_MASK == hash.tag() && self.piece(number as usize).as_bytes() == piece
            {
                return Some(number);
            }
            at = (at + 1) & mask;
        }
    }

    /// Ids of `text` between the tokens that begin and end a text, at most `limit` of all.
    pub(crate) fn encode(&self, text: &str, limit: usize) -> Vec<u32> {
        let mut ids = vec![self.special.begin];
        self.push_words(text, &mut ids, limit.saturating_sub(1));
        ids.push(self.special.end);
        ids
    }

    /// Tokens of `text` without those around it.
    pub(crate) fn count(&self, text: &str) -> usize {
        let mut ids = Vec::new();
        self.push_words(text, &mut ids, usize::MAX);
        ids.len()
    }

    /// Whether a part of `text` has no piece.
    pub(crate) fn has_unknown(&self, text: &str) -> bool {
        let mut ids = Vec::new();
        self.push_words(text, &mut ids, usize::MAX);
        ids.contains(&self.special.unknown)
    }

    /// The first `limit` tokens of `text`, and of each the bytes of `text` that it is from.
    pub(crate) fn encode_with_places(&self, text: &str, limit: usize) -> Vec<(u32, Range<usize>)> {
        let (replaced, origins) = self.replacements.apply_with_origins(text);
        let mut pieces = Vec::new();
        self.push_pieces_of(&replaced, &mut pieces, limit);
        let place = |piece: &Piece| match origins.get(piece.range.clone()) {
            Some([first, .., last]) => first.start..last.end,
            Some([only]) => only.clone(),
            // The mark before a word is from no character.
            _ => origins.get(piece.range.start).map_or(0..0, |next| next.start..next.start),
        };
        pieces.iter().map(|piece| (piece.id, place(piece))).collect()
    }

    /// Appends tokens until there are `limit`.
    fn push_words(&self, text: &str, ids: &mut Vec<u32>, limit: usize) {
        let mut pieces = Vec::new();
        let rest = limit.saturating_sub(ids.len());
        self.push_pieces_of(&self.replacements.apply(text), &mut pieces, rest);
        ids.extend(pieces.iter().map(|piece| piece.id));
    }

    /// Appends the pieces of all words until there are `limit`.
    fn push_pieces_of(&self, text: &str, pieces: &mut Vec<Piece>, limit: usize) {
        let (mut word, mut lattice) = (String::new(), Vec::new());
        let mut start = 0;
        for plain in text.split(' ') {
            if pieces.len() >= limit {
                break;
            }
            // Where a byte of the marked word is in the text.
            let first = start;
            start += plain.len() + 1;
            if plain.is_empty() {
                continue;
            }
            word.clear();
            word.push(WORD_MARK);
            word.push_str(plain);
            let mut rest = word.as_str();
            while !rest.is_empty() && pieces.len() < limit {
                let (part, after) = rest.split_at(rest.floor_char_boundary(MAX_WORD_BYTES));
                let at = word.len() - rest.len();
                let place = |byte: usize| first + (at + byte).saturating_sub(WORD_MARK.len_utf8());
                self.push_pieces(part, &mut lattice, pieces, place);
                rest = after;
            }
        }
        pieces.truncate(limit);
    }

    /// Appends the pieces of a word: those whose sum of scores is largest, by Viterbi's algorithm.
    /// `place` tells where a byte of the word is in the text.
    fn push_pieces(
        &self,
        word: &str,
        lattice: &mut Vec<Node>,
        pieces: &mut Vec<Piece>,
        place: impl Fn(usize) -> usize,
    ) {
        lattice.clear();
        lattice.resize(word.len() + 1, Node::UNREACHED);
        lattice[0].score = 0.0;
        for (start, character) in word.char_indices() {
            let score = lattice[start].score;
            let mut hash = Hash::default();
            let longest = &word.as_bytes()[start..word.len().min(start + self.max_piece_bytes)];
            for (at, &byte) in longest.iter().enumerate() {
                hash = hash.with(byte);
                let end = start + at + 1;
                if word.is_char_boundary(end)
                    && let Some(id) = self.find(&longest[..=at], hash)
                {
                    lattice[end].offer(score + self.scores[id as usize], start, id);
                }
            }
            let end = start + character.len_utf8();
            lattice[end].offer(score + self.unknown_score, start, self.special.unknown);
        }
        let first = pieces.len();
        let mut end = word.len();
        while end > 0 {
            let Node { start, id, .. } = lattice[end];
            let range = place(start)..place(end);
            match pieces[first..].last_mut() {
                // Neighbours without a piece are one token.
                Some(later) if id == self.special.unknown && later.id == id => {
                    later.range.start = range.start;
                }
                _ => pieces.push(Piece { id, range }),
            }
            end = start;
        }
        pieces[first..].reverse();
    }
}

/// A piece of a text, and the bytes of the text with replaced characters that it stands for.
struct Piece {
    id: u32,
    range: Range<usize>,
}

/// The best way to a place in a word.
#[derive(Clone, Copy)]
struct Node {
    score: f32,
    /// Where the last piece begins.
    start: usize,
    id: u32,
}

impl Node {
    const UNREACHED: Self = Self { score: f32::NEG_INFINITY, start: 0, id: 0 };

    fn offer(&mut self, score: f32, start: usize, id: u32) {
        if score > self.score {
            *self = Self { score, start, id };
        }
    }
}

/// FNV-1a, byte by byte, because each prefix of a text is looked up.
#[derive(Clone, Copy)]
struct Hash(u64);

impl Default for Hash {
    fn default() -> Self {
        Self(0xCBF2_9CE4_8422_2325)
    }
}

impl Hash {
    fn with(self, byte: u8) -> Self {
        Self((self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
    }

    /// Bits that the place in the table does not show.
    fn tag(self) -> u32 {
        (self.0 >> 32) as u32 & !NUMBER_MASK
    }
}

/// Characters and what stands for each of them.
struct Replacements {
    /// In ascending order.
    characters: Vec<char>,
    /// Where the text of each ends.
    ends: Vec<u32>,
    texts: String,
    /// Whether no printable character of ASCII is among them.
    keeps_ascii: bool,
}

const PRINTABLE_ASCII: RangeInclusive<char> = ' '..='~';

impl Replacements {
    fn parse(mut numbers: &[u32]) -> Result<Self> {
        let damaged = || corrupt("its table of characters is damaged");
        let (characters, ends, texts) = (Vec::new(), Vec::new(), String::new());
        let mut table = Self { characters, ends, texts, keeps_ascii: true };
        while let [character, count, rest @ ..] = numbers {
            let (text, rest) = rest.split_at_checked(*count as usize).ok_or_else(damaged)?;
            let character = char::from_u32(*character).ok_or_else(damaged)?;
            if table.characters.last().is_some_and(|last| *last >= character) {
                return Err(damaged());
            }
            for number in text {
                table.texts.push(char::from_u32(*number).ok_or_else(damaged)?);
            }
            table.keeps_ascii &= !PRINTABLE_ASCII.contains(&character);
            table.characters.push(character);
            table.ends.push(table.texts.len() as u32);
            numbers = rest;
        }
        if numbers.is_empty() { Ok(table) } else { Err(damaged()) }
    }

    /// The text with all characters replaced. Characters that are written in parts are put together
    /// first, as SentencePiece's own tables do.
    fn apply(&self, text: &str) -> String {
        let mut replaced = String::with_capacity(text.len());
        if is_nfc_quick(text.chars()) == IsNormalized::Yes {
            text.chars().for_each(|character| self.push(character, &mut replaced));
        } else {
            text.nfc().for_each(|character| self.push(character, &mut replaced));
        }
        replaced
    }

    /// The text with all characters replaced, and for each of its bytes the bytes of `text` that it
    /// is from. A character that is written in parts is from all of them.
    fn apply_with_origins(&self, text: &str) -> (String, Vec<Range<usize>>) {
        let mut replaced = String::with_capacity(text.len());
        let mut origins = Vec::with_capacity(text.len());
        let mut parts = text.char_indices().peekable();
        let is_whole = is_nfc_quick(text.chars()) == IsNormalized::Yes;
        while let Some((start, character)) = parts.next() {
            // What combines with a character has it as its beginning.
            while !is_whole && parts.next_if(|(_, next)| combines(*next)).is_some() {}
            let end = parts.peek().map_or(text.len(), |(next, _)| *next);
            if end - start == character.len_utf8() {
                self.push(character, &mut replaced);
            } else {
                text[start..end].nfc().for_each(|joined| self.push(joined, &mut replaced));
            }
            origins.resize(replaced.len(), start..end);
        }
        (replaced, origins)
    }

    fn push(&self, character: char, to: &mut String) {
        if self.keeps_ascii && PRINTABLE_ASCII.contains(&character) {
            return to.push(character);
        }
        match self.characters.binary_search(&character) {
            Ok(number) => {
                let start = if number == 0 { 0 } else { self.ends[number - 1] };
                to.push_str(&self.texts[start as usize..self.ends[number] as usize]);
            }
            Err(_) => to.push(character),
        }
    }
}

/// Whether a character can be joined with the one before it: marks, and the letters of a Korean
/// syllable after its first.
fn combines(character: char) -> bool {
    canonical_combining_class(character) != 0 || ('\u{1160}'..='\u{11FF}').contains(&character)
}
