// The questions of each knowledge base with the events of their answers, kept between visits.

import { deleteDB, openDB } from "../vendor/idb/index.js";

const NAME = "ask-your-files-history";
/** Older questions of a knowledge base are forgotten. */
const MAX_TURNS = 200;

let opening = null;

/** The database. Where the browser refuses storage, questions last as long as the page. */
function database() {
  opening ??= openDB(NAME, 1, {
    upgrade(created) {
      created.createObjectStore("turns", { keyPath: "id", autoIncrement: true }).createIndex("knowledgeBase", "knowledgeBase");
    },
    // Another tab deletes it, or a newer page opens it.
    blocking: (_current, _wanted, { target }) => {
      target.close();
      opening = null;
    },
  }).catch(() => null);
  return opening;
}

/** The turns of a knowledge base, oldest first: `{ id, question, events }`. */
export async function keptTurns(knowledgeBase) {
  const turns = await (await database())?.getAllFromIndex("turns", "knowledgeBase", knowledgeBase);
  return turns ?? [];
}

/** Keeps a turn, and forgets the oldest ones. Resolves to its id; `undefined` where nothing can be kept. */
export async function keepTurn(knowledgeBase, question, events) {
  const kept = await database();
  if (!kept) return undefined;
  try {
    const id = await kept.add("turns", { knowledgeBase, question, events });
    const ids = await kept.getAllKeysFromIndex("turns", "knowledgeBase", knowledgeBase);
    await Promise.all(ids.slice(0, -MAX_TURNS).map((old) => kept.delete("turns", old)));
    return id;
  } catch {
    return undefined; // The disk is full: the answer is on the page all the same.
  }
}

export async function forgetTurn(id) {
  await (await database())?.delete("turns", id);
}

/** Forgets all turns of a knowledge base. */
export async function forgetTurns(knowledgeBase) {
  const change = (await database())?.transaction("turns", "readwrite");
  if (!change) return;
  for (const id of await change.store.index("knowledgeBase").getAllKeys(knowledgeBase)) void change.store.delete(id);
  await change.done;
}

/** Deletes the questions of all knowledge bases. */
export async function deleteHistory() {
  (await database())?.close();
  opening = null;
  await deleteDB(NAME);
}
