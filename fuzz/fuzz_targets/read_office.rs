//! Office files: whatever the bytes are, the reader gives text or a typed error. The format is
//! found from the bytes; members of packages are mutated, and packed again.
#![no_main]

mod packed;

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use multimodal_rag::{FileToRead, ReadLimits, Unwatched, read_file};

fuzz_target!(|bytes: &[u8]| {
    let file = FileToRead { name: "a.docx", bytes, ..FileToRead::default() };
    if let Ok((_, read)) = read_file(&file, &ReadLimits::default(), &Unwatched) {
        for block in &read.document.blocks {
            let _ = (read.document.slice(block.span), read.document.place(block.span));
        }
    }
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    packed::mutate(data, size, max_size, seed)
});
