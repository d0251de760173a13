//! Any bytes as a file of each format of text. The first byte chooses the format, so that a seed is
//! mutated within one.
#![no_main]

use libfuzzer_sys::fuzz_target;
use multimodal_rag::{FileToRead, ReadLimits, Unwatched, read_file};

const ENDINGS: [&str; 24] = [
    "csv", "tsv", "json", "jsonl", "yaml", "toml", "xml", "rss", "srt", "vtt", "ipynb", "tex",
    "adoc", "rst", "org", "rs", "py", "c", "js", "sql", "html", "md", "txt", "log",
];

fuzz_target!(|bytes: &[u8]| {
    let Some((&choice, bytes)) = bytes.split_first() else { return };
    let name = format!("a.{}", ENDINGS[usize::from(choice) % ENDINGS.len()]);
    let file = FileToRead { name: &name, bytes, ..FileToRead::default() };
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
