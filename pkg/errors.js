// RagError, and the errors that arise outside of the worker.

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

export function readerNotFetched(detail) {
  return new RagError(
    "download_failed",
    `The reader of this kind of file could not be fetched (${detail}). Check the connection, and add the file again.`,
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
