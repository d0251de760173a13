// The options that say where the files of the package are and how its workers start, as they are passed on.

import { checkWorkers, invalidOption, kindOf } from "./errors.js";
import { addressOf } from "./page-address.js";

/** The names of these options. */
export const START_OPTIONS = ["workerUrl", "wasmUrl", "spawn", "crossOrigin"];

const CROSS_ORIGIN = ["refuse", "blob"];

/** Parts options of a call: `start` has these, checked, with whole addresses; `others` the others. */
export function partOptions({ workerUrl, wasmUrl, spawn, crossOrigin, ...others }) {
  checkWorkers({ spawn });
  if (spawn !== undefined && typeof spawn !== "function") {
    throw invalidOption("spawn", kindOf(spawn), "a function that makes a Worker");
  }
  if (crossOrigin !== undefined && !CROSS_ORIGIN.includes(crossOrigin)) {
    throw invalidOption("crossOrigin", JSON.stringify(crossOrigin), CROSS_ORIGIN.map((name) => `"${name}"`).join(" or "));
  }
  const start = {
    workerUrl: workerUrl === undefined ? undefined : addressOf(workerUrl, "workerUrl"),
    wasmUrl: wasmUrl === undefined ? undefined : folderOf(addressOf(wasmUrl, "wasmUrl")),
    spawn,
    crossOrigin,
  };
  return { start, others };
}

/** Addresses are relative to a folder only where its path ends in a slash. */
function folderOf(address) {
  const url = new URL(address);
  url.pathname = url.pathname.replace(/\/*$/, "/");
  return url.href;
}
