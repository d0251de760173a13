// The package's front door. Types and their documentation are in index.d.ts.

export { Engine } from "./engine.js";
export { Embedder, Generator } from "./models.js";
export { RagError } from "./errors.js";
