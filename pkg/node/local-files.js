// Files of this machine in messages to a worker. A Blob of a file cannot be sent, so its path is, and the worker opens it:
// the file is read where it is needed, and never as a whole.

import { openAsBlob } from "node:fs";

/** A file, as it is sent. */
export const localFile = (path) => ({ localFile: path });

/** The message with a Blob in the place of each file. */
export async function withLocalFiles(message) {
  if (Array.isArray(message)) return Promise.all(message.map(withLocalFiles));
  if (message === null || typeof message !== "object" || Object.getPrototypeOf(message) !== Object.prototype) return message;
  if (typeof message.localFile === "string") return openAsBlob(message.localFile);
  const entries = await Promise.all(Object.entries(message).map(async ([name, value]) => [name, await withLocalFiles(value)]));
  return Object.fromEntries(entries);
}
