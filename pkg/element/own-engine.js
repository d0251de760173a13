import { openEngine } from "./open-engine.js";

/** The engine that an element opens for itself, when it is first needed. */
export class OwnEngine {
  #opening = null;

  /**
   * Opens it, or waits for the one that is opened or open already. The next call tries again where it fails.
   *
   * @param {() => object} knowledgeBase says which, as `openEngine` takes it, without `onProgress`
   * @param {(progress: import("../index.d.ts").Progress) => void} onProgress
   */
  open(knowledgeBase, onProgress) {
    this.#opening ??= this.#start(knowledgeBase(), onProgress);
    return this.#opening;
  }

  /** Frees it. The next call of `open` opens another. */
  close() {
    const opening = this.#opening;
    this.#opening = null;
    opening?.then((engine) => engine.close()).catch(() => {});
  }

  #start(knowledgeBase, onProgress) {
    const opening = openEngine({ ...knowledgeBase, onProgress: (progress) => this.#opening === opening && onProgress(progress) });
    opening.catch(() => {
      if (this.#opening === opening) this.#opening = null;
    });
    return opening;
  }
}
