//! Threads of the kernels: workers with an instance of this module over one memory.

use wasm_bindgen::prelude::*;

use crate::kernel;

/// Makes the worker that calls this a thread of the kernels; returns only by failing.
#[wasm_bindgen(js_name = serveThread)]
pub fn serve() {
    kernel::serve()
}

/// Tells the others that a thread failed, so that nobody waits for it.
#[wasm_bindgen(js_name = threadFailed)]
pub fn give_up() {
    kernel::give_up();
}

/// Threads that the kernels run on, the caller's included.
#[wasm_bindgen(js_name = threadCount)]
pub fn threads() -> usize {
    kernel::threads()
}
