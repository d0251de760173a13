// hnswlib-wasm: a graph, of unit vectors by their distance.

import { loadHnswlib } from "../../peers/hnswlib-wasm/hnswlib.js";

const LINKS = 16;
const EF_CONSTRUCTION = 200;
/** The least at which it finds 99 % of the ten nearest. */
const EF_SEARCH = 128;
const SEED = 100;

export async function openVectors({ dimensions, count }) {
  const library = await loadHnswlib();
  const index = new library.HierarchicalNSW("l2", dimensions, "");
  index.initIndex(count, LINKS, EF_CONSTRUCTION, SEED);
  index.setEfSearch(EF_SEARCH);
  return {
    add: (vectors, first) => index.addPoints(vectors, vectors.map((_, place) => first + place), false),
    search: (question, nearest) => index.searchKnn(question, nearest, undefined).neighbors,
  };
}
