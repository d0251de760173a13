// The reader modules: wasm modules that only read files, each for several formats. One is fetched when a file first
// needs it.

import { readerNotFetched } from "./errors.js";
import { fastestSimd } from "./simd.js";
import * as image from "./wasm/readers/image/multimodal_rag.js";
import * as imageRelaxed from "./wasm/readers/image-relaxed/multimodal_rag.js";
import * as office from "./wasm/readers/office/multimodal_rag.js";
import * as pdf from "./wasm/readers/pdf/multimodal_rag.js";
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
  text: { bindings: text, file: () => new URL("./wasm/readers/text/multimodal_rag_bg.wasm", import.meta.url) },
};

/**
 * Fetches a module. Resolves to its memory, its function `readFile` and, where it reads pictures, `loadOcr` and
 * `needsBrowser`.
 */
export async function loadReaderModule(name) {
  // The networks of OCR are faster with relaxed instructions.
  const isRelaxed = name === "image" && fastestSimd() === "relaxed-simd";
  const { bindings, file } = MODULES[isRelaxed ? "image-relaxed" : name];
  try {
    const { memory } = await bindings.default({ module_or_path: file() });
    const { readFile, loadOcr, needsBrowser } = bindings;
    return { readFile, loadOcr, needsBrowser, memory };
  } catch (error) {
    throw readerNotFetched(error.message);
  }
}
