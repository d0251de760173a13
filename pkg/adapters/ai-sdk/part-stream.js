// A stream of parts that can be cancelled from both sides.

/**
 * A stream of what `partsOf(signal)` yields. The signal is aborted when `signal` is, and when the reader cancels.
 *
 * @param {(signal: AbortSignal) => AsyncGenerator} partsOf
 */
export function partStream(partsOf, signal) {
  const leave = new AbortController();
  const abort = () => leave.abort(signal.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });
  const parts = untilEnd(partsOf(leave.signal), () => signal?.removeEventListener("abort", abort));
  return new ReadableStream({
    async pull(controller) {
      const { value, done } = await parts.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel(reason) {
      leave.abort(reason);
      await parts.return();
    },
  });
}

/** The same parts; `after` is called when they end in any way. */
async function* untilEnd(parts, after) {
  try {
    yield* parts;
  } finally {
    after();
  }
}
