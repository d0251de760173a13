//! The clock and the event loop of a worker.

use std::time::Duration;

use async_trait::async_trait;
use js_sys::{Function, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::convert::global;
use crate::runtime::Runtime;

/// The runtime of a worker.
pub(super) struct BrowserRuntime {
    clock: Option<web_sys::Performance>,
    /// Returns a promise that is resolved in a later task of the event loop.
    yield_now: Function,
}

impl BrowserRuntime {
    pub(super) fn new(yield_now: Function) -> Self {
        Self { clock: global().performance(), yield_now }
    }
}

/// Waits for `duration`; in a worker without timers, for the next microtask.
pub(super) async fn sleep(duration: Duration) {
    let milliseconds = i32::try_from(duration.as_millis()).unwrap_or(i32::MAX);
    let timer = Promise::new(&mut |resolve, _| {
        let set =
            global().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds);
        if set.is_err() {
            let _ = resolve.call0(&JsValue::NULL);
        }
    });
    let _ = JsFuture::from(timer).await;
}

#[async_trait(?Send)]
impl Runtime for BrowserRuntime {
    fn now_ms(&self) -> f64 {
        self.clock.as_ref().map_or_else(js_sys::Date::now, web_sys::Performance::now)
    }

    fn unix_ms(&self) -> f64 {
        js_sys::Date::now()
    }

    async fn yield_now(&self) {
        let promise =
            self.yield_now.call0(&JsValue::NULL).and_then(|value| value.dyn_into::<Promise>());
        if let Ok(promise) = promise {
            let _ = JsFuture::from(promise).await;
        }
    }
}
