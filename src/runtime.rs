//! The interface of the core to its surroundings: clock, yield, cancel and progress.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Poll, Waker};

use async_trait::async_trait;
use futures_util::future::{Either, select};
use serde::Serialize;

use crate::error::{Error, Result};

/// The clock and the event loop. The core itself has neither.
#[async_trait(?Send)]
pub trait Runtime {
    /// Milliseconds since a fixed moment. Never decreases.
    fn now_ms(&self) -> f64;

    /// Milliseconds since 1970-01-01T00:00:00Z.
    fn unix_ms(&self) -> f64;

    /// Lets waiting events run, messages above all. Called between the steps of long work.
    async fn yield_now(&self);
}

/// Cancels a call. Clones share their state: the caller keeps one, the work checks another
/// between its steps.
#[derive(Debug, Clone, Default)]
pub struct CancelToken(Rc<CancelState>);

#[derive(Debug, Default)]
struct CancelState {
    cancelled: Cell<bool>,
    waiting: RefCell<Vec<Waker>>,
}

impl CancelToken {
    /// Makes the work stop at its next step.
    pub fn cancel(&self) {
        self.0.cancelled.set(true);
        self.0.waiting.take().into_iter().for_each(Waker::wake);
    }

    /// Whether [`CancelToken::cancel`] was called.
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.get()
    }

    /// Completes when [`CancelToken::cancel`] is called.
    pub async fn cancelled(&self) {
        poll_fn(|context| {
            if self.is_cancelled() {
                return Poll::Ready(());
            }
            wait(&mut self.0.waiting.borrow_mut(), context.waker());
            Poll::Pending
        })
        .await;
    }

    /// `Err(Aborted)` if [`CancelToken::cancel`] was called.
    pub fn check(&self) -> Result<()> {
        if self.is_cancelled() { Err(Error::Aborted) } else { Ok(()) }
    }
}

/// Adds `waker` to the list, unless the list wakes the same task already.
pub(crate) fn wait(waiting: &mut Vec<Waker>, waker: &Waker) {
    if !waiting.iter().any(|known| known.will_wake(waker)) {
        waiting.push(waker.clone());
    }
}

/// The stages of long work that progress reports name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Downloading a model file.
    Download,
    /// Loading a model from its file, or stored records.
    Load,
    /// Reading the text of a file.
    Parse,
    /// Computing the vectors of chunks.
    Embed,
    /// Building and storing the index.
    Index,
    /// Prefill: the generator reads its prompt.
    Read,
}

/// A progress report of long work.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// The current stage.
    pub stage: Stage,
    /// Completed part of the stage, in `unit`.
    pub done: u64,
    /// Size of the whole stage, in `unit`.
    pub total: u64,
    /// The unit of both: one of [`Progress::UNITS`].
    pub unit: &'static str,
    /// Estimated milliseconds until the stage ends. None before the first step.
    pub eta_ms: Option<f64>,
}

impl Progress {
    /// The units of work.
    pub const UNITS: [&str; 16] = [
        "bytes",
        "layers",
        "documents",
        "segments",
        "chunks",
        "tokens",
        "pages",
        "pictures",
        "slides",
        "sheets",
        "members",
        "files",
        "cells",
        "entries",
        "messages",
        "lines",
    ];

    /// The unit of this name, which a reader reported; "bytes" for another one.
    pub fn unit_named(name: &str) -> &'static str {
        Self::UNITS.into_iter().find(|&known| known == name).unwrap_or("bytes")
    }
}

/// How a caller follows and cancels a call.
#[derive(Clone, Default)]
pub struct Task {
    /// The caller cancels the work with a clone of it.
    pub cancel: CancelToken,
    /// Called after each step.
    pub on_progress: Option<Rc<dyn Fn(Progress)>>,
}

impl Task {
    /// Reports that `done` of `total` units are complete, in a stage that began at `since_ms`.
    pub fn report(
        &self,
        runtime: &dyn Runtime,
        stage: Stage,
        done: u64,
        total: u64,
        unit: &'static str,
        since_ms: f64,
    ) {
        let Some(on_progress) = &self.on_progress else { return };
        let spent = runtime.now_ms() - since_ms;
        let eta_ms = (done > 0).then(|| spent / done as f64 * total.saturating_sub(done) as f64);
        on_progress(Progress { stage, done, total, unit, eta_ms });
    }

    /// The result of `future`, or `Aborted` if the task is cancelled first.
    pub(crate) async fn unless_cancelled<T>(&self, future: impl Future<Output = T>) -> Result<T> {
        match select(pin!(future), pin!(self.cancel.cancelled())).await {
            Either::Left((value, _)) => Ok(value),
            Either::Right(_) => Err(Error::Aborted),
        }
    }

    /// Ends a step: yields to the runtime, then checks whether the task was cancelled.
    pub async fn step(&self, runtime: &dyn Runtime) -> Result<()> {
        runtime.yield_now().await;
        self.cancel.check()
    }
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").field("cancel", &self.cancel).finish_non_exhaustive()
    }
}

/// A runtime whose clock stands still and whose `yield_now` returns at once. For work in one
/// step.
#[derive(Debug)]
pub struct IdleRuntime;

#[async_trait(?Send)]
impl Runtime for IdleRuntime {
    fn now_ms(&self) -> f64 {
        0.0
    }

    fn unix_ms(&self) -> f64 {
        0.0
    }

    async fn yield_now(&self) {}
}
