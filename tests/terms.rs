//! Terms in several languages.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use multimodal_rag::internals::terms;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

fn assert_terms(text: &str, expected: &[&str]) {
    assert_eq!(terms(text), expected, "{text}");
}

#[test]
fn words_are_in_lower_case_without_punctuation() {
    assert_terms("The quick, brown FOX?", &["the", "quick", "brown", "fox"]);
    assert_terms(" \n-- !", &[]);
    assert_terms("", &[]);
}

#[test]
fn numbers_are_terms() {
    assert_terms("In 1969, 3.14 and A4", &["in", "1969", "3.14", "and", "a4"]);
}

#[test]
fn a_possessive_s_is_removed() {
    assert_terms("The king\u{2019}s and the King's", &["the", "king", "and", "the", "king"]);
}

#[test]
fn words_are_equal_despite_accents_and_case() {
    for (a, b) in [
        ("Café RÉSUMÉ", "cafe resume"),
        ("Straße Übergröße", "STRASSE ubergrosse"),
        ("Ёлка", "елка"),
        ("ΟΔΥΣΣΕΥΣ Ὀδυσσεύς", "οδυσσευς οδυσσευσ"),
        ("كِتَابٌ كـــتاب", "كتاب كتاب"),
        ("İstanbul ışık", "istanbul isik"),
        ("Ｆｕｌｌ　ｗｉｄｔｈ１２", "full width12"),
        ("Łódź Ærø", "lodz aero"),
        ("cafe\u{301}", "café"),
    ] {
        assert_eq!(terms(a), terms(b), "{a}");
    }
}

#[test]
fn marks_that_make_a_different_letter_are_kept() {
    assert_ne!(terms("か"), terms("が"));
    assert_ne!(terms("कि"), terms("का"));
    assert_terms("한국어 문서", &["한국어", "문서"]);
    assert_terms("Новый ўсё и\u{306}од", &["новый", "ўсе", "йод"]);
}

#[test]
fn chinese_and_japanese_become_pairs_of_characters() {
    assert_terms("人工智能。", &["人工", "工智", "智能"]);
    assert_terms("東京タワー", &["東京", "京タ", "タワ", "ワー"]);
    assert_terms("猫", &["猫"]);
    assert_terms("用Rust写的2024年", &["用", "rust", "写的", "2024", "年"]);
    assert_terms("你好,世界", &["你好", "世界"]);
    assert_eq!(terms("ﾊﾝﾊﾞｰｸﾞ"), terms("ハンバーグ"));
}

#[test]
fn thai_becomes_pairs_of_characters() {
    assert_terms("ภาษาไทย", &["ภา", "าษ", "ษา", "าไ", "ไท", "ทย"]);
}

#[test]
fn a_very_long_word_is_cut() {
    let long = terms(&"x".repeat(1000));
    assert_eq!((long.len(), long[0].len()), (1, 64));
}
