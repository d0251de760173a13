// Web Locks, for the page and the worker. They exist in secure contexts only
// (https, localhost), and some embedded pages may not use them: there, every
// function here does without.

/** Held by a worker for its whole life, so that the page learns of its death. */
export const WORKER_LOCK = "multimodal-rag:worker:";

/** Held by the one worker in which a knowledge base is open. */
export const KNOWLEDGE_BASE_LOCK = "multimodal-rag:";

export function locksAvailable() {
  return typeof navigator !== "undefined" && navigator.locks !== undefined;
}

/**
 * Waits for the lock and resolves to a function that releases it. Rejects with
 * an `AbortError` when `signal` fires before the lock is granted.
 */
export async function hold(name, signal) {
  if (!locksAvailable()) return async () => {};
  let release;
  const held = new Promise((resolve) => (release = resolve));
  let request;
  try {
    await new Promise((granted, failed) => {
      request = navigator.locks.request(name, { signal }, () => {
        granted();
        return held;
      });
      request.catch(failed);
    });
  } catch (error) {
    if (error.name === "SecurityError") return async () => {};
    throw error;
  }
  return async () => {
    release();
    await request.catch(() => {});
  };
}
