//! How far the work is, in one line of the terminal.

use std::io::{self, IsTerminal, Write};
use std::rc::Rc;

use multimodal_rag::{Progress, Stage, Task};

/// Back to the beginning of the line, and all of it wiped.
const WIPED: &str = "\r\x1b[2K";

/// A task that shows how far it is, where somebody looks: on a terminal.
pub(crate) fn shown() -> Task {
    if !io::stderr().is_terminal() {
        return Task::default();
    }
    Task { on_progress: Some(Rc::new(show)), ..Task::default() }
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
    // Who cannot be shown it does not miss it.
    let _ = write!(io::stderr(), "{WIPED}{line}");
}
