// Files of this machine in messages to a worker. A Blob of a file cannot be sent, so its path is, and the worker opens it:
// the file is read where it is needed, and never as a whole.

import { randomUUID } from "node:crypto";
import { openAsBlob } from "node:fs";
import { workerData } from "node:worker_threads";

/** The name of the path in a message. Threads are told it; nothing that a program passes on can have it. */
export const FILE_KEY = workerData?.multimodalRagFileKey ?? `file ${randomUUID()}`;

/** A file, as it is sent. */
export const localFile = (path) => ({ [FILE_KEY]: path });

/** The message with a Blob in the place of each file. */
export async function withLocalFiles(message) {
  if (Array.isArray(message)) return Promise.all(message.map(withLocalFiles));
  if (message === null || typeof message !== "object" || Object.getPrototypeOf(message) !== Object.prototype) return message;
  if (Object.hasOwn(message, FILE_KEY)) return openAsBlob(message[FILE_KEY]);
  const entries = await Promise.all(Object.entries(message).map(async ([name, value]) => [name, await withLocalFiles(value)]));
  return Object.fromEntries(entries);
}
