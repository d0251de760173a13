// The worker of queries: one that hangs, traps or takes too much memory costs only itself and the tables that are loaded.
// The module is stood in for by hostile-sql.js; tables.test.mjs has the real one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { launchBrowser, newVisitor, openPage, untilWorkers } from "./browser.mjs";
import { standIn } from "./hostile-reader.mjs";
import { setUp } from "./set-up.mjs";
import { startSite, withBody, withStatus } from "./site.mjs";

const FOLDER = "wasm/readers/sql";
const MODULE = `/pkg/${FOLDER}/multimodal_rag_bg.wasm`;

const { site, browser } = await setUp({ site: startSite(), browser: launchBrowser() });

/** A page whose worker `sql` does what a request says. `patch` changes pkg/sql-worker-link.js. */
async function newPage(t, patch = ["", ""]) {
  await standIn(t, site, { folder: FOLDER, script: "hostile-sql.js" });
  const link = await site.pkgFile("sql-worker-link.js");
  assert.ok(link.includes(patch[0]));
  site.answer(t, "/pkg/sql-worker-link.js", withBody(link.replace(...patch), "text/javascript"));
  const page = await openPage(await newVisitor(t, browser), site.url);
  await page.evaluate(async () => {
    const { SqlWorker } = await import("./pkg/sql-worker-link.js");
    window.sql = new SqlWorker();
    window.never = new AbortController().signal;
    window.run = async (text, milliseconds = 10_000, signal = never) => {
      try {
        return new TextDecoder().decode(await sql.run(new TextEncoder().encode(text), milliseconds, signal));
      } catch ({ code, milliseconds, message }) {
        return { code, milliseconds, message };
      }
    };
  });
  return page;
}

test("tables stay loaded from query to query, also where one is wrong, and requests are run in order", async (t) => {
  const page = await newPage(t);
  assert.deepEqual(await page.evaluate(() => sql.held()), []);
  const answers = await page.evaluate(() => Promise.all(["slow a", "wrong b", "read c"].map((text) => run(text))));
  assert.equal(answers[0], "slow of a");
  assert.deepEqual([answers[1].code, answers[1].message], ["invalid_query", "There is no column x."]);
  assert.equal(answers[2], "read of a,b,c");
  assert.deepEqual(await page.evaluate(() => sql.held()), ["a", "b", "c"]);
  assert.equal(page.workers().length, 1);
});

test("a query that hangs is ended after its time, and the next one gets a new worker without tables", async (t) => {
  const page = await newPage(t);
  await page.evaluate(() => run("read a"));
  const hung = await page.evaluate(() => run("hang", 100));
  assert.equal(hung.code, "too_slow");
  assert.ok(hung.milliseconds > 100 && hung.milliseconds < 5000, hung.milliseconds);
  assert.deepEqual(await page.evaluate(() => sql.held()), []);
  await untilWorkers(page, 0);
  assert.equal(await page.evaluate(() => run("read b")), "read of b");
  await untilWorkers(page, 1);
});

test("a trap is an internal error, and too much memory is told from it", async (t) => {
  const page = await newPage(t);
  const [trapped, full, after] = await page.evaluate(async () => [await run("trap"), await run("full"), await run("read a")]);
  assert.equal(trapped.code, "internal");
  assert.match(trapped.message, /unreachable/);
  assert.equal(full.code, "too_large");
  assert.equal(after, "read of a");
  await untilWorkers(page, 1);
});

test("a signal ends the query that runs, and takes one that waits out of the line", async (t) => {
  const page = await newPage(t);
  const { hung, waited, next, held } = await page.evaluate(async () => {
    await run("read a");
    const [ofRunning, ofWaiting] = [new AbortController(), new AbortController()];
    const hanging = run("hang", 60_000, ofRunning.signal);
    const waiting = run("read b", 1000, ofWaiting.signal);
    const behind = run("read c");
    ofWaiting.abort();
    const waited = await waiting;
    const held = sql.held();
    ofRunning.abort();
    return { hung: await hanging, waited, next: await behind, held };
  });
  assert.deepEqual([hung.code, waited.code], ["aborted", "aborted"]);
  assert.deepEqual(held, ["a"]);
  assert.equal(next, "read of c");
  await untilWorkers(page, 1);
});

test("a module that cannot be fetched says so, and is fetched again for the next query", async (t) => {
  const page = await newPage(t);
  await t.test("without the module", async (t) => {
    site.answer(t, MODULE, withStatus(404));
    const { code, message } = await page.evaluate(() => run("read a"));
    assert.equal(code, "download_failed");
    assert.match(message, /runs queries could not be fetched/);
  });
  assert.equal(await page.evaluate(() => run("read a")), "read of a");
});

test("a worker without work ends, and its tables go", async (t) => {
  const page = await newPage(t, ["5 * 60_000", "300"]);
  await page.evaluate(() => run("read a"));
  assert.deepEqual(await page.evaluate(() => sql.held()), ["a"]);
  await page.evaluate(() => until(() => sql.held().length === 0));
  await untilWorkers(page, 0);
  assert.equal(await page.evaluate(() => run("read b")), "read of b");
});
