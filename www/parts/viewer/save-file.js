import { make } from "../dom.js";

/** The browser reads the file after the click: it must be there until then. */
const KEEP_MS = 60_000;

/** Saves a file to the user's disk, as a download. @param {File} file */
export function saveFile(file) {
  const href = URL.createObjectURL(file);
  make("a", { href, download: file.name.split("/").at(-1) }).click();
  setTimeout(() => URL.revokeObjectURL(href), KEEP_MS);
}
