// Tables on the demo page: as tables in the viewer, as answers that were computed from them, and in queries.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { addFiles, ask, assertStayedAtHome, ready, setUpVisitor, visit } from "./demo-visit.mjs";

const YIELDS = "tide-mill-yields.csv";
const ROWS = 100_000;
const LIGHTS = `<!doctype html><title>Lights</title><p>The keepers count their lamps.</p><table><caption>Lamps</caption>
<tr><th>Light</th><th>Lamps</th></tr><tr><td>Harwick Head</td><td>40</td></tr><tr><td>Lys Rock</td><td>28</td></tr></table>`;
const WIDE = `${Array.from({ length: 300 }, (_, at) => `c${at}`)}\n${Array.from({ length: 300 }, (_, at) => at)}\n`;
const BIG = Buffer.from(`id,port,crates\n${Array.from({ length: ROWS }, (_, id) => `${id},${["Lys", "Fenby"][id % 2]},${(id * 7919) % 2003}\n`).join("")}`);

const { demo, elsewhere, context } = await setUpVisitor();
let page;

test("a visitor sees tables, asks them and queries them", async (t) => {
  await t.test("a table is shown as one, and scrolls over all its rows", scrolls);
  await t.test("a header sorts by its column, and back", sorts);
  await t.test("its text is one button away, and back", showsText);
  await t.test("the tables of other files are shown as such, one of several by its name", showsOthers);
  await t.test("an answer is computed, says how, and opens the table at its cells", answers);
  await t.test("a quote of a row leads to it in the table", leadsToRow);
  await t.test("tables are asked for once someone wants them", asksLate);
  await t.test("the query of an answer is opened, changed and run, and a row leads to its source", queries);
  await t.test("the numbers of rows are one stop of Tab, and the arrow keys go from one to the next", goesByKeys);
  await t.test("a row whose document is gone says so", saysGone);
  await t.test("a query that is wrong says so, and one that runs is stopped", refusesAndStops);
  await t.test("a result is saved as CSV that no spreadsheet computes", savesCsv);
  await t.test("every control has a name, and a small screen needs no horizontal scrolling", isAccessible);
  await t.test("without documents there is no box for queries", forgets);
  await t.test("nothing was asked of another origin, and nothing went wrong", () => {
    assertStayedAtHome(page, { demo, elsewhere });
    assert.deepEqual(page.errors, []);
  });
});

const viewer = () => page.getByRole("dialog");
const grid = () => viewer().getByRole("region");

/** The numbers of the rows that are in the document, from 0, in their order. */
const rowsInGrid = async () => (await grid().locator("tr[data-row]").evaluateAll((rows) => rows.map((row) => Number(row.dataset.row))));

/** Waits until the row with this number is in sight. */
const untilInSight = (row) => page.waitForFunction((row) => {
  const element = document.querySelector(`.viewer .grid tr[data-row="${row}"]`);
  const box = element?.getBoundingClientRect();
  const view = element?.closest(".grid").getBoundingClientRect();
  return element && box.top >= view.top && box.bottom <= view.bottom + 1;
}, row);

async function open(name) {
  await page.getByRole("button", { name, exact: true }).click();
  await grid().locator("tr[data-row]").first().waitFor();
}

async function close() {
  await page.keyboard.press("Escape");
  await viewer().waitFor({ state: "hidden" });
}

async function scrolls() {
  page = await visit(context, demo.url);
  await ready(page);
  await addFiles(page, [{ name: "crates.csv", mimeType: "text/csv", buffer: BIG }]);
  await open("crates.csv");
  assert.match(await page.locator("#viewer-place").textContent(), /100,000 rows/);
  assert.equal(await grid().getByRole("table").getAttribute("aria-rowcount"), String(ROWS + 1));
  await untilInSight(0);
  for (const [key, row] of [["End", ROWS - 1], ["Home", 0]]) {
    await page.keyboard.press(key);
    await untilInSight(row);
  }
  const [first] = await rowsInGrid();
  const top = () => grid().evaluate(({ scrollTop }) => scrollTop);
  await page.keyboard.press("PageDown");
  await page.waitForFunction((first) => document.querySelector(".viewer .grid tr[data-row]")?.dataset.row !== String(first), first);
  const page1 = await top();
  await page.keyboard.press("Space");
  assert.equal(await top(), 2 * page1);
  await page.keyboard.press("Shift+Space");
  assert.equal(await top(), page1);
  const rows = await rowsInGrid();
  assert.ok(rows.length < 100, `${rows.length} rows are in the document`);
  assert.deepEqual(rows, Array.from(rows, (_, at) => rows[0] + at));
  const cells = await grid().locator(`tr[data-row="${rows[0]}"]`).evaluate((row) => ({ index: row.getAttribute("aria-rowindex"), texts: [...row.cells].map(({ textContent }) => textContent) }));
  assert.equal(cells.index, String(rows[0] + 2));
  assert.deepEqual(cells.texts.slice(1), [String(rows[0]), ["Lys", "Fenby"][rows[0] % 2], String((rows[0] * 7919) % 2003)]);
}

async function sorts() {
  const header = grid().getByRole("columnheader", { name: /^crates/ });
  const firstCells = async () => grid().locator("tr[data-row]").evaluateAll((rows) => rows.slice(0, 5).map((row) => Number(row.cells[3].textContent)));
  const values = Array.from({ length: ROWS }, (_, id) => (id * 7919) % 2003).toSorted((a, b) => a - b);
  for (const [order, expected] of [["ascending", values.slice(0, 5)], ["descending", values.toReversed().slice(0, 5)]]) {
    await header.getByRole("button").click();
    await page.locator(`.viewer [aria-sort="${order}"]`).waitFor();
    await page.waitForFunction((first) => document.querySelector(".viewer .grid tr[data-row]")?.cells[3].textContent === String(first), expected[0]);
    assert.deepEqual(await firstCells(), expected);
  }
  await header.getByRole("button").click();
  assert.equal(await header.getAttribute("aria-sort"), null);
  await untilInSight(0);
}

async function showsText() {
  await viewer().getByRole("button", { name: "Show the text" }).click();
  await viewer().locator(".viewer-text").waitFor();
  await viewer().getByRole("button", { name: "Show the table" }).click();
  await untilInSight(0);
  await close();
}

const fixture = async (name, mimeType) => ({ name, mimeType, buffer: await readFile(new URL(`../fixtures/tables/${name}`, import.meta.url)) });
const cellsOf = (row) => grid().locator(`tr[data-row="${row}"]`).evaluate(({ cells }) => [...cells].slice(1).map(({ textContent }) => textContent));

async function showsOthers() {
  await addFiles(page, [
    await fixture("fleet.xlsx", ""),
    await fixture("school.sqlite", ""),
    { name: "lights.html", mimeType: "text/html", buffer: Buffer.from(LIGHTS) },
    { name: "wide.csv", mimeType: "text/csv", buffer: Buffer.from(WIDE) },
  ]);
  await open("fleet.xlsx");
  assert.equal((await cellsOf(0)).length, 3);
  await viewer().getByRole("combobox").selectOption({ label: "Landings, 8 rows" });
  await grid().locator("tr[data-row='7']").waitFor();
  assert.deepEqual((await cellsOf(2)).slice(1), ["Heron", "cod", "2300"]);
  await close();

  await open("school.sqlite");
  assert.equal(await viewer().getByRole("combobox").locator("option").count(), 3);
  await close();

  await page.getByRole("button", { name: "lights.html", exact: true }).click();
  await viewer().getByRole("button", { name: "Show the table" }).click();
  await untilInSight(1);
  assert.deepEqual(await cellsOf(1), ["Lys Rock", "28"]);
  await isNarrow();
  await close();

  await open("wide.csv");
  assert.match(await page.locator("#viewer-place").textContent(), /200 of 300 columns are shown/);
  assert.equal((await cellsOf(0)).length, 200);
  await close();
}

/** The open table on a small screen: it scrolls in itself, and nothing else does. */
async function isNarrow() {
  const before = page.viewportSize();
  await page.setViewportSize({ width: 360, height: 640 });
  const { isWide, outside } = await page.evaluate(() => {
    const parts = [...document.querySelectorAll(".viewer button, .viewer .grid")].filter((element) => element.checkVisibility());
    return {
      isWide: document.querySelector(".viewer").scrollWidth > document.querySelector(".viewer").clientWidth,
      outside: parts.filter((part) => !part.closest(".grid table") && part.getBoundingClientRect().right > innerWidth).map(({ outerHTML }) => outerHTML),
    };
  });
  await page.setViewportSize(before);
  assert.deepEqual([isWide, outside], [false, []]);
}

async function answers() {
  await addFiles(page, [{ name: YIELDS, mimeType: "text/csv", buffer: await readFile(new URL(`../../www/samples/${YIELDS}`, import.meta.url)) }]);
  const turn = await ask(page, "Who was the miller in July 2025?", { quotesOnly: true });
  const answer = turn.locator(".table-answer");
  assert.match(await answer.locator(".table-sentence").textContent(), /Odile Brandt/);
  const working = answer.locator(".working");
  if (!(await working.evaluate(({ open }) => open))) await working.locator("summary").click();
  assert.match(await working.textContent(), /July 2025/);
  assert.match(await working.locator("code").textContent(), /^SELECT /);
  await answer.getByRole("button", { name: /^Show the 1 row/ }).click();
  await grid().locator("tr.grid-source").waitFor();
  await untilInSight(34);
  assert.match(await grid().locator("tr.grid-source").textContent(), /July 2025/);
  assert.ok((await grid().locator("mark").allTextContents()).includes("Odile Brandt"));
  await close();
  assert.deepEqual(await turn.locator(".outcome").allTextContents(), ["Computed from a table."]);
}

async function leadsToRow() {
  await page.locator(".turn .quotes .quote", { hasText: "July 2025" }).first().click();
  await grid().locator("tr.grid-source").waitFor();
  await untilInSight(34);
  assert.match(await viewer().textContent(), /The passage is row 35, which is marked/);
  await viewer().getByRole("button", { name: "Show the text" }).click();
  await viewer().locator(".viewer-text mark").waitFor();
  await viewer().getByRole("button", { name: "Show the table" }).click();
  await untilInSight(34);
  await close();
}

const tablesAsked = () => page.evaluate(() => window.calls.filter((call) => call === "tables").length);

async function asksLate() {
  const before = await tablesAsked();
  const note = { name: "note.txt", mimeType: "text/plain", buffer: Buffer.from("The keeper of the light writes a note.") };
  await addFiles(page, [note]);
  await page.getByRole("button", { name: "note.txt", exact: true }).click();
  await viewer().locator(".viewer-text").waitFor();
  await close();
  assert.equal(await tablesAsked(), before);
  await box().locator("summary").first().click();
  await box().locator(".sql-tables > li").first().waitFor();
  assert.equal(await tablesAsked(), before + 1);
  assert.equal(await box().locator(".sql-columns").count(), 0);
  await box().locator("summary").first().click();
}

const box = () => page.locator("#sql");

async function run(sql) {
  await page.getByLabel("Query in SQL").fill(sql);
  await page.keyboard.press("Control+Enter");
}

async function queries() {
  await page.getByRole("button", { name: "Open in the SQL box" }).click();
  const sql = await page.getByLabel("Query in SQL").inputValue();
  const [table] = /(?<=FROM )("[^"]+"|\w+)/.exec(sql);
  await run(`SELECT "Miller", COUNT(*) AS months, MAX("Visitors") AS most FROM ${table} GROUP BY "Miller" ORDER BY "Miller"`);
  const result = box().getByRole("region", { name: "Result" });
  await result.locator("tr[data-row]").first().waitFor();
  assert.deepEqual(await result.locator("tr[data-row]").evaluateAll((rows) => rows.map((row) => [...row.cells].slice(1).map(({ textContent }) => textContent))), [
    ["Odile Brandt", "22", "832"],
    ["Ruben Fisk", "18", "774"],
  ]);
  assert.match(await box().locator(".sql-result p").first().textContent(), /^2 rows in /);
  await result.getByRole("button", { name: "Show the source of row 2" }).click();
  await grid().locator("tr.grid-source").first().waitFor();
  assert.match(await viewer().textContent(), /Computed from 18 rows/);
  await close();
  // A name that is chosen comes where the cursor is.
  await page.getByLabel("Query in SQL").fill("SELECT Größe");
  await box().locator(".sql-tables summary", { hasText: YIELDS }).click();
  await box().getByRole("button", { name: /^Visitors/ }).click();
  assert.equal(await page.getByLabel("Query in SQL").inputValue(), 'SELECT Größe "Visitors"');
}

const focused = () => page.evaluate(() => document.activeElement.ariaLabel ?? document.activeElement.id);

async function goesByKeys() {
  await run(`SELECT "id" FROM "${await cratesTable()}" LIMIT 40`);
  const result = box().getByRole("region", { name: "Result" });
  await result.locator("tr[data-row='12']").waitFor();
  await result.focus();
  await page.keyboard.press("Tab");
  assert.equal(await focused(), "Show the source of row 1");
  for (let row = 1; row < 30; row += 1) await page.keyboard.press("ArrowDown");
  assert.equal(await focused(), "Show the source of row 30");
  const isSeen = () => result.evaluate((grid) => {
    const [view, head, row] = [grid, grid.querySelector("thead"), document.activeElement].map((element) => element.getBoundingClientRect());
    return row.top >= head.bottom - 1 && row.bottom <= view.bottom + 1;
  });
  assert.ok(await isSeen());
  await page.keyboard.press("ArrowUp");
  assert.equal(await focused(), "Show the source of row 29");
  await page.keyboard.press("Tab");
  assert.ok(!(await result.evaluate((grid) => grid.contains(document.activeElement))));
  await page.keyboard.press("Shift+Tab");
  assert.equal(await focused(), "Show the source of row 29");
  assert.ok(await isSeen());
}

async function saysGone() {
  await run(`SELECT "Light" FROM "${await box().locator(".sql-tables summary", { hasText: "lights.html" }).locator("code").textContent()}"`);
  const row = box().getByRole("button", { name: "Show the source of row 2", exact: true });
  await box().getByText("2 rows in").waitFor();
  await page.getByRole("button", { name: "Remove lights.html" }).click();
  await page.getByRole("button", { name: "Remove lights.html" }).waitFor({ state: "detached" });
  await box().locator(".sql-tables summary", { hasText: "lights.html" }).waitFor({ state: "detached" });
  await row.click();
  await box().getByText("Row 2 was computed from a table whose document has been removed since.").waitFor();
}

/** The name of the large table in SQL. */
const cratesTable = () => box().locator(".sql-tables > li", { hasText: "crates.csv" }).locator("code").first().textContent();

async function refusesAndStops() {
  await run("SELECT nothing FROM nowhere");
  assert.ok((await box().getByRole("alert").textContent()).length > 10);
  const name = await cratesTable();
  await run(`SELECT COUNT(*) FROM "${name}" a, "${name}" b, "${name}" c, "${name}" d`);
  await box().getByRole("button", { name: "Stop" }).click();
  await box().getByText("Stopped.").waitFor();
}

async function savesCsv() {
  await run(`SELECT '=1+1' AS sum, -5 AS number, 'a "b", c' AS text, NULL AS none FROM "${await cratesTable()}" LIMIT 1`);
  const save = box().getByRole("button", { name: "Download as CSV" });
  await save.waitFor();
  const [download] = await Promise.all([page.waitForEvent("download"), save.click()]);
  const text = await readFile(await download.path(), "utf8");
  assert.equal(text, '\uFEFFsum,number,text,none\r\n\'=1+1,-5,"a ""b"", c",\r\n');
  await run(`SELECT "id" FROM "${await cratesTable()}"`);
  await box().getByRole("button", { name: "Download the first 10,000 rows as CSV" }).waitFor();
}

async function isAccessible() {
  const before = page.viewportSize();
  await page.setViewportSize({ width: 360, height: 640 });
  const { isWide, small, unnamed, status } = await page.evaluate(() => {
    const controls = [...document.querySelectorAll("button, select, summary, textarea")].filter((element) => element.checkVisibility());
    // The rows of a grid are higher where there is no mouse.
    const outside = controls.filter((element) => !element.closest(".grid")).map((element) => [element, element.getBoundingClientRect()]);
    return {
      isWide: document.documentElement.scrollWidth > innerWidth,
      small: outside.filter(([, { width, height }]) => width < 44 || height < 44).map(([{ outerHTML }]) => outerHTML),
      unnamed: controls.filter((element) => !(element.ariaLabel || element.labels?.length || element.textContent.trim())).map(({ outerHTML }) => outerHTML),
      status: document.querySelectorAll("[role=status]").length,
    };
  });
  await page.setViewportSize(before);
  assert.deepEqual([isWide, small, unnamed, status], [false, [], [], 1]);
}

async function forgets() {
  for (const name of ["crates.csv", YIELDS, "fleet.xlsx", "school.sqlite", "wide.csv", "note.txt"]) {
    await page.getByRole("button", { name: `Remove ${name}` }).click();
    await page.getByRole("button", { name: `Remove ${name}` }).waitFor({ state: "detached" });
  }
  await box().waitFor({ state: "hidden" });
}
