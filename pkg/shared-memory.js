// Threads of the wasm module, on pages that may share memory between workers.

import { startWorker } from "./worker-start.js";

/** How long to wait for the threads. Work begins without those that are late; they join when they have started. */
const START_TIMEOUT_MS = 5000;
const POLL_MS = 2;

/** Whether the wasm module can run on several threads here. */
export function canShareMemory() {
  // Without waitAsync, the bindings would start a worker of another origin.
  return globalThis.crossOriginIsolated === true && typeof Atomics.waitAsync === "function";
}

// In one expression: bundlers search for exactly this.
const create = () => new Worker(new URL("./thread.js", import.meta.url), { type: "module" });

/** Starts workers, so that `count` threads share the work of the instance of `bindings`. */
export async function startThreads({ build, bindings, module, memory }, count) {
  let expected = count;
  for (let started = 1; started < count; started += 1) {
    const thread = startWorker(create);
    // A thread that cannot start is not waited for. One that fails later tells the others itself.
    thread.addEventListener("error", () => (expected -= 1));
    thread.addEventListener("message", ({ data }) => data?.unloaded && (expected -= 1));
    thread.postMessage({ build, module, memory });
  }
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (bindings.threadCount() < expected && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
