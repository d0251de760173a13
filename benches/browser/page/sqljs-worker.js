// The worker of sql.js. It answers one message at a time: nothing, a file to load, or a query.

importScripts("../peers/sql.js/sql-wasm.js", "../peers/papaparse/papaparse.min.js");

/** The types of the columns are told, which ours and DuckDB have to find out. */
const TYPES = {
  "sales.csv": { id: "INTEGER", name: "TEXT", city: "TEXT", date: "TEXT", amount: "REAL", status: "TEXT", email: "TEXT", quantity: "INTEGER", rate: "REAL", note: "TEXT" },
  "cities.csv": { city: "TEXT", country: "TEXT", people: "INTEGER" },
};

const opening = initSqlJs({ locateFile: (name) => `../peers/sql.js/${name}` }).then(({ Database }) => new Database());

onmessage = async ({ data: { name, bytes, sql } }) => {
  try {
    const database = await opening;
    if (bytes) load(database, name, bytes);
    postMessage(sql ? { rows: database.exec(sql)[0]?.values ?? [] } : {});
  } catch (error) {
    postMessage({ error: error.message });
  }
};

function load(database, name, bytes) {
  const { data } = Papa.parse(new TextDecoder().decode(bytes), { delimiter: ",", skipEmptyLines: true });
  const [columns, ...rows] = data;
  const types = columns.map((column) => TYPES[name][column]);
  const isNumber = types.map((type) => type !== "TEXT");
  const table = name.replace(".csv", "");
  database.run("PRAGMA journal_mode = OFF; BEGIN");
  database.run(`CREATE TABLE ${table} (${columns.map((column, at) => `${column} ${types[at]}`).join(", ")})`);
  const insert = database.prepare(`INSERT INTO ${table} VALUES (${columns.map(() => "?").join(", ")})`);
  for (const row of rows) {
    for (let at = 0; at < row.length; at += 1) if (isNumber[at]) row[at] = Number(row[at]);
    insert.run(row);
  }
  insert.free();
  database.run("COMMIT");
}
