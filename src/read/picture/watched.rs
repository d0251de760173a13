//! The bytes of a file as a reader that tells how far it is, and that can be stopped.

use std::cell::RefCell;
use std::io::{self, BufRead, Read, Seek, SeekFrom};

use crate::error::{Error, Result};
use crate::read::ReadWatch;

/// Bytes between two steps. A decoder takes about a millisecond for them.
const STEP_BYTES: usize = 64 << 10;

/// What stopped a reader. It outlives the decoder, which knows errors of its own only.
#[derive(Default)]
pub(super) struct Stop(RefCell<Option<Error>>);

impl Stop {
    /// The error that stopped the reader, otherwise `otherwise`.
    pub(super) fn or(&self, otherwise: Error) -> Error {
        self.0.borrow_mut().take().unwrap_or(otherwise)
    }

    /// An error if the reader was stopped, although its decoder did not say so.
    pub(super) fn check(&self) -> Result<()> {
        self.0.borrow_mut().take().map_or(Ok(()), Err)
    }
}

/// Reads `bytes`, and takes a step of `watch` for each piece.
pub(super) struct Watched<'a> {
    bytes: &'a [u8],
    position: usize,
    /// Bytes up to here are read without asking again.
    granted: usize,
    watch: &'a dyn ReadWatch,
    stop: &'a Stop,
}

impl<'a> Watched<'a> {
    pub(super) fn new(bytes: &'a [u8], watch: &'a dyn ReadWatch, stop: &'a Stop) -> Self {
        Self { bytes, position: 0, granted: 0, watch, stop }
    }

    /// The bytes from the position on, up to the next step.
    #[inline]
    fn rest(&mut self) -> io::Result<&'a [u8]> {
        if self.position >= self.granted {
            self.step()?;
        }
        Ok(self.bytes.get(self.position..self.granted).unwrap_or_default())
    }

    #[cold]
    fn step(&mut self) -> io::Result<()> {
        if self.stop.0.borrow().is_some() {
            return Err(io::Error::other("stopped"));
        }
        if let Err(error) = self.watch.step(self.position as u64, self.bytes.len() as u64, "bytes")
        {
            *self.stop.0.borrow_mut() = Some(error);
            return Err(io::Error::other("stopped"));
        }
        self.granted = self.position.saturating_add(STEP_BYTES).min(self.bytes.len());
        Ok(())
    }
}

impl Read for Watched<'_> {
    #[inline]
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = self.rest()?;
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        self.position += length;
        Ok(length)
    }
}

impl BufRead for Watched<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.rest()
    }

    fn consume(&mut self, amount: usize) {
        self.position = self.position.saturating_add(amount);
    }
}

impl Seek for Watched<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (start, offset) = match to {
            SeekFrom::Start(position) => (position, 0),
            SeekFrom::End(offset) => (self.bytes.len() as u64, offset),
            SeekFrom::Current(offset) => (self.position as u64, offset),
        };
        let position = start.checked_add_signed(offset).and_then(|to| usize::try_from(to).ok());
        let outside = || io::Error::new(io::ErrorKind::InvalidInput, "a seek out of the file");
        let position = position.ok_or_else(outside)?;
        // A decoder that goes back reads again, which takes time: the next read asks.
        if position < self.position.saturating_sub(STEP_BYTES) {
            self.granted = position;
        }
        self.position = position;
        Ok(position as u64)
    }
}
