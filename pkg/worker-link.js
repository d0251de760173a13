// The connection to one worker, from its start to its end. Every call is settled, even when the worker dies silently.

import { aborted, invalidOption, otherVersion, RagError, throwIfAborted, workerFailed } from "./errors.js";
import { locksAvailable, untilFree } from "./locks.js";
import { VERSION } from "./version.js";
import { failureOf, passedOn, inheritedStart, startWorker, unloadedFailure } from "./worker-start.js";

/** How long to wait until a terminated worker has ended. */
const END_TIMEOUT_MS = 5000;

export class WorkerLink {
  #worker;
  #calls = new Map();
  #nextId = 1;
  #ended = null; // the error that ended it
  #gone = Promise.resolve();
  #onEnd;
  #onGenerate;

  /**
   * `create` makes the worker, where the options `start` do not say otherwise; `onEnd` is called once, when it died or was
   * ended; `onGenerate` is called with what the worker wants the page's generator to write.
   */
  constructor(create, onEnd, start = inheritedStart(), onGenerate = undefined) {
    this.#onEnd = onEnd;
    this.#onGenerate = onGenerate;
    this.#worker = startWorker(create, start);
    this.#worker.addEventListener("message", ({ data }) => this.#receive(data));
    this.#worker.addEventListener("messageerror", () => this.end(workerFailed("a message could not be read")));
    this.#worker.addEventListener("error", (event) => this.end(failureOf(event, create, start)));
    this.#worker.postMessage({ start: passedOn(start) });
  }

  /** Sends a call; resolves to its result. The signal cancels it. */
  request(call, args, { signal, onProgress, onEvent, transfer } = {}) {
    return new Promise((resolve, reject) => {
      throwIfAborted(signal);
      if (this.#ended) throw this.#ended;
      const id = this.#nextId++;
      this.#send({ id, call, args }, transfer);
      const cancel = () => this.#worker.postMessage({ id, cancel: true });
      signal?.addEventListener("abort", cancel, { once: true });
      const settle = (outcome) => (value) => {
        this.#calls.delete(id);
        signal?.removeEventListener("abort", cancel);
        outcome(value);
      };
      const failed = settle(reject);
      this.#calls.set(id, {
        resolve: settle(resolve),
        // The error keeps the reason of the signal, as in `fetch`.
        reject: (error) => failed(error.code === "aborted" ? aborted(signal) : error),
        onProgress,
        onEvent,
      });
    });
  }

  /** Rejects everything pending with `error`; the worker lives on. */
  rejectAll(error) {
    for (const call of [...this.#calls.values()]) call.reject(error);
  }

  /** Ends the worker and rejects everything pending with `error`. */
  end(error) {
    if (this.#ended) return;
    this.#ended = error;
    this.#worker.terminate();
    this.rejectAll(error);
    this.#onEnd?.();
  }

  /** Resolves when a worker that was ended has released its locks. */
  async gone() {
    let timer;
    await Promise.race([this.#gone, new Promise((resolve) => (timer = setTimeout(resolve, END_TIMEOUT_MS)))]);
    clearTimeout(timer);
  }

  #send(message, transfer) {
    try {
      this.#worker.postMessage(message, transfer ?? []);
    } catch (error) {
      if (error.name !== "DataCloneError") throw error;
      throw invalidOption("object", "passed to the worker", `plain data without functions (${error.message})`);
    }
  }

  #receive(message) {
    if (this.#ended) return;
    if (message.fatal) this.end(workerFailed(message.fatal.message));
    else if (message.unloaded) this.end(unloadedFailure(message.unloaded));
    else if (message.version) this.#checkVersion(message.version);
    else if (message.lock) this.#watch(message.lock);
    else if (message.generate) this.#onGenerate?.(message.generate);
    else this.#deliver(message);
  }

  #deliver(message) {
    const call = this.#calls.get(message.id);
    if (!call) return;
    if ("progress" in message) notify(call.onProgress, message.progress);
    else if ("event" in message) call.onEvent?.(message.event);
    else if (message.error) call.reject(new RagError(message.error.code, message.error.message));
    else call.resolve(message.result);
  }

  /** A browser may have kept the worker's script, or this one, of another version. */
  #checkVersion(version) {
    if (version !== VERSION) this.end(otherVersion("The worker's script", version));
  }

  /** The worker holds this lock while it lives: once the page is granted it, the worker has died. */
  #watch(lock) {
    if (!locksAvailable()) return;
    this.#gone = untilFree(lock).then(
      () => this.end(workerFailed("it ended without an error, perhaps for lack of memory")),
      () => {}, // the page may not use locks any more
    );
  }
}

/** Calls a callback of the page. An exception in it is reported, and does not break the call. */
export function notify(callback, value) {
  try {
    callback?.(value);
  } catch (error) {
    reportError(error);
  }
}
