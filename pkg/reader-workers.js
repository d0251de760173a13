// Reads files in workers of their own, so that a file that hangs, traps or takes too much memory costs only itself. The
// next file gets a new worker.

import { ReaderLink } from "./reader-link.js";
import { Turns } from "./turns.js";

/** Files that are read at once. */
const MAX_READING = 2;
/** A worker without work ends after this time, and its memory is freed. */
const IDLE_TIMEOUT_MS = 30_000;
/** A worker that has more memory after a file ends at once. The memory of a wasm module never shrinks. */
const MAX_IDLE_BYTES = 1 << 27;

/** The wasm module knows this class by the same name. */
export class ReaderWorkers {
  #turns = new Turns(MAX_READING);
  #idle = []; // of { link, timer }

  /**
   * Resolves to what the reader module of this name makes of a file. `onStep` is called with what is done, the total
   * and the unit. Rejects with the reader's error, `{ code, message }`; with `{ code }` alone, `"too_slow"`,
   * `"too_large"` or `"damaged_file"`, where the worker was ended or failed; and when `signal` aborts. The worker has
   * ended then.
   */
  async read(module, request, bytes, signal, onStep) {
    await this.#turns.begin(signal);
    let link;
    try {
      link = this.#takeIdle(module) ?? new ReaderLink(module);
      return await link.read(request, bytes, signal, onStep);
    } finally {
      if (link) this.#keepIdle(link);
      this.#turns.end();
    }
  }

  #takeIdle(module) {
    const place = this.#idle.findIndex(({ link }) => link.module === module);
    if (place < 0) return undefined;
    const [{ link, timer }] = this.#idle.splice(place, 1);
    clearTimeout(timer);
    return link.isEnded ? this.#takeIdle(module) : link;
  }

  #keepIdle(link) {
    if (link.memoryBytes > MAX_IDLE_BYTES) link.end();
    if (link.isEnded) return;
    const timer = setTimeout(() => {
      this.#idle = this.#idle.filter((idle) => idle.link !== link);
      link.end();
    }, IDLE_TIMEOUT_MS);
    this.#idle.push({ link, timer });
  }
}
