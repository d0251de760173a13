// The wasm module, in the quickest build that this browser runs. What it exports
// is in `wasm` once `loadModule` is done.

import * as relaxed from "./wasm/relaxed-simd/multimodal_rag.js";
import * as plain from "./wasm/simd/multimodal_rag.js";
import { RagError } from "./errors.js";

export let wasm = null;

// Both bindings are imported, though one is used: not every bundler can split a worker. The files, which are what is
// large, are spelled out for each: bundlers look for exactly these expressions.
const BUILDS = {
  "relaxed-simd": {
    bindings: relaxed,
    file: () => new URL("./wasm/relaxed-simd/multimodal_rag_bg.wasm", import.meta.url),
  },
  simd: {
    bindings: plain,
    file: () => new URL("./wasm/simd/multimodal_rag_bg.wasm", import.meta.url),
  },
};

export async function loadModule() {
  const build = quickestBuild();
  if (!build) {
    throw new RagError(
      "unsupported_browser",
      "This browser's WebAssembly has no SIMD instructions. Use Chrome 91, Firefox 114, Safari 16.4 or newer.",
    );
  }
  const { bindings, file } = BUILDS[build];
  await bindings.default({ module_or_path: file() });
  wasm = bindings;
}

function quickestBuild() {
  // i32.const 0, i8x16.splat, the same again, and the sum of products of both
  if (isValid([65, 0, 253, 15, 65, 0, 253, 15, 253, 146, 2])) return "relaxed-simd";
  // i32.const 0, i8x16.splat, i8x16.popcnt
  return isValid([65, 0, 253, 15, 253, 98]) ? "simd" : null;
}

/** Whether a module of one function with these instructions, which leave a vector, is valid here. */
function isValid(instructions) {
  const header = [0, 97, 115, 109, 1, 0, 0, 0];
  const type = [1, 5, 1, 96, 0, 1, 123]; // () -> v128
  const functions = [3, 2, 1, 0];
  const body = [0, ...instructions, 11];
  const code = [10, body.length + 2, 1, body.length, ...body];
  return WebAssembly.validate(new Uint8Array([...header, ...type, ...functions, ...code]));
}
