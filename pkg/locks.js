// A page uses Web Locks to notice that a worker died. They exist in secure contexts only (https, localhost), and
// some embedded pages may not use them: requests are refused there.

/** The name of the lock that a worker holds while it lives begins with this. */
export const WORKER_LOCK_PREFIX = "multimodal-rag:worker:";

export function locksAvailable() {
  return typeof navigator !== "undefined" && navigator.locks !== undefined;
}

/** Takes the lock for as long as this worker lives; resolves once it is held. */
export function holdForLife(name) {
  return new Promise((resolve, reject) => {
    const hold = () => {
      resolve();
      return new Promise(() => {});
    };
    navigator.locks.request(name, hold).catch(reject);
  });
}

/** Resolves once nobody holds the lock. */
export function untilFree(name) {
  return navigator.locks.request(name, () => {});
}
