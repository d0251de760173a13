//! Whose turn it is to write: a Web Lock, taken from a holder that shows no sign of life.

use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};

use super::lock::{self, Lock, LockAnswer, LockMode};
use super::tab_channel::TabChannel;
use crate::browser::runtime::sleep;
use crate::error::Result;

/// LockMode often a holder is asked for a sign of life, in vain, before it is overtaken. Counted
/// instead of timed: who was frozen as well finds its time up, but has not asked.
const ASKED: u32 = 10;

/// A turn to write, as it was come by.
pub(super) enum WriterLock {
    /// It was free, or its holder gave it back.
    Handed(Lock),
    /// Its holder did not answer.
    Stolen(Lock),
    /// Here are no locks: whoever wants to writes.
    NoLocks,
}

/// Waits for the turn to write to the database `name`, and takes it where its holder does
/// not answer for `patience`. To drop the future is to wait no longer.
pub(super) async fn writer_lock(
    name: &str,
    tabs: &TabChannel,
    patience: Duration,
) -> Result<WriterLock> {
    let name = format!("writer:{name}");
    let turn = match wait(&name, tabs, patience).await {
        Some(answer) => (answer?, WriterLock::Handed as fn(Lock) -> WriterLock),
        None => (
            lock::ask(&name, LockMode::Stealing).await?,
            WriterLock::Stolen as fn(Lock) -> WriterLock,
        ),
    };
    Ok(match turn {
        (LockAnswer::Granted(lock), turn) => {
            tabs.write(lock.state());
            turn(lock)
        }
        _ => WriterLock::NoLocks,
    })
}

/// The answer to asking for the lock; none where its holder did not answer.
async fn wait(name: &str, tabs: &TabChannel, patience: Duration) -> Option<Result<LockAnswer>> {
    let mut asked = pin!(lock::ask(name, LockMode::Waiting));
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
