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
fn a_mark_joins_no_word_in_a_script_without_spaces_to_another() {
    assert_terms("タワー_report", &["タワ", "ワー", "report"]);
    assert_terms("report_タワー", &["report", "タワ", "ワー"]);
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
    assert_terms("한국어 문서", &["한국어", "문서", "한국", "국어"]);
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
fn thai_becomes_words_of_a_dictionary_and_pairs_of_characters() {
    assert_terms("ภาษาไทย", &["ภาษา", "ไทย", "ภา", "าษ", "ษา", "าไ", "ไท", "ทย"]);
    assert_terms("ไทย 2455 和", &["ไทย", "2455", "和", "ไท", "ทย"]);
}

#[test]
fn a_very_long_word_is_cut() {
    let long = terms(&"x".repeat(1000));
    assert_eq!((long.len(), long[0].len()), (1, 64));
}

/// Whether all words of a question are among the terms of a text.
fn finds(question: &str, text: &str) -> bool {
    let terms = terms(text);
    question.split(' ').all(|word| terms.iter().any(|term| term == word))
}

#[test]
fn a_compound_word_is_found_by_its_parts_and_as_a_whole() {
    for (text, questions) in [
        ("maxUploadSizeMb: 48", &["max upload size mb", "maxuploadsizemb"][..]),
        ("HTTPServerError", &["http server error", "httpservererror"]),
        ("refresh_token_days", &["refresh token days", "refresh_token_days", "refreshtokendays"]),
        ("the e-mail", &["e mail", "email"]),
        ("16GB of memory", &["16 gb", "16gb"]),
        ("v2.14.1", &["2.14.1", "v2.14.1"]),
        ("r.okafor@harbor-lights.example", &["okafor harbor lights example"]),
        ("opt/backup/nightly-sync.sh", &["opt backup nightly sync"]),
        ("the code ZX-49-RAG.", &["zx 49 rag", "zx49rag"]),
    ] {
        for question in questions {
            assert!(finds(question, text), "{question}: {:?}", terms(text));
        }
    }
    assert!(finds("zx49rag", "ZX49RAG") && finds("zx49rag", "zx_49_rag"));
}

#[test]
fn a_number_is_found_in_every_spelling() {
    for (text, question) in [
        ("1,043", "1043"),
        ("1.043", "1043"),
        ("1,043,500", "1043500"),
        ("1,043.50", "1043.50"),
        ("1.043,50", "1043.50"),
        ("5,4", "5.4"),
        ("2024-03-05T14:05:10.640Z", "14:05:10 14:05 2024-03-05"),
        ("tel. 555-0134", "555-0134"),
        ("١٢", "12"),
    ] {
        assert!(finds(question, text), "{text}: {:?}", terms(text));
    }
    assert_terms("3.14 A4", &["3.14", "a4"]);
}

#[test]
fn a_number_is_not_found_by_another_one() {
    for (text, other) in [
        ("10⁶", "106"),
        ("10^6", "106"),
        ("10.20.31.47", "10203147"),
        ("5.4", "54"),
        ("0.125", "0125"),
        ("2.14.1", "2141"),
        ("555-0134", "5550134"),
    ] {
        assert!(!finds(other, text), "{text}: {:?}", terms(text));
    }
    assert!(finds("10^6", "10⁶") && finds("10^6", "10^6"));
}

#[test]
fn characters_that_are_not_seen_part_no_words() {
    for text in ["Retry\u{200B}Policy", "Retry\u{AD}Policy", "\u{FEFF}Retry\u{2060}Policy"] {
        assert!(finds("retrypolicy", text), "{:?}", terms(text));
    }
}

#[test]
fn letters_of_persian_and_arabic_keyboards_are_equal() {
    assert_eq!(terms("کتاب ایران"), terms("كتاب ايران"));
}

#[test]
fn korean_words_are_found_despite_their_particles() {
    let shared = |a: &str, b: &str| terms(a).iter().any(|term| terms(b).contains(term));
    assert!(shared("수수료는", "수수료가"));
    assert!(shared("예약을", "예약"));
}
