//! Whose turn it is: a question goes before adding.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Poll, Waker};

use futures_util::future::select;

use crate::error::Result;
use crate::host::{Stop, wait};

/// Counts the questions that are being answered.
#[derive(Debug, Clone, Default)]
pub(crate) struct Turns(Rc<State>);

#[derive(Debug, Default)]
struct State {
    questions: Cell<usize>,
    waiting: RefCell<Vec<Waker>>,
}

/// While it lives, adding waits.
#[derive(Debug)]
pub(crate) struct QuestionTurn(Rc<State>);

impl Turns {
    /// A question begins.
    pub(crate) fn question(&self) -> QuestionTurn {
        self.0.questions.set(self.0.questions.get() + 1);
        QuestionTurn(self.0.clone())
    }

    /// Waits until no question is being answered, or fails with `Aborted`.
    pub(crate) async fn after_questions(&self, stop: &Stop) -> Result<()> {
        let no_question = poll_fn(|context| {
            if self.0.questions.get() == 0 {
                return Poll::Ready(());
            }
            wait(&mut self.0.waiting.borrow_mut(), context.waker());
            Poll::Pending
        });
        select(pin!(stop.stopped()), pin!(no_question)).await;
        stop.check()
    }
}

impl Drop for QuestionTurn {
    fn drop(&mut self) {
        let left = self.0.questions.get() - 1;
        self.0.questions.set(left);
        if left == 0 {
            self.0.waiting.take().into_iter().for_each(Waker::wake);
        }
    }
}
