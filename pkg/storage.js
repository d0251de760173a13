// The wish that the browser keeps what is stored, also when the disk runs full.

let asked = false;

/** Asks once. Only pages can ask, on https or localhost; the answer is in `stats().storage.persisted`. */
export function askToKeep() {
  if (asked) return;
  asked = true;
  navigator.storage?.persist?.().catch(() => {});
}
