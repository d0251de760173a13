import { Engine } from "../pkg/client.js";
import { t } from "./texts/texts.js";

/**
 * Opens the knowledge base with a search model. Documents that were indexed for another one, such as that of an earlier
 * version of this page, are indexed again.
 *
 * @param {string} name
 * @param {import("./search-models.js").SearchModel} model
 * @param {{ onProgress: (report: object) => void, onIndexAgain: () => void }} callbacks `onIndexAgain` is called before that
 */
export async function openKnowledgeBase(name, { models }, { onProgress, onIndexAgain }) {
  const options = { name, models, onProgress };
  try {
    return await Engine.open(options);
  } catch (error) {
    if (error.code !== "embedder_mismatch") throw error;
  }
  onIndexAgain();
  return Engine.open({ ...options, embedAgain: true });
}

/**
 * Indexes all documents of `engine` for another search model, and opens the knowledge base with it. Nothing has changed
 * where that fails or is cancelled; otherwise `engine` is of no use any more.
 *
 * @param {Engine} engine
 * @param {string} name that of its knowledge base
 * @param {import("./search-models.js").SearchModel} model
 * @param {{ onProgress: (report: object) => void, signal: AbortSignal }} options
 */
export async function moveKnowledgeBase(engine, name, { models }, { onProgress, signal }) {
  const options = { name, models, onProgress, signal, embedAgain: true };
  const { storage } = await engine.stats();
  if (storage.kind === "persistent") return Engine.open(options);
  // What is in memory is in no other engine.
  return Engine.import(await engine.export({ signal }), options);
}

/** What a progress report of opening is about. */
export const subjectOf = ({ unit }) => t(["segments", "documents"].includes(unit) ? "progress.documents" : "progress.searchModel");

/** Deletes the knowledge base of this name, wherever it is open. */
export const deleteKnowledgeBase = (name) => Engine.delete(name);
