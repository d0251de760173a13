//! Time and turns of a process that does one thing at a time.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use multimodal_rag::Host;

/// The process's clock; nobody waits for a turn.
pub(crate) struct NativeHost(Instant);

impl NativeHost {
    pub(crate) fn new() -> Self {
        Self(Instant::now())
    }
}

#[async_trait(?Send)]
impl Host for NativeHost {
    fn now_ms(&self) -> f64 {
        self.0.elapsed().as_secs_f64() * 1000.0
    }

    fn unix_ms(&self) -> f64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |t| t.as_secs_f64() * 1000.0)
    }

    async fn pause(&self) {}
}

/// Runs a future that never has to wait for anything outside.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}
