// One worker from its start to its end: messages out, answers in, and the
// certainty that every call is answered even when the worker dies in silence.

import { aborted, invalidOption, RagError, throwIfAborted, workerFailed } from "./errors.js";
import { locksAvailable, untilFree } from "./locks.js";

/** How long to wait for a worker that was told to end to be gone. */
const GONE_WITHIN_MS = 5000;

export class WorkerLink {
  #worker;
  #calls = new Map();
  #nextId = 1;
  #ended = null; // the error that ended it
  #gone = Promise.resolve();
  #onEnd;

  /** `spawn` makes the worker; `onEnd` is called once, when it has died or was ended. */
  constructor(spawn, onEnd) {
    this.#onEnd = onEnd;
    if (typeof Worker === "undefined" || typeof WebAssembly === "undefined") {
      throw new RagError(
        "unsupported_browser",
        "This browser runs no WebAssembly in module workers. Use Chrome 91, Firefox 114, Safari 16.4 or newer.",
      );
    }
    this.#worker = spawn();
    this.#worker.addEventListener("message", ({ data }) => this.#receive(data));
    this.#worker.addEventListener("messageerror", () => this.end(workerFailed("a message could not be read")));
    this.#worker.addEventListener("error", (event) =>
      this.end(workerFailed(event.message || "its script could not be loaded")),
    );
  }

  /** Sends a call; resolves to its result. With a signal, a stop can follow it. */
  request(call, args, { signal, onProgress, onEvent, transfer } = {}) {
    return new Promise((resolve, reject) => {
      throwIfAborted(signal);
      if (this.#ended) throw this.#ended;
      const id = this.#nextId++;
      this.#send({ id, call, args }, transfer);
      const stop = () => this.#worker.postMessage({ id, stop: true });
      signal?.addEventListener("abort", stop, { once: true });
      const settle = (how) => (value) => {
        this.#calls.delete(id);
        signal?.removeEventListener("abort", stop);
        how(value);
      };
      const failed = settle(reject);
      this.#calls.set(id, {
        resolve: settle(resolve),
        // A stop keeps its reason, as `fetch` does.
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

  /** Resolves when an ended worker, and the locks it held, are gone. */
  async gone() {
    let timer;
    await Promise.race([this.#gone, new Promise((resolve) => (timer = setTimeout(resolve, GONE_WITHIN_MS)))]);
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
    else if (message.lock) this.#watch(message.lock);
    else this.#deliver(message);
  }

  #deliver(message) {
    const call = this.#calls.get(message.id);
    if (!call) return;
    if ("progress" in message) tell(call.onProgress, message.progress);
    else if ("event" in message) call.onEvent?.(message.event);
    else if (message.error) call.reject(new RagError(message.error.code, message.error.message));
    else call.resolve(message.result);
  }

  /** The worker holds this lock while it lives: to be granted it means it died. */
  #watch(lock) {
    if (!locksAvailable()) return;
    this.#gone = untilFree(lock).then(
      () => this.end(workerFailed("it ended without a word, perhaps for want of memory")),
      () => {}, // locks taken away from this page: the other signs of death remain
    );
  }
}

/** A callback that throws is its owner's fault, and must not break the call. */
function tell(callback, value) {
  try {
    callback?.(value);
  } catch (error) {
    reportError(error);
  }
}
