//! Questions go before adding: adding waits while a question is answered.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Poll, Waker};

use futures_util::future::select;

use crate::error::Result;
use crate::runtime::{CancelToken, wait};

/// Counts the questions that are being answered.
#[derive(Debug, Clone, Default)]
pub(crate) struct QuestionGate(Rc<State>);

#[derive(Debug, Default)]
struct State {
    questions: Cell<usize>,
    waiting: RefCell<Vec<Waker>>,
}

/// Adding waits until it is dropped.
#[derive(Debug)]
pub(crate) struct QuestionGuard(Rc<State>);

impl QuestionGate {
    /// Begins a question.
    pub(crate) fn question(&self) -> QuestionGuard {
        self.0.questions.set(self.0.questions.get() + 1);
        QuestionGuard(self.0.clone())
    }

    /// Waits until no question is being answered. Fails with `Aborted` when it is cancelled.
    pub(crate) async fn after_questions(&self, cancel: &CancelToken) -> Result<()> {
        let no_question = poll_fn(|context| {
            if self.0.questions.get() == 0 {
                return Poll::Ready(());
            }
            wait(&mut self.0.waiting.borrow_mut(), context.waker());
            Poll::Pending
        });
        select(pin!(cancel.cancelled()), pin!(no_question)).await;
        cancel.check()
    }
}

impl Drop for QuestionGuard {
    fn drop(&mut self) {
        let left = self.0.questions.get() - 1;
        self.0.questions.set(left);
        if left == 0 {
            self.0.waiting.take().into_iter().for_each(Waker::wake);
        }
    }
}
