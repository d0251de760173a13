// The connection to one reader worker, which reads one file after the other.

import { closed, readerNotFetched } from "./errors.js";
import { ModuleLink } from "./module-link.js";

// In one expression: bundlers search for exactly this.
const create = () => new Worker(new URL("./reader-worker.js", import.meta.url), { type: "module" });

const FAILURES = { notFetched: readerNotFetched, trapped: () => ({ code: "damaged_file" }), ended: () => closed("reader") };

export class ReaderLink extends ModuleLink {
  constructor(module) {
    super(create, module, FAILURES);
  }

  /** As `ReaderWorkers.read`. */
  read({ stepMilliseconds, milliseconds, ...request }, bytes, signal, onStep) {
    const onEvent = ({ step }) => step && onStep(...step);
    const options = { signal, stepMilliseconds, milliseconds, onEvent, transfer: [bytes.buffer] };
    return this.run("read", { ...request, bytes }, options);
  }
}
