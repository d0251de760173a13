// The connection to a worker that runs one reader module: it makes one call after the other. The module cannot be
// interrupted, so a call that is cancelled or late ends the worker.

import { aborted, throwIfAborted } from "./errors.js";
import { WorkerLink } from "./worker-link.js";

/** How often the time of a call is looked at. */
const TICK_MS = 250;
/** A module that fails with so much memory, half of what scripts/build-wasm.sh allows it, wanted more than there is. */
const FULL_MEMORY_BYTES = 1 << 29;

export class ModuleLink {
  /** The name of its reader module. */
  module;
  isEnded = false;
  /** Memory of the module, as far as it is known. */
  memoryBytes = 0;
  #link;
  #failures;
  #loaded = null;

  /**
   * `create` makes the worker. `failures` are the errors of a module that cannot be fetched, `notFetched(detail)`, of one
   * that traps, `trapped(detail)`, and of one that was ended, `ended()`.
   */
  constructor(create, module, failures) {
    this.module = module;
    this.#failures = failures;
    this.#link = new WorkerLink(create, () => (this.isEnded = true));
  }

  /**
   * Makes a call once the module is loaded; its time begins then. `onEvent` is called with what the worker tells of it.
   * Rejects with the module's error, `{ code, message }`; with `{ code, milliseconds }` of `"too_slow"` after so many
   * milliseconds, or without news of it for `stepMilliseconds`; with `{ code }` of `"too_large"` or with `trapped` where
   * the worker failed; and when `signal` aborts. Where the worker was ended or failed, it has ended then.
   */
  async run(call, args, { signal, transfer, onEvent, ...limits }) {
    throwIfAborted(signal);
    const cancel = () => this.#link.end(aborted(signal));
    signal.addEventListener("abort", cancel, { once: true });
    try {
      this.#loaded ??= this.#load();
      await this.#loaded;
      return await this.#runInTime(call, args, { transfer, onEvent, ...limits });
    } catch (error) {
      if (!this.isEnded) throw error;
      await this.#link.gone();
      if (error.code !== "worker_failed") throw error;
      throw this.memoryBytes >= FULL_MEMORY_BYTES ? { code: "too_large" } : this.#failures.trapped(error.message);
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  }

  end() {
    this.#link.end(this.#failures.ended());
  }

  /** Has the worker load its module; ends it when that fails. */
  async #load() {
    try {
      await this.#link.request("load", { module: this.module });
    } catch (error) {
      this.end();
      throw error.code === "worker_failed" ? this.#failures.notFetched(error.message) : error;
    }
  }

  async #runInTime(call, args, { milliseconds, stepMilliseconds = Infinity, transfer, onEvent }) {
    let [spent, silent, last] = [0, 0, performance.now()];
    const timer = setInterval(() => {
      // This worker may have been busy, or the computer asleep: a step may have come that is not read yet.
      const passed = Math.min(performance.now() - last, 2 * TICK_MS);
      last = performance.now();
      spent += passed;
      silent += passed;
      if (silent > stepMilliseconds || spent > milliseconds) this.#link.end({ code: "too_slow", milliseconds: spent });
    }, TICK_MS);
    const hear = (event) => {
      silent = 0;
      this.memoryBytes = event.memoryBytes ?? this.memoryBytes;
      onEvent(event);
    };
    try {
      return await this.#link.request(call, args, { onEvent: hear, transfer });
    } finally {
      clearInterval(timer);
    }
  }
}
