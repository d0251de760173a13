// Turns: so many calls run at once, and others wait in order.

import { aborted, throwIfAborted } from "./errors.js";

export class Turns {
  #free;
  #waiting = []; // functions that let the next call begin

  constructor(count) {
    this.#free = count;
  }

  /** Waits for a turn, which `end` gives back. Rejects when `signal` aborts meanwhile. */
  async begin(signal) {
    throwIfAborted(signal);
    if (this.#free > 0) this.#free -= 1;
    else await this.#wait(signal);
    if (!signal.aborted) return;
    // Cancelled just after it was let in.
    this.end();
    throw aborted(signal);
  }

  end() {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free += 1;
  }

  #wait(signal) {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting = this.#waiting.filter((waiting) => waiting !== begin);
        reject(aborted(signal));
      };
      const begin = () => {
        signal.removeEventListener("abort", leave);
        resolve();
      };
      this.#waiting.push(begin);
      signal.addEventListener("abort", leave, { once: true });
    });
  }
}
