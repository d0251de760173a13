// The exports of the package. index.d.ts has their types and documentation.

export { Engine } from "./engine.js";
export { Embedder, Generator, ImageEmbedder } from "./models.js";
export { RagError } from "./errors.js";
export { toCsv } from "./to-csv.js";
