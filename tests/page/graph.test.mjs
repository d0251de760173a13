// Graphs of large segments: built in a worker of their own, stored, read again after a reload, and searched.

import assert from "node:assert/strict";
import { test } from "node:test";
import { launchBrowser, newVisitor, openPage, untilWorkers } from "./browser.mjs";
import { setUp } from "./set-up.mjs";
import { startSite, withBody, withStatus } from "./site.mjs";

const DATABASE = "multimodal-rag:notes";
/** Passages that each question asks for. */
const LIMIT = 10;
const MIN_RECALL = 0.95;

const { site, browser } = await setUp({ site: startSite(), browser: launchBrowser() });

async function newPage(t) {
  return pageOf(await newVisitor(t, browser));
}

/** A page with what these tests call in it. */
async function pageOf(context) {
  const page = await openPage(context, site.url);
  await page.evaluate(() => {
    window.openNotes = async (vectorIndex) => {
      window.engine = await rag.Engine.open({ name: "notes", threads: 1, vectorIndex });
    };
    window.vectorIndex = async () => (await engine.stats()).vectorIndex;
    window.untilGraph = () => until(async () => (await vectorIndex()).graphs === 1);
    window.passageIds = async (limit, where) => {
      const questions = ["lamps of the harbour", "keeper number 7000", "year 1500", "the harbour in year 1999", "who wrote it down"];
      const found = [];
      for (const question of questions) {
        const passages = await engine.search(question, { limit, where });
        found.push(passages.map(({ chunkId }) => chunkId));
      }
      return found;
    };
  });
  return page;
}

/** A page whose engine has one segment that is large enough for a graph. */
async function pageWithNotes(t, vectorIndex) {
  const page = await newPage(t);
  await page.evaluate(async (vectorIndex) => {
    await openNotes(vectorIndex);
    await engine.add(longText(700), { name: "long.txt", metadata: { year: 1999 } });
  }, vectorIndex);
  return page;
}

const graphKeys = (page) => page.evaluate(async (name) => (await recordKeys(name)).filter((key) => /^graph/.test(key)), DATABASE);
const graphWorkers = (page) => page.workers().filter((worker) => worker.url().endsWith("/graph-worker.js"));

/** Graph workers that wait before they build, so that a test can end them. */
async function slowGraphWorkers(t) {
  const script = await site.pkgFile("graph-worker.js");
  const slow = script.replace("return wasm", "await new Promise((resolve) => setTimeout(resolve, 60_000));\n    return wasm");
  assert.notEqual(slow, script);
  site.answer(t, "/pkg/graph-worker.js", withBody(slow, "text/javascript"));
}

/** The worker that builds a graph, once it is there. */
async function untilGraphWorker(page) {
  while (graphWorkers(page).length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  return graphWorkers(page)[0];
}

function recallOf(found, expected) {
  const right = expected.flatMap((ids, question) => ids.filter((id) => found[question].includes(id)));
  return right.length / expected.flat().length;
}

test("a graph is built, read again after a reload, and finds what comparing all vectors finds", async (t) => {
  const page = await pageWithNotes(t, "graph");
  await page.evaluate(() => untilGraph());
  assert.deepEqual(await graphKeys(page), ["graph/0"]);
  await untilWorkers(page, 1);

  // After the reload no worker could build it.
  site.answer(t, "/pkg/graph-worker.js", withStatus(404));
  const again = await pageOf(page.context());
  await page.close();
  const { stats, byGraph } = await again.evaluate(async (limit) => {
    await openNotes("graph");
    await untilGraph();
    return { stats: await vectorIndex(), byGraph: await passageIds(limit) };
  }, LIMIT);
  assert.deepEqual(stats, { mode: "graph", used: "graph", segments: 1, graphs: 1, pending: 0, building: false });
  const { exactStats, expected } = await again.evaluate(async (limit) => {
    await engine.close();
    await openNotes("exact");
    return { exactStats: await vectorIndex(), expected: await passageIds(limit) };
  }, LIMIT);
  assert.deepEqual(exactStats, { mode: "exact", used: "exact", segments: 1, graphs: 0, pending: 0, building: false });
  assert.ok(expected.every((ids) => ids.length === LIMIT));
  assert.ok(byGraph.every((ids) => ids.length === LIMIT));
  const recall = recallOf(byGraph, expected);
  assert.ok(recall >= MIN_RECALL, `recall@${LIMIT} is ${recall}`);
  assert.deepEqual(again.errors, []);
});

test("by default no graph is built", async (t) => {
  const page = await pageWithNotes(t, undefined);
  const { mode, used, graphs } = await page.evaluate(() => vectorIndex());
  assert.deepEqual([mode, used, graphs], ["auto", "exact", 0]);
  assert.deepEqual(await graphKeys(page), []);
});

test("a graph worker that is killed in the middle loses nothing, and the graph is built again", async (t) => {
  await slowGraphWorkers(t);
  const page = await pageWithNotes(t, "graph");
  const worker = await untilGraphWorker(page);
  await page.evaluate(() => until(async () => (await vectorIndex()).building));
  const during = await page.evaluate(async (limit) => ({ stats: await vectorIndex(), found: await passageIds(limit) }), LIMIT);
  assert.deepEqual([during.stats.used, during.stats.pending], ["exact", 1]);
  assert.ok(during.found.every((ids) => ids.length === LIMIT));
  site.answer(t, "/pkg/graph-worker.js", withBody(await site.pkgFile("graph-worker.js"), "text/javascript"));
  await worker.evaluate(() => self.close()).catch(() => {}); // it may die before it answers
  await page.evaluate(() => untilGraph());
  const { found, documents } = await page.evaluate(async (limit) => {
    return { found: await passageIds(limit), documents: (await engine.documents()).length };
  }, LIMIT);
  assert.equal(documents, 1);
  assert.ok(recallOf(found, during.found) >= MIN_RECALL);
  assert.deepEqual(await graphKeys(page), ["graph/0"]);
});

test("where no graph worker can start all vectors are compared, and the statistics say so", async (t) => {
  site.answer(t, "/pkg/graph-worker.js", withStatus(404));
  const page = await pageWithNotes(t, "graph");
  await page.evaluate(() => until(async () => !(await vectorIndex()).building));
  const { stats, found } = await page.evaluate(async (limit) => {
    return { stats: await vectorIndex(), found: await passageIds(limit) };
  }, LIMIT);
  assert.deepEqual([stats.mode, stats.used, stats.graphs, stats.pending], ["graph", "exact", 0, 1]);
  assert.ok(found.every((ids) => ids.length === LIMIT));
});

test("removing the document ends the worker that builds its graph, and close ends all workers", async (t) => {
  await slowGraphWorkers(t);
  const page = await pageWithNotes(t, "graph");
  await untilGraphWorker(page);
  await page.evaluate(async () => {
    const [{ id }] = await engine.documents();
    await engine.remove(id);
  });
  await untilWorkers(page, 1);
  await page.evaluate(() => engine.add(longText(700, "bridge"), { name: "bridge.txt" }));
  await untilGraphWorker(page);
  await page.evaluate(() => engine.close());
  await untilWorkers(page, 0);
});

test("filters and removals leave as many passages as there are", async (t) => {
  const page = await pageWithNotes(t, "graph");
  await page.evaluate(() => untilGraph());
  const { all, filtered, none } = await page.evaluate(async (limit) => ({
    all: await passageIds(100),
    filtered: await passageIds(limit, { year: 1999 }),
    none: await passageIds(limit, { year: 2000 }),
  }), LIMIT);
  const exact = await page.evaluate(async () => {
    await engine.close();
    await openNotes("exact");
    return passageIds(100);
  });
  assert.deepEqual(all.map(({ length }) => length), exact.map(({ length }) => length));
  assert.ok(filtered.every((ids) => ids.length === LIMIT));
  assert.ok(none.every((ids) => ids.length === 0));
});

test("another choice is refused", async (t) => {
  const page = await newPage(t);
  const codes = await page.evaluate(async () => {
    const codes = [];
    for (const vectorIndex of ["hnsw", "", 1, true, {}]) {
      codes.push((await outcome(rag.Engine.open({ storage: "memory", vectorIndex }))).code);
    }
    return codes;
  });
  assert.deepEqual(new Set(codes), new Set(["invalid_option"]));
});
