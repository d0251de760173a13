// The async iterator that a streaming call returns: the events of the worker.

import { RagError } from "./errors.js";

/**
 * Starts at the first `next()`: an iterator that nobody reads costs nothing. Events wait in a queue, which holds one
 * answer at most.
 */
export class EventStream {
  #start;
  #signal;
  #queue = [];
  #readers = [];
  #state = "new"; // "new" | "running" | "ended"
  #failure = null;
  #isTaken = false;
  #leave = new AbortController();
  #finished = Promise.resolve();

  /** `start(push, signal)` resolves when the worker has ended the call. */
  constructor(start, signal) {
    this.#start = start;
    this.#signal = signal;
  }

  [Symbol.asyncIterator]() {
    if (this.#isTaken) throw new RagError("already_read", "A stream can be read once. Make the call again.");
    this.#isTaken = true;
    return this;
  }

  next() {
    if (this.#state === "new") this.#run();
    if (this.#queue.length > 0) return Promise.resolve({ value: this.#queue.shift(), done: false });
    if (this.#state === "running") {
      return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
    }
    const failure = this.#failure;
    this.#failure = null;
    return failure ? Promise.reject(failure) : Promise.resolve({ value: undefined, done: true });
  }

  /** Called when the loop is left: cancels the work and waits until it has ended. */
  async return(value) {
    if (this.#state === "new") this.#state = "ended";
    this.#isTaken = true;
    this.#leave.abort();
    await this.#finished;
    this.#queue.length = 0;
    this.#failure = null;
    return { value, done: true };
  }

  #run() {
    this.#state = "running";
    const signal = this.#signal;
    const leave = () => this.#leave.abort(signal.reason);
    if (signal?.aborted) leave();
    signal?.addEventListener("abort", leave, { once: true });
    const end = (failure) => {
      signal?.removeEventListener("abort", leave);
      this.#end(failure);
    };
    this.#finished = this.#start((event) => this.#push(event), this.#leave.signal).then(() => end(null), end);
  }

  #push(value) {
    const reader = this.#readers.shift();
    if (reader) reader.resolve({ value, done: false });
    else this.#queue.push(value);
  }

  #end(failure) {
    this.#state = "ended";
    const first = this.#readers.shift();
    if (!first) this.#failure = failure;
    else if (failure) first.reject(failure);
    else first.resolve({ value: undefined, done: true });
    for (const reader of this.#readers.splice(0)) reader.resolve({ value: undefined, done: true });
  }
}
