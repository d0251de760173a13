// The reader modules: wasm modules that only read files, each for several formats, and one that also runs queries. One is
// fetched when it is first needed.

import { readerNotFetched } from "./errors.js";
import { fastestSimd } from "./simd.js";
import { compileWasm, wasmAddress } from "./wasm-file.js";
import * as image from "./wasm/readers/image/multimodal_rag.js";
import * as imageRelaxed from "./wasm/readers/image-relaxed/multimodal_rag.js";
import * as office from "./wasm/readers/office/multimodal_rag.js";
import * as pdf from "./wasm/readers/pdf/multimodal_rag.js";
import * as sql from "./wasm/readers/sql/multimodal_rag.js";
import * as text from "./wasm/readers/text/multimodal_rag.js";

// As in builds.js: all bindings are imported, and each large file is named in one expression.
const MODULES = {
  image: { bindings: image, file: () => new URL("./wasm/readers/image/multimodal_rag_bg.wasm", import.meta.url) },
  "image-relaxed": {
    bindings: imageRelaxed,
    file: () => new URL("./wasm/readers/image-relaxed/multimodal_rag_bg.wasm", import.meta.url),
  },
  office: { bindings: office, file: () => new URL("./wasm/readers/office/multimodal_rag_bg.wasm", import.meta.url) },
  pdf: { bindings: pdf, file: () => new URL("./wasm/readers/pdf/multimodal_rag_bg.wasm", import.meta.url) },
  sql: { bindings: sql, file: () => new URL("./wasm/readers/sql/multimodal_rag_bg.wasm", import.meta.url) },
  text: { bindings: text, file: () => new URL("./wasm/readers/text/multimodal_rag_bg.wasm", import.meta.url) },
};

/**
 * Fetches a module. Resolves to its memory, its function `readFile` and, where it reads pictures, `loadOcr` and
 * `needsBrowser`; where it has SQLite, `runQuery` and `heldTables`. Rejects as `compileWasm`.
 */
export async function loadReaderModule(name, notFetched = readerNotFetched) {
  // The networks of OCR are faster with relaxed instructions.
  const isRelaxed = name === "image" && fastestSimd() === "relaxed-simd";
  const folder = isRelaxed ? "image-relaxed" : name;
  const { bindings, file } = MODULES[folder];
  const module = await compileWasm(wasmAddress(`readers/${folder}`, file), notFetched);
  const { memory } = await bindings.default({ module_or_path: module }).catch((error) => {
    throw notFetched(error.message);
  });
  const { readFile, loadOcr, needsBrowser, runQuery, heldTables } = bindings;
  return { readFile, loadOcr, needsBrowser, runQuery, heldTables, memory };
}
