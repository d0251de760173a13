//! Office files: whatever the bytes are, the reader gives text or a typed error. The first byte
//! selects the format.
#![no_main]

use libfuzzer_sys::fuzz_target;
use multimodal_rag::{FileToRead, ReadLimits, Unwatched, read_file};

const NAMES: [&str; 11] = [
    "a.docx", "a.pptx", "a.xlsx", "a.odt", "a.ods", "a.odp", "a.rtf", "a.doc", "a.ppt", "a.xls",
    "a.msg",
];

fuzz_target!(|data: &[u8]| {
    let Some((&selected, bytes)) = data.split_first() else { return };
    let name = NAMES[usize::from(selected) % NAMES.len()];
    let file = FileToRead { name, bytes, ..FileToRead::default() };
    let _ = read_file(&file, &ReadLimits::default(), &Unwatched);
});
