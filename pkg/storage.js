// Asks the browser to keep what is stored when the disk runs full.

let isRequested = false;

/** Asks once. Only pages can ask, on https or localhost; `stats().storage.persisted` has the answer. */
export function requestPersistence() {
  if (isRequested) return;
  isRequested = true;
  globalThis.navigator?.storage?.persist?.().catch(() => {});
}
