// The passages that an engine finds.

import { BaseRetriever } from "@langchain/core/retrievers";
import { documentsOf } from "./documents.js";

export class EngineRetriever extends BaseRetriever {
  lc_namespace = ["multimodal-rag", "retrievers"];
  #engine;
  #options;

  static lc_name() {
    return "EngineRetriever";
  }

  constructor({ engine, limit, where, ...fields }) {
    super(fields);
    this.#engine = engine;
    this.#options = { limit, where };
  }

  async _getRelevantDocuments(query) {
    return documentsOf(this.#engine, await this.#engine.search(query, this.#options));
  }
}
