// Documents in the order of their likeness to a question.

import { Document } from "@langchain/core/documents";
import { BaseDocumentCompressor } from "@langchain/core/retrievers/document_compressors";
import { rankTexts } from "../similarity.js";

export class EmbedderReranker extends BaseDocumentCompressor {
  #embedder;
  #limit;

  constructor({ embedder, limit }) {
    super();
    this.#embedder = embedder;
    this.#limit = limit;
  }

  async compressDocuments(documents, query) {
    const texts = documents.map(({ pageContent }) => pageContent);
    const ranked = await rankTexts(this.#embedder, query, texts);
    return ranked.slice(0, this.#limit).map(({ index, score }) => {
      const { pageContent, metadata, id } = documents[index];
      return new Document({ pageContent, metadata: { ...metadata, relevanceScore: score }, id });
    });
  }
}
