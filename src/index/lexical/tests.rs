//! Postings and scores, against the simplest code that could be right.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use crate::test;

use super::*;
use crate::rng::{Rng, seed};
use crate::text::{Language, terms};

/// Words of which some are frequent and most are rare, in several scripts.
fn random_text(rng: &mut Rng) -> String {
    let word = |rng: &mut Rng| {
        let most = 1 << rng.below(12);
        let number = rng.below(most);
        match number % 5 {
            0 => format!("wort{number}"),
            1 => format!("слово{number}"),
            2 => format!("{number}"),
            3 => "人工智能的".chars().skip(number % 4).collect(),
            _ => format!("q{}", "x".repeat(number % 70)),
        }
    };
    (0..rng.below(40)).map(|_| word(rng) + " ").collect()
}

fn random_texts(rng: &mut Rng, chunks: usize) -> Vec<String> {
    (0..chunks).map(|_| random_text(rng)).collect()
}

fn postings(texts: &[impl AsRef<str>]) -> Postings {
    let mut builder = PostingsBuilder::default();
    texts.iter().for_each(|text| builder.push(text.as_ref(), &[]));
    builder.finish()
}

type Lists = BTreeMap<String, Vec<(u32, u32)>>;

/// Each term with its chunks and occurrences, counted the plain way.
fn counted(texts: &[String]) -> Lists {
    let mut lists = Lists::new();
    for (chunk, text) in (0..).zip(texts) {
        let terms = terms(text);
        for term in &terms {
            let list = lists.entry(term.clone()).or_default();
            if list.last().is_none_or(|&(last, _)| last != chunk) {
                let occurrences = terms.iter().filter(|other| *other == term).count();
                list.push((chunk, occurrences as u32));
            }
        }
    }
    lists
}

/// Each term with its chunks and occurrences, as the postings have them.
fn read(postings: &Postings) -> Lists {
    let mut lists = Lists::new();
    postings.with_prefix("", |term, list| {
        assert_eq!(list.chunks() as usize, list.into_iter().count());
        lists.insert(term.to_owned(), list.into_iter().collect());
    });
    lists
}

#[test]
fn postings_hold_what_was_counted() {
    let mut rng = Rng::new(seed());
    for chunks in [0, 1, 2, 30, 400] {
        let texts = random_texts(&mut rng, chunks);
        let postings = postings(&texts);
        let expected = counted(&texts);
        assert_eq!(read(&postings), expected);
        for (term, list) in &expected {
            let found = postings.list(term).map(|list| list.into_iter().collect());
            assert_eq!(found.as_ref(), Some(list), "{term}");
            assert!(postings.list(&format!("{term}0 ")).is_none());
        }
        assert!(postings.list("").is_none() && postings.list("zzz").is_none());
        let lengths: Vec<usize> = postings.lengths().iter().map(|&l| l.into()).collect();
        let expected: Vec<usize> = texts.iter().map(|text| terms(text).len()).collect();
        assert_eq!(lengths, expected);
    }
}

#[test]
fn a_prefix_finds_all_terms_that_begin_with_it() {
    let texts = random_texts(&mut Rng::new(seed()), 300);
    let (postings, all) = (postings(&texts), counted(&texts));
    for prefix in ["", "w", "wort1", "wort10", "сло", "слово2", "人", "q", "qxxxx", "zz", "0", " "]
    {
        let mut found = Vec::new();
        postings.with_prefix(prefix, |term, _| found.push(term.to_owned()));
        let expected: Vec<&String> = all.keys().filter(|term| term.starts_with(prefix)).collect();
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{prefix}");
    }
}

#[test]
fn many_occurrences_and_long_gaps_are_kept() {
    let mut texts = vec![String::new(); 5000];
    texts[0] = "often ".repeat(100_000);
    texts[4999] = "often once".to_owned();
    // Near each other at first, and then far from it: what a Rice code is worst at.
    texts[..200].iter_mut().for_each(|text| text.push_str("near"));
    texts[4900].push_str("near");
    let postings = postings(&texts);
    let list = |term| postings.list(term).unwrap().into_iter().collect::<Vec<_>>();
    assert_eq!(list("often"), [(0, 100_000), (4999, 1)]);
    assert_eq!(list("once"), [(4999, 1)]);
    assert_eq!(list("near").last(), Some(&(4900, 1)));
    assert_eq!(postings.lengths()[0], u16::MAX);
    assert_eq!(Postings::from_parts(postings.parts().clone()).unwrap(), postings);
}

#[test]
fn memory_is_what_the_parts_take_and_not_much() {
    let texts = random_texts(&mut Rng::new(seed()), 1000);
    let postings = postings(&texts);
    let Parts { alphabet, terms, lists, blocks, lengths, .. } = postings.parts();
    let parts = alphabet.len() + terms.len() + lists.len() + 8 * blocks.len() + 2 * lengths.len();
    assert_eq!(postings.memory_bytes(), parts);
    let entries: usize = counted(&texts).values().map(Vec::len).sum();
    println!("{} bits an entry", parts * 8 / entries);
    assert!(parts * 8 < entries * 14);
}

#[test]
fn parts_read_back_are_the_same_postings() {
    let mut rng = Rng::new(seed());
    for chunks in [0, 1, 50] {
        let postings = postings(&random_texts(&mut rng, chunks));
        let bytes = postcard::to_stdvec(postings.parts()).unwrap();
        let parts = postcard::from_bytes(&bytes).unwrap();
        assert_eq!(Postings::from_parts(parts).unwrap(), postings);
    }
}

/// `parts` with one change.
fn mutated(parts: &Parts, rng: &mut Rng) -> Parts {
    let mut parts = parts.clone();
    let bits = rng.bits();
    match rng.below(6) {
        0 => parts.term_count = parts.term_count.wrapping_add(1 << (bits % 32)),
        1 => {
            let block = rng.below(parts.blocks.len());
            parts.blocks[block].terms ^= 1 << (bits % 32);
        }
        2 => {
            let block = rng.below(parts.blocks.len());
            parts.blocks[block].lists ^= 1 << (bits % 32);
        }
        3 => {
            let chunk = rng.below(parts.lengths.len());
            parts.lengths[chunk] ^= 1 << (bits % 16);
        }
        4 => {
            let at = rng.below(parts.terms.len());
            parts.terms[at] ^= bits as u8 | 1;
        }
        _ => {
            let at = rng.below(parts.lists.len());
            parts.lists[at] ^= bits as u8 | 1;
        }
    }
    parts
}

#[test]
fn changed_parts_are_refused_or_can_be_searched() {
    let mut rng = Rng::new(seed());
    let texts = random_texts(&mut rng, 60);
    let whole = postings(&texts);
    let mut refused = 0;
    for _ in 0..5000 {
        let parts = mutated(whole.parts(), &mut rng);
        let is_list_changed = parts.lists != whole.parts().lists;
        match Postings::from_parts(parts) {
            Err(_) => refused += 1,
            Ok(read_again) => {
                let lists = read(&read_again);
                assert_eq!(lists.len(), whole.term_count() as usize);
                assert!(is_list_changed || lists.values().flatten().count() > 0);
                scores(&[searched(&read_again)], "wort0 слово1");
            }
        }
    }
    println!("{refused} of 5000 refused");
    assert!(refused > 4000);
}

#[test]
fn parts_cut_short_or_made_longer_are_refused() {
    let whole = postings(&random_texts(&mut Rng::new(seed()), 40)).parts().clone();
    let assert_refused = |change: fn(&mut Parts)| {
        let mut parts = whole.clone();
        change(&mut parts);
        assert!(Postings::from_parts(parts).is_err());
    };
    assert_refused(|parts| parts.terms.truncate(parts.terms.len() - 1));
    assert_refused(|parts| parts.lists.truncate(parts.lists.len() - 1));
    assert_refused(|parts| parts.terms.push(0));
    assert_refused(|parts| parts.lists.push(0));
    assert_refused(|parts| parts.terms.clear());
    assert_refused(|parts| parts.lists.clear());
    assert_refused(|parts| parts.blocks.clear());
    assert_refused(|parts| parts.blocks.truncate(1));
    assert_refused(|parts| parts.lengths.clear());
    assert_refused(|parts| parts.lengths.push(1));
    assert_refused(|parts| parts.alphabet.clear());
    assert_refused(|parts| parts.alphabet.resize(32, 0));
    assert_refused(|parts| parts.term_count = 0);
    assert_refused(|parts| parts.term_count = u32::MAX);
    assert_refused(|parts| parts.terms.fill(0xFF));
    assert_refused(|parts| parts.terms.fill(0));
    assert_refused(|parts| parts.lists.fill(0xFF));
}

fn searched(postings: &Postings) -> Searched<'_> {
    Searched { postings, live: None, allowed: None }
}

fn scores(segments: &[Searched<'_>], question: &str) -> Vec<Vec<f32>> {
    let mut scores = vec![vec![7.0]; segments.len()];
    let languages = [Language::English, Language::German].into_iter().collect();
    score(segments, &Query::parse(question, languages), &mut scores);
    scores
}

fn random_bits(rng: &mut Rng, len: usize) -> BitSet {
    let mut bits = BitSet::none(len);
    (0..len).filter(|_| rng.below(3) > 0).for_each(|number| bits.set(number, true));
    bits
}

/// Merges, with the chunks that `live` has.
fn merged(sources: &[Postings], live: &[BitSet]) -> (Postings, usize) {
    let mut numbers = Vec::new();
    let mut next = 0..;
    for (postings, live) in sources.iter().zip(live) {
        let number = |chunk| live.get(chunk).then(|| next.next()).flatten();
        numbers.push((0..postings.chunks()).map(number).collect::<Vec<Option<u32>>>());
    }
    let keep = |source: usize, chunk: u32| numbers[source][chunk as usize];
    let sources: Vec<&Postings> = sources.iter().collect();
    let mut merger = PostingsMerger::new(&sources, keep);
    let mut steps = 1;
    while merger.step() {
        steps += 1;
    }
    assert!(!merger.step());
    (merger.finish(), steps)
}

#[test]
fn merged_postings_are_those_built_anew() {
    let mut rng = Rng::new(seed());
    for sizes in [&[0_usize; 0][..], &[0], &[5], &[1, 1], &[40, 0, 7, 90], &[3; 12]] {
        let texts: Vec<_> = sizes.iter().map(|&size| random_texts(&mut rng, size)).collect();
        let sources: Vec<Postings> = texts.iter().map(|texts| postings(texts)).collect();
        let live: Vec<BitSet> = sizes.iter().map(|&size| random_bits(&mut rng, size)).collect();
        let kept = texts.iter().zip(&live).flat_map(|(texts, live)| {
            texts.iter().enumerate().filter(|(chunk, _)| live.get(*chunk)).map(|(_, text)| text)
        });
        let kept: Vec<&String> = kept.collect();
        assert_eq!(merged(&sources, &live).0, postings(&kept), "{sizes:?}");
    }
}

#[test]
fn postings_without_a_chunk_left_are_empty() {
    let source = postings(&["some words", "and more"]);
    assert_eq!(merged(&[source], &[BitSet::none(2)]).0, postings(&[""; 0]));
}

#[test]
fn large_postings_are_merged_in_several_steps() {
    let texts: Vec<String> = (0..3000).map(|n| format!("the {n} common words {}", n % 7)).collect();
    let source = postings(&texts);
    let mut all = BitSet::none(texts.len());
    (0..texts.len()).for_each(|number| all.set(number, true));
    let twice: Vec<&String> = texts.iter().chain(&texts).collect();
    let sources = vec![source; 2];
    let (result, steps) = merged(&sources, &[all.clone(), all]);
    assert!(result == postings(&twice));
    println!("{steps} steps");
}

/// BM25 as the books have it, over the terms of each chunk.
fn naive_bm25(question: &str, chunks: &[Vec<String>]) -> Vec<f32> {
    let all = chunks.len() as f32;
    let average = chunks.iter().map(Vec::len).sum::<usize>() as f32 / all;
    let score = |chunk: &Vec<String>, term: &String| {
        let with = chunks.iter().filter(|chunk| chunk.contains(term)).count() as f32;
        let idf = (1.0 + (all - with + 0.5) / (with + 0.5)).ln();
        let times = chunk.iter().filter(|other| *other == term).count() as f32;
        let length = 1.2 * (0.25 + 0.75 * chunk.len() as f32 / average.max(1.0));
        idf * times * 2.2 / (times + length)
    };
    let question = terms(question);
    chunks.iter().map(|chunk| question.iter().map(|term| score(chunk, term)).sum()).collect()
}

const QUESTIONS: [&str; 5] =
    ["wort0 слово1", "人工智能", "Wort5 wort5 2 2 2 qxxxx", "unheard of", ""];

#[test]
fn scores_are_bm25_over_the_live_chunks_alone() {
    let mut rng = Rng::new(seed());
    for sizes in [&[30_usize][..], &[1, 20, 0, 9], &[4; 6]] {
        let texts: Vec<_> = sizes.iter().map(|&size| random_texts(&mut rng, size)).collect();
        let sources: Vec<Postings> = texts.iter().map(|texts| postings(texts)).collect();
        let live: Vec<BitSet> = sizes.iter().map(|&size| random_bits(&mut rng, size)).collect();
        let allowed: Vec<BitSet> = sizes.iter().map(|&size| random_bits(&mut rng, size)).collect();
        let segments: Vec<Searched<'_>> = sources
            .iter()
            .zip(live.iter().zip(&allowed))
            .map(|(postings, (live, allowed))| Searched {
                postings,
                live: Some(live),
                allowed: Some(allowed),
            })
            .collect();
        let places =
            || sizes.iter().enumerate().flat_map(|(s, &size)| (0..size).map(move |c| (s, c)));
        let living: Vec<_> = places().filter(|&(s, chunk)| live[s].get(chunk)).collect();
        let chunks: Vec<_> = living.iter().map(|&(s, chunk)| terms(&texts[s][chunk])).collect();
        for question in QUESTIONS {
            let expected: BTreeMap<_, _> =
                living.iter().copied().zip(naive_bm25(question, &chunks)).collect();
            let found = scores(&segments, question);
            for (segment, chunk) in places() {
                let expected = expected.get(&(segment, chunk)).copied();
                let expected = expected.filter(|_| allowed[segment].get(chunk)).unwrap_or(0.0);
                let score = found[segment][chunk];
                assert!((score - expected).abs() < 1e-4, "{question}: {score} for {expected}");
            }
        }
    }
}

#[test]
fn scores_do_not_depend_on_how_chunks_lie_in_segments() {
    let mut rng = Rng::new(seed());
    let texts = random_texts(&mut rng, 60);
    let whole = postings(&texts);
    for size in [1, 7, 59] {
        let parts: Vec<Postings> = texts.chunks(size).map(postings).collect();
        let segments: Vec<Searched<'_>> = parts.iter().map(searched).collect();
        for question in QUESTIONS {
            let found: Vec<f32> = scores(&segments, question).concat();
            assert_eq!(found, scores(&[searched(&whole)], question).concat(), "{question}");
        }
    }
}

#[test]
fn statistics_leave_out_what_is_removed() {
    let postings = postings(&["one two", "two three three", "four"]);
    let mut live = BitSet::none(3);
    live.set(0, true);
    live.set(2, true);
    let all = [searched(&postings)];
    let rest = [Searched { live: Some(&live), ..all[0] }];
    assert_eq!(Statistics::of(&all), Statistics { chunks: 3, total_length: 6 });
    assert_eq!(Statistics::of(&rest), Statistics { chunks: 2, total_length: 3 });
    assert_eq!((chunks_with(&all, "two"), chunks_with(&rest, "two")), (2, 1));
    assert_eq!((chunks_with(&all, "three"), chunks_with(&rest, "three")), (1, 0));
}

/// The chunks with all of the terms in `class` replaced by the first of them.
fn united(chunks: &[Vec<String>], class: &[&str]) -> Vec<Vec<String>> {
    let unite = |term: &String| {
        if class.contains(&term.as_str()) { class[0].to_owned() } else { term.clone() }
    };
    chunks.iter().map(|terms| terms.iter().map(unite).collect()).collect()
}

#[test]
fn a_word_is_scored_by_itself_and_with_its_other_forms_half_each() {
    let mut rng = Rng::new(seed());
    let words = ["study", "studies", "studied", "student", "haus", "hausern", "the", "of", "stud"];
    let texts: Vec<String> = (0..50)
        .map(|_| {
            let length = 1 + rng.below(12);
            (0..length).map(|_| words[rng.below(words.len())].to_owned() + " ").collect()
        })
        .collect();
    let chunks: Vec<Vec<String>> = texts.iter().map(|text| terms(text)).collect();
    let parts: Vec<Postings> = texts.chunks(20).map(postings).collect();
    let segments: Vec<Searched<'_>> = parts.iter().map(searched).collect();
    for (question, class) in [
        ("study", &["study", "studies", "studied"][..]),
        ("studies", &["studies", "study", "studied"]),
        ("Häuser", &["hauser", "haus", "hausern"]),
        ("student", &["student"]),
        ("of", &["of"]),
    ] {
        let alone = naive_bm25(question, &chunks);
        let together = naive_bm25(question, &united(&chunks, class));
        let found = scores(&segments, question).concat();
        for ((alone, together), score) in alone.iter().zip(together).zip(found) {
            let expected = 0.5 * alone + 0.5 * together;
            assert!((score - expected).abs() < 1e-4, "{question}: {score} for {expected}");
        }
    }
}

#[test]
fn of_a_prefix_the_terms_that_most_chunks_hold_are_read_however_they_lie() {
    // 1,800 terms, each in as many chunks as its first letter says. Digits would be terms too.
    let letters =
        |number: u32| number.to_string().bytes().map(|b| (b + 49) as char).collect::<String>();
    let all = || (1000..10_000).step_by(5).map(|number| format!("xx{}", letters(number)));
    let is_in = |term: &str, chunk: usize| term.as_bytes()[2] > b'a' + chunk as u8;
    let texts: Vec<String> = (0..9)
        .map(|chunk| all().filter(|term| is_in(term, chunk)).map(|term| term + " ").collect())
        .collect();
    // Those of the first letters j to f, and of those with an e the first that come to 1,024.
    let kept: Vec<String> = all().filter(|term| **term >= *"xxf").collect();
    let last: Vec<String> = all().filter(|term| term.starts_with("xxe")).take(24).collect();
    let kept: Vec<&str> = kept.iter().chain(&last).map(String::as_str).collect();
    assert_eq!(kept.len(), 1024);
    let chunks: Vec<Vec<String>> = texts.iter().map(|text| terms(text)).collect();
    let expected = naive_bm25(kept[0], &united(&chunks, &kept));

    let whole = postings(&texts);
    let parts: Vec<Postings> = texts.chunks(2).map(postings).collect();
    let segments: Vec<Searched<'_>> = parts.iter().map(searched).collect();
    for found in [scores(&[searched(&whole)], "xx*"), scores(&segments, "xx*")] {
        for (score, expected) in found.concat().into_iter().zip(&expected) {
            assert!((score - expected).abs() < 1e-4, "{score} for {expected}");
        }
    }
}

fn phrase(text: &str) -> Query {
    Query::parse(&format!("\"{text}\""), Default::default())
}

#[test]
fn a_phrase_may_stand_where_all_its_terms_are() {
    let first = postings(&["the black swan", "a black cat", "swan, black", "black swans"]);
    let second = postings(&["white swan", "swan swan black black"]);
    let holding = |segments: &[Searched<'_>], text: &str| -> Vec<Vec<u32>> {
        super::holding(segments, &phrase(text).phrases()[0])
    };
    let all = [searched(&first), searched(&second)];
    assert_eq!(holding(&all, "Black Swan"), [vec![0, 2], vec![1]]);
    assert_eq!(holding(&all, "swan"), [vec![0, 2], vec![0, 1]]);
    assert_eq!(holding(&all, "black swan song"), [vec![0_u32; 0], vec![]]);
    let mut some = BitSet::none(4);
    (1..4).for_each(|chunk| some.set(chunk, true));
    for (live, allowed) in [(Some(&some), None), (None, Some(&some))] {
        let segments = [Searched { postings: &first, live, allowed }];
        assert_eq!(holding(&segments, "black swan"), [[2]]);
    }
}

#[test]
fn phrases_are_never_missed_among_those_held() {
    let mut rng = Rng::new(seed());
    let texts = random_texts(&mut rng, 200);
    let postings = postings(&texts);
    let mut tried = 0;
    for text in &texts {
        let chars: Vec<char> = text.chars().collect();
        let start = rng.below(chars.len() + 1);
        let quoted: String = chars[start..].iter().take(rng.below(40)).collect();
        let query = phrase(&quoted);
        let Some(phrase) = query.phrases().first() else { continue };
        let standing = (0..).zip(&texts).filter(|(_, text)| phrase.is_in(text));
        let held = holding(&[searched(&postings)], phrase).concat();
        for (chunk, _) in standing {
            assert!(held.contains(&chunk), "{quoted}");
            tried += 1;
        }
    }
    println!("{tried} phrases");
    assert!(tried > 50);
}
