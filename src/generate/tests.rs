//! Drafts and pieces of text, compared with the simplest code that could be right.
#![allow(clippy::unwrap_used)]

use crate::test;

use super::Generator;
use super::prompt_lookup::{Match, PromptLookup, find_match};
use super::text_writer::TextWriter;
use crate::model::TextTokenizer;
use crate::rng::{Rng, seed};
use crate::runtime::IdleRuntime;
use crate::runtime::Task;

const FILES: [&[u8]; 2] = [
    include_bytes!("../../tests/fixtures/models/tiny-llama.gguf"),
    include_bytes!("../../tests/fixtures/models/tiny-llama-spm.gguf"),
];
/// Tokens of either file.
const VOCABULARY: usize = 400;

// --- drafts ---------------------------------------------------------------------------

const NOTHING: [u32; 0] = [];

/// The longest end of a text first, with all its earlier occurrences.
fn find_match_naively(text: &[u32]) -> Option<Match> {
    (1..=8.min(text.len())).rev().find_map(|length| {
        let end = &text[text.len() - length..];
        let nexts: Vec<usize> =
            (length..text.len()).filter(|&next| &text[next - length..next] == end).collect();
        let next = *nexts.last()?;
        let agrees = nexts.iter().all(|&other| text[other] == text[next]);
        Some(Match { length, next, occurrences: nexts.len(), agrees })
    })
}

#[test]
fn the_last_occurrence_of_the_longest_repeated_end_is_found() {
    let mut rng = Rng::new(seed());
    for tokens in [1, 2, 3, 5, 20] {
        for length in (0..40).chain([200, 400]) {
            let text: Vec<u32> = (0..length).map(|_| rng.below(tokens) as u32).collect();
            assert_eq!(find_match(&text), find_match_naively(&text), "{text:?}");
        }
    }
}

#[test]
fn a_draft_repeats_the_tokens_after_an_occurrence_also_where_it_overlaps_the_end() {
    let drafter = PromptLookup::new();
    assert_eq!(drafter.draft(&[1, 2, 3, 4, 5, 6, 7, 1, 2, 3], 9), [4, 5, 6]);
    assert_eq!(drafter.draft(&[1, 2, 3, 4, 5, 6, 7, 1, 2, 3], 2), [4, 5]);
    assert_eq!(drafter.draft(&[1, 2, 3, 4, 5, 6, 7, 1, 2, 3], 0), NOTHING);
    assert_eq!(drafter.draft(&[9, 1, 2, 1, 2, 1, 2], 9), [1, 2, 1]);
    assert_eq!(drafter.draft(&[5, 5, 5, 5, 5], 9), [5, 5, 5]);
}

#[test]
fn a_draft_needs_a_long_match_or_many_occurrences_that_agree() {
    let drafter = PromptLookup::new();
    for empty in [&[][..], &[1], &[1, 2], &[1, 2, 3]] {
        assert_eq!(drafter.draft(empty, 9), NOTHING, "nothing stood before in {empty:?}");
    }
    assert_eq!(drafter.draft(&[2, 3, 4, 2, 3], 9), NOTHING, "two tokens, once");
    assert_eq!(drafter.draft(&[2, 3, 4, 0, 2, 3, 4, 1, 2, 3], 9), [4, 1, 2], "twice");
    assert_eq!(drafter.draft(&[2, 3, 4, 0, 2, 3, 5, 1, 2, 3], 9), NOTHING, "two ways to go on");
    assert_eq!(drafter.draft(&[3, 4, 0, 3, 4, 1, 3, 4, 2, 3], 9), [4, 2, 3], "one, thrice");
}

#[test]
fn rejected_drafts_raise_the_evidence_needed_until_one_is_accepted() {
    let mut drafter = PromptLookup::new();
    let short = [1, 2, 3, 9, 9, 1, 2, 3];
    let long = [1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 1, 2, 3, 4, 5, 6, 7, 8];
    drafter.record_accepted(0);
    assert_eq!(drafter.draft(&short, 9), NOTHING);
    assert_eq!(drafter.draft(&long, 9), [9, 9, 1]);
    (0..20).for_each(|_| drafter.record_accepted(0));
    assert_eq!(drafter.draft(&long, 9), [9, 9, 1], "as much as there can be is enough");
    drafter.record_accepted(1);
    assert_eq!(drafter.draft(&short, 9), [9, 9, 1]);
}

// --- bound ---------------------------------------------------------------------------

#[test]
fn a_bound_takes_the_same_from_every_token_that_no_word_has() {
    let task = Task::default();
    let generator = pollster::block_on(Generator::load(FILES[0], &IdleRuntime, &task)).unwrap();
    let bound = generator.token_bound(["the old mill", "Oxford"]).unwrap();
    let logits: Vec<f32> = (0..VOCABULARY).map(|at| at as f32 / 100.0).collect();
    let held = bound.held(&logits[..generator.model.vocabulary().min(VOCABULARY)]);
    let is_free = |token: &u32| held[*token as usize] == logits[*token as usize];
    for text in ["the old mill", "mill", " Mill", "Oxford", " Oxford", ".", ", "] {
        let tokens = generator.tokenize(text).unwrap();
        assert!(tokens.iter().all(&is_free), "{text:?}");
    }
    assert!(generator.tokenizer.ends().iter().all(is_free));
    let taken: Vec<f32> = logits.iter().zip(&held).map(|(logit, held)| logit - held).collect();
    assert!(taken.iter().any(|taken| *taken > 5.0), "no token is held down");
    assert!(taken.iter().all(|taken| *taken == 0.0 || (*taken - 6.0).abs() < 1e-4));
}

// --- text -----------------------------------------------------------------------------

fn tokenizer(file: &[u8]) -> TextTokenizer {
    pollster::block_on(Generator::load(file, &IdleRuntime, &Task::default())).unwrap().tokenizer
}

/// The pieces of text if the whole text is decoded again for each token, and the number of tokens
/// until a stop text.
fn write_naively(tokenizer: &TextTokenizer, ids: &[u32], stop: &[String]) -> (Vec<String>, usize) {
    let (mut written, mut pieces) = (0, Vec::new());
    let mut write = |text: &str| {
        if text.len() > written {
            pieces.push(text[written..].to_owned());
            written = text.len();
        }
    };
    for count in 1..=ids.len() {
        let text = tokenizer.decode(&ids[..count]).unwrap();
        let whole = text.trim_end_matches(char::REPLACEMENT_CHARACTER);
        if let Some(at) = stop.iter().filter_map(|stop| whole.find(stop)).min() {
            write(&whole[..at]);
            return (pieces, count);
        }
        let begins = |at: &usize| stop.iter().any(|stop| stop.starts_with(&whole[*at..]));
        let mut starts = whole.char_indices().map(|(at, _)| at);
        write(&whole[..starts.find(begins).unwrap_or(whole.len())]);
    }
    write(&tokenizer.decode(ids).unwrap());
    (pieces, ids.len())
}

fn write(tokenizer: &TextTokenizer, ids: &[u32], stop: &[String]) -> (Vec<String>, usize) {
    let mut pieces = Vec::new();
    let mut on_text = |piece: &str| pieces.push(piece.to_owned());
    let mut writer = TextWriter::new(tokenizer, stop);
    let stopped = ids.iter().position(|&id| writer.push(id, &mut on_text).unwrap());
    writer.finish(&mut on_text).unwrap();
    (pieces, stopped.map_or(ids.len(), |at| at + 1))
}

/// Some texts out of `text`, of up to so many characters.
fn parts(rng: &mut Rng, text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    (0..rng.below(4))
        .filter_map(|_| {
            let at = rng.below(characters.len().max(1));
            let length = 1 + rng.below(12);
            let part: String = characters.iter().skip(at).take(length).collect();
            // Where a character is not whole is not to be known beforehand.
            let whole = !part.is_empty() && !part.contains(char::REPLACEMENT_CHARACTER);
            whole.then_some(part)
        })
        .collect()
}

/// Random ids, most of which are bytes of no characters, and the ids of texts in many
/// scripts, some of them cut and joined at random places.
fn random_ids(rng: &mut Rng, tokenizer: &TextTokenizer) -> Vec<u32> {
    const TEXTS: [&str; 6] = [
        " the bridge over the river",
        "東京から京都まで",
        "😀🚀 👨\u{200d}👩\u{200d}👧",
        "Naïve café, Ångström",
        "  two  spaces\n\n",
        "ไทย и русский",
    ];
    let mut ids = Vec::new();
    for _ in 0..1 + rng.below(8) {
        let from = ids.len();
        match rng.below(3) {
            0 => ids.extend((0..rng.below(20)).map(|_| rng.below(VOCABULARY) as u32)),
            _ => tokenizer.append_plain(TEXTS[rng.below(TEXTS.len())], &mut ids).unwrap(),
        }
        if rng.below(3) == 0 {
            ids.truncate(from + rng.below(ids.len() - from + 1));
        }
    }
    ids
}

#[test]
fn pieces_equal_those_of_decoding_the_whole_text_for_each_token() {
    let mut rng = Rng::new(seed());
    let (mut stopped, mut cut) = (0, 0);
    for file in FILES {
        let tokenizer = tokenizer(file);
        for _ in 0..400 {
            let ids = random_ids(&mut rng, &tokenizer);
            let text = tokenizer.decode(&ids).unwrap();
            let (pieces, count) = write(&tokenizer, &ids, &[]);
            assert_eq!((pieces.concat(), count), (text.clone(), ids.len()), "{ids:?}");
            cut += usize::from(text.ends_with(char::REPLACEMENT_CHARACTER));
            let stop = parts(&mut rng, &text);
            let expected = write_naively(&tokenizer, &ids, &stop);
            assert_eq!(write(&tokenizer, &ids, &stop), expected, "{ids:?}, {stop:?}");
            stopped += usize::from(expected.1 < ids.len());
        }
    }
    println!("{stopped} stopped, {cut} cut");
    assert!(stopped > 100 && cut > 50, "{stopped} stopped, {cut} cut");
}

#[test]
fn only_the_ids_of_the_last_character_of_a_long_text_are_kept() {
    for file in FILES {
        let tokenizer = tokenizer(file);
        let mut ids = Vec::new();
        tokenizer.append_plain(&"東京 and the 😀 river. ".repeat(50), &mut ids).unwrap();
        let stop = ["river! ".to_owned()];
        let mut writer = TextWriter::new(&tokenizer, &stop);
        for id in ids {
            assert!(!writer.push(id, &mut |_| ()).unwrap());
            assert!(writer.kept() <= 4 + stop[0].len(), "{}", writer.kept());
        }
    }
}
