// What was measured of search, as rows of results: rates, so that more is better everywhere.

import { rowsOf } from "./rows.mjs";

const QUERIES = 100;
const MEBI = 2 ** 20;
/** Bytes of a vector of 384 numbers that are read at least: its signs. */
const SIGN_BYTES = 48;

/** `search` is what `compareSearch` measured; where a peer did not come to an end, it has a name and no rate. */
export function rowsOfSearch(run, search) {
  return [...rowsOfVectors(run, search), ...rowsOfTexts(search), ...search.stored.flatMap(rowsOfStored)];
}

function rowsOfVectors(run, { vectors, stored }) {
  const counts = [...new Set(vectors.map(({ count }) => count))];
  return counts.flatMap((count) => {
    const of = split(vectors.filter((facts) => facts.count === count));
    const opened = stored.find((facts) => facts.count === count);
    const number = count.toLocaleString("en");
    const read = run.limits[1].bytes / (SIGN_BYTES * count);
    return [
      ...rows(of, `10 nearest of ${number} vectors`, "queries/s", (facts) => 1000 / quickest(facts).p50, read),
      ...rows(of, `10 nearest of ${number} vectors, the slowest of 100`, "queries/s", (facts) => 1000 / quickest(facts).p99, read),
      ...rows(of, `share of the 10 nearest of ${number} that is found`, "recall", (facts) => quickest(facts).recall),
      ...rowsOfGraphs(of, number),
      ...rows(of, `build of ${number} vectors`, "vectors/s", ({ buildMs }) => count / (buildMs / 1000)),
      ...rows(of, `vectors of ${number} in a MiB of memory`, "vectors", ({ bytes }) => bytes && MEBI / (bytes / count)),
      ...(opened ? rowsOfAll(of, opened, number) : []),
    ];
  });
}

/** The same searches by the graphs of ours, which the engine uses with the option `vectorIndex: "graph"`. */
function rowsOfGraphs(of, number) {
  const ours = of.ours.filter((facts) => graphsOf(facts));
  if (ours.length === 0) return [];
  const byGraphs = { ours, peers: [] };
  return [
    ...rows(byGraphs, `10 nearest of ${number} vectors, by graphs`, "queries/s", (facts) => 1000 / graphsOf(facts).p50),
    ...rows(byGraphs, `share of the 10 nearest of ${number} that graphs find`, "recall", (facts) => graphsOf(facts).recall),
    ...rows(byGraphs, `build of the graphs of ${number} vectors`, "vectors/s", ({ count, graphMs }) => count / (graphMs / 1000)),
  ];
}

/** Building, opening and asking. Of the peers, nobody opens anything from storage, which is in their favour. */
function rowsOfAll(of, opened, number) {
  const ours = of.ours.filter(({ build }) => build === opened.build);
  const seconds = (facts, openMs) => (facts.buildMs + openMs + QUERIES * quickest(facts).p50) / 1000;
  const rate = (facts) => 1 / seconds(facts, facts.engine === "ours" ? opened.openMs : 0);
  return rows({ ...of, ours }, `build, opening and ${QUERIES} queries of ${number} vectors`, "times/s", rate);
}

function rowsOfTexts({ texts }) {
  const counts = [...new Set(texts.map(({ count }) => count))];
  return counts.flatMap((count) => {
    const of = split(texts.filter((facts) => facts.count === count));
    const number = count.toLocaleString("en");
    return [
      ...rows(of, `search by words in ${number} chunks`, "queries/s", ({ p50 }) => 1000 / p50),
      ...rows(of, `search by words in ${number} chunks, the slowest of 100`, "queries/s", ({ p99 }) => 1000 / p99),
      ...rows(of, `index of the words of ${number} chunks`, "chunks/s", ({ buildMs }) => count / (buildMs / 1000)),
    ];
  });
}

function rowsOfStored(facts) {
  const { count, buildMs, openMs, search, added, bytes, storedBytes } = facts;
  const number = count.toLocaleString("en");
  const of = { ours: [facts], peers: [] };
  const besides = { ours: [facts], peers: [{ engine: "ours, empty", added }] };
  return [
    ...rows(of, `segments of ${number} chunks`, "chunks/s", () => count / (buildMs / 1000)),
    ...rows(of, `opening ${number} chunks from storage`, "times/s", () => 1000 / openMs),
    ...rows(of, `Engine.search in ${number} chunks`, "queries/s", () => 1000 / search.p50),
    ...rows(of, `Engine.search in ${number} chunks, the slowest of 100`, "queries/s", () => 1000 / search.p99),
    ...rows(besides, `adding to ${number} chunks, besides embedding`, "documents/s", ({ engine }) => {
      return 1000 / ((engine === "ours" ? added.full : added.empty) - added.embed);
    }),
    ...rows(of, `chunks of ${number} in a MiB of memory`, "chunks", () => MEBI / (bytes / count)),
    ...rows(of, `chunks of ${number} in a MiB of storage`, "chunks", () => MEBI / (storedBytes / count)),
  ];
}

function split(facts) {
  const isOurs = ({ engine }) => engine === "ours";
  return { ours: facts.filter(isOurs), peers: facts.filter((each) => !isOurs(each)) };
}

const quickest = ({ searches }) => searches[0];
const graphsOf = ({ searches }) => searches.find(({ way }) => way === "graphs");

function rows({ ours, peers }, what, unit, rate, limit = null) {
  const rated = (facts) => {
    const measured = facts.buildMs === null ? null : rate(facts);
    return { settings: { build: facts.build, name: facts.engine }, rates: measured && [measured] };
  };
  return rowsOf({ what, threads: 1, unit, limit, ours: ours.map(rated), peers: peers.map(rated) });
}
