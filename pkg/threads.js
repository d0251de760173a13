// How many cores may be used.

import { invalidOption, kindOf } from "./errors.js";

const MOST = 16;
/** More are not taken without being asked: the page and others need some as well. */
const MOST_BY_ITSELF = 4;

/** The number that the option `threads` stands for. */
export function resolveThreads(threads = "auto") {
  if (threads === "auto") return Math.min(navigator.hardwareConcurrency || 1, MOST_BY_ITSELF);
  if (Number.isInteger(threads) && threads >= 1 && threads <= MOST) return threads;
  const got = ["number", "string"].includes(typeof threads) ? String(threads) : kindOf(threads);
  throw invalidOption("threads", got, `"auto" or a whole number from 1 to ${MOST}`);
}
