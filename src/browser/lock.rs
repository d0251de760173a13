//! Locks that all workers of an origin share, in all tabs.

use std::pin::pin;
use std::time::Duration;

use futures_util::future::select;
use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::convert::{global, property};
use super::runtime::sleep;

/// How long to wait for a lock: a tab that holds it may be frozen.
const MAX_WAIT: Duration = Duration::from_secs(300);

#[wasm_bindgen]
extern "C" {
    type LockManager;

    /// A promise that settles when the lock is released. `granted` is called with the lock, which
    /// is held until the promise that it returns settles.
    #[wasm_bindgen(method, catch)]
    fn request(this: &LockManager, name: &str, granted: &Function) -> Result<Promise, JsValue>;
}

/// A lock, which is released when this is dropped.
pub(super) struct Lock {
    release: Option<Function>,
}

impl Lock {
    /// Takes the lock, or goes on without it: after five minutes, and where the browser has no
    /// locks.
    pub(super) async fn take(name: &str) -> Self {
        let mut lock = Self { release: None };
        let Some(locks) = property(&global().navigator(), "locks") else { return lock };
        let held = Promise::new(&mut |resolve, _| lock.release = Some(resolve));
        let mut on_grant = None;
        let granted = Promise::new(&mut |resolve: Function, _| on_grant = Some(resolve));
        let Some(on_grant) = on_grant else { return lock };
        let callback = Closure::once_into_js(move || {
            let _ = on_grant.call0(&JsValue::NULL);
            held
        });
        let locks: LockManager = locks.unchecked_into();
        let Ok(request) = locks.request(name, callback.unchecked_ref()) else { return lock };
        let waiting = select(JsFuture::from(granted), JsFuture::from(request));
        select(waiting, pin!(sleep(MAX_WAIT))).await;
        lock
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some(release) = &self.release {
            let _ = release.call0(&JsValue::NULL);
        }
    }
}
