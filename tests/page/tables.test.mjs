// Tables of documents: their rows, queries over them, and the cells that a result was computed from.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { launchBrowser, newVisitor, openPage, untilWorkers } from "./browser.mjs";
import { setUp } from "./set-up.mjs";
import { startSite } from "./site.mjs";

const { site, browser } = await setUp({ site: startSite(), browser: launchBrowser() });

const LIGHTS = `<!doctype html><title>Lights</title><h1>The lights of the coast</h1>
<p>The keepers count their lamps once a year.</p>
<table><caption>Lamps</caption>
<tr><th>Light</th><th>Built</th><th>Lamps</th></tr>
<tr><td>Harwick Head</td><td>1788</td><td>40</td></tr>
<tr><td>Ronsund Pier</td><td>1834</td><td>12</td></tr>
<tr><td>Lys Rock</td><td>1765</td><td>28</td></tr></table>`;

const KEEPERS = "Light,Keeper\nHarwick Head,Bo Lind\nLys Rock,Ada Quill\n";

const ROWS = 100_000;

/** A CSV of many rows, always the same, and what it holds. */
function bigCsv() {
  const ports = ["Harwick", "Ronsund", "Lys", "Fenby"];
  let state = 20_260_301;
  // The generator of Park and Miller.
  const random = (below) => (state = (state * 16_807) % 2_147_483_647) % below;
  const rows = Array.from({ length: ROWS }, (_, id) => ({ id, port: ports[random(4)], crates: random(500) }));
  return { rows, text: `id,port,crates\n${rows.map(({ id, port, crates }) => `${id},${port},${crates}\n`).join("")}` };
}

/** A page with an engine that has these files. The helpers there are those of a user who writes SQL. */
async function newPage(t, files) {
  const page = await openPage(await newVisitor(t, browser), site.url);
  const sent = Object.entries(files).map(([name, bytes]) => [name, Buffer.from(bytes).toString("base64")]);
  await page.evaluate(async (sent) => {
    window.engine = await rag.Engine.open({ name: "tables" });
    for (const [name, base64] of sent) {
      await engine.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name));
    }
    const tables = await engine.tables();
    /** The table that has this column. */
    window.tableWith = (column) => tables.find(({ columns }) => columns.some(({ name }) => name === column));
    window.nameWith = (column) => `"${tableWith(column).name}"`;
    /** The rows that a query gives, and the cells that it says they are from, each checked against text and table. */
    window.checked = async (sql, options) => {
      const result = await engine.query(sql, options);
      const texts = new Map();
      for (const { documentId } of result.citations) texts.has(documentId) || texts.set(documentId, await engine.text(documentId));
      for (const { table, row, column, documentId, documentName, start, end, text } of result.citations) {
        const info = tables.find(({ name }) => name === table);
        const at = info.columns.findIndex(({ name }) => name === column);
        const { rows } = await engine.tableRows(table, { start: row, limit: 1 });
        const slice = texts.get(documentId).slice(start, end);
        if (slice !== text || rows[0].cells[at] !== text || documentName !== info.documentName) {
          throw new Error(`cited ${table} ${row} ${column}: ${text}, in the text: ${slice}, in the table: ${rows[0].cells[at]}`);
        }
      }
      const cells = result.citations.map(({ row, column, text }) => `${row} ${column} ${text}`);
      const sources = result.sources.map((ofRow) => ofRow.map(({ rows, rowCount, columns }) => ({ rows, rowCount, columns: columns.toSorted() })));
      return { ...result, cells: cells.toSorted(), sources };
    };
  }, sent);
  return page;
}

const fixture = (name) => readFile(new URL(`../fixtures/tables/${name}`, import.meta.url));

test("a workbook: each sheet is a table with types, and sums, counts and groups name their cells", async (t) => {
  const page = await newPage(t, { "fleet.xlsx": await fixture("fleet.xlsx") });
  const { tables, rows, sum, count, longest, heaviest, joined } = await page.evaluate(async () => {
    const [landings, boats] = [nameWith("Weight"), nameWith("Length")];
    return {
      tables: await engine.tables(),
      rows: await engine.tableRows(tableWith("Weight").name, { orderBy: "Weight", descending: true, limit: 2 }),
      sum: await checked(`SELECT SUM("Weight") AS total FROM ${landings}`),
      count: await checked(`SELECT COUNT(*) FROM ${landings} WHERE "Fish" = ?1 AND "Day" < ?2`, { params: ["cod", "2026-04-01"] }),
      longest: await checked(`SELECT "Boat", MAX("Length") FROM ${nameWith("Length")}`),
      heaviest: await checked(`SELECT "Fish", MAX("Weight") AS most FROM ${landings} GROUP BY "Fish" ORDER BY "Fish"`),
      joined: await checked(`SELECT l."Weight", b."Length" FROM ${landings} l JOIN ${boats} b ON b."Boat" = l."Boat" WHERE l."Weight" > 1800 ORDER BY 1`),
    };
  });
  assert.deepEqual(tables.map(({ title, rows, documentName }) => [title, rows, documentName]), [["Boats", 4, "fleet.xlsx"], ["Landings", 8, "fleet.xlsx"]]);
  assert.deepEqual(tables[1].columns.map(({ name, type }) => [name, type]), [["Day", "date"], ["Boat", "text"], ["Fish", "text"], ["Weight", "decimal"]]);
  assert.equal(new Set(tables.map(({ name }) => name)).size, 2);
  assert.deepEqual(rows.rows.map(({ row, cells }) => [row, cells[1], cells[3]]), [[2, "Heron", "2300"], [5, "Heron", "1900"]]);
  assert.equal(rows.total, 8);

  assert.deepEqual([sum.columns, sum.rows, sum.truncated], [["total"], [[7586]], false]);
  assert.deepEqual(sum.sources, [[{ rows: [0, 1, 2, 3, 4, 5, 6, 7], rowCount: 8, columns: ["Weight"] }]]);
  assert.deepEqual(sum.cells, ["0 Weight 410", "1 Weight 1250.5", "2 Weight 2300", "3 Weight 95.5", "4 Weight 730", "5 Weight 1900", "6 Weight 388", "7 Weight 512"]);
  assert.deepEqual(count.rows, [[2]]);
  assert.deepEqual(count.sources[0].map(({ rows }) => rows), [[0, 2]]);
  assert.deepEqual(longest.rows, [["Heron", 22.25]]);
  assert.deepEqual(heaviest.rows, [["cod", 2300], ["herring", 1900], ["plaice", 95.5]]);
  // The largest of a group is from the row that has it.
  assert.deepEqual(heaviest.sources.map(([{ rows }]) => rows), [[2], [5], [3]]);
  assert.deepEqual(joined.rows, [[1900, 22.25], [2300, 22.25]]);
  assert.deepEqual(joined.sources.map((ofRow) => ofRow.map(({ rowCount, columns }) => [rowCount, ...columns])), [0, 1].map(() => [[1, "Weight"], [1, "Length"]]));
  assert.ok(["2 Weight 2300", "5 Weight 1900"].every((cell) => joined.cells.includes(cell)), joined.cells.join("\n"));
  assert.deepEqual(heaviest.cells, ["2 Fish cod", "2 Weight 2300", "3 Fish plaice", "3 Weight 95.5", "5 Fish herring", "5 Weight 1900"]);
});

test("a database: its tables are joined, and a row of the result names rows of all of them", async (t) => {
  const page = await newPage(t, { "school.sqlite": await fixture("school.sqlite") });
  const { tables, joined, best, missing, most } = await page.evaluate(async () => {
    const [pupils, subjects, marks] = ["form", "title", "mark"].map(nameWith);
    const from = `FROM ${marks} m JOIN ${pupils} p ON p."id" = m."pupil" JOIN ${subjects} s ON s."id" = m."subject"`;
    return {
      tables: await engine.tables(),
      joined: await checked(`SELECT p."name", s."title", m."mark" ${from} WHERE m."mark" >= 14 ORDER BY m."mark" DESC`),
      best: await checked(`SELECT p."form", SUM(m."mark") AS sum, COUNT(m."mark") AS marks ${from} GROUP BY p."form" ORDER BY p."form"`),
      missing: await checked(`SELECT COUNT(*) FROM ${marks} WHERE "mark" IS NULL`),
      most: await checked(`SELECT "pupil", MAX("mark") FROM ${marks} GROUP BY "pupil" ORDER BY 2 DESC LIMIT 2`),
    };
  });
  assert.deepEqual(tables.map(({ rows, columns }) => [rows, columns.map(({ name }) => name).join()]).toSorted(), [
    [3, "id,title"],
    [4, "id,name,form"],
    [8, "pupil,subject,mark,day"],
  ]);
  assert.deepEqual(joined.rows, [["Bo Lind", "Chemistry", 15], ["Ada Quill", "Music", 14]]);
  for (const [ofRow, rows] of [[joined.sources[0], [1, 2, 3]], [joined.sources[1], [0, 0, 0]]]) {
    assert.deepEqual(ofRow.flatMap((source) => source.rows).toSorted(), rows);
  }
  assert.ok(["1 name Bo Lind", "2 title Chemistry", "3 mark 15", "0 name Ada Quill"].every((cell) => joined.cells.includes(cell)), joined.cells.join("\n"));
  assert.deepEqual(best.rows, [["5a", 49, 4], ["5b", 31, 3]]);
  assert.deepEqual(missing.rows, [[1]]);
  assert.deepEqual(most.rows.map(([, mark]) => mark), [15, 14]);
  assert.deepEqual(most.sources.map(([{ rows }]) => rows), [[3], [0]]);
});

test("a page: its table has a caption and a place, and is queried as the others", async (t) => {
  const page = await newPage(t, { "lights.html": LIGHTS, "keepers.csv": KEEPERS });
  const { sum, count, most, joined, table, oldest, pictured } = await page.evaluate(async () => ({
    sum: await checked(`SELECT SUM("Lamps") FROM ${nameWith("Lamps")}`),
    count: await checked(`SELECT COUNT(*) FROM ${nameWith("Lamps")} WHERE "Built" < ?1`, { params: [1800] }),
    most: await checked(`SELECT "Built" / 100 AS century, MAX("Lamps") FROM ${nameWith("Lamps")} GROUP BY 1 ORDER BY 1`),
    joined: await checked(`SELECT k."Keeper", l."Lamps" FROM ${nameWith("Lamps")} l JOIN ${nameWith("Keeper")} k ON k."Light" = l."Light" ORDER BY 1`),
    table: tableWith("Lamps"),
    oldest: await checked(`SELECT "Light" FROM ${nameWith("Lamps")} ORDER BY "Built" LIMIT 1`),
    pictured: await checked(`SELECT "Light", "Lamps" FROM ${nameWith("Lamps")} WHERE "Lamps" > 20`),
  }));
  assert.deepEqual([table.title, table.rows, table.columns.map(({ type }) => type)], ["Lamps", 3, ["text", "integer", "integer"]]);
  assert.deepEqual([sum.rows, count.rows], [[[80]], [[2]]]);
  assert.deepEqual([sum.cells, count.sources[0][0].rows], [["0 Lamps 40", "1 Lamps 12", "2 Lamps 28"], [0, 2]]);
  assert.deepEqual(most.rows, [[17, 40], [18, 12]]);
  assert.deepEqual(most.sources.map(([{ rows }]) => rows), [[0], [1]]);
  assert.deepEqual(joined.rows, [["Ada Quill", 28], ["Bo Lind", 40]]);
  assert.deepEqual(joined.sources.map((ofRow) => ofRow.map(({ rows }) => rows)), [[[2], [1]], [[0], [0]]]);
  assert.ok(["2 Lamps 28", "1 Keeper Ada Quill", "0 Lamps 40", "0 Keeper Bo Lind"].every((cell) => joined.cells.includes(cell)), joined.cells.join("\n"));
  assert.deepEqual(oldest.rows, [["Lys Rock"]]);
  assert.deepEqual(oldest.sources[0].map(({ rows }) => rows), [[2]]);
  assert.deepEqual(pictured.rows, [["Harwick Head", 40], ["Lys Rock", 28]]);
  assert.ok(["0 Light Harwick Head", "0 Lamps 40", "2 Light Lys Rock", "2 Lamps 28"].every((cell) => pictured.cells.includes(cell)), pictured.cells.join("\n"));
});

test("100,000 rows are sorted, counted and grouped; what never ends is ended, and the next query runs", async (t) => {
  const { rows, text } = bigCsv();
  const page = await newPage(t, { "crates.csv": text, "ports.csv": "harbour,country\nLys,North\nFenby,South\nHarwick,North\n" });
  await t.test("rows from the middle, and the largest", async () => {
    const { middle, largest } = await page.evaluate(async () => {
      const { name } = tableWith("crates");
      return {
        middle: await engine.tableRows(name, { start: 50_000, limit: 3 }),
        largest: await engine.tableRows(name, { orderBy: "crates", descending: true, limit: 1000 }),
      };
    });
    assert.equal(middle.total, ROWS);
    const written = ({ id, port, crates }) => ({ row: id, cells: [String(id), port, String(crates)] });
    assert.deepEqual(middle.rows, rows.slice(50_000, 50_003).map(written));
    const most = rows.reduce((sum, { crates }) => Math.max(sum, crates), 0);
    assert.equal(largest.rows.length, 1000);
    assert.equal(Number(largest.rows[0].cells[2]), most);
    const values = largest.rows.map(({ cells }) => Number(cells[2]));
    assert.deepEqual(values, values.toSorted((a, b) => b - a));
  });

  await t.test("values as computed here, with the first of their sources", async () => {
    const { sum, ports, joined, count, many } = await page.evaluate(async () => ({
      sum: await checked(`SELECT SUM("crates") FROM ${nameWith("crates")} WHERE "port" = 'Lys'`),
      ports: await checked(`SELECT "port", COUNT(*), MAX("crates") FROM ${nameWith("crates")} GROUP BY "port" ORDER BY "port"`),
      joined: await checked(`SELECT p."country", SUM(c."crates") FROM ${nameWith("crates")} c JOIN ${nameWith("harbour")} p ON p."harbour" = c."port" GROUP BY 1 ORDER BY 1`),
      count: await checked(`SELECT COUNT(*) FROM ${nameWith("crates")} WHERE "crates" >= ?1`, { params: [400] }),
      many: await engine.query(`SELECT "id" FROM ${nameWith("crates")}`),
    }));
    const ofLys = rows.filter(({ port }) => port === "Lys");
    assert.deepEqual(sum.rows, [[ofLys.reduce((total, { crates }) => total + crates, 0)]]);
    assert.deepEqual(sum.sources[0][0].rows, ofLys.slice(0, 1000).map(({ id }) => id));
    assert.equal(sum.sources[0][0].rowCount, ofLys.length);
    assert.ok(sum.citations.length <= 1000);
    const expected = ["Fenby", "Harwick", "Lys", "Ronsund"].map((name) => {
      const ofPort = rows.filter(({ port }) => port === name).map(({ crates }) => crates);
      return [name, ofPort.length, ofPort.reduce((most, crates) => Math.max(most, crates), 0)];
    });
    assert.deepEqual(ports.rows, expected);
    const sumOf = (...names) => rows.filter(({ port }) => names.includes(port)).reduce((total, { crates }) => total + crates, 0);
    assert.deepEqual(joined.rows, [["North", sumOf("Lys", "Harwick")], ["South", sumOf("Fenby")]]);
    assert.equal(joined.sources[1].find(({ columns }) => columns.includes("crates")).rowCount, rows.filter(({ port }) => port === "Fenby").length);
    assert.deepEqual(count.rows, [[rows.filter(({ crates }) => crates >= 400).length]]);
    assert.deepEqual([many.rows.length, many.truncated], [1000, true]);
  });

  const endless = "SELECT COUNT(*) FROM $ a, $ b, $ c WHERE a.crates + b.crates < c.crates";

  await t.test("a query that never ends is ended by its time", async () => {
    const { ended, after } = await page.evaluate(async (endless) => {
      const sql = endless.replaceAll("$", nameWith("crates"));
      const ended = await outcome(engine.query(sql, { timeout: 500 }));
      return { ended, after: await engine.query(`SELECT COUNT(*) FROM ${nameWith("crates")}`) };
    }, endless);
    assert.deepEqual([ended.code, ended.isRagError], ["too_slow", true]);
    assert.deepEqual(after.rows, [[ROWS]]);
  });

  await t.test("or by its signal, while questions are answered", async () => {
    const { aborted, found, after } = await page.evaluate(async (endless) => {
      const controller = new AbortController();
      const sql = endless.replaceAll("$", nameWith("crates"));
      const running = outcome(engine.query(sql, { timeout: 60_000, signal: controller.signal }));
      await new Promise((resolve) => setTimeout(resolve, 300));
      const found = await engine.search("crates of Harwick", { limit: 1 });
      controller.abort();
      return { aborted: await running, found: found.length, after: await engine.query(`SELECT COUNT(*) FROM ${nameWith("crates")}`) };
    }, endless);
    assert.equal(aborted.code, "aborted");
    assert.equal(found, 1);
    assert.deepEqual(after.rows, [[ROWS]]);
  });
});

test("an engine that is closed amid a query ends it with its worker", async (t) => {
  const page = await newPage(t, { "lights.html": LIGHTS });
  const { code, isRagError } = await page.evaluate(async () => {
    const endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n, $";
    const running = outcome(engine.query(endless.replace("$", nameWith("Lamps")), { timeout: 60_000 }));
    await new Promise((resolve) => setTimeout(resolve, 500));
    await engine.close();
    return running;
  });
  assert.deepEqual([code, isRagError], ["closed", true]);
  await untilWorkers(page, 0);
});

test("what is no SELECT over the tables is refused, and changes nothing", async (t) => {
  const page = await newPage(t, { "lights.html": LIGHTS });
  const { refused, left, others } = await page.evaluate(async () => {
    const name = nameWith("Lamps");
    const wrong = [
      "SELEC 1",
      "",
      `SELECT "Keeper" FROM ${name}`,
      "SELECT * FROM nowhere",
      `DELETE FROM ${name}`,
      `UPDATE ${name} SET "Lamps" = 0`,
      `DROP TABLE ${name}`,
      "CREATE TABLE more (a)",
      "ATTACH DATABASE 'other.db' AS other",
      "PRAGMA table_list",
      `SELECT 1; DELETE FROM ${name}`,
      "SELECT load_extension('x')",
    ];
    const refused = [];
    for (const sql of wrong) refused.push([sql, await outcome(engine.query(sql))]);
    const left = await engine.query(`SELECT SUM("Lamps") FROM ${name}`);
    const others = [
      await outcome(engine.tableRows("nowhere")),
      await outcome(engine.query("SELECT 1", { rows: 3 })),
      await outcome(engine.tableRows(tableWith("Lamps").name, { orderBy: "Keeper" })),
    ];
    return { refused, left, others };
  });
  for (const [sql, { code, message }] of refused) {
    assert.equal(code, "invalid_query", sql);
    assert.ok(message.length > 10, sql);
  }
  assert.deepEqual(left.rows, [[80]]);
  assert.deepEqual(others.map(({ code }) => code), ["table_not_found", "invalid_option", "invalid_option"]);
  assert.deepEqual(page.errors, []);
});

test("tables come and go with their documents, and stay over a reload", async (t) => {
  const page = await newPage(t, { "lights.html": LIGHTS });
  const { before, after, query } = await page.evaluate(async () => {
    const [{ name, documentId }] = await engine.tables();
    const before = await engine.query(`SELECT COUNT(*) FROM "${name}"`);
    await engine.add("port,crates\nLys,3\nFenby,4\n", { name: "crates.csv", type: "text/csv" });
    await engine.remove(documentId);
    return { before, after: await engine.tables(), query: await outcome(engine.query(`SELECT COUNT(*) FROM "${name}"`)) };
  });
  assert.deepEqual(before.rows, [[3]]);
  assert.deepEqual(after.map(({ documentName, rows }) => [documentName, rows]), [["crates.csv", 2]]);
  assert.equal(query.code, "invalid_query");
  await page.reload();
  await page.waitForFunction(() => window.rag !== undefined);
  const again = await page.evaluate(async () => {
    const engine = await rag.Engine.open({ name: "tables" });
    return engine.tables();
  });
  assert.deepEqual(again, after);
});

test("files that are no good tables end in tables or in errors, and nothing else is lost", async (t) => {
  const page = await newPage(t, { "good.csv": "port,crates\nLys,3\nFenby,4\n" });
  const { added, tables, wide, long, csv, good } = await page.evaluate(async () => {
    const columns = Array.from({ length: 10_000 }, (_, at) => `c${at}`);
    const large = Array.from({ length: 5 }, (_, at) => `${at},${"x".repeat(1_000_000)}`);
    const files = {
      "unclosed.csv": 'name,note\nA,"first\nB,second\nC,third\n',
      "nul.csv": "name,size\nA\0B,1\nC,2\n",
      "wide.csv": `${columns}\n${columns.map((_, at) => at)}\n`,
      "long.csv": `number,text\n${large.join("\n")}\n`,
      "formula.csv": 'name,link\nA,"=HYPERLINK(""//x"")"\nB,"x;=1+1"\n',
    };
    const added = {};
    for (const [name, text] of Object.entries(files)) added[name] = (await outcome(engine.add(text, { name, type: "text/csv" }))).code ?? "added";
    const tables = await engine.tables();
    const of = (document) => tables.find(({ documentName }) => documentName === document);
    const read = async (document, sql) => of(document) && outcome(engine.query(sql.replace("$", `"${of(document).name}"`)));
    const formula = await engine.query(`SELECT * FROM "${of("formula.csv").name}"`);
    return {
      added,
      tables: tables.map(({ documentName, rows, columns }) => [documentName, rows, columns.length]),
      wide: await read("wide.csv", "SELECT \"c0\", \"c1999\" FROM $"),
      long: await read("long.csv", "SELECT SUM(\"number\"), SUM(LENGTH(\"text\")) FROM $"),
      csv: rag.toCsv(formula.columns, formula.rows),
      good: await engine.query(`SELECT SUM("crates") FROM ${nameWith("crates")}`),
    };
  });
  assert.deepEqual(added, { "unclosed.csv": "added", "nul.csv": "invalid_text", "wide.csv": "added", "long.csv": "added", "formula.csv": "added" });
  // What follows the quote that is never closed is in its cell. Columns beyond the most that SQL has are left out.
  assert.deepEqual(tables, [["good.csv", 2, 2], ["unclosed.csv", 1, 2], ["wide.csv", 1, 2000], ["long.csv", 5, 2], ["formula.csv", 2, 2]]);
  assert.deepEqual([wide.value.rows, long.value.rows], [[[0, 1999]], [[10, 5_000_000]]]);
  assert.deepEqual(good.rows, [[7]]);
  assert.equal(csv, `name,link\r\nA,"'=HYPERLINK(""//x"")"\r\nB,"x;'=1+1"\r\n`);
  assert.deepEqual(page.errors, []);
});
