// DuckDB in its own worker, in the build with wasm's exceptions, which it chooses on a page that is not isolated.

import * as duckdb from "../peers/duckdb/duckdb-browser.mjs";

const at = (file) => new URL(`../peers/duckdb/${file}`, import.meta.url).href;

export async function openTables() {
  const worker = new Worker(at("duckdb-browser-eh.worker.js"));
  const database = new duckdb.AsyncDuckDB(new duckdb.VoidLogger(), worker);
  await database.instantiate(at("duckdb-eh.wasm"));
  await database.open({ query: { castBigIntToDouble: true, castDecimalToDouble: true } });
  const connection = await database.connect();
  const query = async (sql) => {
    const table = await connection.query(sql);
    return { rows: table.toArray().map((row) => [...row].map(([, value]) => value)) };
  };
  return {
    async load(bytes, name, sql) {
      const copy = bytes.slice();
      const started = performance.now();
      await database.registerFileBuffer(name, copy);
      await connection.query(`CREATE TABLE ${name.replace(".csv", "")} AS SELECT * FROM read_csv_auto('${name}')`);
      const { rows } = await query(sql);
      return { rows, ms: performance.now() - started };
    },
    query,
    async close() {
      await connection.close();
      await database.terminate();
    },
  };
}
