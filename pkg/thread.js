// A thread: a worker that runs parts of the kernels' work, in an instance of its own over the engine's memory.

import { BUILDS } from "./builds.js";

/** Kernels call nothing deep. A multiple of 64 KiB. */
const STACK_BYTES = 1 << 18;

self.addEventListener("message", async ({ data: { build, module, memory } }) => {
  const { bindings } = BUILDS[build];
  await bindings.default({ module_or_path: module, memory, thread_stack_size: STACK_BYTES });
  try {
    bindings.serveThread(); // for good: it waits for work by itself
  } catch (error) {
    // Whoever waits for this thread's part must not wait for ever.
    bindings.threadFailed();
    throw error;
  }
});
