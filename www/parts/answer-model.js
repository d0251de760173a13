import { bytes } from "./format.js";

/** The model that writes answers, fetched at the first question that needs it. */
export class AnswerModel {
  #hash;

  /** @param {{ sha256: string, size: number }} source */
  constructor({ sha256, size }) {
    this.#hash = sha256;
    this.size = bytes(size);
  }

  /** The one that the page's list of models names, or null where it names none. */
  static async find() {
    try {
      const { generator } = await (await fetch("models.json")).json();
      return generator ? new AnswerModel(generator) : null;
    } catch {
      return null;
    }
  }

  /** Whether the browser keeps it, so that no network is needed for answers. */
  async isKept() {
    try {
      return (await caches.match(`/multimodal-rag-models/${this.#hash}`)) !== undefined;
    } catch {
      // No cache on this page: nothing is kept.
      return false;
    }
  }
}
