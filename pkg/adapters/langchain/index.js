// Adapters for LangChain. index.d.ts has their types and documentation.

export { EmbedderEmbeddings } from "./embeddings.js";
export { EmbedderReranker } from "./reranker.js";
export { EngineRetriever } from "./retriever.js";
export { EngineVectorStore } from "./vector-store.js";
