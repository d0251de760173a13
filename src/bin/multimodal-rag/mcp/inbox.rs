//! What clients send, heard also while a call is at work.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io::{self, BufRead, Read, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use async_trait::async_trait;
use multimodal_rag::{CancelToken, Runtime};
use serde_json::{Value, json};

use super::message::{INVALID_REQUEST, Message, Refused, response};
use crate::runtime::NativeRuntime;

/// The most bytes of a message.
const MAX_LINE_BYTES: usize = 4 << 20;
/// Lines that are read ahead.
const LINES_AHEAD: usize = 16;
/// The most requests that wait while one is at work.
const MAX_WAITING: usize = 100;

/// A line of the input; none where it was too long.
type Line = Option<Vec<u8>>;

/// The messages that have come, and the call that is at work.
///
/// As the engine's runtime it hears what comes between the steps of the call: that it is cancelled, above all.
pub(super) struct Inbox {
    clock: NativeRuntime,
    lines: RefCell<Receiver<Line>>,
    waiting: RefCell<VecDeque<Message>>,
    at_work: RefCell<Option<(Value, CancelToken)>>,
    /// Whether the answers can be read no more.
    is_closed: Cell<bool>,
}

impl Inbox {
    pub(super) fn of_standard_input() -> Self {
        let (sender, lines) = sync_channel(LINES_AHEAD);
        thread::spawn(move || read_lines(&mut io::stdin().lock(), &sender));
        Self {
            clock: NativeRuntime::new(),
            lines: RefCell::new(lines),
            waiting: RefCell::default(),
            at_work: RefCell::default(),
            is_closed: Cell::new(false),
        }
    }

    /// The next request; none at the end of the input.
    pub(super) fn next(&self) -> Option<Message> {
        loop {
            if let Some(message) = self.waiting.borrow_mut().pop_front() {
                return Some(message);
            }
            let line = self.lines.borrow().recv().ok()?;
            self.take(line);
        }
    }

    /// Calls `work` with the token that cancels it.
    pub(super) fn while_at_work<T>(&self, id: &Value, work: impl FnOnce(CancelToken) -> T) -> T {
        let cancel = CancelToken::default();
        self.at_work.replace(Some((id.clone(), cancel.clone())));
        let result = work(cancel);
        self.at_work.replace(None);
        result
    }

    /// Writes a message.
    pub(super) fn send(&self, message: &Value) {
        let mut out = io::stdout().lock();
        if writeln!(out, "{message}").and_then(|()| out.flush()).is_err() {
            self.is_closed.set(true);
        }
    }

    /// Whether the answers can be read no more.
    pub(super) fn is_closed(&self) -> bool {
        self.is_closed.get()
    }

    /// Takes the lines that have come.
    fn hear(&self) {
        loop {
            let Ok(line) = self.lines.borrow().try_recv() else { return };
            self.take(line);
        }
    }

    fn take(&self, line: Line) {
        let too_long = || Refused::new(INVALID_REQUEST, "A message has more than 4 MiB.");
        match line.ok_or_else(too_long).and_then(|line| Message::parse(&line)) {
            Ok(message) => self.sort(message),
            Err(refused) => self.send(&response(Value::Null, Err(refused))),
        }
    }

    /// Answers a message that can be answered at once, and keeps others.
    fn sort(&self, message: Message) {
        let Message { id, method, params } = &message;
        match (method.as_deref(), id) {
            (Some("notifications/cancelled"), _) => self.cancel(&params["requestId"]),
            (Some("ping"), Some(id)) => self.send(&response(id.clone(), Ok(json!({})))),
            (Some(_), Some(id)) if self.waiting.borrow().len() >= MAX_WAITING => {
                let refused = Refused::new(INVALID_REQUEST, "Too many requests wait: send less.");
                self.send(&response(id.clone(), Err(refused)));
            }
            (Some(_), Some(_)) => self.waiting.borrow_mut().push_back(message),
            // A response; or a notification, of which none but a cancellation means anything here.
            _ => {}
        }
    }

    /// Ends the call at work, or forgets one that waits. Nobody waits for its answer.
    fn cancel(&self, request: &Value) {
        if let Some((id, cancel)) = &*self.at_work.borrow()
            && id == request
        {
            cancel.cancel();
        }
        self.waiting.borrow_mut().retain(|message| message.id.as_ref() != Some(request));
    }
}

/// Reads lines until the end, or until nobody takes them.
fn read_lines(input: &mut impl BufRead, sender: &SyncSender<Line>) {
    loop {
        let mut line = Vec::new();
        match input.by_ref().take(MAX_LINE_BYTES as u64 + 1).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let is_too_long = line.last() != Some(&b'\n') && line.len() > MAX_LINE_BYTES;
        if is_too_long && input.skip_until(b'\n').is_err() {
            return;
        }
        let is_blank = line.iter().all(u8::is_ascii_whitespace);
        if !is_blank && sender.send((!is_too_long).then_some(line)).is_err() {
            return;
        }
    }
}

#[async_trait(?Send)]
impl Runtime for Inbox {
    fn now_ms(&self) -> f64 {
        self.clock.now_ms()
    }

    fn unix_ms(&self) -> f64 {
        self.clock.unix_ms()
    }

    async fn yield_now(&self) {
        self.hear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_too_long_are_left_out_and_the_next_is_read() {
        let long = "x".repeat(MAX_LINE_BYTES + 1);
        let input = format!("first\n\n{long}\nnext\nlast");
        let (sender, lines) = sync_channel(LINES_AHEAD);
        read_lines(&mut input.as_bytes(), &sender);
        drop(sender);
        let expected = [Some("first\n"), None, Some("next\n"), Some("last")];
        assert_eq!(lines.iter().collect::<Vec<_>>(), expected.map(|it| it.map(Into::into)));
    }
}
