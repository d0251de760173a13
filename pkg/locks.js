// Web Locks, by which the page learns of a worker's death. They exist in secure
// contexts only (https, localhost), and some embedded pages may not use them:
// what is asked for there is refused.

/** Held by a worker for its whole life. */
export const WORKER_LOCK = "multimodal-rag:worker:";

export function locksAvailable() {
  return typeof navigator !== "undefined" && navigator.locks !== undefined;
}

/** Takes the lock for as long as this worker lives; resolves once it is held. */
export function holdForLife(name) {
  return new Promise((held, refused) => {
    const hold = () => {
      held();
      return new Promise(() => {});
    };
    navigator.locks.request(name, hold).catch(refused);
  });
}

/** Resolves once nobody holds the lock. */
export function untilFree(name) {
  return navigator.locks.request(name, () => {});
}
