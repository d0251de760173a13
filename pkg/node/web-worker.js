// Threads of Node.js with the surface of a browser's worker, as far as the package uses it.

import { Worker as Thread } from "node:worker_threads";
import { FILE_KEY } from "./local-files.js";

/** The class of workers of an engine or a model. `start` is told to all its threads: `{ modelFolder, owner }`. */
export function workersWith(start) {
  return class Worker extends EventTarget {
    #thread;
    #isTerminated = false;

    constructor(url) {
      super();
      const workerData = { ...start, url: String(url), multimodalRagFileKey: FILE_KEY };
      // Not all options of the program are options of a thread: it would refuse `--input-type`.
      this.#thread = new Thread(new URL("./worker-scope.js", import.meta.url), { workerData, execArgv: [] });
      this.#thread.on("message", (data) => this.dispatchEvent(new MessageEvent("message", { data })));
      this.#thread.on("messageerror", () => this.dispatchEvent(new Event("messageerror")));
      this.#thread.on("error", ({ message }) => this.#fail(message));
      this.#thread.on("exit", () => this.#fail("its thread ended"));
    }

    postMessage(message, transfer) {
      this.#thread.postMessage(message, transfer);
    }

    terminate() {
      this.#isTerminated = true;
      void this.#thread.terminate();
    }

    #fail(message) {
      if (this.#isTerminated) return;
      this.#isTerminated = true;
      this.dispatchEvent(Object.assign(new Event("error", { cancelable: true }), { message }));
    }
  };
}
