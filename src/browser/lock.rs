//! Web Locks: a lock has a name, and one tab of an origin at a time holds it.

use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::{Either, select};
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::AbortController;

use super::convert::{describe, global, property, text_property};
use super::runtime::sleep;
use crate::error::{Error, Result};

/// How long work that may be done twice waits for another tab to do it: that tab may be frozen.
const MAX_WAIT: Duration = Duration::from_secs(300);

#[wasm_bindgen]
extern "C" {
    /// `navigator.locks`, which web-sys has only as an unstable interface.
    type LockManager;

    #[wasm_bindgen(method, catch)]
    fn request(
        this: &LockManager,
        name: &str,
        options: &Object,
        granted: &Function,
    ) -> Result<Promise, JsValue>;
}

/// What a request does where another tab holds the lock.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum LockMode {
    /// It waits in a queue.
    Wait,
    /// It fails.
    IfFree,
    /// It takes the lock away.
    Steal,
}

/// The outcome of a request.
pub(super) enum LockOutcome {
    Granted(Lock),
    /// Another tab holds the lock.
    Held,
    /// The page has no locks: it is no secure context, or may not use storage.
    Unsupported,
}

/// A lock that is requested or held, until it is dropped.
pub(super) struct Lock {
    state: LockState,
    /// Cancels the request; has no effect once the lock was granted.
    request: Option<AbortController>,
}

/// Whether a lock is held. Another tab can steal it at any time.
#[derive(Clone)]
pub(super) struct LockState(Rc<RefCell<State>>);

enum State {
    Requested,
    /// The function releases the lock.
    Held(Function),
    Released,
}

impl LockState {
    pub(super) fn is_held(&self) -> bool {
        matches!(*self.0.borrow(), State::Held(_))
    }

    /// The browser's callback: `lock` is null where it is not granted. It is held until the
    /// returned promise is resolved.
    fn grant(&self, lock: &JsValue) -> JsValue {
        // In another state nobody waits for the lock any more.
        if lock.is_null() || !matches!(*self.0.borrow(), State::Requested) {
            return JsValue::UNDEFINED;
        }
        Promise::new(&mut |release, _| *self.0.borrow_mut() = State::Held(release)).into()
    }
}

impl Lock {
    pub(super) fn state(&self) -> &LockState {
        &self.state
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let State::Held(release) = self.state.0.replace(State::Released) {
            let _ = release.call0(&JsValue::NULL);
        }
        if let Some(request) = &self.request {
            request.abort();
        }
    }
}

/// Requests the lock `name`. Dropping the future cancels the request.
pub(super) async fn request_lock(name: &str, mode: LockMode) -> Result<LockOutcome> {
    let Some(locks) = property(&global().navigator(), "locks") else {
        return Ok(LockOutcome::Unsupported);
    };
    let locks: LockManager = locks.unchecked_into();
    // The browser accepts a signal in this mode only.
    let abort = (mode == LockMode::Wait).then(AbortController::new).transpose().map_err(failed)?;
    let options = request_options(mode, abort.as_ref());
    let state = LockState(Rc::new(RefCell::new(State::Requested)));
    let lock = Lock { state, request: abort };
    let mut request = None;
    // Resolved once the lock is held: the request itself ends only with the lock.
    let granted = JsFuture::from(Promise::new(&mut |resolve, _| {
        let state = lock.state.clone();
        let on_granted = Closure::once_into_js(move |lock: JsValue| {
            let held = state.grant(&lock);
            let _ = resolve.call0(&JsValue::NULL);
            held
        });
        request = Some(locks.request(name, &options, on_granted.unchecked_ref()));
    }));
    let request = match request {
        Some(Ok(request)) => JsFuture::from(request),
        Some(Err(error)) => return refused(&error),
        None => return Ok(LockOutcome::Unsupported),
    };
    let ended = match select(pin!(granted), request).await {
        Either::Left((_, request)) if lock.state.is_held() => {
            spawn_local(release_when_ended(request, lock.state.clone()));
            return Ok(LockOutcome::Granted(lock));
        }
        Either::Left((_, request)) => request.await,
        Either::Right((ended, _)) => ended,
    };
    match ended {
        Ok(_) => Ok(LockOutcome::Held),
        Err(error) => refused(&error),
    }
}

/// Waits until no other tab does the work of this name, five minutes at most. None where the work
/// goes on without a lock.
pub(super) async fn wait_for_turn(name: &str) -> Option<Lock> {
    let request = pin!(request_lock(name, LockMode::Wait));
    match select(request, pin!(sleep(MAX_WAIT))).await {
        Either::Left((Ok(LockOutcome::Granted(lock)), _)) => Some(lock),
        _ => None,
    }
}

/// The request of a held lock fails when the lock is stolen.
async fn release_when_ended(request: JsFuture, state: LockState) {
    let _ = request.await;
    state.0.replace(State::Released);
}

fn request_options(mode: LockMode, abort: Option<&AbortController>) -> Object {
    let options = Object::new();
    let set = |name: &str, value: &JsValue| {
        // Setting a property of a plain object does not fail.
        let _ = Reflect::set(&options, &name.into(), value);
    };
    match mode {
        LockMode::Wait => {}
        LockMode::IfFree => set("ifAvailable", &JsValue::TRUE),
        LockMode::Steal => set("steal", &JsValue::TRUE),
    }
    if let Some(abort) = abort {
        set("signal", &abort.signal());
    }
    options
}

fn refused(error: &JsValue) -> Result<LockOutcome> {
    match text_property(error, "name").as_deref() {
        Some("SecurityError") => Ok(LockOutcome::Unsupported),
        _ => Err(failed(error.clone())),
    }
}

fn failed(error: JsValue) -> Error {
    Error::StorageFailed { action: "request a lock", detail: describe(&error) }
}
