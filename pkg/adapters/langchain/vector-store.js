// A knowledge base as a vector store.

import { Document } from "@langchain/core/documents";
import { VectorStore } from "@langchain/core/vectorstores";
import { addingOf, documentsOf, idsOf, storedIds } from "./documents.js";
import { EmbedderEmbeddings } from "./embeddings.js";

/** Documents that are added at once, so that the next ones are read while one is embedded. */
const ADDED_AT_ONCE = 3;

export class EngineVectorStore extends VectorStore {
  #engine;

  constructor({ engine, embedder, ...fields }) {
    super(new EmbedderEmbeddings({ embedder }), fields);
    this.#engine = engine;
  }

  static async fromDocuments(documents, _embeddings, fields) {
    const store = new this(fields);
    await store.addDocuments(documents);
    return store;
  }

  static async fromTexts(texts, metadatas, embeddings, fields) {
    const metadataAt = (at) => (Array.isArray(metadatas) ? metadatas[at] : metadatas);
    const documents = texts.map((pageContent, at) => new Document({ pageContent, metadata: metadataAt(at) }));
    return this.fromDocuments(documents, embeddings, fields);
  }

  _vectorstoreType() {
    return "multimodal-rag";
  }

  async addDocuments(documents, { ids } = {}) {
    return this.#add(documents, ids, () => ({}));
  }

  async addVectors(vectors, documents, { ids } = {}) {
    return this.#add(documents, ids, (at) => ({ vector: Float32Array.from(vectors[at]) }));
  }

  async delete({ ids = [] } = {}) {
    const stored = await storedIds(this.#engine);
    for (const id of new Set(ids.map((id) => stored.get(id)).filter(Boolean))) await this.#engine.remove(id);
  }

  async similaritySearchVectorWithScore(vector, k, filter) {
    return this.#search({ vector: Float32Array.from(vector) }, k, filter);
  }

  async similaritySearchWithScore(query, k = 4, filter = undefined) {
    return this.#search(query, k, filter);
  }

  async similaritySearch(query, k = 4, filter = undefined) {
    return (await this.#search(query, k, filter)).map(([document]) => document);
  }

  async #search(query, limit, where) {
    const passages = await this.#engine.search(query, { limit, where });
    const documents = await documentsOf(this.#engine, passages);
    return documents.map((document, at) => [document, passages[at].score]);
  }

  /** Adds each document; one whose id is there is replaced. Of those with the same id the last is added. Resolves to their ids. */
  async #add(documents, givenIds, moreAt) {
    const ids = idsOf(documents, givenIds);
    const stored = ids.some(Boolean) ? await storedIds(this.#engine) : new Map();
    const last = new Map(ids.map((id, at) => [id, at]));
    const added = [...ids];
    const remaining = documents.entries();
    const addInTurn = async () => {
      for (const [at, document] of remaining) {
        if (ids[at] && last.get(ids[at]) !== at) continue;
        const options = { ...addingOf(document, ids[at]), replaces: stored.get(ids[at]), ...moreAt(at) };
        const { id } = await this.#engine.add(document.pageContent, options);
        added[at] ??= id;
      }
    };
    await Promise.all(Array.from({ length: ADDED_AT_ONCE }, addInTurn));
    return added;
  }
}
