// Deletes all that the page keeps in this browser. Its other tabs end then: they would keep it open, or begin anew.

import { deleteHistory } from "./history.js";
import { deleteKnowledgeBase } from "./knowledge-base.js";
import { forgetSettings, loadSettings } from "./settings.js";

/** The page's caches: its copy, what was shared with it, and the model files. */
const CACHES = /^(ask-your-files-|multimodal-rag-models$)/;

/** How the names of their databases begin: that of the package, before one that the page gives. */
const STORED = /^multimodal-rag:(?=ask-your-files)/;

const others = new BroadcastChannel("ask-your-files-deleted");

/** Calls `end` when another tab deletes all. */
export function followDeletion(end) {
  others.addEventListener("message", end);
}

/** Resolves once nothing is left. What one part fails with is thrown after the others were deleted. */
export async function deleteAll() {
  others.postMessage("deleted");
  const parts = [...(await knowledgeBases()).map(deleteKnowledgeBase), deleteHistory(), deleteCopy(), deleteCaches()];
  const failed = (await Promise.allSettled(parts)).find(({ status }) => status === "rejected");
  if (failed) throw failed.reason;
  forgetSettings();
}

/** The page's knowledge bases: also those that the settings lost, where the browser lists databases. */
async function knowledgeBases() {
  const databases = (await indexedDB.databases?.().catch(() => [])) ?? [];
  const stored = databases.map(({ name }) => name).filter((name) => STORED.test(name)).map((name) => name.replace(STORED, ""));
  return [...new Set([...loadSettings().knowledgeBases.map(({ id }) => id), ...stored])];
}

async function deleteCopy() {
  await (await navigator.serviceWorker?.getRegistration())?.unregister();
}

async function deleteCaches() {
  const names = (await globalThis.caches?.keys()) ?? [];
  await Promise.all(names.filter((name) => CACHES.test(name)).map((name) => caches.delete(name)));
}
