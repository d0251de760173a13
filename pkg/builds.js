// The builds of the wasm module, one for each set of instructions that browsers have.

import * as relaxed from "./wasm/relaxed-simd/multimodal_rag.js";
import * as relaxedThreads from "./wasm/relaxed-simd-threads/multimodal_rag.js";
import * as plain from "./wasm/simd/multimodal_rag.js";
import * as plainThreads from "./wasm/simd-threads/multimodal_rag.js";

// All bindings are imported, though one is used: not every bundler can split a worker. The large files are named in one
// expression each: bundlers search for exactly these.
export const BUILDS = {
  "relaxed-simd": {
    bindings: relaxed,
    file: () => new URL("./wasm/relaxed-simd/multimodal_rag_bg.wasm", import.meta.url),
  },
  "relaxed-simd-threads": {
    bindings: relaxedThreads,
    file: () => new URL("./wasm/relaxed-simd-threads/multimodal_rag_bg.wasm", import.meta.url),
  },
  simd: {
    bindings: plain,
    file: () => new URL("./wasm/simd/multimodal_rag_bg.wasm", import.meta.url),
  },
  "simd-threads": {
    bindings: plainThreads,
    file: () => new URL("./wasm/simd-threads/multimodal_rag_bg.wasm", import.meta.url),
  },
};
