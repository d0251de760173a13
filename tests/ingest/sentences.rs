//! Text -> sentences.

use multimodal_rag::sentences;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::pieces::random_text;
use crate::rng::Rng;

fn split(text: &str) -> Vec<&str> {
    sentences(text).into_iter().map(|range| &text[range]).collect()
}

#[test]
fn sentences_end_where_a_person_sees_them_end() {
    let cases: &[&[&str]] = &[
        &["It rains.", "It pours!", "Does it?", "Yes."],
        &["Dr. Smith met Mrs. Jones.", "They talked."],
        &["J. R. R. Tolkien wrote it.", "He was English."],
        &["The U.S. Army left.", "It came from the U.S.", "The war was over."],
        &["See No. 5 and fig. 3 (vol. 2, p. 7).", "No.", "Never."],
        &["Use tools, e.g. Rust, i.e. this.", "It costs 3.50 dollars.", "Visit example.com today."],
        &["He said “Stop!”", "She did not.", "(It was late.)", "“Why?” he asked."],
        &["It is known.[3]", "It is proved.[12][a]", "So there."],
        &["我来了。", "你好吗？", "很好！", "「走吧。」", "他说。"],
        &["यह सच है।", "वह गया।"],
        &["هل أنت هنا؟", "نعم."],
        &["Wait… what?", "Really?!", "Ok."],
        &["2. Wash it.", "Then dry it."],
        &["In 1990. It was so.", "So do I.", "He left."],
    ];
    for expected in cases {
        let joined = expected.join(" ").replace("1990. It", "1990 it");
        let expected: Vec<String> =
            expected.iter().map(|s| s.replace("1990. It", "1990 it")).collect();
        assert_eq!(split(&joined), expected);
    }
    assert_eq!(split("我来了。你好吗？很好"), ["我来了。", "你好吗？", "很好"]);
}

#[test]
fn a_line_end_is_a_space_and_a_blank_line_ends_a_sentence() {
    assert_eq!(split("one\ntwo three.\nFour"), ["one\ntwo three.", "Four"]);
    assert_eq!(split("Title\n \nText here"), ["Title", "Text here"]);
    assert_eq!(
        split("Buy:\n- milk\n- eggs\n10. bread\nand 3\napples"),
        ["Buy:", "- milk", "- eggs", "10. bread\nand 3\napples"]
    );
    assert!(split(" \n\t ").is_empty());
}

#[test]
fn any_text_is_split_into_sentences_without_loss() {
    for seed in 1..=600_u64 {
        println!("seed {seed}");
        assert_sentences_hold(&random_text(&mut Rng::new(seed)));
    }
}

fn assert_sentences_hold(text: &str) {
    let mut end = 0;
    for range in sentences(text) {
        assert!(text[end..range.start].trim().is_empty());
        let sentence = &text[range.clone()];
        assert!(!sentence.is_empty() && sentence.trim() == sentence);
        end = range.end;
    }
    assert!(text[end..].trim().is_empty());
}
