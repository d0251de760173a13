//! Whose turn it is to write: a Web Lock, taken from a holder that shows no sign of life.

use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};

use super::lock::{self, Answer, How, Lock};
use super::tabs::Tabs;
use crate::browser::host::sleep;
use crate::error::Result;

/// How often a holder is asked for a sign of life, in vain, before it is overtaken. Counted
/// instead of timed: who was frozen as well finds its time up, but has not asked.
const ASKED: u32 = 10;

/// A turn to write, as it was come by.
pub(super) enum Turn {
    /// It was free, or its holder gave it back.
    Handed(Lock),
    /// Its holder did not answer.
    Stolen(Lock),
    /// Here are no locks: whoever wants to writes.
    NoLocks,
}

/// Waits for the turn to write to the database `name`, and takes it where its holder does
/// not answer for `patience`. To drop the future is to wait no longer.
pub(super) async fn turn(name: &str, tabs: &Tabs, patience: Duration) -> Result<Turn> {
    let name = format!("writer:{name}");
    let turn = match wait(&name, tabs, patience).await {
        Some(answer) => (answer?, Turn::Handed as fn(Lock) -> Turn),
        None => (lock::ask(&name, How::Stealing).await?, Turn::Stolen as fn(Lock) -> Turn),
    };
    Ok(match turn {
        (Answer::Granted(lock), turn) => {
            tabs.write(lock.state());
            turn(lock)
        }
        _ => Turn::NoLocks,
    })
}

/// The answer to asking for the lock; none where its holder did not answer.
async fn wait(name: &str, tabs: &Tabs, patience: Duration) -> Option<Result<Answer>> {
    let mut asked = pin!(lock::ask(name, How::Waiting));
    // Who has no patience does not ask.
    let mut in_vain = if patience.is_zero() { ASKED } else { 0 };
    while in_vain < ASKED {
        match select(asked.as_mut(), pin!(sleep(patience / ASKED))).await {
            Either::Left((answer, _)) => return Some(answer),
            Either::Right(_) if tabs.take_answer() => in_vain = 0,
            Either::Right(_) => in_vain += 1,
        }
        tabs.ask();
    }
    None
}
