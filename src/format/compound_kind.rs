//! What a compound file is, by what is in its root.

use crate::read::compound_file::CompoundFile;

/// Whether it is a compound file with a stream of one of these names, and not an encrypted
/// package, whose format only its ending tells.
pub(super) fn holds(bytes: &[u8], streams: &[&str]) -> bool {
    if !CompoundFile::is_compound_file(bytes) {
        return false;
    }
    let Some(file) = CompoundFile::open(bytes) else { return false };
    streams.iter().any(|stream| file.has(stream))
}
