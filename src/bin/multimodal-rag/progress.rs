//! Progress, on one line of the terminal.

use std::io::{self, IsTerminal, Write};
use std::rc::Rc;

use multimodal_rag::{Progress, Stage, Task};

/// Moves the cursor to the beginning of its line and clears the line.
const CLEAR_LINE: &str = "\r\x1b[2K";

/// A task that shows its progress if standard error is a terminal.
pub(crate) fn task_with_progress() -> Task {
    if !io::stderr().is_terminal() {
        return Task::default();
    }
    Task { on_progress: Some(Rc::new(show)), ..Task::default() }
}

/// Clears the progress that a failed step left on the terminal.
pub(crate) fn clear_line() {
    if io::stderr().is_terminal() {
        let _ = write!(io::stderr(), "{CLEAR_LINE}");
    }
}

fn show(progress: Progress) {
    let Progress { done, total, unit, .. } = progress;
    let doing = match progress.stage {
        Stage::Embed => "Indexing",
        Stage::Load => "Loading the answer model",
        Stage::Read => "Reading the passages",
        _ => return,
    };
    let line =
        if done < total { format!("{doing}: {done} of {total} {unit}") } else { String::new() };
    // Progress that cannot be printed is not a failure.
    let _ = write!(io::stderr(), "{CLEAR_LINE}{line}");
}
