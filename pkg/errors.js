// RagError, and the errors that arise outside of the worker.

import { VERSION } from "./version.js";

export class RagError extends Error {
  constructor(code, message, options) {
    super(message, options);
    this.name = "RagError";
    this.code = code;
  }
}

/** The same message as in Rust, so that a cancelled call reads the same wherever it was cancelled. */
export function aborted(signal) {
  return new RagError("aborted", "The call was cancelled. Nothing was changed.", { cause: signal?.reason });
}

export function closed(what) {
  return new RagError("closed", `The ${what} is closed. Open it again.`);
}

export function workerFailed(detail) {
  const why = detail ? ` (${detail})` : "";
  return new RagError(
    "worker_failed",
    `The worker stopped unexpectedly${why}. Running calls failed; stored documents are safe. Try again: a new worker starts.`,
  );
}

/** Refuses to start a worker where there are none, as on a server. */
export function checkWorkers({ spawn }) {
  if (typeof WebAssembly !== "undefined" && (spawn || typeof Worker !== "undefined")) return;
  const advice = "Use Chrome 91, Firefox 114, Safari 16.4 or newer. A server may import the package; call it in the page.";
  throw new RagError("unsupported_browser", `There are no module workers with WebAssembly here. ${advice}`);
}

/** A worker that browsers start under no policy. */
export function workerOfOtherOrigin(url) {
  const advice = 'Use the option crossOrigin: "blob", or put the package on this origin and name its worker.js with workerUrl.';
  return new RagError("worker_refused", `The worker's script ${url} is of another origin, and browsers start no such worker. ${advice}`);
}

/** As where the page requires Trusted Types. */
export function workerNotStarted(url, detail) {
  const advice = "Make the worker yourself, with the option spawn, or change the page's policy.";
  return new RagError("worker_refused", `The browser starts no worker of the script ${url} (${detail}). ${advice}`);
}

export function policyForbidsBlob() {
  const advice = "Add blob: to its worker-src, or put the package on this origin and name its worker.js with workerUrl.";
  return new RagError("worker_refused", `The page's Content-Security-Policy forbids a worker that starts from a blob. ${advice}`);
}

export function policyForbidsScript(url) {
  const advice = `Add ${new URL(url).origin} to its script-src and worker-src.`;
  return new RagError("worker_refused", `The page's Content-Security-Policy forbids the worker's script ${url}. ${advice}`);
}

/** The option `spawn` failed. */
export function spawnFailed(detail) {
  const advice = "Have it return a Worker of the address that it is given.";
  return new RagError("worker_refused", `The function spawn made no worker (${detail}). ${advice}`);
}

/** `what` is of another version than this script. */
export function otherVersion(what, version) {
  const versions = `${what} is of version ${version}, and the script that uses it of version ${VERSION}`;
  const advice = "Reload the page. If that does not help, serve all files of the package from the same version.";
  return new RagError("version_mismatch", `${versions}: one of them is an old copy. ${advice}`);
}

export function moduleNotFetched(detail) {
  const advice = "Check the connection. Serve the package's folder wasm/ there, or name its address with wasmUrl.";
  return new RagError("download_failed", `The engine's wasm module could not be loaded (${detail}). ${advice}`);
}

export function readerNotFetched(detail) {
  return new RagError(
    "download_failed",
    `The reader of this kind of file could not be fetched (${detail}). Check the connection, and add the file again.`,
  );
}

export function sqlNotFetched(detail) {
  return new RagError(
    "download_failed",
    `The module that runs queries could not be fetched (${detail}). Check the connection, and try again.`,
  );
}

export function invalidOption(option, got, expected) {
  return new RagError("invalid_option", `The option ${option} cannot be ${got}. Use ${expected}.`);
}

export function throwIfAborted(signal) {
  if (signal?.aborted) throw aborted(signal);
}

/** Refuses options of a call all of whose options stay on this side. The wasm module refuses those that it is given. */
export function refuseOthers(others, known) {
  const option = Object.keys(others).find((name) => others[name] !== undefined);
  if (option === undefined) return;
  throw new RagError("invalid_option", `There is no option ${option} here. Use only ${known.join(", ")}.`);
}

export function kindOf(value) {
  if (value === null) return "null";
  if (typeof value !== "object") return `of type ${typeof value}`;
  return `of type ${value.constructor?.name ?? "object"}`;
}
