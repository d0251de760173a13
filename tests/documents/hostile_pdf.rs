//! PDF files that are damaged or made to harm: a typed error or a document, soon.

use std::cell::Cell;

use multimodal_rag::{Error, FileToRead, ReadLimits, ReadWatch, Unwatched, read_file};

use crate::pdf_file::PdfFile;
use crate::read::read;
use crate::rng::Rng;

fn code(bytes: &[u8]) -> &'static str {
    read("a.pdf", None, bytes).err().map_or("read", |error| error.code())
}

fn page(text: &str) -> Vec<u8> {
    let mut file = PdfFile::new();
    file.text_page(&[(50, 700, text)]);
    file.bytes()
}

#[test]
fn a_file_that_is_cut_or_empty_gives_an_error_that_says_what_to_do() {
    let error = read("cut.pdf", None, b"%PDF-1.7\n").unwrap_err();
    assert_eq!(error.code(), "damaged_file");
    assert!(error.to_string().contains("save it again"), "{error}");
    let mut blank = PdfFile::new();
    blank.page("0 0 m 9 9 l S", "");
    // Its words are read by the reader of pictures, which finds none.
    let (_, read) = read("blank.pdf", None, &blank.bytes()).unwrap();
    assert!(read.document.blocks.is_empty() && read.pictures.len() == 1);
}

#[test]
fn a_file_without_its_end_is_read_as_far_as_it_goes() {
    let whole = page("The ferry leaves the harbour at noon.");
    let end = whole.windows(4).rposition(|window| window == b"xref").unwrap();
    let (_, read) = read("cut.pdf", None, &whole[..end]).unwrap();
    assert!(read.document.text.contains("ferry leaves"));
}

#[test]
fn a_tree_of_pages_that_contains_itself_ends() {
    let mut file = PdfFile::new();
    file.text_page(&[(50, 700, "A page in a circle.")]);
    let circle = file.object("<< /Type /Pages /Count 9 /Kids [2 0 R 6 0 R] /Parent 2 0 R >>");
    let text = String::from_utf8(file.bytes()).unwrap();
    let text = text.replace("/Kids [5 0 R]", &format!("/Kids [5 0 R {circle} 0 R]"));
    assert!(matches!(code(text.as_bytes()), "read" | "damaged_file"));
}

#[test]
fn cross_reference_streams_with_impossible_fields_do_not_hang() {
    for fields in [
        "/W [-1 0 1] /Index [0 4000000000]",
        "/W [1 99999999999 1]",
        "/W [0 0 0]",
        "/W [1 2 1] /Index [0 -1]",
    ] {
        let mut file = page("The museum closes at five.");
        let start = file.len();
        let stream = format!(
            "9 0 obj\n<< /Type /XRef {fields} /Size 99999999 /Root 1 0 R /Length 4 >> stream\nabcd\nendstream\nendobj\nstartxref\n{start}\n%%EOF\n"
        );
        file.extend_from_slice(stream.as_bytes());
        let (_, read) = read("a.pdf", None, &file).unwrap();
        assert!(read.document.text.contains("closes at five"), "{fields}");
    }
}

#[test]
fn more_objects_pages_or_text_than_allowed_are_refused() {
    let limited = |limits: ReadLimits, bytes: &[u8]| {
        let file = FileToRead { name: "a.pdf", bytes, ..FileToRead::default() };
        match read_file(&file, &limits, &Unwatched).unwrap_err() {
            Error::TooLarge { unit, .. } => unit,
            other => panic!("{other:?}"),
        }
    };
    let mut file = PdfFile::new();
    for _ in 0..5 {
        file.text_page(&[(50, 700, "One page of several that are all alike.")]);
    }
    let bytes = file.bytes();
    let limits = ReadLimits::default();
    assert_eq!(limited(ReadLimits { objects: 9, ..limits }, &bytes), "objects");
    assert_eq!(limited(ReadLimits { pages: 4, ..limits }, &bytes), "pages");
    assert_eq!(limited(ReadLimits { text_bytes: 99, ..limits }, &bytes), "bytes");
    let mut many = PdfFile::new();
    many.stream("/Type /ObjStm /N 999999999 /First 5", "1 0 null");
    many.text_page(&[(50, 700, "Few words.")]);
    assert_eq!(limited(limits, &many.bytes()), "objects");
}

#[test]
fn objects_that_are_nested_deep_do_not_overflow_the_stack() {
    for (open, close) in [("[", "]"), ("<<", ">>"), ("<</A ", ">>"), ("[[0 ", "]]")] {
        let nested = open.repeat(100_000) + &close.repeat(100_000);
        let mut file = PdfFile::new();
        file.object(&nested);
        file.text_page(&[(50, 700, "A page beside it.")]);
        assert_eq!(code(&file.bytes()), "damaged_file", "{open}");
        let mut file = PdfFile::new();
        file.page(&format!("BT /F 12 Tf (x) Tj ET {nested} TJ"), "");
        assert_eq!(code(&file.bytes()), "damaged_file", "{open}");
    }
}

#[test]
fn objects_that_are_hidden_in_comments_and_names_do_not_overflow_the_stack() {
    let nested = "[".repeat(100_000);
    for hidden in [format!("/ID {nested}"), format!("/stream {nested}"), format!("%\r{nested}")] {
        let mut file = PdfFile::new();
        file.object(&hidden);
        file.text_page(&[(50, 700, "A page beside it.")]);
        assert_eq!(code(&file.bytes()), "damaged_file", "{}", &hidden[..9]);
    }
    for hidden in [format!("[% {nested}"), format!("BI /A {nested} ID EI"), format!("/BI {nested}")]
    {
        let mut file = PdfFile::new();
        file.page(&hidden, "");
        assert_eq!(code(&file.bytes()), "damaged_file", "{}", &hidden[..9]);
    }
    // The table of objects begins in a string.
    let mut bytes = format!("%PDF-1.4\n1 0 obj\n({nested})\nendobj\n");
    bytes.push_str("startxref\n20\n%%EOF\n");
    assert_eq!(code(bytes.as_bytes()), "damaged_file");
}

#[test]
fn parentheses_that_never_close_take_no_time() {
    for (text, expected) in [("(".repeat(4 << 20), "damaged_file"), ("(".repeat(1 << 19), "read")] {
        let mut file = PdfFile::new();
        file.text_page(&[(50, 700, "A page beside it.")]);
        file.object(&text);
        assert_eq!(code(&file.bytes()), expected);
    }
}

#[test]
fn trees_whose_branches_meet_again_and_again_are_followed_once() {
    for (pairs, root) in [("Nums", "/PageLabels"), ("Names", "/Names << /EmbeddedFiles")] {
        let mut file = PdfFile::new();
        file.text_page(&[(50, 700, "The ferry leaves at noon.")]);
        for _ in 0..40 {
            let next = file.next_number() + 1;
            file.object(&format!("<< /{pairs} [0 << /S /r >>] /Kids [{next} 0 R {next} 0 R] >>"));
        }
        let end = if pairs == "Names" { ">>" } else { "" };
        file.catalog(&format!("{root} 6 0 R {end}"));
        assert_eq!(code(&file.bytes()), "read", "{pairs}");
    }
}

/// Counts steps, and stops a reader after some.
struct Steps {
    count: Cell<u32>,
    most: u32,
}

impl ReadWatch for Steps {
    fn step(&self, _: u64, _: u64, _: &'static str) -> Result<(), Error> {
        self.count.set(self.count.get() + 1);
        if self.count.get() > self.most { Err(Error::Aborted) } else { Ok(()) }
    }
}

#[test]
fn every_part_of_the_work_on_pages_takes_steps() {
    let mut file = PdfFile::new();
    for _ in 0..9 {
        file.text_page(&[(50, 700, "12 14 16 18 20 22"), (50, 686, "13 15 17 19 21 23")]);
    }
    let bytes = file.bytes();
    let steps = |most: u32| {
        let steps = Steps { count: Cell::new(0), most };
        let file = FileToRead { name: "a.pdf", bytes: &bytes, ..FileToRead::default() };
        let read = read_file(&file, &ReadLimits::default(), &steps);
        (steps.count.get(), read.err().map(|error| error.code()))
    };
    // The check, what is said beside the text, rotated pages, figures, the text, tables.
    let (count, error) = steps(u32::MAX);
    assert_eq!((count, error), (6 * 9, None));
    for most in 0..count {
        assert_eq!(steps(most), (most + 1, Some("aborted")));
    }
}

#[test]
fn an_encrypted_file_asks_for_its_password() {
    let mut file = PdfFile::new();
    file.text_page(&[(50, 700, "Secret words.")]);
    let zeros = "0".repeat(64);
    let encryption = file.object(&format!(
        "<< /Filter /Standard /V 2 /R 3 /Length 128 /P -44 /O <{zeros}> /U <{zeros}> >>"
    ));
    file.trailer(&format!("/Encrypt {encryption} 0 R /ID [<{zeros}> <{zeros}>]"));
    let bytes = file.bytes();
    assert_eq!(code(&bytes), "password_required");
    let file = FileToRead {
        name: "a.pdf",
        bytes: &bytes,
        password: Some("guess"),
        ..FileToRead::default()
    };
    let error = read_file(&file, &ReadLimits::default(), &Unwatched).unwrap_err();
    assert_eq!(error.code(), "wrong_password");
}

#[test]
fn changed_bytes_are_read_or_refused() {
    let mut file = PdfFile::new();
    file.text_page(&[(50, 700, "The ferry leaves at noon."), (50, 680, "It returns at five.")]);
    file.text_page(&[(50, 700, "The museum closes at five.")]);
    file.catalog("/PageLabels << /Nums [0 << /S /r >>] >> /Lang (en)");
    let whole = file.bytes();
    let seed = 17;
    println!("seed {seed}");
    let mut rng = Rng::new(seed);
    for _ in 0..2_000 {
        let mut bytes = whole.clone();
        for _ in 0..1 + rng.below(8) {
            let at = rng.below(bytes.len());
            match rng.below(3) {
                0 => bytes[at] = rng.below(256) as u8,
                1 => drop(bytes.remove(at)),
                _ => bytes.insert(at, b"<>[]()/0R"[rng.below(9)]),
            }
        }
        let codes = [
            "read",
            "damaged_file",
            "empty_document",
            "password_required",
            "too_large",
            "unsupported_format",
            "invalid_text",
        ];
        let code = code(&bytes);
        assert!(codes.contains(&code), "{code}");
    }
}
