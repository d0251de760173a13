// Workers that embed beside this one, each with a wasm module and an embedder of its own: cores in use where no
// memory can be shared. All of them can fail or vanish: whoever gives them work does it alone then.

import { closed } from "./errors.js";
import { canShareMemory } from "./shared-memory.js";
import { WorkerLink } from "./worker-link.js";

/** So many texts to embed are worth another helper, which takes some second to start. */
const TEXTS_FOR_A_HELPER = 16;
/** Batches that a helper has at once: one that it computes, and one to go on with while this worker is busy. */
const BATCHES_AT_ONCE = 2;
/** Helpers without work end after so long, and their memory is given back. */
const IDLE_MS = 30_000;

function spawn() {
  // Spelled out in one expression: bundlers look for exactly this.
  const helper = new Worker(new URL("./helper.js", import.meta.url), { type: "module" });
  // What a helper does not catch would otherwise count as not caught here, and end this worker too.
  helper.addEventListener("error", (event) => event.preventDefault());
  return helper;
}

/** The pool for so many threads; none where there is one, or where threads share the module's memory. */
export function newPool(threads) {
  return threads > 1 && !canShareMemory() ? new Pool(threads) : undefined;
}

/** What the wasm module knows as `Pool`. */
class Pool {
  #most; // helpers
  #helpers = new Set(); // of { link, batches }
  #loading = null; // { source, fingerprint }
  #given = 0; // texts, since there were no helpers
  #timer = null;

  constructor(workers) {
    this.#most = workers - 1;
  }

  /** How many workers embed at most, this one included. */
  get workers() {
    return this.#most + 1;
  }

  /** From now on helpers may be started: what they load, and the fingerprint it must have. */
  serve(source, fingerprint) {
    this.#loading = { source, fingerprint };
  }

  /**
   * Gives a batch to a helper: `tokens` of all its texts, and how many each has. Returns a promise of the vectors, one
   * after the other in a `Float32Array`, which rejects when the helper fails, or when `signal` takes the batch back;
   * `undefined` where no helper has room. `left` more texts follow.
   */
  give(tokens, lengths, left, signal) {
    this.#endWhenIdle();
    this.#given += lengths.length;
    const worthStarting = Math.floor((this.#given + left) / TEXTS_FOR_A_HELPER);
    while (this.#helpers.size < Math.min(worthStarting, this.#most)) this.#start();
    const [helper] = [...this.#helpers].sort((a, b) => a.batches - b.batches);
    if (!helper || helper.batches >= BATCHES_AT_ONCE) return undefined;
    return this.#embed(helper, { tokens, lengths }, signal);
  }

  async #embed(helper, batch, signal) {
    helper.batches += 1;
    try {
      return await helper.link.request("embed", batch, { signal });
    } catch (error) {
      if (error.code !== "aborted") this.#lose(helper);
      throw error;
    } finally {
      helper.batches -= 1;
    }
  }

  async #start() {
    const helper = { link: null, batches: Infinity }; // no room before it has loaded
    this.#helpers.add(helper);
    try {
      const { source, fingerprint } = this.#loading;
      helper.link = new WorkerLink(spawn, () => this.#lose(helper));
      const loaded = await helper.link.request("load", { source });
      if (loaded.fingerprint === fingerprint) helper.batches = 0;
      else this.#lose(helper);
    } catch {
      this.#lose(helper);
    }
  }

  /** Goes on without a helper that failed: the next one would as well. */
  #lose(helper) {
    if (!this.#helpers.delete(helper)) return;
    this.#most -= 1;
    helper.link?.end(closed("helper"));
  }

  #endWhenIdle() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#end(), IDLE_MS);
  }

  #end() {
    clearTimeout(this.#timer);
    this.#given = 0;
    const ended = [...this.#helpers];
    this.#helpers.clear();
    for (const { link } of ended) link?.end(closed("helper"));
  }
}
