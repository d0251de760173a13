// What a thread of Node.js lacks of a browser's worker, as far as the package uses it. Then the worker's script runs as it
// does in a page.

import { receiveWith, send } from "./port.js"; // the first
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { workerData } from "node:worker_threads";
import { openFoldersWith } from "../folder-slot.js";
import { Folder } from "./folder.js";
import { withLocalFiles } from "./local-files.js";
import { ModelCache, ModelCaches } from "./model-cache.js";
import { workersWith } from "./web-worker.js";

const { url, modelFolder, owner } = workerData;
const events = new EventTarget();
let isListening = false;
/** The messages before, of which one may wait for its files. */
let received = Promise.resolve();

function receive(message) {
  received = received.then(async () => {
    // A file that is gone meanwhile is one that the module cannot read.
    const data = await withLocalFiles(message).catch(() => message);
    events.dispatchEvent(new MessageEvent("message", { data }));
  });
}

function addEventListener(type, listener, options) {
  events.addEventListener(type, listener, options);
  if (type === "message" && !isListening) {
    isListening = true;
    receiveWith(receive);
  }
}

process.on("uncaughtException", (error) => events.dispatchEvent(Object.assign(new Event("error"), { error, message: error?.message })));
process.on("unhandledRejection", (reason) => events.dispatchEvent(Object.assign(new Event("unhandledrejection"), { reason })));

/** The files of the package have addresses of files, which `fetch` of Node.js does not know. */
const fetchOfNode = globalThis.fetch;
async function fetch(address, options) {
  const { href, protocol } = new URL(address);
  if (protocol !== "file:") return fetchOfNode(href, options);
  const headers = href.endsWith(".wasm") ? { "content-type": "application/wasm" } : {};
  return new Response(await readFile(new URL(href)), { headers });
}

const scope = {
  self: globalThis,
  postMessage: send,
  close: () => process.exit(),
  addEventListener,
  removeEventListener: events.removeEventListener.bind(events),
  dispatchEvent: events.dispatchEvent.bind(events),
  navigator: { hardwareConcurrency: availableParallelism() },
  Worker: workersWith({ modelFolder, owner }),
  caches: modelFolder === undefined ? undefined : new ModelCaches(modelFolder),
  // The wasm module asks what it is given.
  Cache: ModelCache,
  // Threads can share memory here.
  crossOriginIsolated: true,
  fetch,
};
for (const [name, value] of Object.entries(scope)) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}
openFoldersWith((path) => new Folder(path, owner));

await import(url);
