// What the page's tables make of rows: which of them are in sight, which are fetched, which are marked.

import assert from "node:assert/strict";
import { test } from "node:test";
import { columnsLine, columnsOf, mayHaveTables, shownCell, widthOf } from "../../www/parts/tables/columns.js";
import { Marks } from "../../www/parts/tables/marks.js";
import { passageRows } from "../../www/parts/tables/passage-rows.js";
import { RowBlocks } from "../../www/parts/tables/row-blocks.js";
import { nearestScrollTop, pageOf, scrollTopOf, windowOf } from "../../www/parts/tables/row-window.js";

const VIEW = { rowHeight: 30, viewHeight: 600, scrollTop: 0, pixelRatio: 1 };

/** The first row that is wholly or partly in sight, by where the rows stand. */
function topRow(view) {
  const { first, before } = windowOf(view);
  return Math.floor(first + (view.scrollTop - before) / view.rowHeight + 1e-6);
}

test("only the rows in sight and some around them are made, and the others keep their height", () => {
  const view = { ...VIEW, total: 100_000, scrollTop: 1_500_000 };
  const { first, end, before, after } = windowOf(view);
  assert.ok(first <= 50_000 && first > 49_980, first);
  assert.ok(end >= 50_020 && end < 50_040, end);
  assert.equal(before + (end - first) * 30 + after, 3_000_000);
  assert.equal(topRow(view), 50_000);
});

test("the first and the last row can be reached, also of a table that is too tall for a browser", () => {
  for (const total of [3, 1000, 100_000, 2_000_000]) {
    // The browser counts the pixels of the screen, of which a page on a fine one has several to each of its own.
    for (const pixelRatio of [0.5, 1, 2, 3]) {
      const view = { ...VIEW, total, pixelRatio };
      const height = Math.min(total * 30, 12_000_000 / Math.max(1, pixelRatio));
      assert.deepEqual([windowOf(view).first, windowOf(view).top], [0, 0]);
      const last = windowOf({ ...view, scrollTop: Math.max(0, height - 600) });
      assert.equal(last.end, total);
      assert.ok(Math.abs(last.before + (last.end - last.first) * 30 + last.after - height) < 1);
    }
  }
});

test("a row that is scrolled to stands in the middle, and a page does not skip rows", () => {
  for (const total of [1000, 100_000, 2_000_000]) {
    const view = { ...VIEW, total };
    const row = total / 2;
    assert.equal(topRow({ ...view, scrollTop: scrollTopOf(row, view) }), row - 10);
    const scrollTop = scrollTopOf(row, view) + pageOf(view);
    assert.ok(Math.abs(topRow({ ...view, scrollTop }) - (row - 10 + 19)) <= 1);
  }
  assert.equal(scrollTopOf(1, { ...VIEW, total: 1000 }), 0);
  assert.equal(scrollTopOf(999, { ...VIEW, total: 1000 }), 29_400);
});

test("a row that the arrow keys go to is scrolled to as far as it needs", () => {
  for (const total of [1000, 2_000_000]) {
    const view = { ...VIEW, total };
    const at = { ...view, scrollTop: scrollTopOf(500, view) };
    assert.equal(topRow({ ...at, scrollTop: nearestScrollTop(495, at) }), 490);
    assert.equal(topRow({ ...at, scrollTop: nearestScrollTop(489, at) }), 489);
    assert.equal(topRow({ ...at, scrollTop: nearestScrollTop(510, at) }), 491);
  }
});

test("a table without rows has none in sight", () => {
  assert.deepEqual(windowOf({ ...VIEW, total: 0, scrollTop: 0 }), { first: 0, end: 0, top: 0, before: 0, after: 0 });
});

test("rows are fetched in blocks, two at once, and those that were scrolled past are not", async () => {
  const asked = [];
  const release = [];
  const fetch = (start, limit) => {
    asked.push(start);
    return new Promise((resolve) => release.push(() => resolve(Array.from({ length: limit }, (_, at) => ({ row: start + at })))));
  };
  let changes = 0;
  const blocks = new RowBlocks(fetch, { changed: () => (changes += 1), failed: assert.fail });
  blocks.want(150, 450);
  blocks.want(1000, 1100);
  assert.deepEqual(asked, [0, 200]);
  for (const resolve of release.splice(0)) resolve();
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(changes, 2);
  assert.deepEqual([blocks.at(399).row, blocks.at(400)], [399, undefined]);
  blocks.want(5000, 5100);
  blocks.want(150, 390);
  assert.deepEqual(asked, [0, 200, 5000]);
});

test("a failure is told once, and nothing is told after the end", async () => {
  const failures = [];
  const failing = new RowBlocks(async () => Promise.reject(new Error("gone")), { changed: assert.fail, failed: ({ message }) => failures.push(message) });
  failing.want(0, 500);
  await new Promise((resolve) => setTimeout(resolve));
  failing.want(0, 500);
  const ended = new RowBlocks(async () => [], { changed: assert.fail, failed: assert.fail });
  ended.want(0, 10);
  ended.end();
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(failures, ["gone"]);
});

test("cells that are known are marked, and of further rows the same columns", () => {
  const cells = [{ row: 3, column: "Weight" }, { row: 3, column: "Fish" }, { row: 7, column: "Weight" }];
  const marks = new Marks({ rows: [3, 7, 9], cells });
  assert.ok(marks.hasCell(3, "Fish") && marks.hasCell(7, "Weight") && marks.hasCell(9, "Fish"));
  assert.ok(!marks.hasCell(7, "Fish") && !marks.hasCell(3, "Boat") && !marks.hasCell(4, "Weight"));
  assert.deepEqual([marks.hasRow(9), marks.hasRow(4), marks.rowCount], [true, false, 3]);
  assert.deepEqual([marks.columnOf(7), marks.columnOf(9)], ["Weight", "Weight"]);
});

test("a cell is shown on a line, and a long one is cut at once, never in a character", () => {
  assert.equal(shownCell("two\r\nlines\u2028and  spaces"), "two lines and  spaces");
  assert.equal(shownCell("x".repeat(300)), "x".repeat(300));
  assert.equal(shownCell(`${"x".repeat(299)}🌍!`), `${"x".repeat(299)}…`);
  const [long, began] = ["ü".repeat(1_000_000), performance.now()];
  for (let row = 0; row < 1000; row += 1) assert.equal(widthOf([long]), 39);
  assert.ok(performance.now() - began < 500);
});

test("of a table with very many columns the first are shown, and those that are marked", () => {
  const columns = Array.from({ length: 2000 }, (_, at) => ({ name: `c${at}`, type: "integer" }));
  const shown = columnsOf({ columns }, new Set(["c1500", "c3"]));
  assert.deepEqual([shown.length, shown[199].at, shown[200].at], [201, 199, 1500]);
  assert.equal(columnsLine(shown.length, 2000), "201 of 2,000 columns are shown.");
  assert.equal(columnsLine(3, 3), "");
});

test("a passage of rows is found in its table, also where rows without a value were left out", async () => {
  const asked = [];
  const cells = (row) => [String(row), ["Lys", "Fenby"][row % 2], ""];
  const engine = {
    tableRows: async (name, { start, limit }) => {
      asked.push(limit);
      return { rows: Array.from({ length: Math.min(limit, 500 - start) }, (_, at) => ({ row: start + at, cells: cells(start + at) })) };
    },
  };
  const table = { name: "t", place: { rows: [1, 1] } };
  const of = (rows, text, tables = [table]) => passageRows(engine, tables, { place: { rows }, text });
  const found = (rows) => ({ name: "t", rows, isPassage: true });
  assert.deepEqual(await of([7, 7], "5 | Fenby |"), found([5]));
  assert.deepEqual(await of([307, 308], "300 | Lys |\n301 | Fenby |"), found([300, 301]));
  assert.deepEqual(await of([1, 3], "port | crates\n0 | Lys |\n1 | Fenby |"), found([0, 1]));
  assert.equal(await of([7, 7], "Fenby"), undefined);
  assert.equal(await of([7, 7], "5 | Fenby |", [table, table]), undefined);
  assert.equal(await passageRows(engine, [table], { place: { page: 1 }, text: "5 | Fenby |" }), undefined);
  assert.deepEqual(await of([7, 7], "6 | Lys |", [{ name: "t", place: { sheet: "A" } }]), undefined);
  assert.ok(asked.every((limit) => limit <= 1000));
});

test("a document that can have no tables is not asked for them", () => {
  for (const type of ["text/csv", "text/html", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "application/vnd.sqlite3", "application/pdf", "application/jsonl"]) {
    assert.ok(mayHaveTables({ type }), type);
  }
  for (const info of [{ type: "image/png" }, { type: "text/plain" }, { type: "application/zip" }, undefined]) assert.ok(!mayHaveTables(info), info?.type);
});
