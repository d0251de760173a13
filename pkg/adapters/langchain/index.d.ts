/** An engine and an embedder for LangChain. */

import type { Callbacks } from "@langchain/core/callbacks/manager";
import type { Document, DocumentInterface } from "@langchain/core/documents";
import { Embeddings, type EmbeddingsInterface, type EmbeddingsParams } from "@langchain/core/embeddings";
import { BaseRetriever, type BaseRetrieverInput } from "@langchain/core/retrievers";
import { BaseDocumentCompressor } from "@langchain/core/retrievers/document_compressors";
import { VectorStore } from "@langchain/core/vectorstores";
import type { Engine, Where } from "../../index.js";
import type { TextEmbedder } from "../embedder.js";

/**
 * The passages that {@link Engine.search} finds, by meaning and by words. `pageContent` is the passage, `metadata` what
 * was stored with its document, and of the passage `documentId`, `documentName`, `chunkId`, `start`, `end`, `headings`, `place`,
 * `placeText`, `score` and `scores`.
 */
export class EngineRetriever extends BaseRetriever {
  lc_namespace: string[];
  constructor(fields: EngineRetrieverFields);
  _getRelevantDocuments(query: string): Promise<Document[]>;
}

export interface EngineRetrieverFields extends BaseRetrieverInput {
  engine: Engine;
  /** Passages to return at most, from 1 to 100. Default 5. */
  limit?: number;
  /** Which documents to search. Default: all. */
  where?: Where;
}

/** The vectors of an embedder: of documents as passages, of queries as questions. */
export class EmbedderEmbeddings extends Embeddings {
  constructor(fields: EmbeddingsParams & { embedder: TextEmbedder });
  embedDocuments(documents: string[]): Promise<number[][]>;
  embedQuery(document: string): Promise<number[]>;
}

/**
 * Ranks documents by the cosine of their vectors and that of the question, with the score as
 * `metadata.relevanceScore`. No cross-encoder reads question and document together: an order that an engine's search gave is
 * not improved by it.
 */
export class EmbedderReranker extends BaseDocumentCompressor {
  constructor(fields: { embedder: TextEmbedder; /** Documents to keep at most. Default: all. */ limit?: number });
  compressDocuments(documents: DocumentInterface[], query: string, callbacks?: Callbacks): Promise<Document[]>;
}

/**
 * A knowledge base as a vector store: each document becomes one of the engine's, with its metadata, which `filter`
 * compares as {@link Where} does. The engine splits long ones, so that what is found is a passage of a document.
 *
 * The engine's own embedder embeds documents and questions that are given as texts, and words count too. Vectors
 * that are given must be of that embedder.
 */
export class EngineVectorStore extends VectorStore {
  FilterType: Where;
  constructor(fields: EngineVectorStoreFields);
  /** The engine embeds: `embeddings` has no effect. */
  static fromDocuments(
    documents: DocumentInterface[],
    embeddings: EmbeddingsInterface | null,
    fields: EngineVectorStoreFields,
  ): Promise<EngineVectorStore>;
  static fromTexts(
    texts: string[],
    metadatas: object[] | object,
    embeddings: EmbeddingsInterface | null,
    fields: EngineVectorStoreFields,
  ): Promise<EngineVectorStore>;
  _vectorstoreType(): string;

  /**
   * Adds documents. Metadata is stored as JSON holds it: a date is its text. `metadata.source`, where it is a string,
   * is the name in citations. A document whose id is there is replaced; without an id, the same text of the same source is one document.
   *
   * @returns their ids: those given, else the engine's
   * @throws {RagError} the errors of {@link Engine.add}; documents before the one that failed stay added
   */
  addDocuments(documents: DocumentInterface[], options?: { ids?: string[] }): Promise<string[]>;

  /**
   * Adds documents with a vector each: nothing is embedded.
   *
   * @throws {RagError} as {@link addDocuments}; `invalid_option` for a vector of another length than the embedder's
   */
  addVectors(vectors: number[][], documents: DocumentInterface[], options?: { ids?: string[] }): Promise<string[]>;

  /** Removes the documents with these ids, as far as they are there. */
  delete(params?: { ids?: string[] }): Promise<void>;

  /** The passages whose vectors are nearest to this one, with their cosines. */
  similaritySearchVectorWithScore(vector: number[], k: number, filter?: Where): Promise<[Document, number][]>;

  /** The best passages, by meaning and by words. */
  similaritySearch(query: string, k?: number, filter?: Where, callbacks?: Callbacks): Promise<Document[]>;

  /** The same with their scores, which order the passages of one question and cannot be compared with others. */
  similaritySearchWithScore(query: string, k?: number, filter?: Where, callbacks?: Callbacks): Promise<[Document, number][]>;
}

export interface EngineVectorStoreFields {
  engine: Engine;
  /** Answers `store.embeddings`, for who embeds outside of the store. Default: none; the store itself does not use it. */
  embedder?: TextEmbedder;
}
