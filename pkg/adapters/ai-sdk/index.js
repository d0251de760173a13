// Adapters for the AI SDK 7 (specification v4). index.d.ts has their types and documentation.

export { chatTransport } from "./chat-transport.js";
export { embeddingModel } from "./embedding-model.js";
export { generatorModel } from "./generator-model.js";
export { languageModel } from "./language-model.js";
export { rerankingModel } from "./reranking-model.js";
