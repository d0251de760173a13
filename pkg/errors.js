// The one error class, and the failures that arise on this side of the worker.

export class RagError extends Error {
  constructor(code, message, options) {
    super(message, options);
    this.name = "RagError";
    this.code = code;
  }
}

/** Rust's words for a stop, so that it reads the same wherever it was heard. */
export function aborted(signal) {
  return new RagError("aborted", "Stopped at the caller's wish. Nothing was changed.", { cause: signal?.reason });
}

export function closed(what) {
  return new RagError("closed", `The ${what} is closed. Open it again.`);
}

export function workerFailed(detail) {
  const why = detail ? ` (${detail})` : "";
  return new RagError(
    "worker_failed",
    `The worker stopped unexpectedly${why}. What was running is lost, what was stored is not. Try again: it is started anew.`,
  );
}

export function invalidOption(option, got, expected) {
  return new RagError("invalid_option", `The option ${option} cannot be ${got}. Use ${expected}.`);
}

export function throwIfAborted(signal) {
  if (signal?.aborted) throw aborted(signal);
}

/** Refuses what the bindings of the wasm module could not take as a string. */
export function requireString(value, option) {
  if (typeof value !== "string") throw invalidOption(option, kindOf(value), "a string");
}

/** Refuses options that mean nothing here: silence would pass for obedience. */
export function requireKnown(options, known) {
  const other = Object.keys(options).find((name) => options[name] !== undefined && !known.includes(name));
  if (other === undefined) return;
  const expected = known.length === 0 ? "none but those of the types" : `only ${known.join(", ")}`;
  throw new RagError("invalid_option", `There is no option ${other} here. Use ${expected}.`);
}

export function kindOf(value) {
  if (value === null) return "null";
  if (typeof value !== "object") return `of type ${typeof value}`;
  return `of type ${value.constructor?.name ?? "object"}`;
}
