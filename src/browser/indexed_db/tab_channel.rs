//! Messages between the tabs that have the same database open: a number is the count of commits
//! after a commit, a ping asks the tab that holds the writer lock for an answer.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use web_sys::{BroadcastChannel, MessageEvent};

use crate::browser::lock::LockState;

const PING: &str = "who writes?";
const ANSWER: &str = "I do";

/// The channel of one tab.
pub(super) struct TabChannel {
    state: Rc<ChannelState>,
    /// None where the browser refuses it: no message is sent or received then.
    channel: Option<BroadcastChannel>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
}

#[derive(Default)]
struct ChannelState {
    /// Whether an answer to a ping was received.
    is_answered: Cell<bool>,
    /// The highest known count of commits.
    commits: Cell<f64>,
    /// Whether other tabs committed since [`TabChannel::take_changed`].
    is_changed: Cell<bool>,
    /// This tab's writer lock.
    writer_lock: RefCell<Option<LockState>>,
}

impl TabChannel {
    /// Joins the channel of the database `name`.
    pub(super) fn join(name: &str) -> Self {
        let state = Rc::new(ChannelState::default());
        let channel = BroadcastChannel::new(name).ok();
        let on_message = {
            let (state, channel) = (state.clone(), channel.clone());
            Closure::new(move |message: MessageEvent| {
                state.receive(&message.data(), channel.as_ref());
            })
        };
        if let Some(channel) = &channel {
            channel.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        }
        Self { state, channel, _on_message: on_message }
    }

    /// Asks the tab that holds the writer lock for an answer.
    pub(super) fn ping(&self) {
        post(self.channel.as_ref(), &PING.into());
    }

    /// Whether the holder of the writer lock answered since the last call.
    pub(super) fn take_answered(&self) -> bool {
        self.state.is_answered.take() || self.state.holds_writer_lock()
    }

    /// Answers pings for as long as this writer lock is held.
    pub(super) fn answer_pings_while_held(&self, writer_lock: &LockState) {
        self.state.writer_lock.replace(Some(writer_lock.clone()));
    }

    /// Notes a count of commits that was read from the database.
    pub(super) fn note_commits(&self, commits: u64) {
        self.state.note_commits(commits as f64);
    }

    /// Tells the other tabs the count of commits after one of this tab.
    pub(super) fn announce_commits(&self, commits: u64) {
        let commits = commits as f64;
        self.state.commits.set(commits.max(self.state.commits.get()));
        post(self.channel.as_ref(), &commits.into());
    }

    pub(super) fn take_changed(&self) -> bool {
        self.state.is_changed.take()
    }
}

impl ChannelState {
    fn receive(&self, message: &JsValue, channel: Option<&BroadcastChannel>) {
        if let Some(commits) = message.as_f64() {
            self.note_commits(commits);
        } else if *message == ANSWER {
            self.is_answered.set(true);
        } else if *message == PING && self.holds_writer_lock() {
            post(channel, &ANSWER.into());
        }
    }

    fn note_commits(&self, commits: f64) {
        if commits > self.commits.get() {
            self.commits.set(commits);
            self.is_changed.set(true);
        }
    }

    fn holds_writer_lock(&self) -> bool {
        self.writer_lock.borrow().as_ref().is_some_and(LockState::is_held)
    }
}

/// Sends a message to the other tabs. A failure is ignored.
fn post(channel: Option<&BroadcastChannel>, message: &JsValue) {
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
