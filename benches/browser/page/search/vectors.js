// The nearest vectors: ours by each way to find them, or a peer's. All are given the same vectors and questions.

import { each, loadModule } from "./module.js";
import { timeBatches, timed, timeSearches } from "./timing.js";

const PEERS = {
  "hnswlib-wasm": () => import("./hnswlib.js"),
  edgevec: () => import("./edgevec.js"),
  "@orama/orama": () => import("./orama.js"),
};
/** Questions whose answers are compared with those of plain arithmetic, which takes long. */
const CHECKED = 5;

/**
 * `{ buildMs, bytes, searches }` over `count` vectors; `searches` is a list of `{ way, p50, p99, recall }`. `graphs` says
 * whether ours builds any. A peer that takes more than `limitMs` to build has nothing but `buildMs: null`.
 */
export async function searchVectors({ engine, build, count, questions, nearest, graphs, limitMs }) {
  const module = await loadModule(build);
  const data = new module.Vectors(count, questions);
  const asked = each(questions, (number) => data.question(number));
  const expected = asked.map((question) => new Set(data.nearestByF32(question, nearest)));
  const measure = async (way, search) => {
    const { found, ...times } = await timeSearches(asked, (question) => search(question, nearest));
    return { way, ...times, recall: recallOf(found, expected) };
  };
  if (engine === "ours") return ofOurs({ data, asked, nearest, graphs, measure });
  return ofPeer({ engine, data, dimensions: module.dimensions(), count, limitMs, measure });
}

async function ofOurs({ data, asked, nearest, graphs, measure }) {
  const { ms: buildMs } = await timed(() => data.build());
  checkCodes(data, asked, nearest);
  const by = (way) => measure(way, (question, count) => data.search(question, way, count));
  // First of all what the engine does, which has no graphs.
  const searches = [await by("quickest"), await by("codes"), await by("signs")];
  let graphMs = null;
  if (graphs) {
    ({ ms: graphMs } = await timed(() => {
      while (data.buildGraph());
    }));
    searches.push(await by("graphs"));
  }
  return { buildMs, graphMs, bytes: data.memoryBytes(), searches };
}

async function ofPeer({ engine, data, dimensions, count, limitMs, measure }) {
  const vectors = data.vectors();
  data.free();
  const { openVectors } = await PEERS[engine]();
  const contestant = await openVectors({ dimensions, count });
  const rows = (from, to) => each(to - from, (row) => vectors.subarray((from + row) * dimensions, (from + row + 1) * dimensions));
  const buildMs = await timeBatches(count, limitMs, (from, to) => contestant.add(rows(from, to), from));
  if (buildMs === null) return { buildMs, bytes: null, searches: [] };
  return { buildMs, bytes: contestant.bytes?.() ?? null, searches: [await measure(null, contestant.search)] };
}

/** Comparing all codes finds exactly what plain arithmetic does. */
function checkCodes(data, asked, nearest) {
  for (const question of asked.slice(0, CHECKED)) {
    const [found, expected] = [data.search(question, "codes", nearest), data.nearestByCodes(question, nearest)];
    if (found.join() !== expected.join()) throw new Error(`Wrong answer: the nearest codes are ${expected}, not ${found}.`);
  }
}

function recallOf(found, expected) {
  const wanted = expected.reduce((sum, { size }) => sum + size, 0);
  const right = found.map((numbers, place) => [...numbers].filter((number) => expected[place].has(number)).length);
  return right.reduce((sum, count) => sum + count, 0) / wanted;
}
