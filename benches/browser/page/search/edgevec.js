// edgevec: a graph. By its cosine it returns the least similar, so unit vectors go by their distance.

import init, { EdgeVec, EdgeVecConfig } from "../../peers/edgevec/edgevec.js";

/** The least at which it finds 99 % of the ten nearest of 10,000. */
const EF_SEARCH = 64;

export async function openVectors({ dimensions }) {
  await init();
  const config = new EdgeVecConfig(dimensions);
  config.metric = "l2";
  config.ef_search = EF_SEARCH;
  const index = new EdgeVec(config);
  const numbers = new Map();
  return {
    add(vectors, first) {
      for (const [place, vector] of vectors.entries()) numbers.set(index.insert(vector), first + place);
    },
    search: (question, nearest) => index.search(question, nearest).map(({ id }) => numbers.get(id)),
    bytes: () => index.memoryUsage(),
  };
}
