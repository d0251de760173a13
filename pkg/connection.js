// The connection to an engine or a model in a worker. It is opened again when the worker died.

import { aborted, closed, throwIfAborted } from "./errors.js";
import { WorkerLink } from "./worker-link.js";

/** How often a worker is started again when it dies while it opens; then the call fails. */
const MAX_REOPEN_ATTEMPTS = 3;

/** How long `close` waits for the worker to end before it terminates it. */
const CLOSE_TIMEOUT_MS = 2000;

// In one expression: bundlers search for exactly this.
const create = () => new Worker(new URL("./worker.js", import.meta.url), { type: "module" });

export class Connection {
  #what;
  #opening; // { call, args, onProgress, start, generators }: the first call of each worker, and how it starts
  #link = null;
  #ready = null;
  #previous = null; // the link that ended last
  #closing = null;

  /** `what` is the name in errors; `opening` is the first call of every new worker; `start` there are start options. */
  constructor(what, opening) {
    this.#what = what;
    this.#opening = opening;
  }

  /**
   * Opens it the first time. `first` are arguments that are not passed when it is opened again: that call has the
   * argument `afterFailure`. After a failure the connection cannot be used.
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

  /** Changes the arguments with which it is opened again. @param {(args: object) => object} change */
  changeOpening(change) {
    this.#opening = { ...this.#opening, args: change(this.#opening.args) };
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

  /** Rejects pending calls with "closed", and ends the worker. It can be called again. */
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
    const late = new Promise((resolve) => (timer = setTimeout(resolve, CLOSE_TIMEOUT_MS)));
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
        await this.#start(undefined, { afterFailure: true });
        return;
      } catch (error) {
        // Other errors (no storage, another embedder) would come again.
        if (error.code !== "worker_failed" || attempt === MAX_REOPEN_ATTEMPTS) throw error;
      }
    }
  }

  /** Starts a worker and makes the opening call; ends the worker when that fails. */
  async #start(signal, more) {
    const { call, args, onProgress, start, generators } = this.#opening;
    let isOpen = false;
    const onEnd = () => {
      generators?.endAll();
      this.#previous = link;
      this.#link = null;
      if (isOpen) this.#ready = null;
    };
    const link = new WorkerLink(create, onEnd, start, (request) => generators?.receive(request));
    this.#link = link;
    try {
      const opened = await link.request(call, { ...args, ...more }, { onProgress, signal });
      isOpen = true;
      return opened;
    } catch (error) {
      link.end(error);
      throw error;
    }
  }
}

/** Waits for `promise` until the signal aborts. Other calls may wait for the same promise. */
async function unlessAborted(promise, signal) {
  if (!signal) return promise;
  let abort;
  const abortion = new Promise((_, reject) => (abort = () => reject(aborted(signal))));
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([promise, abortion]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
