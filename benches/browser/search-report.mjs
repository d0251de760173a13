// What was measured of search, in plain numbers.

import { rounded } from "./rows.mjs";
import { table } from "./table.mjs";

export function tablesOfSearch({ vectors, texts, stored }) {
  return `
## Search

Vectors of 384 numbers on one thread, ten nearest, recall against f32. Of ours: \`codes\` compares all 8-bit codes, \`signs\` all signs
and then a few codes, \`graphs\` asks instant-distance, and \`quickest\` is what the engine does. A peer without times took too long to build.

${table(["vectors", "engine", "build", "way", "building", "p50", "p99", "recall@10", "bytes a vector"], vectors.flatMap(cellsOfVectors))}

Words alone:

${table(["chunks", "engine", "building", "p50", "p99", "right chunk first"], texts.map(cellsOfTexts))}

Knowledge bases in the browser's storage, through the package; adding is without embedding:

${table(STORED_COLUMNS, stored.map(cellsOfStored))}
`;
}

function cellsOfVectors({ count, engine, build, buildMs, graphMs, bytes, searches }) {
  const bytesEach = bytes && Math.round(bytes / count);
  const rows = searches.map(({ way, p50, p99, recall }) => {
    const building = way === "graphs" ? buildMs + graphMs : buildMs;
    return [count, engine, build, way, seconds(building), milliseconds(p50), milliseconds(p99), rounded(recall), bytesEach];
  });
  return rows.length > 0 ? rows : [[count, engine, ...Array(7)]];
}

function cellsOfTexts({ count, engine, buildMs, p50, p99, first }) {
  if (buildMs === null) return [count, engine, ...Array(4)];
  return [count, engine, seconds(buildMs), milliseconds(p50), milliseconds(p99), `${rounded(100 * first)} %`];
}

const STORED_COLUMNS = [
  ...["chunks", "segments", "import", "opening", "opening, empty", "search p50", "p99", "adding", "adding, empty"],
  ...["bytes a chunk in memory", "in storage, with texts", "in the file"],
];

function cellsOfStored(facts) {
  const { count, buildMs, importMs, openMs, openEmptyMs, search, added, bytes, storedBytes, fileBytes } = facts;
  const times = [search.p50, search.p99, added.full - added.embed, added.empty - added.embed].map(milliseconds);
  const sizes = [bytes, storedBytes, fileBytes].map((all) => Math.round(all / count));
  return [count, seconds(buildMs), seconds(importMs), milliseconds(openMs), milliseconds(openEmptyMs), ...times, ...sizes];
}

const milliseconds = (ms) => `${rounded(ms)} ms`;
const seconds = (ms) => `${rounded(ms / 1000)} s`;
