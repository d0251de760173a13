// Runs queries in a worker of their own, so that one that takes too long or too much memory costs only itself and the
// tables that are loaded there. The next query gets a new worker.

import { closed, sqlNotFetched } from "./errors.js";
import { ModuleLink } from "./module-link.js";
import { Turns } from "./turns.js";

/** The module ends a query itself after its time. The worker is ended where that fails. */
const SPARE_MS = 2000;
/** The time to load tables, which a request brings with it, on a slow device. */
const LOADING_MS_PER_BYTE = 1 / 500;
/** A worker without work ends after this time, and the memory of its tables is freed. */
const IDLE_TIMEOUT_MS = 5 * 60_000;

// In one expression: bundlers search for exactly this.
const create = () => new Worker(new URL("./sql-worker.js", import.meta.url), { type: "module" });

const FAILURES = {
  notFetched: sqlNotFetched,
  trapped: (message) => ({ code: "internal", message }),
  ended: () => closed("query worker"),
};

/** The wasm module knows this class by the same name. */
export class SqlWorker {
  #turns = new Turns(1);
  #link = null;
  #held = [];
  #timer = null;

  /** The keys of the tables that the worker has loaded. */
  held() {
    return this.#isRunning ? this.#held : [];
  }

  /**
   * Resolves to the answer of the module to a request, after the requests before it. It has so many milliseconds, besides
   * the time to load tables. Rejects as `ModuleLink.run`, and when `signal` aborts: the worker goes on where the request
   * still waited.
   */
  async run(request, milliseconds, signal) {
    await this.#turns.begin(signal);
    clearTimeout(this.#timer);
    try {
      if (!this.#isRunning) this.#start();
      return await this.#link.run("query", { request }, {
        signal,
        milliseconds: milliseconds + SPARE_MS + request.length * LOADING_MS_PER_BYTE,
        onEvent: ({ held }) => (this.#held = held ?? this.#held),
        transfer: [request.buffer],
      });
    } finally {
      this.#timer = setTimeout(() => this.#link?.end(), IDLE_TIMEOUT_MS);
      this.#turns.end();
    }
  }

  get #isRunning() {
    return this.#link?.isEnded === false;
  }

  #start() {
    this.#held = [];
    this.#link = new ModuleLink(create, "sql", FAILURES);
  }
}
