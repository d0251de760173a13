// The loop of a worker: it receives calls, runs their handlers, and posts results. An error that the wasm module does
// not report itself ends the worker, because a module that trapped is in an unknown state. The page may start another.

import { holdForLife, locksAvailable, WORKER_LOCK_PREFIX } from "./locks.js";
import { VERSION } from "./version.js";
import { inheritStart } from "./worker-start.js";

const running = new Map(); // id -> { controller, finished }

let handlers;
let release;

/**
 * Begins to serve calls with these handlers, by name; `releaseAll` frees what they hold. It must be called before the
 * worker awaits anything: a message that arrives earlier is lost.
 */
export function serve(callHandlers, releaseAll = async () => {}) {
  handlers = callHandlers;
  release = releaseAll;
  self.postMessage({ version: VERSION });
  holdWorkerLock().catch(() => {}); // without locks the page does not notice that the worker died silently
  self.addEventListener("message", ({ data }) => {
    if (data.start) inheritStart(data.start);
    else if (data.cancel) running.get(data.id)?.controller.abort();
    else if (data.call === "close") void close(data.id);
    else start(data);
  });
  self.addEventListener("error", (event) => fail(event.error ?? event.message));
  self.addEventListener("unhandledrejection", ({ reason }) => {
    // A cancelled download leaves such rejections.
    if (reason?.name !== "AbortError") fail(reason);
  });
}

function start({ id, call, args }) {
  const controller = new AbortController();
  const finished = run(id, call, args, controller.signal).finally(() => running.delete(id));
  running.set(id, { controller, finished });
}

async function run(id, call, args, signal) {
  try {
    const onProgress = (progress) => self.postMessage({ id, progress });
    const onEvent = (event) => self.postMessage({ id, event });
    const result = await handlers[call](args, { signal, onProgress, onEvent });
    self.postMessage({ id, result }, transferablesOf(result));
  } catch (error) {
    if (!isReported(error)) return fail(error);
    self.postMessage({ id, error: { code: error.code, message: error.message } });
  }
}

/** Cancels all calls, waits until they have ended, and releases storage and locks. */
async function close(id) {
  const others = [...running.values()];
  for (const { controller } of others) controller.abort();
  await Promise.all(others.map(({ finished }) => finished));
  await release();
  self.postMessage({ id });
}

/** Holds a lock as long as the worker lives, and tells the page its name. */
async function holdWorkerLock() {
  if (!locksAvailable()) return;
  const lock = WORKER_LOCK_PREFIX + crypto.randomUUID();
  await holdForLife(lock);
  self.postMessage({ lock });
}

/** Whether the module, or a handler, reports this error: such errors have a code, traps and defects have none. */
function isReported(error) {
  return typeof error?.code === "string" && typeof error.message === "string";
}

function fail(error) {
  self.postMessage({ fatal: { message: String(error?.message ?? error) } });
  self.close();
}

/** The buffers of vectors and records, which are transferred instead of copied. */
function transferablesOf(result) {
  const views = [result].flat().filter((item) => ArrayBuffer.isView(item));
  return [...new Set(views.map(({ buffer }) => buffer))];
}
