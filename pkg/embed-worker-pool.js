// Embed workers: workers that embed beside this one, each with a wasm module and an embedder of its own. They use
// several cores where workers cannot share memory. Any of them may fail: the engine then computes the batch again.

import { closed } from "./errors.js";
import { canShareMemory } from "./shared-memory.js";
import { WorkerLink } from "./worker-link.js";

/** Texts to embed for each embed worker that is started. Starting one takes about a second. */
const TEXTS_PER_WORKER = 16;
/** Batches that a worker has at once: one that it computes, and one to continue with while this worker is busy. */
const BATCHES_PER_WORKER = 2;
/** Embed workers without work end after this time, and their memory is freed. */
const IDLE_TIMEOUT_MS = 30_000;

// In one expression: bundlers search for exactly this.
const create = () => new Worker(new URL("./embed-worker.js", import.meta.url), { type: "module" });

/** A pool for `threads` cores; none for one core, or where threads share the module's memory. */
export function newEmbedWorkerPool(threads) {
  return threads > 1 && !canShareMemory() ? new EmbedWorkerPool(threads) : undefined;
}

/** The wasm module knows this class by the same name. */
class EmbedWorkerPool {
  #maxWorkers; // embed workers, without this worker
  #workers = new Set(); // of { link, batches }
  #embedder = null; // { source, fingerprint }
  #submitted = 0; // texts, since there were no embed workers
  #timer = null;

  constructor(workers) {
    this.#maxWorkers = workers - 1;
  }

  /** How many workers embed at most, this one included. */
  get workers() {
    return this.#maxWorkers + 1;
  }

  /** Sets the embedder that embed workers load, and its fingerprint. None starts before. */
  setEmbedder(source, fingerprint) {
    this.#embedder = { source, fingerprint };
  }

  /**
   * Submits a batch: `tokens` of all its texts, and the number of tokens of each. Returns a promise of the vectors, one
   * after the other in a `Float32Array`. It rejects when the embed worker fails, or when `signal` cancels the batch.
   * Returns `undefined` where every embed worker is busy. `left` texts follow this batch.
   */
  submit(tokens, lengths, left, signal) {
    this.#restartIdleTimer();
    this.#submitted += lengths.length;
    const wanted = Math.floor((this.#submitted + left) / TEXTS_PER_WORKER);
    while (this.#workers.size < Math.min(wanted, this.#maxWorkers)) this.#start();
    const [worker] = [...this.#workers].sort((a, b) => a.batches - b.batches);
    if (!worker || worker.batches >= BATCHES_PER_WORKER) return undefined;
    return this.#embed(worker, { tokens, lengths }, signal);
  }

  async #embed(worker, batch, signal) {
    worker.batches += 1;
    try {
      return await worker.link.request("embed", batch, { signal });
    } catch (error) {
      if (error.code !== "aborted") this.#discard(worker);
      throw error;
    } finally {
      worker.batches -= 1;
    }
  }

  async #start() {
    const worker = { link: null, batches: Infinity }; // takes no batch until it has loaded
    this.#workers.add(worker);
    try {
      const { source, fingerprint } = this.#embedder;
      worker.link = new WorkerLink(create, () => this.#discard(worker));
      const loaded = await worker.link.request("load", { source });
      if (loaded.fingerprint === fingerprint) worker.batches = 0;
      else this.#discard(worker);
    } catch {
      this.#discard(worker);
    }
  }

  /** Ends a worker that failed. It is not replaced: the next one would fail too. */
  #discard(worker) {
    if (!this.#workers.delete(worker)) return;
    this.#maxWorkers -= 1;
    worker.link?.end(closed("embed worker"));
  }

  #restartIdleTimer() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#endAll(), IDLE_TIMEOUT_MS);
  }

  #endAll() {
    clearTimeout(this.#timer);
    this.#submitted = 0;
    const ended = [...this.#workers];
    this.#workers.clear();
    for (const { link } of ended) link?.end(closed("embed worker"));
  }
}
