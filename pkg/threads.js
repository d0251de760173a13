// The option `threads`: how many cores may be used. It is resolved before the wasm module is loaded.

import { invalidOption, kindOf } from "./errors.js";

const MAX_THREADS = 16;
/** "auto" takes no more, so that cores are left for the page and for other programs. */
const MAX_AUTO_THREADS = 4;

/** The number of threads for this option. */
export function resolveThreads(threads = "auto") {
  if (threads === "auto") return Math.min(navigator.hardwareConcurrency || 1, MAX_AUTO_THREADS);
  if (Number.isInteger(threads) && threads >= 1 && threads <= MAX_THREADS) return threads;
  const got = ["number", "string"].includes(typeof threads) ? String(threads) : kindOf(threads);
  throw invalidOption("threads", got, `"auto" or a whole number from 1 to ${MAX_THREADS}`);
}
