//! What the core asks of its surroundings: the time, a chance for others to
//! run, and whether to go on.

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

/// Time and turns. The core reads no clock and knows no event loop.
#[async_trait(?Send)]
pub trait Runtime {
    /// Milliseconds since some fixed moment; never goes back.
    fn now_ms(&self) -> f64;

    /// Milliseconds since 1970-01-01T00:00:00Z.
    fn unix_ms(&self) -> f64;

    /// Lets everything that waits (messages above all) take its turn. Called
    /// between the steps of long work.
    async fn yield_now(&self);
}

/// A wish to stop, shared between who asks and who works. Heard between steps.
#[derive(Debug, Clone, Default)]
pub struct CancelToken(Rc<CancelState>);

#[derive(Debug, Default)]
struct CancelState {
    cancelled: Cell<bool>,
    waiting: RefCell<Vec<Waker>>,
}

impl CancelToken {
    /// Asks the work to stop at its next step.
    pub fn cancel(&self) {
        self.0.cancelled.set(true);
        self.0.waiting.take().into_iter().for_each(Waker::wake);
    }

    /// Whether somebody asked to stop.
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.get()
    }

    /// Ready once somebody asked to stop.
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

    /// `Err(Aborted)` once somebody asked to stop.
    pub fn check(&self) -> Result<()> {
        if self.is_cancelled() { Err(Error::Aborted) } else { Ok(()) }
    }
}

/// Remembers whom to wake, each once.
pub(crate) fn wait(waiting: &mut Vec<Waker>, waker: &Waker) {
    if !waiting.iter().any(|known| known.will_wake(waker)) {
        waiting.push(waker.clone());
    }
}

/// The stages that a caller sees long work go through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Fetching a model file from the network.
    Download,
    /// Turning a model file that is here into a model, or reading what was stored.
    Load,
    /// Reading a file's text.
    Parse,
    /// Computing embeddings.
    Embed,
    /// Building and storing the index.
    Index,
    /// Reading a prompt: instructions, passages and question.
    Read,
}

/// How far long work has come.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// The stage it is in.
    pub stage: Stage,
    /// How much of the stage is done, in `unit`.
    pub done: u64,
    /// How much the stage holds.
    pub total: u64,
    /// What is counted: "bytes", "layers", "documents", "segments", "chunks" or "tokens".
    pub unit: &'static str,
    /// Estimated milliseconds until the stage ends; none before the first step.
    pub eta_ms: Option<f64>,
}

/// One piece of long work: whom to tell, and whether to go on.
#[derive(Clone, Default)]
pub struct Task {
    /// Set by the caller to stop the work.
    pub cancel: CancelToken,
    /// Called after each step.
    pub on_progress: Option<Rc<dyn Fn(Progress)>>,
}

impl Task {
    /// Reports that `done` of `total` units of `stage`, begun at `since_ms`, are done.
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

    /// What `future` gives, unless somebody asks to stop before.
    pub(crate) async fn unless_cancelled<T>(&self, future: impl Future<Output = T>) -> Result<T> {
        match select(pin!(future), pin!(self.cancel.cancelled())).await {
            Either::Left((value, _)) => Ok(value),
            Either::Right(_) => Err(Error::Aborted),
        }
    }

    /// The end of a step: others take their turn, then a wish to stop is heard.
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
