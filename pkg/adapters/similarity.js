// How near texts are to a question, by the vectors of an embedder.

/** The vector of a question. */
export async function embedQuestion(embedder, question, signal) {
  const [vector] = await embedder.embed([question], { as: "question", signal });
  return vector;
}

/**
 * Places of the texts with their scores, the nearest first: the cosine of text and question.
 *
 * @returns {Promise<{ index: number, score: number }[]>}
 */
export async function rankTexts(embedder, question, texts, signal) {
  if (texts.length === 0) return [];
  const asked = await embedQuestion(embedder, question, signal);
  const vectors = await embedder.embed(texts, { signal });
  const scored = vectors.map((vector, index) => ({ index, score: dot(asked, vector) }));
  return scored.sort((a, b) => b.score - a.score);
}

/** The cosine of vectors of unit length. */
function dot(a, b) {
  return a.reduce((sum, value, at) => sum + value * b[at], 0);
}
