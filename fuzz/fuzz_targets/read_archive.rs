//! Any bytes as an archive, a book, a message, a mailbox or a saved page. ZIP, gzip and most of
//! TAR are recognized by their bytes, whatever the name. Members of ZIP are mutated, and packed
//! again.
#![no_main]

mod packed;

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use multimodal_rag::{FileToRead, ReadLimits, Unwatched, read_file};

const NAMES: [&str; 4] = ["a.tar", "a.eml", "a.mbox", "a.mhtml"];

fuzz_target!(|bytes: &[u8]| {
    let limits = ReadLimits::default();
    for name in NAMES {
        let file = FileToRead { name, bytes, password: Some("secret"), ..FileToRead::default() };
        let Ok((_, read)) = read_file(&file, &limits, &Unwatched) else { continue };
        for block in &read.document.blocks {
            assert!(!read.document.slice(block.span).trim().is_empty());
        }
        for member in &read.members {
            assert!(member.path.split('/').all(|folder| !matches!(folder, "" | "." | "..")));
        }
        let unpacked: usize = read.members.iter().map(|member| member.bytes.len()).sum();
        assert!(unpacked as u64 <= limits.expanded_bytes_of(bytes.len() as u64));
    }
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    packed::mutate(data, size, max_size, seed)
});
