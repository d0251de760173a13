// What langchain.test.mjs bundles: the adapters and LangChain's own classes, from one copy of LangChain.

export { Document } from "@langchain/core/documents";
export { BaseDocumentCompressor } from "@langchain/core/retrievers/document_compressors";
export { BaseRetriever } from "@langchain/core/retrievers";
export { Embeddings } from "@langchain/core/embeddings";
export { RunnableLambda } from "@langchain/core/runnables";
export { VectorStore } from "@langchain/core/vectorstores";
export * from "multimodal-rag/langchain";
