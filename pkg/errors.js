// The one error class, and the failures that arise on this side of the worker.

const MAX_THREADS = 16;

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

/** Refuses a number of threads that nobody has. */
export function requireThreads(value) {
  if (value === "auto" || (Number.isInteger(value) && value >= 1 && value <= MAX_THREADS)) return;
  const got = typeof value === "number" ? String(value) : typeof value === "string" ? JSON.stringify(value) : kindOf(value);
  throw invalidOption("threads", got, `"auto" or a whole number from 1 to ${MAX_THREADS}`);
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
