//! Web Locks: names that one at a time holds, among all tabs of an origin.

use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;

use futures_util::future::{Either, select};
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::AbortController;

use crate::browser::convert::{describe, global, property, text_property};
use crate::error::{Error, Result};

#[wasm_bindgen]
extern "C" {
    /// `navigator.locks`, which web-sys does not count among what is stable.
    type LockManager;

    #[wasm_bindgen(method, catch)]
    fn request(
        this: &LockManager,
        name: &str,
        options: &Object,
        granted: &Function,
    ) -> Result<Promise, JsValue>;
}

/// LockMode a lock that another holds is asked for.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum LockMode {
    /// In a queue with the others.
    Waiting,
    /// Not at all.
    IfFree,
    /// By taking it away.
    Stealing,
}

/// What came of asking.
pub(super) enum LockAnswer {
    Granted(Lock),
    Taken,
    /// Here are no locks: the page is no secure context, or may not use storage.
    NoLocks,
}

/// A lock that is waited for or held, until it is dropped.
pub(super) struct Lock {
    state: LockState,
    /// Takes the request back; has no effect once the lock was granted.
    waiting: Option<AbortController>,
}

/// Whether a lock is held: that can end any time by its being stolen.
#[derive(Clone)]
pub(super) struct LockState(Rc<RefCell<State>>);

enum State {
    Waiting,
    /// To be called to give it back.
    Held(Function),
    Over,
}

impl LockState {
    pub(super) fn is_held(&self) -> bool {
        matches!(*self.0.borrow(), State::Held(_))
    }

    /// What the browser calls with the lock, or with null: it is held until the promise
    /// that is returned is resolved.
    fn take(&self, lock: &JsValue) -> JsValue {
        // Nobody waits for it any longer where the state is another.
        if lock.is_null() || !matches!(*self.0.borrow(), State::Waiting) {
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
        if let State::Held(release) = self.state.0.replace(State::Over) {
            let _ = release.call0(&JsValue::NULL);
        }
        if let Some(waiting) = &self.waiting {
            waiting.abort();
        }
    }
}

/// Asks for the lock `name`. To drop the future is to ask no longer.
pub(super) async fn ask(name: &str, how: LockMode) -> Result<LockAnswer> {
    let Some(locks) = property(&global().navigator(), "locks") else {
        return Ok(LockAnswer::NoLocks);
    };
    let locks: LockManager = locks.unchecked_into();
    // The browser takes no signal together with the other two options.
    let waiting =
        (how == LockMode::Waiting).then(AbortController::new).transpose().map_err(failed)?;
    let options = options(how, waiting.as_ref());
    let lock = Lock { state: LockState(Rc::new(RefCell::new(State::Waiting))), waiting };
    let mut request = None;
    // Resolved once the lock is held: the request itself ends only with the lock.
    let granted = JsFuture::from(Promise::new(&mut |resolve, _| {
        let state = lock.state.clone();
        let on_granted = Closure::once_into_js(move |lock: JsValue| {
            let held = state.take(&lock);
            let _ = resolve.call0(&JsValue::NULL);
            held
        });
        request = Some(locks.request(name, &options, on_granted.unchecked_ref()));
    }));
    let request = match request {
        Some(Ok(request)) => JsFuture::from(request),
        Some(Err(error)) => return refused(&error),
        None => return Ok(LockAnswer::NoLocks),
    };
    let ended = match select(pin!(granted), request).await {
        Either::Left((_, request)) if lock.state.is_held() => {
            spawn_local(note_the_end(request, lock.state.clone()));
            return Ok(LockAnswer::Granted(lock));
        }
        Either::Left((_, request)) => request.await,
        Either::Right((ended, _)) => ended,
    };
    match ended {
        Ok(_) => Ok(LockAnswer::Taken),
        Err(error) => refused(&error),
    }
}

/// A held lock's request fails when the lock is stolen.
async fn note_the_end(request: JsFuture, state: LockState) {
    let _ = request.await;
    state.0.replace(State::Over);
}

fn options(how: LockMode, waiting: Option<&AbortController>) -> Object {
    let options = Object::new();
    let set = |name: &str, value: &JsValue| {
        // A plain object takes every property.
        let _ = Reflect::set(&options, &name.into(), value);
    };
    match how {
        LockMode::Waiting => {}
        LockMode::IfFree => set("ifAvailable", &JsValue::TRUE),
        LockMode::Stealing => set("steal", &JsValue::TRUE),
    }
    if let Some(waiting) = waiting {
        set("signal", &waiting.signal());
    }
    options
}

fn refused(error: &JsValue) -> Result<LockAnswer> {
    match text_property(error, "name").as_deref() {
        Some("SecurityError") => Ok(LockAnswer::NoLocks),
        _ => Err(failed(error.clone())),
    }
}

fn failed(error: JsValue) -> Error {
    Error::StorageFailed { action: "ask for a lock", detail: describe(&error) }
}
