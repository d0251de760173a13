//! What those who have the same database open say to each other: "I wrote", "does who
//! writes live?" and "I do".

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::{BroadcastChannel, MessageEvent};

use super::lock::LockState;

/// Asks whoever holds the right to write for a sign of life.
const ASKING: &str = "who writes?";
/// The sign of life.
const ANSWER: &str = "I do";

/// One's place among them. Any other message is the number of commits there were.
pub(super) struct TabChannel {
    heard: Rc<Heard>,
    /// None where the browser refuses it: then nothing is ever heard.
    channel: Option<BroadcastChannel>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
}

#[derive(Default)]
struct Heard {
    /// A sign of life of who writes.
    answer: Cell<bool>,
    /// The commits that are known of.
    commits: Cell<f64>,
    /// Whether others made some of them since this was asked last.
    changed: Cell<bool>,
    /// One's own right to write.
    writing: RefCell<Option<LockState>>,
}

impl TabChannel {
    /// Joins those of the database `name`.
    pub(super) fn join(name: &str) -> Self {
        let heard = Rc::new(Heard::default());
        let channel = BroadcastChannel::new(name).ok();
        let on_message = {
            let (heard, channel) = (heard.clone(), channel.clone());
            Closure::new(move |message: MessageEvent| heard.hear(&message.data(), channel.as_ref()))
        };
        if let Some(channel) = &channel {
            channel.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        }
        Self { heard, channel, _on_message: on_message }
    }

    /// Asks whoever writes for a sign of life.
    pub(super) fn ask(&self) {
        say(self.channel.as_ref(), &ASKING.into());
    }

    /// Whether who writes gave a sign of life since this was asked last.
    pub(super) fn take_answer(&self) -> bool {
        self.heard.answer.take() || self.heard.is_writing()
    }

    /// From now on, others are told that who writes lives: for as long as the lock is held.
    pub(super) fn write(&self, lock: &LockState) {
        self.heard.writing.replace(Some(lock.clone()));
    }

    /// Learns how many commits there were.
    pub(super) fn see(&self, commits: u64) {
        self.heard.see(commits as f64);
    }

    /// Tells the others how many commits there are after one's own.
    pub(super) fn tell(&self, commits: u64) {
        let commits = commits as f64;
        self.heard.commits.set(commits.max(self.heard.commits.get()));
        say(self.channel.as_ref(), &commits.into());
    }

    pub(super) fn take_changed(&self) -> bool {
        self.heard.changed.take()
    }
}

impl Heard {
    fn hear(&self, message: &JsValue, channel: Option<&BroadcastChannel>) {
        if let Some(commits) = message.as_f64() {
            self.see(commits);
        } else if *message == ANSWER {
            self.answer.set(true);
        } else if *message == ASKING && self.is_writing() {
            say(channel, &ANSWER.into());
        }
    }

    fn see(&self, commits: f64) {
        if commits > self.commits.get() {
            self.commits.set(commits);
            self.changed.set(true);
        }
    }

    fn is_writing(&self) -> bool {
        self.writing.borrow().as_ref().is_some_and(LockState::is_held)
    }
}

/// Nobody hears it where it cannot be said.
fn say(channel: Option<&BroadcastChannel>, message: &JsValue) {
    if let Some(channel) = channel {
        let _ = channel.post_message(message);
    }
}

impl Drop for TabChannel {
    fn drop(&mut self) {
        if let Some(channel) = &self.channel {
            channel.close();
        }
    }
}
