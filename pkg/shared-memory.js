// Threads of the wasm module, where the page may share memory between workers.

/** How long to wait for the threads; work begins without those that are late, and they join. */
const START_WITHIN_MS = 5000;
const LOOK_EVERY_MS = 2;

/** Whether the wasm module can run on several threads here. */
export function canShareMemory() {
  // Without waitAsync, the bindings would start a worker of another origin for it.
  return globalThis.crossOriginIsolated === true && typeof Atomics.waitAsync === "function";
}

/** Starts workers until `count` threads share the work of the instance that `bindings` have. */
export async function startThreads({ build, bindings, module, memory }, count) {
  let coming = count;
  for (let started = 1; started < count; started += 1) {
    // Spelled out in one expression: bundlers look for exactly this.
    const thread = new Worker(new URL("./thread.js", import.meta.url), { type: "module" });
    // One that cannot start is not missed; one that fails at work has told the others by itself.
    thread.addEventListener("error", (event) => {
      event.preventDefault();
      coming -= 1;
    });
    thread.postMessage({ build, module, memory });
  }
  const late = performance.now() + START_WITHIN_MS;
  while (bindings.threadCount() < coming && performance.now() < late) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
