// Orama: every vector compared, and a search by words.

import { create, insertMultiple, search, searchVector } from "../../peers/orama/index.js";

export async function openVectors({ dimensions }) {
  const database = create({ schema: { vector: `vector[${dimensions}]` } });
  return {
    // It takes plain arrays only.
    add: (vectors, first) => insert(database, vectors.map((vector) => [...vector]), first, "vector"),
    async search(question, nearest) {
      const vector = { value: [...question], property: "vector" };
      const { hits } = await searchVector(database, { mode: "vector", vector, similarity: 0, limit: nearest });
      return hits.map(({ id }) => Number(id));
    },
  };
}

export function openTexts() {
  const database = create({ schema: { text: "string" } });
  return {
    add: (texts, first) => insert(database, texts, first, "text"),
    /** The number of the best text. */
    async search(term, limit) {
      const { hits } = await search(database, { term, properties: ["text"], limit });
      return Number(hits[0]?.id);
    },
  };
}

function insert(database, values, first, property) {
  const documents = values.map((value, place) => ({ id: String(first + place), [property]: value }));
  return insertMultiple(database, documents, documents.length);
}
