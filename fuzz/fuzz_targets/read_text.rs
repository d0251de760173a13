//! Any bytes as a file of each format of text. The first line is the file's name, so that its
//! ending selects the format.
#![no_main]

use libfuzzer_sys::fuzz_target;
use multimodal_rag::{FileToRead, ReadLimits, Unwatched, read_file};

fuzz_target!(|input: &[u8]| {
    let end = input.iter().position(|&byte| byte == b'\n').unwrap_or(0);
    let Ok(name) = std::str::from_utf8(&input[..end]) else { return };
    let file = FileToRead { name, bytes: &input[end..], ..FileToRead::default() };
    let Ok((_, read)) = read_file(&file, &ReadLimits::default(), &Unwatched) else { return };
    let document = read.document;
    let mut end = 0;
    for block in &document.blocks {
        let range = block.span.range();
        assert!(document.text[end..range.start].trim().is_empty());
        assert!(!document.text[range.clone()].trim().is_empty());
        end = range.end;
        document.place(block.span).map(|place| place.to_string());
    }
});
