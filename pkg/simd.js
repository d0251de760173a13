// Which SIMD instructions this browser has.

import { RagError } from "./errors.js";

/** The name of the fastest set that this browser has: `"relaxed-simd"` or `"simd"`. */
export function fastestSimd() {
  // i32.const 0, i8x16.splat, the same again, and the sum of products of both
  if (isValid([65, 0, 253, 15, 65, 0, 253, 15, 253, 146, 2])) return "relaxed-simd";
  // i32.const 0, i8x16.splat, i8x16.popcnt
  if (isValid([65, 0, 253, 15, 253, 98])) return "simd";
  throw new RagError(
    "unsupported_browser",
    "This browser's WebAssembly has no SIMD instructions. Use Chrome 91, Firefox 114, Safari 16.4 or newer.",
  );
}

/** Whether the browser accepts a function with these instructions, which return a vector. */
function isValid(instructions) {
  const header = [0, 97, 115, 109, 1, 0, 0, 0];
  const type = [1, 5, 1, 96, 0, 1, 123]; // () -> v128
  const functions = [3, 2, 1, 0];
  const body = [0, ...instructions, 11];
  const code = [10, body.length + 2, 1, body.length, ...body];
  return WebAssembly.validate(new Uint8Array([...header, ...type, ...functions, ...code]));
}
