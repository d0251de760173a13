// Builds the graphs of large segments, each in a worker of its own. Such a worker may fail or be terminated at any time:
// the engine then builds the graph again, and compares all vectors until it is there.

import { aborted, closed } from "./errors.js";
import { WorkerLink } from "./worker-link.js";

// In one expression: bundlers search for exactly this.
const create = () => new Worker(new URL("./graph-worker.js", import.meta.url), { type: "module" });

/** The wasm module knows this class by the same name. */
export class GraphBuilder {
  /**
   * Resolves to the record of the graph of these vectors. Rejects when the worker fails, or when `signal` cancels the
   * work. The worker ends in any case, and its memory is freed.
   */
  async build(vectors, signal) {
    const link = new WorkerLink(create);
    const cancel = () => link.end(aborted(signal));
    signal.addEventListener("abort", cancel, { once: true });
    try {
      return await link.request("build", { vectors }, { transfer: [vectors.buffer] });
    } finally {
      signal.removeEventListener("abort", cancel);
      link.end(closed("graph worker"));
    }
  }
}
