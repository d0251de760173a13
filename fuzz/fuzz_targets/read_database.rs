//! Any bytes as a database of SQLite, read with the default limits.
#![no_main]

use libfuzzer_sys::fuzz_target;
use multimodal_rag::{FileToRead, ReadLimits, Unwatched, read_file};

fuzz_target!(|bytes: &[u8]| {
    let media_type = Some("application/vnd.sqlite3");
    let file = FileToRead { name: "a.db", bytes, media_type, ..FileToRead::default() };
    if let Ok((_, read)) = read_file(&file, &ReadLimits::default(), &Unwatched) {
        for block in &read.document.blocks {
            let _ = (read.document.slice(block.span), read.document.place(block.span));
        }
    }
});
