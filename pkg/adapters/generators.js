// Models of others as generators: they write, and quotes, checks and citations stay ours. generators.d.ts has their
// types and documentation.

export { aiSdkGenerator } from "./generators/ai-sdk.js";
export { builtInGenerator } from "./generators/built-in.js";
export { webLlmGenerator } from "./generators/web-llm.js";
export { wllamaGenerator } from "./generators/wllama.js";
