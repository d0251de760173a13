//! Bytes of every encoding -> text.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::document;
use crate::read::read;

#[test]
fn an_error_gives_the_offset_of_the_first_invalid_byte() {
    let offset = |name: &str, bytes: &[u8]| match read(name, None, bytes).unwrap_err() {
        multimodal_rag::Error::InvalidText { offset, .. } => offset,
        other => panic!("{other:?}"),
    };
    assert_eq!(offset("a.txt", b"abc\0def"), 3);
    assert_eq!(offset("a.txt", b"ab\xffc\0def"), 2);
    assert_eq!(offset("a.txt", b"\xef\xbb\xbfab\xff\xff\xff"), 5);
    assert_eq!(offset("a.txt", b"\xff\xfea\0\x00\xd8b\0\x00\xd8"), 4);
    assert_eq!(offset("a.html", b"<p>\x01\x02\xe9\x03"), 5);
}

/// The text of a file, and what is said of it.
fn decoded(name: &str, bytes: &[u8]) -> (String, Vec<String>) {
    let file = read(name, None, bytes).unwrap().1;
    (file.document.text, file.details.warnings)
}

#[test]
fn the_encoding_of_a_text_that_states_none_is_told_by_its_letters() {
    let cases: &[(&str, &[u8], &str, &str)] = &[
        (
            "a.txt",
            b"Der Schl\xfcssel h\xe4ngt hinter der T\xfcr.",
            "Der Schlüssel hängt hinter der Tür.",
            "windows-1252",
        ),
        (
            "a.html",
            b"<p>Die F\xe4hre f\xe4hrt um 7:40 Uhr.",
            "Die Fähre fährt um 7:40 Uhr.",
            "windows-1252",
        ),
        ("a.md", b"It\x92s \x93here\x94.", "It’s “here”.", "windows-1252"),
        (
            "a.txt",
            b"\xd4\xbf\xb3\xd7\xb9\xd2\xd4\xda\xc3\xc5\xba\xf3\xc3\xe6\xa1\xa3",
            "钥匙挂在门后面。",
            "GBK",
        ),
        (
            "a.txt",
            b"\xca\xeb\xfe\xf7 \xe2\xe8\xf1\xe8\xf2 \xe7\xe0 \xe4\xe2\xe5\xf0\xfc\xfe.",
            "Ключ висит за дверью.",
            "windows-1251",
        ),
        (
            "a.txt",
            b"\x8c\xae\x82\xcd\x83h\x83A\x82\xcc\x97\xa0\x82\xc9\x82\xa0\x82\xe9\x81B",
            "鍵はドアの裏にある。",
            "Shift_JIS",
        ),
        ("a.txt", b"\x1b$B80$O%I%\"$NN\"$K$\"$k!#\x1b(B", "鍵はドアの裏にある。", "ISO-2022-JP"),
    ];
    for (name, bytes, text, encoding) in cases {
        let warning = format!("The text does not state its encoding, and was read as {encoding}.");
        assert_eq!(decoded(name, bytes), ((*text).to_owned(), vec![warning]));
        let details = read(name, None, bytes).unwrap().1.details;
        assert_eq!(details.encoding.as_deref(), Some(*encoding));
    }
}

#[test]
fn a_few_invalid_bytes_are_replaced_and_reported() {
    let long = "Zoë’s café, naïve – “x”.\n".repeat(3);
    let cut = &long.as_bytes()[..long.len() - 4];
    let (text, warnings) = decoded("a.txt", cut);
    assert_eq!(text, format!("{}Zoë’s café, naïve – “x\u{fffd}", &long[..2 * long.len() / 3]));
    let warning = "A character on line 3 is not valid UTF-8, and was replaced by �.";
    assert_eq!(warnings, [warning]);
    let lone = b"\xff\xfea\0\x00\xd8b\0";
    assert_eq!(decoded("a.txt", lone).0, "a\u{fffd}b");
    assert_eq!(decoded("a.txt", b"\xff\xfea\0b").0, "a\u{fffd}");
}

#[test]
fn a_declaration_of_an_encoding_that_does_not_hold_does_not_count() {
    let page = b"<meta charset=utf-8><p>Caf\xe9, na\xefve, d\xe9j\xe0 vu, r\xe9sum\xe9.";
    assert_eq!(decoded("a.html", page).0, "Café, naïve, déjà vu, résumé.");
}

#[test]
fn every_encoding_of_a_text_gives_the_same_document() {
    let text = "Zoë's café, naïve. Ελλάδα 😀 “x”\n\nSecond paragraph, long enough to be sure.";
    let expected = document("a.txt", text.as_bytes());
    let utf16 = |to_bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        text.encode_utf16().flat_map(to_bytes).collect()
    };
    let (little, big) = (utf16(u16::to_le_bytes), utf16(u16::to_be_bytes));
    let marked = |mark: &[u8], bytes: &[u8]| [mark, bytes].concat();
    assert_eq!(document("a.txt", &marked(b"\xef\xbb\xbf", text.as_bytes())), expected);
    assert_eq!(document("a.txt", &marked(b"\xff\xfe", &little)), expected);
    assert_eq!(document("a.txt", &marked(b"\xfe\xff", &big)), expected);
    assert_eq!(document("a.txt", &little), expected);
    assert_eq!(document("a.txt", &big), expected);
    assert_eq!(document("a.txt", text.replace('\n', "\r\n").as_bytes()), expected);
    assert_eq!(document("a.txt", text.replace('\n', "\r").as_bytes()), expected);
}

#[test]
fn html_is_read_in_the_encoding_it_declares() {
    let text = |mime, bytes: &[u8]| read("a.html", mime, bytes).unwrap().1.document.text;
    assert_eq!(text(None, b"<meta charset=windows-1252><p>caf\xe9 \x80"), "café €");
    let old =
        b"<META http-equiv=Content-Type content='text/html; charset=Shift_JIS'>\x93\xfa\x96\x7b";
    assert_eq!(text(None, old), "日本");
    assert_eq!(text(Some("text/html; charset=\"iso-8859-1\""), b"caf\xe9"), "café");
    assert_eq!(text(None, "<meta charset=utf-16>é".as_bytes()), "é");
}
