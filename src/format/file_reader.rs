//! Who reads files for the engine.

use async_trait::async_trait;

use super::{FileToRead, read_file};
use crate::document::FileKind;
use crate::error::{Error, Result};
use crate::read::{ReadFile, ReadLimits, ReadWatch};
use crate::runtime::{Runtime, Stage, Task};

/// Reads files: here, in a worker of the browser, or in another process.
///
/// A file that hangs, crashes or takes too much memory costs only itself: the reader ends it and
/// returns a typed error: those of [`read_file`], or [`Error::TooSlow`].
#[async_trait(?Send)]
pub trait FileReader {
    /// Reads a file within `limits`. Reports [`Stage::Parse`] to `task`, whose cancellation ends
    /// it.
    async fn read(
        &self,
        file: &FileToRead<'_>,
        limits: &ReadLimits,
        runtime: &dyn Runtime,
        task: &Task,
    ) -> Result<(FileKind, ReadFile)>;
}

/// Reads files here, in one step, with the readers that are compiled in.
#[derive(Debug, Clone, Copy, Default)]
pub struct InlineFileReader;

#[async_trait(?Send)]
impl FileReader for InlineFileReader {
    async fn read(
        &self,
        file: &FileToRead<'_>,
        limits: &ReadLimits,
        runtime: &dyn Runtime,
        task: &Task,
    ) -> Result<(FileKind, ReadFile)> {
        let since_ms = runtime.now_ms();
        read_file(file, limits, &TaskWatch { task, runtime, limits, name: file.name, since_ms })
    }
}

/// Reports to a task, and stops when it is cancelled or the time is over.
struct TaskWatch<'a> {
    task: &'a Task,
    runtime: &'a dyn Runtime,
    limits: &'a ReadLimits,
    name: &'a str,
    since_ms: f64,
}

impl ReadWatch for TaskWatch<'_> {
    fn step(&self, done: u64, total: u64, unit: &'static str) -> Result<()> {
        self.task.report(self.runtime, Stage::Parse, done, total, unit, self.since_ms);
        self.task.cancel.check()?;
        check_time(self.name, self.runtime.now_ms() - self.since_ms, self.limits)
    }
}

/// An error where a file has taken longer than its limit.
pub(crate) fn check_time(name: &str, spent_ms: f64, limits: &ReadLimits) -> Result<()> {
    if spent_ms <= f64::from(limits.milliseconds) {
        return Ok(());
    }
    let seconds = limits.milliseconds / 1000;
    Err(Error::TooSlow { name: name.to_owned(), seconds })
}
