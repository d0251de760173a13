//! What may be unpacked of a file.

use std::io::{self, Read};

use crate::error::{Error, Result};
use crate::read::Input;

/// Counts the bytes that are unpacked from a file, against the limit of its size.
pub(super) struct Budget<'a> {
    name: &'a str,
    limit: u64,
    left: u64,
}

/// What was unpacked of a member.
pub(super) struct Unpacked {
    pub(super) bytes: Vec<u8>,
    /// Whether the bytes end before the member does, because it is damaged or cut off.
    pub(super) is_cut_off: bool,
}

impl<'a> Budget<'a> {
    pub(super) fn new(input: &Input<'a>) -> Self {
        let limit = input.limits.expanded_bytes_of(input.bytes.len() as u64);
        Self { name: input.name, limit, left: limit }
    }

    /// Unpacks all of `reader`. What is unpacked before a fault is kept.
    pub(super) fn unpack(&mut self, reader: impl Read) -> Result<Unpacked> {
        let mut bytes = Vec::new();
        let outcome = reader.take(self.left.saturating_add(1)).read_to_end(&mut bytes);
        self.spend(bytes.len() as u64)?;
        Ok(Unpacked { bytes, is_cut_off: outcome.is_err() })
    }

    /// The stream in `reader`, which ends with an error where it is longer than what is left.
    /// [`Self::check`] tells whether it was.
    pub(super) fn stream<R: Read>(&self, reader: R) -> Stream<R> {
        Stream { reader, left: self.left, is_over: false }
    }

    /// An error where a stream was longer than what was left.
    pub(super) fn check<R>(&self, stream: &Stream<R>) -> Result<()> {
        if stream.is_over { Err(self.exceeded(self.limit.saturating_add(1))) } else { Ok(()) }
    }

    fn spend(&mut self, bytes: u64) -> Result<()> {
        match self.left.checked_sub(bytes) {
            Some(left) => self.left = left,
            None => return Err(self.exceeded(self.limit - self.left + bytes)),
        }
        Ok(())
    }

    fn exceeded(&self, got: u64) -> Error {
        Error::TooLarge {
            what: format!("The unpacked content of \"{}\"", self.name),
            got,
            limit: self.limit,
            unit: "bytes",
            advice: "Unpack it with a program that you trust, and add the files that you need.",
        }
    }
}

/// A stream that is not kept in memory but must not be endless.
pub(super) struct Stream<R> {
    reader: R,
    left: u64,
    is_over: bool,
}

impl<R: Read> Read for Stream<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        match self.left.checked_sub(read as u64) {
            Some(left) => self.left = left,
            None => {
                self.is_over = true;
                return Err(io::Error::other("the stream is too long"));
            }
        }
        Ok(read)
    }
}
