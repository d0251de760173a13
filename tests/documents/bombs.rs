//! Reads files that would take gigabytes or hours if nothing bounded them.

use std::time::{Duration, Instant};

use allocation_counter::measure;
use multimodal_rag::{Error, ReadFile};

use crate::read::read;

/// Reads a file; it must take less than this of memory and time.
pub(crate) fn read_within(
    name: &str,
    bytes: &[u8],
    max_bytes: u64,
    max_time: Duration,
) -> Result<ReadFile, Error> {
    let (start, mut result) = (Instant::now(), None);
    let taken = measure(|| result = Some(read(name, None, bytes)));
    let time = start.elapsed();
    println!("{name}: {time:?}, {} MiB", taken.bytes_max >> 20);
    assert!(taken.bytes_max < max_bytes, "{} MiB", taken.bytes_max >> 20);
    assert!(time < max_time, "{time:?}");
    result.unwrap().map(|(_, read)| read)
}
