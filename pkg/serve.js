// What a worker does: hears calls, runs them in the wasm module, posts what comes
// of them. Any failure that the module did not mean ends the worker, because a
// module that trapped cannot be trusted again; who started it may start another.

import { holdForLife, locksAvailable, WORKER_LOCK } from "./locks.js";
import { loadModule, wasm } from "./module.js";

const running = new Map(); // id -> { controller, finished }

let calls;
let release;
let ready; // the module, once the first call has said how many threads it may have

/**
 * Begins to serve `served`, calls by name; `closing` lets go of what they hold. Before anything is awaited: a message
 * that comes earlier is lost.
 */
export function serve(served, closing = async () => {}) {
  calls = served;
  release = closing;
  announceLife().catch(() => {}); // without locks a silent death goes unnoticed, and nothing else changes
  self.addEventListener("message", ({ data }) => {
    if (data.stop) running.get(data.id)?.controller.abort();
    else if (data.call === "close") void close(data.id);
    else start(data);
  });
  self.addEventListener("error", (event) => die(event.error ?? event.message));
  self.addEventListener("unhandledrejection", ({ reason }) => {
    // A cancelled download leaves these behind; they mean no harm.
    if (reason?.name !== "AbortError") die(reason);
  });
}

function start({ id, call, args }) {
  const controller = new AbortController();
  const finished = run(id, call, args, controller.signal).finally(() => running.delete(id));
  running.set(id, { controller, finished });
}

async function run(id, call, args, signal) {
  try {
    ready ??= loadModule(args.threads ?? 1);
    await ready;
    const stop = linkedStop(signal);
    const onProgress = (progress) => self.postMessage({ id, progress });
    const onEvent = (event) => self.postMessage({ id, event });
    const result = await calls[call](args, { stop, signal, onProgress, onEvent }).finally(() => stop.free());
    self.postMessage({ id, result }, buffersOf(result));
  } catch (error) {
    if (!isMeant(error)) return die(error);
    self.postMessage({ id, error: { code: error.code, message: error.message } });
  }
}

/** Stops everything, waits for it to end at its next step, and lets go of storage and locks. */
async function close(id) {
  const others = [...running.values()];
  for (const { controller } of others) controller.abort();
  await Promise.all(others.map(({ finished }) => finished));
  await release();
  self.postMessage({ id });
}

/** The module's own wish to stop, set when the call's signal fires. */
function linkedStop(signal) {
  const stop = new wasm.Stop();
  if (signal.aborted) stop.stop();
  else signal.addEventListener("abort", () => stop.stop(), { once: true });
  return stop;
}

async function announceLife() {
  if (!locksAvailable()) return;
  const lock = WORKER_LOCK + crypto.randomUUID();
  await holdForLife(lock);
  self.postMessage({ lock });
}

/** Failures that the module (or calls.js) reports carry a code; traps and defects do not. */
function isMeant(error) {
  return typeof error?.code === "string" && typeof error.message === "string";
}

function die(error) {
  self.postMessage({ fatal: { message: String(error?.message ?? error) } });
  self.close();
}

/** Vectors are handed over instead of copied. */
function buffersOf(result) {
  const vectors = [result].flat().filter((item) => item instanceof Float32Array);
  return [...new Set(vectors.map(({ buffer }) => buffer))];
}
