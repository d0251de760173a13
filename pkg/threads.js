// Threads of the wasm module, where the page may share memory between workers.

/** How long to wait for the threads; work begins without those that are late, and they join. */
const START_WITHIN_MS = 5000;
const LOOK_EVERY_MS = 2;

/** Beyond this many, threads of small models mostly wait for each other. */
const AUTO_THREADS = 4;

/** The threads that `threads` ("auto" or a number) comes to in this worker. */
export function threadsFor(threads) {
  // Without waitAsync, the bindings would start a worker of another origin for it.
  if (!self.crossOriginIsolated || typeof Atomics.waitAsync !== "function") return 1;
  return threads === "auto" ? Math.min(navigator.hardwareConcurrency || 1, AUTO_THREADS) : threads;
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
