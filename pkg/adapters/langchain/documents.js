// LangChain's documents, and those of an engine.

import { Document } from "@langchain/core/documents";

/** The metadata entry of an engine's document with the id that LangChain's document was given. */
const ID_KEY = "langchainId";

const MEDIA_TYPE = "text/plain";

/** Passages as documents, with the metadata that was stored with theirs. */
export async function documentsOf(engine, passages) {
  if (passages.length === 0) return [];
  const stored = new Map((await engine.documents()).map(({ id, metadata }) => [id, metadata]));
  return passages.map((passage) => documentOf(passage, stored.get(passage.documentId) ?? {}));
}

function documentOf(passage, { [ID_KEY]: id, ...metadata }) {
  const { text, documentId, documentName, chunkId, start, end, headings, place, placeText, score, scores } = passage;
  const found = { documentId, documentName, chunkId, start, end, headings, place, placeText, score, scores };
  return new Document({ pageContent: text, metadata: { ...metadata, ...found }, id: id ?? documentId });
}

/** The ids that documents are given: those of the options, else their own. */
export function idsOf(documents, ids) {
  return documents.map((document, at) => ids?.[at] ?? document.id);
}

/** The options with which a document is added, and its id if it was given one. */
export function addingOf({ metadata }, id) {
  const source = metadata?.source;
  const name = [typeof source === "string" ? source : undefined, id].filter(Boolean).join("#") || undefined;
  return { name, type: MEDIA_TYPE, metadata: { ...asJson(metadata ?? {}), ...(id && { [ID_KEY]: id }) } };
}

/** LangChain's metadata may hold anything; an engine stores what JSON can hold. */
const asJson = (metadata) => JSON.parse(JSON.stringify(metadata));

/** The engine's ids by the ids that documents were given, their own ones included. */
export async function storedIds(engine) {
  const documents = await engine.documents();
  return new Map(documents.flatMap(({ id, metadata }) => [[id, id], ...(metadata[ID_KEY] === undefined ? [] : [[metadata[ID_KEY], id]])]));
}
