// The way to one engine (or model) in a worker: opened, opened again when its
// worker died, and closed.

import { aborted, closed, throwIfAborted } from "./errors.js";
import { WorkerLink } from "./worker-link.js";

/** A worker that dies while it is opened again is tried this often, then the call fails. */
const REOPEN_ATTEMPTS = 3;

/** How long `close` lets the worker end by itself before it is terminated. */
const CLOSE_WITHIN_MS = 2000;

// Spelled out in one expression: bundlers look for exactly this.
const spawn = () => new Worker(new URL("./worker.js", import.meta.url), { type: "module" });

export class Connection {
  #what;
  #opening; // { call, args, onProgress }: kept to open again
  #link = null;
  #ready = null;
  #previous = null; // the link that ended before
  #closing = null;

  /** `what` names it in errors; `opening` is the call that every new worker gets first. */
  constructor(what, opening) {
    this.#what = what;
    this.#opening = opening;
  }

  /**
   * The first opening, with arguments that later ones, after a worker's death, go without. Its failure is final: the
   * caller opens another connection.
   */
  async open(signal, first = {}) {
    try {
      const opened = await this.#start(signal, first);
      this.#ready = Promise.resolve();
      return opened;
    } catch (error) {
      await this.#previous?.gone();
      throw error;
    }
  }

  /** Makes a call, on a new worker if the last one died. */
  async request(call, args, options = {}) {
    this.#checkOpen();
    throwIfAborted(options.signal);
    this.#ready ??= this.#restart().catch((error) => {
      this.#ready = null;
      throw error;
    });
    await unlessAborted(this.#ready, options.signal);
    this.#checkOpen();
    return this.#link.request(call, args, options);
  }

  /** Rejects what is pending with "closed", and ends the worker. Can be called again. */
  close() {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #checkOpen() {
    if (this.#closing) throw closed(this.#what);
  }

  async #close() {
    const link = this.#link;
    if (!link) return;
    link.rejectAll(closed(this.#what));
    let timer;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, CLOSE_WITHIN_MS)));
    await Promise.race([link.request("close").catch(() => {}), late]);
    clearTimeout(timer);
    link.end(closed(this.#what));
    await link.gone();
  }

  async #restart() {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#previous?.gone();
        this.#checkOpen();
        await this.#start();
        return;
      } catch (error) {
        // The worker's own reasons (no storage, another embedder) do not change by trying again.
        if (error.code !== "worker_failed" || attempt === REOPEN_ATTEMPTS) throw error;
      }
    }
  }

  /** Starts a worker and opens in it; leaves no worker behind when that fails. */
  async #start(signal, first = {}) {
    const { call, args, onProgress } = this.#opening;
    let isOpen = false;
    const link = new WorkerLink(spawn, () => {
      this.#previous = link;
      this.#link = null;
      if (isOpen) this.#ready = null;
    });
    this.#link = link;
    try {
      const opened = await link.request(call, { ...args, ...first }, { onProgress, signal });
      isOpen = true;
      return opened;
    } catch (error) {
      link.end(error);
      throw error;
    }
  }
}

/** Waits for `promise`, which others wait for as well, only until the signal fires. */
async function unlessAborted(promise, signal) {
  if (!signal) return promise;
  let stop;
  const stopped = new Promise((_, reject) => (stop = () => reject(aborted(signal))));
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([promise, stopped]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
