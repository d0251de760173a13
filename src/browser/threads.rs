//! Threads of the kernels: workers with instances of this module that share one memory.

use wasm_bindgen::prelude::*;

use crate::kernel;

/// Makes the calling worker a thread of the kernels. It returns only when it fails.
#[wasm_bindgen(js_name = serveThread)]
pub fn serve() {
    kernel::serve()
}

/// Tells the other threads that a thread failed, so that they do not wait for it.
#[wasm_bindgen(js_name = threadFailed)]
pub fn give_up() {
    kernel::give_up();
}

/// The number of threads that the kernels run on, the caller's included.
#[wasm_bindgen(js_name = threadCount)]
pub fn threads() -> usize {
    kernel::threads()
}
