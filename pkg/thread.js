// A thread: a worker that computes parts of the kernels' work, in its own instance of the module over the engine's
// memory.

import { BUILDS } from "./builds.js";

/** A small stack is enough: kernels call few functions. A multiple of 64 KiB. */
const STACK_BYTES = 1 << 18;

self.addEventListener("message", async ({ data: { build, module, memory } }) => {
  const { bindings } = BUILDS[build];
  await bindings.default({ module_or_path: module, memory, thread_stack_size: STACK_BYTES });
  try {
    bindings.serveThread(); // does not return: it waits for work
  } catch (error) {
    // The other threads must not wait for this one for ever.
    bindings.threadFailed();
    throw error;
  }
});
