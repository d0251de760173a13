//! The runtime of a process that does one thing at a time.

use std::future::Future;
use std::pin::pin;
use std::sync::OnceLock;
use std::task::{Context, Poll, Waker};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use multimodal_rag::Runtime;

/// The clock of the process. Nothing else waits for a turn, so `yield_now` returns at once.
pub(crate) struct NativeRuntime(Instant);

impl NativeRuntime {
    pub(crate) fn new() -> Self {
        Self(Instant::now())
    }
}

#[async_trait(?Send)]
impl Runtime for NativeRuntime {
    fn now_ms(&self) -> f64 {
        self.0.elapsed().as_secs_f64() * 1000.0
    }

    fn unix_ms(&self) -> f64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |t| t.as_secs_f64() * 1000.0)
    }

    async fn yield_now(&self) {}
}

/// Milliseconds since the first call.
pub(crate) fn milliseconds() -> f64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_secs_f64() * 1000.0
}

/// Polls a future until it is ready. For futures that wait for nothing outside the process.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}
