// The vectors of an embedder.

import { Embeddings } from "@langchain/core/embeddings";
import { embedQuestion } from "../similarity.js";

export class EmbedderEmbeddings extends Embeddings {
  #embedder;

  constructor({ embedder, ...params }) {
    super(params);
    this.#embedder = embedder;
  }

  async embedDocuments(documents) {
    return (await this.#embedder.embed(documents)).map((vector) => Array.from(vector));
  }

  async embedQuery(document) {
    return Array.from(await embedQuestion(this.#embedder, document));
  }
}
