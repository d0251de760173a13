// What the tests find in the page: the package, and a few ways to look at it.

import * as rag from "multimodal-rag";

window.rag = rag;

/** How a promise came out, in a form that a test can be given. */
window.outcome = async (promise) => {
  try {
    return { value: await promise };
  } catch (error) {
    return { code: error.code, message: error.message, isRagError: error instanceof rag.RagError };
  }
};

/** All that an iterable gives; with `each`, told of every item as it comes. */
window.collect = async (iterable, each = () => {}) => {
  const items = [];
  for await (const item of iterable) {
    items.push(item);
    await each(item);
  }
  return items;
};

/** Resolves once `condition`, which may give a promise, holds. */
window.until = async (condition) => {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
};

/** A text of `paragraphs` paragraphs, all different, `seed` in each. */
window.longText = (paragraphs, seed = "harbour") => {
  const sentence = (i) => `In year ${1000 + i} the ${seed} had ${i} lamps and keeper number ${i * 7} wrote it down.`;
  return Array.from({ length: paragraphs }, (_, i) => `${sentence(i)} ${sentence(i + 0.5)}`).join("\n\n");
};

/** Aborts `controller` at the first progress of `stage`. */
window.abortAt = (stage, controller) => (progress) => {
  if (progress.stage === stage) controller.abort();
};

/** What an IndexedDB request results in. */
window.result = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** The keys of all records in a database. */
window.recordKeys = async (name) => {
  const database = await result(indexedDB.open(name));
  const keys = [];
  for (const store of database.objectStoreNames) {
    keys.push(...(await result(database.transaction(store).objectStore(store).getAllKeys())));
  }
  database.close();
  return keys;
};

/** The databases that hold records. */
window.databasesWithRecords = async () => {
  const names = [];
  for (const { name } of await indexedDB.databases()) {
    if ((await recordKeys(name)).length > 0) names.push(name);
  }
  return names;
};
