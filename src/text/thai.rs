//! The words of Thai, which is written without spaces between them.
//!
//! They are the longest words of ICU's dictionary, from left to right, as
//! [icu_segmenter](https://docs.rs/icu_segmenter) finds them. That crate would link 3 MB of
//! dictionaries of several languages; `thai.trie` is the Thai one of them.

use std::ops::RangeInclusive;

use icu_collections::codepointinvlist::CodePointInversionListBuilder;
use icu_provider::prelude::*;
use icu_segmenter::WordSegmenter;
use icu_segmenter::options::WordBreakInvariantOptions;
use icu_segmenter::provider::{
    DictionaryBreakData, SegmenterDictionaryAutoV2, SegmenterDictionaryExtendedV2,
};
use zerotrie::ZeroTrieSimpleAscii;
use zerovec::ZeroVec;

/// The words, by their characters' places in [`ALPHABET`].
static TRIE: &[u8] = include_bytes!("thai.trie");
/// The characters of the dictionary.
const ALPHABET: RangeInclusive<char> = '\u{E01}'..='\u{E4C}';
/// The name of the dictionary in ICU's data.
const NAME: &str = "thaidict";

/// A vowel that normalization parts into two characters; the dictionary has it as one.
const SARA_AM: &str = "\u{E33}";
const PARTED_SARA_AM: &str = "\u{E4D}\u{E32}";

pub(super) fn is_thai(char: char) -> bool {
    matches!(char, '\u{E00}'..='\u{E7F}')
}

/// The words of a text of Thai letters only, normalized by [`fold`](super::fold()). What stands
/// between words of the dictionary, such as a name, is one word.
pub(super) fn thai_words(text: &str) -> Vec<String> {
    let text = text.replace(PARTED_SARA_AM, SARA_AM);
    let ends = SEGMENTER.with(|segmenter| segmenter.as_borrowed().segment_str(&text).collect());
    let mut words: Vec<String> = Vec::new();
    let mut is_last_unknown = false;
    for word in pieces(&text, ends) {
        let is_unknown = !is_known(word);
        let parted = word.replace(SARA_AM, PARTED_SARA_AM);
        match words.last_mut() {
            Some(last) if is_unknown && is_last_unknown => last.push_str(&parted),
            _ => words.push(parted),
        }
        is_last_unknown = is_unknown;
    }
    words
}

/// The pieces of `text` between these places, of which the first is its beginning.
fn pieces(text: &str, places: Vec<usize>) -> impl Iterator<Item = &str> {
    let ends = places.clone().into_iter().skip(1);
    places.into_iter().zip(ends).map(|(start, end)| &text[start..end])
}

fn is_known(word: &str) -> bool {
    let place =
        |char: char| u8::try_from(u32::from(char).checked_sub(u32::from(*ALPHABET.start()))?).ok();
    let places: Option<Vec<u8>> = word.chars().map(place).collect();
    places.is_some_and(|places| ZeroTrieSimpleAscii::from_store(TRIE).get(places).is_some())
}

thread_local! {
    static SEGMENTER: WordSegmenter = {
        let other = WordSegmenter::new_for_non_complex_scripts(WordBreakInvariantOptions::default());
        let mut segmenter = other.static_to_owned();
        // It cannot fail: the dictionary below is there, and others may be missing.
        let _ = segmenter.load_dictionary_unstable(&ThaiDictionary);
        segmenter
    };
}

/// Gives the segmenter the Thai dictionary, and no other.
struct ThaiDictionary;

impl ThaiDictionary {
    fn data() -> DictionaryBreakData<'static> {
        let mut alphabet = CodePointInversionListBuilder::new();
        alphabet.add_range(ALPHABET);
        DictionaryBreakData::ZeroTrie {
            alphabet: alphabet.build(),
            trie: ZeroTrieSimpleAscii::from_store(ZeroVec::new_borrowed(TRIE)),
        }
    }
}

impl DataProvider<SegmenterDictionaryExtendedV2> for ThaiDictionary {
    fn load(
        &self,
        request: DataRequest,
    ) -> Result<DataResponse<SegmenterDictionaryExtendedV2>, DataError> {
        if request.id.marker_attributes.as_str() != NAME {
            let info = SegmenterDictionaryExtendedV2::INFO;
            return Err(DataErrorKind::IdentifierNotFound.with_req(info, request));
        }
        let payload = DataPayload::from_owned(Self::data());
        Ok(DataResponse { metadata: DataResponseMetadata::default(), payload })
    }
}

/// The dictionary of Chinese and Japanese, which are found by pairs of characters.
impl DataProvider<SegmenterDictionaryAutoV2> for ThaiDictionary {
    fn load(
        &self,
        request: DataRequest,
    ) -> Result<DataResponse<SegmenterDictionaryAutoV2>, DataError> {
        let info = SegmenterDictionaryAutoV2::INFO;
        Err(DataErrorKind::IdentifierNotFound.with_req(info, request))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::fold;
    use super::*;
    use crate::test;

    fn thai(text: &str) -> Vec<String> {
        thai_words(&fold(text))
    }

    #[test]
    fn the_words_of_the_dictionary_are_found() {
        assert_eq!(thai("ฉันเรียนภาษาไทย"), ["ฉัน", "เรียน", "ภาษา", "ไทย"]);
        assert_eq!(thai("น้ำตกสูง"), [fold("น้ำตก"), fold("สูง")], "a vowel of two characters");
        assert!(thai("").is_empty());
    }

    #[test]
    fn what_the_dictionary_has_not_is_one_word() {
        assert_eq!(thai("ฌฌฌฌฌฌ").len(), 1);
    }

    #[test]
    fn the_words_together_are_the_text() {
        for text in ["ประภาคารแห่งนี้สร้างขึ้นในปี", "กำ\u{E4D}\u{E4D}\u{E32}ำ", "\u{E4D}", "ๆฯ๏฿"]
        {
            assert_eq!(thai(text).concat(), fold(text));
        }
    }

    /// Writes the file where `UPDATE_DICTIONARY` is set.
    #[cfg(not(target_arch = "wasm32"))]
    #[test]
    fn the_dictionary_is_the_one_of_icu_segmenter() {
        let name = DataMarkerAttributes::try_from_str(NAME).unwrap();
        let request = DataRequest {
            id: DataIdentifierBorrowed::for_marker_attributes(name),
            ..DataRequest::default()
        };
        let response: DataResponse<SegmenterDictionaryExtendedV2> =
            icu_segmenter::provider::Baked.load(request).unwrap();
        let DictionaryBreakData::ZeroTrie { trie, .. } = response.payload.get() else {
            unreachable!("a dictionary of a small alphabet");
        };
        if std::env::var_os("UPDATE_DICTIONARY").is_some() {
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/text/thai.trie");
            std::fs::write(path, trie.as_bytes()).unwrap();
        }
        assert!(*response.payload.get() == ThaiDictionary::data());
    }
}
