//! The writer lock: a Web Lock that one tab at a time holds to write. It is stolen from a holder
//! that does not respond.

use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};

use super::tab_channel::TabChannel;
use crate::browser::lock::{Lock, LockMode, LockOutcome, request_lock};
use crate::browser::runtime::sleep;
use crate::error::Result;

/// Unanswered pings after which the lock is stolen. They are counted, not timed: a tab that was
/// frozen itself finds that the time has passed, but it has not pinged in that time.
const MAX_UNANSWERED_PINGS: u32 = 10;

/// How the writer lock was acquired.
pub(super) enum Acquired {
    /// It was free, or its holder released it.
    Granted(Lock),
    /// Its holder did not respond.
    Stolen(Lock),
    /// The page has no locks: every tab may write.
    WithoutLock,
}

/// Waits for the writer lock of the database `name`, and steals it where its holder does not
/// respond for `timeout`. Dropping the future cancels the request.
pub(super) async fn acquire_writer_lock(
    name: &str,
    tabs: &TabChannel,
    timeout: Duration,
) -> Result<Acquired> {
    let name = format!("writer:{name}");
    let (outcome, acquired) = match wait(&name, tabs, timeout).await {
        Some(outcome) => (outcome?, Acquired::Granted as fn(Lock) -> Acquired),
        None => {
            let outcome = request_lock(&name, LockMode::Steal).await?;
            (outcome, Acquired::Stolen as fn(Lock) -> Acquired)
        }
    };
    let LockOutcome::Granted(lock) = outcome else { return Ok(Acquired::WithoutLock) };
    tabs.answer_pings_while_held(lock.state());
    Ok(acquired(lock))
}

/// The outcome of a waiting request; none where the holder does not respond.
async fn wait(name: &str, tabs: &TabChannel, timeout: Duration) -> Option<Result<LockOutcome>> {
    let mut request = pin!(request_lock(name, LockMode::Wait));
    let mut unanswered = if timeout.is_zero() { MAX_UNANSWERED_PINGS } else { 0 };
    while unanswered < MAX_UNANSWERED_PINGS {
        match select(request.as_mut(), pin!(sleep(timeout / MAX_UNANSWERED_PINGS))).await {
            Either::Left((outcome, _)) => return Some(outcome),
            Either::Right(_) if tabs.take_answered() => unanswered = 0,
            Either::Right(_) => unanswered += 1,
        }
        tabs.ping();
    }
    None
}
