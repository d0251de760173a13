// What searches, and the building before them, take.

/** Searches that nobody times come first. */
const WARM_UP = 20;
/** What is added at a time while it is watched how long all of it takes. */
const BATCH = 500;

/** `{ p50, p99 }` in milliseconds of `search(question, number)` for each question, and what they found. */
export async function timeSearches(questions, search) {
  for (const [number, question] of questions.slice(0, WARM_UP).entries()) await search(question, number);
  const times = [];
  const found = [];
  for (const [number, question] of questions.entries()) {
    const started = performance.now();
    const result = await search(question, number);
    times.push(performance.now() - started);
    found.push(result);
  }
  return { p50: percentile(times, 0.5), p99: percentile(times, 0.99), found };
}

export async function timed(work) {
  const started = performance.now();
  const result = await work();
  return { ms: performance.now() - started, result };
}

/** The milliseconds that `add(from, to)` takes for `count` in batches; none where that is more than `limitMs`. */
export async function timeBatches(count, limitMs, add) {
  const started = performance.now();
  for (let from = 0; from < count; from += BATCH) {
    await add(from, Math.min(from + BATCH, count));
    if (performance.now() - started > limitMs) return null;
  }
  return performance.now() - started;
}

export function percentile(numbers, share) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(Math.floor(share * sorted.length), sorted.length - 1)];
}
