//! Document -> chunks.

use std::cell::Cell;

use multimodal_rag::{
    BlockKind, Chunk, ChunkBudget, Chunker, Document, MAX_CHUNK_BYTES, chunk, sentences,
};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::pieces::random_text;
use crate::read::read;
use crate::rng::Rng;
use crate::{KILN, assert_document_holds, document};

/// One token for every five bytes of a word, as a stand-in for a tokenizer.
pub(crate) fn count(text: &str) -> usize {
    text.split_whitespace().map(|word| word.len().div_ceil(5)).sum()
}

/// The chunks of a document, which hold what is promised.
pub(crate) fn chunks(document: &Document, max_tokens: usize) -> Vec<Chunk> {
    let found = chunk(document, &ChunkBudget { max_tokens, count: &count }).unwrap();
    assert_chunks_hold(document, &found, max_tokens);
    found
}

/// The naive oracle: everything that is promised for any document.
fn assert_chunks_hold(document: &Document, chunks: &[Chunk], max_tokens: usize) {
    let text = &document.text;
    let mut covered = vec![false; text.len()];
    let mut last = (None, 0);
    for chunk in chunks {
        let range = chunk.span.range();
        let slice = text.get(range.clone()).expect("span on character boundaries, in bounds");
        assert!(!slice.is_empty() && slice.trim() == slice, "trimmed: {slice:?}");
        assert!(last.0 < Some(range.start) && last.1 < range.end, "spans ascend");
        last = (Some(range.start), range.end);
        assert!(count(&chunk.embedded_text(document)) <= max_tokens, "{chunk:?}");
        assert!(slice.len() <= MAX_CHUNK_BYTES);
        assert!(count(&chunk.headings) <= max_tokens / 4);
        assert!(count(&chunk.table_header) <= max_tokens / 4);
        covered[range.clone()].fill(true);
        for at in [range.start, range.end] {
            assert_no_word_is_cut(text, at, max_tokens);
        }
    }
    let is_in_chunks = |kind| !matches!(kind, BlockKind::Heading(_) | BlockKind::Boilerplate);
    for block in document.blocks.iter().filter(|block| is_in_chunks(block.kind)) {
        for (at, character) in document.slice(block.span).char_indices() {
            let at = block.span.range().start + at;
            assert!(covered[at] || character.is_whitespace(), "{at} is in no chunk");
        }
    }
}

/// A cut inside a word is right only if the word alone is too long.
fn assert_no_word_is_cut(text: &str, at: usize, max_tokens: usize) {
    let start = text[..at]
        .rfind(char::is_whitespace)
        .map_or(0, |space| space + text[space..].chars().next().unwrap().len_utf8());
    let end = text[at..].find(char::is_whitespace).map_or(text.len(), |space| at + space);
    if start < at && at < end {
        let word = &text[start..end];
        // A quarter of the budget may be taken by the headings. Sentences of
        // Chinese and Japanese end inside what white space calls a word.
        let fits = count(word) <= max_tokens - max_tokens / 4 && word.len() <= MAX_CHUNK_BYTES;
        let sentence_end = text[start..at].contains('。');
        assert!(!fits || sentence_end, "{word:?} is cut at {}", at - start);
    }
}

#[test]
fn a_heading_starts_a_chunk_and_is_its_path() {
    let document = document("kiln.md", KILN);
    let found = chunks(&document, 254);
    let paths: Vec<&str> = found.iter().map(|chunk| chunk.headings.as_str()).collect();
    assert_eq!(
        paths,
        ["Firing a kiln", "Firing a kiln > Before you start", "Firing a kiln > Cones"]
    );
    let embedded = found[1].embedded_text(&document);
    assert!(embedded.starts_with("Firing a kiln > Before you start\n1. Dry the pots"));
}

#[test]
fn a_heading_without_text_below_it_is_a_chunk() {
    let document = document("a.md", b"# One\n\n## Two\n\n## Three\n\ntext\n\n## Four\n\n# Five\n");
    let found: Vec<(String, &str)> = chunks(&document, 100)
        .into_iter()
        .map(|chunk| (chunk.headings, document.slice(chunk.span)))
        .collect();
    let expected = [("One", "Two"), ("One > Three", "text"), ("One", "Four"), ("", "Five")];
    assert_eq!(found, expected.map(|(path, text)| (path.to_owned(), text)));
}

#[test]
fn a_heading_too_long_for_the_path_is_a_chunk_too() {
    let heading = "endless ".repeat(300);
    let document = document("a.md", format!("# Top\n\n## {heading}\n\nbody\n").as_bytes());
    let found = chunks(&document, 64);
    assert!(document.slice(found.last().unwrap().span).ends_with("body"));
    let covered: usize = found.iter().map(|chunk| count(document.slice(chunk.span))).sum();
    assert!(covered >= 600, "the heading's own words are in chunks");
    assert!(found.last().unwrap().headings.starts_with("endless"));
}

#[test]
fn the_outermost_headings_are_left_out_of_a_long_path() {
    let text = "# Alpha alpha alpha\n\n## Beta beta beta\n\n### Gamma gamma\n\nbody\n";
    let document = document("a.md", text.as_bytes());
    assert_eq!(chunks(&document, 24)[0].headings, "Gamma gamma");
    assert_eq!(chunks(&document, 40)[0].headings, "Beta beta beta > Gamma gamma");
}

#[test]
fn paragraphs_that_fit_are_joined_and_not_cut() {
    let paragraph =
        |n: usize| format!("Paragraph {n} says this.\n\n{}\n\n", "word ".repeat(70).trim());
    let text: String = (0..9).map(paragraph).collect();
    let document = document("a.txt", text.as_bytes());
    let found = chunks(&document, 254);
    assert_eq!(found.len(), 5);
    let starts: Vec<usize> = document.blocks.iter().map(|block| block.span.range().start).collect();
    assert!(found.iter().all(|chunk| starts.contains(&chunk.span.range().start)));
}

#[test]
fn a_short_last_sentence_is_repeated_after_a_cut_in_a_paragraph() {
    let text: String = (0..100).map(|n| format!("Sentence number {n} stands here. ")).collect();
    let document = document("a.txt", text.as_bytes());
    let found = chunks(&document, 254);
    assert!(found.len() > 2);
    for pair in found.windows(2) {
        let shared = &document.text[pair[1].span.range().start..pair[0].span.range().end];
        assert_eq!(sentences(shared).len(), 1, "{shared:?}");
        assert!(count(shared) <= 40 && shared.starts_with("Sentence"));
    }
}

#[test]
fn tables_and_code_are_cut_at_line_ends() {
    let rows: String = (0..200).map(|n| format!("| row {n}. It is | cell. Two |\n")).collect();
    let lines: String = (0..200).map(|n| format!("    let x{n} = f(). G();\n")).collect();
    let text = format!("| a | b |\n|---|---|\n{rows}\n```\n{lines}```\n");
    let document = document("a.md", text.as_bytes());
    let found = chunks(&document, 60);
    for range in found.iter().map(|chunk| chunk.span.range()) {
        let before = document.text[..range.start].trim_end_matches([' ', '\t']);
        assert!(before.is_empty() || before.ends_with('\n'));
        assert!(
            document.text[range.end..].is_empty() || document.text[range.end..].starts_with('\n')
        );
    }
    assert!(found.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start), "no overlap");
}

#[test]
fn chinese_is_cut_at_sentences_and_words_stay_whole_in_it() {
    let text = "检索增强生成使用WebAssembly运行在网页中。".repeat(100);
    let document = document("a.txt", text.as_bytes());
    for chunk in chunks(&document, 60) {
        assert!(document.slice(chunk.span).ends_with('。'));
    }
    let unpunctuated = text.replace('。', "");
    let document = read("a.txt", None, unpunctuated.as_bytes()).unwrap().1.document;
    let budget = ChunkBudget { max_tokens: 30, count: &count };
    let found = chunk(&document, &budget).unwrap();
    assert!(found.len() > 20);
    let english = "WebAssembly";
    let whole: usize =
        found.iter().map(|chunk| document.slice(chunk.span).matches(english).count()).sum();
    assert_eq!(whole, document.text.matches(english).count());
}

#[test]
fn a_too_small_budget_is_refused() {
    let document = document("a.txt", b"text");
    let error = chunk(&document, &ChunkBudget { max_tokens: 7, count: &count }).unwrap_err();
    assert_eq!(error.code(), "invalid_option");
}

#[test]
fn one_line_of_sixteen_megabytes_is_cut_in_bounded_steps() {
    let sentence = "Lorem ipsum dolor sit amet, consectetur adipisici elit. ";
    for pattern in [sentence, "word ", "x", "检索增强", "a.) ", "\u{301}"] {
        let text = pattern.repeat((16 << 20) / pattern.len());
        let document = read("a.txt", None, text.as_bytes()).unwrap().1.document;
        let counted = Cell::new(0);
        let counter = |text: &str| {
            counted.set(counted.get() + text.len());
            text.len().div_ceil(5)
        };
        let budget = ChunkBudget { max_tokens: 254, count: &counter };
        let (mut most, mut end) = (0, 0);
        for chunk in Chunker::new(&document, budget).unwrap() {
            most = most.max(counted.take());
            assert!(chunk.span.end > end);
            end = chunk.span.end;
            counted.set(0);
        }
        assert_eq!(end as usize, document.text.trim_end().len());
        assert!(most <= 16 * MAX_CHUNK_BYTES, "{pattern:?}: {most} bytes counted in one step");
    }
}

#[test]
fn chunks_of_any_document_hold_every_invariant() {
    for seed in 1..=600_u64 {
        println!("seed {seed}");
        let mut rng = Rng::new(seed);
        let text = random_text(&mut rng);
        for name in ["a.txt", "a.md", "a.html"] {
            let Ok((_, file)) = read(name, None, text.as_bytes()) else { continue };
            let document = file.document;
            assert_document_holds(&document);
            for max_tokens in [8, 8 + rng.below(60), 254] {
                chunks(&document, max_tokens);
            }
        }
    }
}

#[test]
fn chunks_fit_although_a_whole_has_more_tokens_than_its_parts() {
    // Every line end and every word costs more the further in it stands.
    let greedy = |text: &str| {
        let words = text.split_whitespace().count();
        words + words * words / 50
    };
    let text = "One two three four. Five six seven eight nine ten. ".repeat(60);
    let document = document("a.txt", text.as_bytes());
    let found = chunk(&document, &ChunkBudget { max_tokens: 30, count: &greedy }).unwrap();
    let mut end = 0;
    for chunk in &found {
        assert!(greedy(document.slice(chunk.span)) <= 30);
        assert!(document.text[end..(chunk.span.start as usize).max(end)].trim().is_empty());
        end = chunk.span.range().end;
    }
    assert_eq!(end, document.text.len());
}
