import { bytes } from "./format.js";

/** The model that writes answers, which is fetched at the first question that needs it. */
export class AnswerModel {
  #engine;

  /** @param {import("../pkg/client.js").Engine} engine @param {{ bytes: number }} stats the engine's `models.generator` */
  constructor(engine, stats) {
    this.#engine = engine;
    this.size = bytes(stats.bytes);
  }

  /** The generator of `engine`; null where it has none. */
  static async of(engine) {
    const { generator } = (await engine.stats()).models;
    return generator ? new AnswerModel(engine, generator) : null;
  }

  /** Whether answers need no network: the browser has the model. */
  async isKept() {
    try {
      return (await this.#engine.stats()).models.generator.local;
    } catch {
      return false;
    }
  }
}
