// The engine as a page uses it: add, search, ask, remove, and all again after a reload.

import assert from "node:assert/strict";
import { test } from "node:test";
import { launchBrowser, newVisitor, openPage } from "./browser.mjs";
import { setUp } from "./set-up.mjs";
import { startSite, withBody } from "./site.mjs";

const { site, browser } = await setUp({ site: startSite(), browser: launchBrowser() });

const HOURS = "# Opening hours\n\nThe reading room opens at nine. On Fridays the reading room closes at three.\n";

async function openEngine(page, options = {}) {
  await page.evaluate(async (options) => {
    window.engine = await rag.Engine.open({ name: "notes", ...options });
  }, options);
}

async function pageWithEngine(t, options) {
  const page = await openPage(await newVisitor(t, browser), site.url);
  await openEngine(page, options);
  return page;
}

test("an added document is listed, read, found and removed", async (t) => {
  const page = await pageWithEngine(t);
  const seen = await page.evaluate(async (text) => {
    const added = await engine.add(new File([text], "hours.md", { type: "text/markdown" }), { metadata: { shelf: 3 } });
    const documents = await engine.documents();
    const plain = await engine.text(added.id);
    const passages = await engine.search("When does the reading room close on Fridays?");
    await engine.remove(added.id);
    return { added, documents, plain, passages, left: await engine.documents(), stats: await engine.stats() };
  }, HOURS);

  const { added } = seen;
  assert.match(added.id, /^[0-9a-f]{32}$/);
  assert.equal(added.name, "hours.md");
  assert.equal(added.bytes, Buffer.byteLength(HOURS));
  assert.deepEqual(added.metadata, { shelf: 3 });
  assert.equal(added.alreadyAdded, false);
  assert.ok(added.chunks >= 1);
  assert.ok(new Date(added.addedAt).getUTCFullYear() >= 2026);
  assert.deepEqual(seen.documents, [added]);
  assert.match(seen.plain, /closes at three/);
  assert.doesNotMatch(seen.plain, /#/);
  const [best] = seen.passages;
  assert.equal(best.documentId, added.id);
  assert.equal(best.documentName, "hours.md");
  assert.equal(seen.plain.slice(best.start, best.end), best.text);
  assert.equal(typeof best.score, "number");
  assert.equal(typeof best.scores.dense, "number");
  assert.equal(typeof best.scores.lexical, "number");
  assert.deepEqual(seen.left, []);
  assert.equal(seen.stats.documents, 0);
  assert.equal(seen.stats.chunks, 0);
  assert.deepEqual(page.errors, []);
});

test("every kind of source can be added, and of a view only its own bytes are sent", async (t) => {
  const page = await pageWithEngine(t);
  const added = await page.evaluate(async () => {
    const bytes = (text) => new TextEncoder().encode(text);
    const view = bytes("outside. Bytes of a view. outside").subarray(9, 25);
    const documents = [
      await engine.add("A plain string."),
      await engine.add(new Blob(["<p>A blob of HTML."], { type: "text/html" })),
      await engine.add(bytes("An ArrayBuffer.").buffer, { name: "buffer.txt" }),
      await engine.add(view, { name: "view.txt" }),
      await engine.add(new File(["A file."], "file.md")),
      await engine.add("# A heading", { name: "string.md" }),
    ];
    const texts = [];
    for (const { id } of documents) texts.push((await engine.text(id)).trim());
    return { names: documents.map(({ name }) => name), texts, viewStillThere: view.length };
  });
  assert.deepEqual(added.names, ["untitled.txt", "untitled", "buffer.txt", "view.txt", "file.md", "string.md"]);
  assert.deepEqual(added.texts, [
    "A plain string.",
    "A blob of HTML.",
    "An ArrayBuffer.",
    "Bytes of a view.",
    "A file.",
    "A heading",
  ]);
  assert.equal(added.viewStillThere, 16);
});

test("spans are UTF-16 offsets, also after characters outside the basic plane", async (t) => {
  const page = await pageWithEngine(t);
  const slices = await page.evaluate(async () => {
    const { id } = await engine.add("🗝️🗝️ naïve façade. Der Schlüssel hängt im Büro. 鍵は事務所にある。", { name: "keys.txt" });
    const text = await engine.text(id);
    const passages = await engine.search("Schlüssel Büro");
    return passages.map((passage) => [text.slice(passage.start, passage.end), passage.text]);
  });
  assert.ok(slices.length > 0);
  for (const [slice, text] of slices) assert.equal(slice, text);
});

test("an answer gives passages first, quotes before text, and its end last", async (t) => {
  const page = await pageWithEngine(t);
  const { events, plain } = await page.evaluate(async (text) => {
    const { id } = await engine.add(text, { name: "hours.md", type: "text/markdown" });
    const events = await collect(engine.ask("When does the reading room close on Fridays?", { maxTokens: 12 }));
    return { events, plain: await engine.text(id) };
  }, HOURS);

  const types = events.map(({ type }) => type);
  assert.equal(types[0], "passages");
  assert.equal(types.filter((type) => type === "passages").length, 1);
  assert.equal(types.at(-1), "end");
  assert.equal(types.filter((type) => type === "end").length, 1);
  assert.ok(types.includes("quote"), types.join());
  if (types.includes("text")) assert.ok(types.lastIndexOf("quote") < types.indexOf("text"), types.join());
  for (const { citation } of events.filter(({ citation }) => citation)) {
    assert.equal(plain.slice(citation.start, citation.end), citation.text);
    assert.equal(citation.documentName, "hours.md");
    assert.ok(citation.number >= 1);
  }
  const { reason, timings } = events.at(-1);
  assert.ok(["stop", "length", "no_answer"].includes(reason), reason);
  for (const value of Object.values(timings)) assert.equal(typeof value, "number");
  assert.deepEqual(page.errors, []);
});

test("without a generator an answer has quotes only", async (t) => {
  const page = await openPage(await newVisitor(t, browser), site.url);
  const events = await page.evaluate(async (text) => {
    const { embedder } = await (await fetch("models.json")).json();
    window.engine = await rag.Engine.open({ name: "quotes", models: { embedder } });
    await engine.add(text, { name: "hours.md" });
    return collect(engine.ask("When does the reading room close on Fridays?"));
  }, HOURS);
  assert.equal(events[0].type, "passages");
  assert.ok(!events.some(({ type }) => type === "text"));
  assert.ok(["no_generator", "no_answer"].includes(events.at(-1).reason), events.at(-1).reason);
});

test("the generator is fetched when it is first needed, and both models only once", async (t) => {
  const context = await newVisitor(t, browser);
  const page = await openPage(context, site.url);
  const fetched = () => site.log.filter((path) => path.startsWith("/models/")).sort();
  site.log.length = 0;
  await openEngine(page);
  assert.deepEqual(fetched(), ["/models/embedder"]);
  assert.equal(await page.evaluate(async () => (await engine.stats()).models.generator.loaded), false);
  const stages = await page.evaluate(async () => {
    const stages = new Set();
    await engine.loadGenerator({ onProgress: ({ stage }) => stages.add(stage) });
    return [...stages];
  });
  assert.deepEqual(stages, ["download", "load"]);
  assert.deepEqual(fetched(), ["/models/embedder", "/models/generator"]);
  assert.equal(await page.evaluate(async () => (await engine.stats()).models.generator.loaded), true);

  await page.reload();
  await page.waitForFunction(() => window.rag);
  site.log.length = 0;
  await openEngine(page);
  await page.evaluate(() => engine.loadGenerator());
  assert.deepEqual(fetched(), []);
});

test("after a reload everything is there and nothing is embedded again", async (t) => {
  const page = await pageWithEngine(t);
  const before = await page.evaluate(async () => {
    await engine.add(longText(60), { name: "long.txt" });
    await engine.add("The lighthouse keeper was called Amelia.", { name: "keeper.txt" });
    return { documents: await engine.documents(), passages: await engine.search("Who kept the lighthouse?") };
  });
  await page.reload();
  await page.waitForFunction(() => window.rag);
  const after = await page.evaluate(async () => {
    const stages = new Set();
    window.engine = await rag.Engine.open({ name: "notes", onProgress: ({ stage }) => stages.add(stage) });
    return {
      documents: await engine.documents(),
      passages: await engine.search("Who kept the lighthouse?"),
      stages: [...stages],
      stats: await engine.stats(),
    };
  });
  assert.deepEqual(after.documents, before.documents);
  assert.deepEqual(after.passages, before.passages);
  assert.ok(!after.stages.includes("embed"), after.stages.join());
  assert.equal(after.stats.documents, 2);
  assert.equal(after.stats.storage.kind, "persistent");
  assert.equal(after.stats.chunks, before.documents.reduce((sum, { chunks }) => sum + chunks, 0));
});

test("the same bytes again change nothing, and under another name nothing is embedded", async (t) => {
  const page = await pageWithEngine(t);
  const { first, second, copy, passage, embedded, documents } = await page.evaluate(async () => {
    const text = longText(5);
    let embedded = 0;
    const onProgress = ({ stage, done, total }) => (embedded += stage === "embed" && done < total);
    const first = await engine.add(text, { name: "one.txt" });
    const second = await engine.add(text, { name: "one.txt", onProgress });
    const documents = await engine.documents();
    const copy = await engine.add(text, { name: "two.txt", onProgress });
    const [passage] = await engine.search("sentence", { limit: 1 });
    return { first, second, copy, passage, embedded, documents };
  });
  assert.equal(second.alreadyAdded, true);
  assert.deepEqual({ ...second, alreadyAdded: false }, first);
  assert.equal(documents.length, 1);
  assert.equal(copy.alreadyAdded, false);
  assert.deepEqual([passage.documentName, ...passage.alsoIn].sort(), ["one.txt", "two.txt"]);
  assert.equal(embedded, 0);
});

test("progress names its stage and unit and estimates the time left", async (t) => {
  const page = await pageWithEngine(t);
  const progress = await page.evaluate(async () => {
    const progress = [];
    await engine.add(longText(80), { name: "long.txt", onProgress: (p) => progress.push(p) });
    return progress;
  });
  const embedding = progress.filter(({ stage }) => stage === "embed");
  assert.ok(embedding.length > 1, "more than one step");
  assert.equal(embedding.at(-1).done, embedding.at(-1).total);
  assert.ok(embedding.every(({ unit }) => unit === "chunks"));
  assert.ok(embedding.some(({ etaMs }) => etaMs > 0), "some estimate");
});

test("storage in memory leaves nothing behind", async (t) => {
  const page = await pageWithEngine(t, { storage: "memory" });
  const { kind, found, left } = await page.evaluate(async () => {
    await engine.add(longText(3), { name: "gone.txt" });
    const { storage } = await engine.stats();
    return { kind: storage.kind, found: (await engine.search("harbour")).length, left: await databasesWithRecords() };
  });
  assert.equal(kind, "memory");
  assert.ok(found > 0);
  assert.deepEqual(left, []);
  await page.reload();
  await page.waitForFunction(() => window.rag);
  await openEngine(page, { storage: "memory" });
  assert.deepEqual(await page.evaluate(() => engine.documents()), []);
});

test("models can be given as files and as bytes", async (t) => {
  const page = await openPage(await newVisitor(t, browser), site.url);
  const found = await page.evaluate(async () => {
    const blob = await (await fetch("models/embedder")).blob();
    const data = new Uint8Array(await blob.arrayBuffer());
    const fingerprints = [];
    for (const embedder of [{ file: blob }, { data }]) {
      const engine = await rag.Engine.open({ name: "given", models: { embedder } });
      fingerprints.push((await engine.stats()).models.embedder.fingerprint);
      await engine.close();
    }
    return { fingerprints, dataStillThere: data.length === blob.size };
  });
  assert.deepEqual(found.fingerprints, [site.models.embedder.sha256, site.models.embedder.sha256]);
  assert.ok(found.dataStillThere);
});

test("addresses in models.json are relative to it, those in options to the page", async (t) => {
  site.answer(t, "/deep/", withBody(await (await fetch(site.url)).text().then((html) => html.replaceAll('"./', '"../')), "text/html"));
  const elsewhere = { ...site.models, embedder: { ...site.models.embedder, url: "../models/embedder" } };
  site.answer(t, "/deep/models.json", withBody(JSON.stringify(elsewhere), "application/json"));
  const page = await openPage(await newVisitor(t, browser), `${site.url}deep/`);
  await openEngine(page);
  await page.evaluate(async (embedder) => {
    const other = await rag.Engine.open({ name: "other", models: { embedder } });
    await other.close();
  }, elsewhere.embedder);
  assert.deepEqual(page.errors, []);
});
