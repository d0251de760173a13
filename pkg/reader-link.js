// The connection to one reader worker, which reads one file after the other.

import { aborted, closed, readerNotFetched, throwIfAborted } from "./errors.js";
import { WorkerLink } from "./worker-link.js";

/** How often the time of a file is looked at. */
const TICK_MS = 250;
/** A module that fails with so much memory, half of what scripts/build-wasm.sh allows it, wanted more than there is. */
const FULL_MEMORY_BYTES = 1 << 29;

function spawn() {
  // In one expression: bundlers search for exactly this.
  const worker = new Worker(new URL("./reader-worker.js", import.meta.url), { type: "module" });
  // An error that the worker does not catch would be an uncaught error of this worker, and end it too.
  worker.addEventListener("error", (event) => event.preventDefault());
  return worker;
}

export class ReaderLink {
  /** The name of its reader module. */
  module;
  isEnded = false;
  /** Memory of the module, as far as it is known. */
  memoryBytes = 0;
  #link;
  #loaded = null;

  constructor(module) {
    this.module = module;
    this.#link = new WorkerLink(spawn, () => (this.isEnded = true));
  }

  /** As `ReaderWorkers.read`. Where the worker was ended or failed, it has ended when this rejects. */
  async read(request, bytes, signal, onStep) {
    throwIfAborted(signal);
    const cancel = () => this.#link.end(aborted(signal));
    signal.addEventListener("abort", cancel, { once: true });
    try {
      this.#loaded ??= this.#load();
      await this.#loaded;
      return await this.#readInTime(request, bytes, onStep);
    } catch (error) {
      if (!this.isEnded) throw error;
      await this.#link.gone();
      if (error.code !== "worker_failed") throw error;
      throw { code: this.memoryBytes >= FULL_MEMORY_BYTES ? "too_large" : "damaged_file" };
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  }

  end() {
    this.#link.end(closed("reader"));
  }

  /** Has the worker load its module; ends it when that fails. The time of a file begins after that. */
  async #load() {
    try {
      await this.#link.request("load", { module: this.module });
    } catch (error) {
      this.end();
      throw error.code === "worker_failed" ? readerNotFetched(error.message) : error;
    }
  }

  async #readInTime({ stepMilliseconds, milliseconds, ...request }, bytes, onStep) {
    let [spent, silent, last] = [0, 0, performance.now()];
    const timer = setInterval(() => {
      // This worker may have been busy, or the computer asleep: a step may have come that is not read yet.
      const passed = Math.min(performance.now() - last, 2 * TICK_MS);
      last = performance.now();
      spent += passed;
      silent += passed;
      if (silent > stepMilliseconds || spent > milliseconds) this.#link.end({ code: "too_slow", milliseconds: spent });
    }, TICK_MS);
    const onEvent = ({ step, memoryBytes }) => {
      this.memoryBytes = memoryBytes;
      silent = 0;
      if (step) onStep(...step);
    };
    try {
      return await this.#link.request("read", { ...request, bytes }, { onEvent, transfer: [bytes.buffer] });
    } finally {
      clearInterval(timer);
    }
  }
}
