// Tables: a large CSV is imported and queried, here and in SQLite and DuckDB as wasm. All answers are compared with those
// of plain arithmetic.

import { check, inTurns, median, nameOf, withContestants } from "./contestants.mjs";
import { rowsOf } from "./rows.mjs";

const PEERS = [
  { engine: "sqljs", name: "sql.js" },
  { engine: "duckdb", name: "@duckdb/duckdb-wasm" },
];
/** Queries take some milliseconds, imports seconds. */
const QUERIES_OF_ROUND = 3;
/** Sums of floats depend on their order. */
const TOLERANCE = 1e-9;

/**
 * `rows` and `bytes` of the large file, its `queries`, the embedder `embedders.default` with which it is added to a
 * knowledge base, and the embedder of all else, `embedders.small`.
 */
export async function compareTables(run, { rows, bytes, queries, embedders }) {
  const ours = { kind: "openTables", engine: "ours", build: "relaxed", ...embedders.small };
  const peers = run.withPeers ? PEERS.map((peer) => ({ kind: "openTables", ...peer })) : [];
  const list = [ours, ...peers];
  const withSales = (some, work) =>
    withContestants(run.browser, run.site.plain, some, async (contestants) => {
      const loads = [];
      for (const contestant of contestants) loads.push(await load(run, contestant, queries[0]));
      return work?.(contestants) ?? loads[0];
    });
  const imports = await inTurns(list.map((settings) => ({ settings })), run.rounds, ({ settings }) => withSales([settings]));
  const times = await withSales(list, (contestants) => measureQueries(run, contestants, queries));
  const [adds] = await inTurns([{ ...ours, ...embedders.default }], run.rounds, (settings) => withSales([settings]));
  tell(run, "import", list, imports.map((loads) => loads.map(({ ms }) => ms)));
  queries.forEach(({ title }, number) => tell(run, title, list, times.map((taken) => taken.map((all) => all[number]))));

  const [{ bytes: memory }] = Object.values(run.limits);
  const rowsFor = (what, unit, limit, rates) => {
    const [mine, ...others] = list.map((settings, index) => ({ settings, rates: rates[index] }));
    return rowsOf({ what, threads: 1, unit, limit, ours: [mine], peers: others });
  };
  const perSecond = (ms) => 1000 / ms;
  return [
    ...rowsFor(
      `import of ${named(rows)} rows, to the first query`,
      "rows/s",
      (rows * memory) / bytes,
      imports.map((loads) => loads.map(({ ms }) => rows * perSecond(ms))),
    ),
    ...rowsOf({
      // Of so many rows the words are indexed, and a description is embedded.
      what: `adding ${named(rows)} rows to a knowledge base`,
      threads: 1,
      unit: "rows/s",
      limit: null,
      ours: [{ settings: ours, rates: adds.map(({ addMs }) => rows * perSecond(addMs)) }],
      peers: [],
    }),
    ...queries.flatMap(({ title, bytes }, number) =>
      rowsFor(`query of ${named(rows)} rows: ${title}`, "queries/s", memory / bytes, times.map((taken) => taken.map((all) => perSecond(all[number])))),
    ),
  ];
}

const named = (count) => count.toLocaleString("en");

/** Loads both tables, the small one first: so that the modules are there when the time of the large one begins. */
async function load(run, contestant, query) {
  await contestant.loadTable({ name: "cities.csv", sql: "SELECT count(*) FROM cities" });
  const { rows, ...times } = await contestant.loadTable({ name: "sales.csv", sql: query.sql });
  checkRows(contestant, query, rows);
  const told = Object.entries(times).map(([name, ms]) => `${name} ${ms.toFixed(0)}`);
  run.say(`import, ${nameOf(contestant.settings)}: ${told.join(", ")}`);
  return times;
}

/** For each contestant the turns, each the milliseconds of each query. */
async function measureQueries(run, contestants, queries) {
  const ask = async (contestant) => {
    const taken = [];
    for (const query of queries) {
      const { ms, rows, sources } = await contestant.query({ sql: query.sql });
      checkRows(contestant, query, rows);
      if (sources) checkSources(contestant, query, sources);
      taken.push(ms);
    }
    return taken;
  };
  await inTurns(contestants, run.warmUps, ask);
  return inTurns(contestants, QUERIES_OF_ROUND * run.rounds, ask);
}

function checkRows({ settings }, { title, answer }, rows) {
  const isSame = (value, expected) =>
    typeof expected === "number" ? Math.abs(Number(value) - expected) <= TOLERANCE * Math.abs(expected) : value === expected;
  const areSame = rows.length === answer.length && answer.every(({ values }, at) => values.every((value, column) => isSame(rows[at][column], value)));
  check(areSame, `${nameOf(settings)} answers ${JSON.stringify(rows.slice(0, 3), (_, value) => (typeof value === "bigint" ? String(value) : value))} to "${title}"`);
}

/** Where ours knows the rows that a row of a result is from, it is as many as there are. */
function checkSources({ settings }, { title, answer }, sources) {
  const found = sources.map((list) => list.find(({ table }) => table === "sales")?.rowCount);
  const areRight = answer.every(({ from }, at) => from === undefined || from === found[at]);
  check(areRight, `${nameOf(settings)} has ${found.slice(0, 3).join(", ")} rows as sources of "${title}"`);
}

/** Says the medians, and how ours compares with the quickest peer. */
function tell(run, what, list, times) {
  const medians = times.map(median);
  const told = list.map(({ name = "ours" }, index) => `${name} ${medians[index].toFixed(1)} ms`).join(", ");
  const [mine, ...others] = medians;
  const ratio = others.length > 0 ? `; ${(Math.min(...others) / mine).toFixed(2)} times as fast as the better peer` : "";
  run.say(`${what}: ${told}${ratio}`);
}
