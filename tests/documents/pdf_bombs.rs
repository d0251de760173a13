//! Small PDF files that would take gigabytes or hours: their pages are left out, the others read.

use std::time::Duration;

use multimodal_rag::{Error, ReadFile};

use crate::bombs::read_within;
use crate::pdf_file::{PdfFile, text};

/// What a file may take: a fraction of what it would without checks.
const MAX_BYTES: u64 = 400 << 20;
const MAX_TIME: Duration = Duration::from_secs(20);

/// Reads a file within the limits.
fn read_soon(bytes: &[u8]) -> Result<ReadFile, Error> {
    read_within("bomb.pdf", bytes, MAX_BYTES, MAX_TIME)
}

/// A file whose first page can be read. `add` adds the second one.
fn with_second_page(add: impl FnOnce(&mut PdfFile)) -> Vec<u8> {
    let mut file = PdfFile::new();
    file.text_page(&[(50, 700, "The ferry leaves at noon.")]);
    add(&mut file);
    file.bytes()
}

fn second_page_is_left_out(bytes: &[u8]) {
    let read = read_soon(bytes).unwrap();
    assert_eq!(read.document.text, "The ferry leaves at noon.");
    assert_eq!(read.details.warnings, ["Page 2 has content that could not be read."]);
}

/// A stream that unpacks to a repeated byte: 32 times what it takes.
fn repeated(file: &mut PdfFile, byte: u8, count: usize) -> usize {
    let content = format!("81{byte:02x}").repeat(count / 128) + ">";
    file.stream("/Filter [/ASCIIHexDecode /RunLengthDecode]", &content)
}

#[test]
fn forms_that_paint_each_other_many_times_are_not_followed() {
    second_page_is_left_out(&with_second_page(|file| {
        let mut form = file.stream("/Type /XObject /Subtype /Form", &text(&[(9, 9, "bang")]));
        for _ in 0..20 {
            let resources = format!("/Resources << /XObject << /X {form} 0 R >> >>");
            let dictionary = format!("/Type /XObject /Subtype /Form {resources}");
            form = file.stream(&dictionary, &"/X Do ".repeat(10));
        }
        file.page("/X Do", &format!("/Resources << /XObject << /X {form} 0 R >> >>"));
    }));
}

#[test]
fn forms_that_paint_each_other_in_circles_are_not_followed() {
    second_page_is_left_out(&with_second_page(|file| {
        let (first, count) = (file.next_number(), 14);
        let names: Vec<String> =
            (0..count).map(|place| format!("/X{place} {} 0 R", first + place)).collect();
        let resources = format!("/Resources << /XObject << {} >> >>", names.join(" "));
        let paint: String = (0..count).map(|place| format!("/X{place} Do ")).collect();
        for _ in 0..count {
            file.stream(&format!("/Type /XObject /Subtype /Form {resources}"), &paint);
        }
        file.page("/X0 Do", &resources);
    }));
}

#[test]
fn a_form_that_paints_itself_is_read_once() {
    let bytes = with_second_page(|file| {
        let form = file.next_number();
        let resources =
            format!("/Resources << /XObject << /X {form} 0 R >> /Font << /F 3 0 R >> >>");
        let content = text(&[(50, 600, "The museum closes at five.")]) + "/X Do";
        file.stream(&format!("/Type /XObject /Subtype /Form {resources}"), &content);
        file.page("/X Do", &resources);
    });
    let text = read_soon(&bytes).unwrap().document.text;
    assert_eq!(text.matches("museum closes").count(), 1, "{text}");
}

#[test]
fn content_that_unpacks_to_millions_of_operators_is_not_read() {
    second_page_is_left_out(&with_second_page(|file| {
        let content = repeated(file, b'\'', 24 << 20);
        file.page_of(&format!("/Contents {content} 0 R"));
    }));
    second_page_is_left_out(&with_second_page(|file| {
        let content = repeated(file, b'\'', 1 << 20);
        let all = format!("{content} 0 R ").repeat(5_000);
        file.page_of(&format!("/Contents [{all}]"));
    }));
}

#[test]
fn content_that_unpacks_to_deep_arrays_does_not_overflow_the_stack() {
    second_page_is_left_out(&with_second_page(|file| {
        let content = repeated(file, b'[', 1 << 20);
        file.page_of(&format!("/Contents {content} 0 R"));
    }));
}

#[test]
fn texts_over_kilometres_take_no_memory() {
    let far = [
        "BT /F 1000000000 Tf 50 700 Td (far) Tj ET",
        "BT /F 12 Tf 50 700 Td [(f) -99999999999 (ar)] TJ ET",
        "100000 0 0 100000 0 0 cm BT /F 12 Tf 1000 0 0 1000 0 0 Tm (far) Tj ET",
        "BT /F 12 Tf 99999999 Tc 50 700 Td (far) Tj ET",
    ];
    for content in far {
        second_page_is_left_out(&with_second_page(|file| file.page(content, "")));
    }
    second_page_is_left_out(&with_second_page(|file| {
        let font = "/Type /Font /Subtype /TrueType /BaseFont /A /FirstChar 32 /LastChar 32";
        let font = file.object(&format!("<< {font} /Widths [99999999999] >>"));
        let resources = format!("/Resources << /Font << /F {font} 0 R >> >>");
        file.page("BT /F 12 Tf 50 700 Td (a b c) Tj ET", &resources);
    }));
    let large = "0.0001 0 0 0.0001 0 0 cm BT /F 120000 Tf 500000 6000000 Td (near) Tj ET";
    let bytes = with_second_page(|file| file.page(large, ""));
    assert!(read_soon(&bytes).unwrap().document.text.contains("near"));
}

#[test]
fn fonts_with_maps_without_end_are_not_used() {
    for map in ["<00000000> <FFFFFFFF> [<0041>]", "<00000000> <FFFFFFFF> <0041>", "<01><01><00é>"]
    {
        second_page_is_left_out(&with_second_page(|file| {
            let map = file.stream("", &format!("1 beginbfrange {map} endbfrange"));
            let font = "/Type /Font /Subtype /Type1 /BaseFont /Helvetica";
            let font = file.object(&format!("<< {font} /ToUnicode {map} 0 R >>"));
            let resources = format!("/Resources << /Font << /F {font} 0 R >> >>");
            file.page(&text(&[(50, 700, "mapped")]), &resources);
        }));
    }
}

#[test]
fn objects_that_unpack_to_too_many_bytes_or_too_deep_are_refused() {
    for (byte, times, code) in [(b'[', 9_000, "damaged_file"), (b'1', 350_000, "too_large")] {
        let mut file = PdfFile::new();
        file.text_page(&[(50, 700, "The ferry leaves at noon.")]);
        let content = format!("81{byte:02x}").repeat(times) + ">";
        let filter = "/Filter [/ASCIIHexDecode /RunLengthDecode]";
        file.stream(&format!("/Type /ObjStm /N 1 /First 5 {filter}"), &content);
        assert_eq!(read_soon(&file.bytes()).unwrap_err().code(), code);
    }
}
