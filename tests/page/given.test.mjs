// What the page brings: vectors of its own, and the file of a knowledge base.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { launchBrowser, newVisitor, openPage } from "./browser.mjs";
import { setUp } from "./set-up.mjs";
import { startSite } from "./site.mjs";

const { site, browser } = await setUp({ site: startSite(), browser: launchBrowser() });

const newPage = async (t) => openPage(await newVisitor(t, browser), site.url);

test("documents are found by the vectors that they were given", async (t) => {
  const page = await newPage(t);
  const seen = await page.evaluate(async (source) => {
    const embedder = await rag.Embedder.load(source);
    const engine = await rag.Engine.open({ name: "vectors" });
    const texts = ["a ferry at noon", "a lighthouse keeper", "bread in the oven"];
    const vectors = await embedder.embed(texts);
    for (const [at, text] of texts.entries()) await engine.add(`Text ${at}.`, { name: `${text}.txt`, vector: vectors[at] });
    const [question] = await embedder.embed(["a lighthouse keeper"]);
    const found = await engine.search({ vector: question }, { limit: 2 });
    const wrong = [new Float32Array(3), new Float32Array(embedder.dimensions), [1, 2]];
    const codes = await Promise.all(wrong.map(async (vector) => (await outcome(engine.search({ vector }))).code));
    const [asPassage] = await embedder.embed(["when"], { as: "passage" });
    return {
      names: found.map(({ documentName }) => documentName),
      scores: found[0].scores,
      codes,
      length: asPassage.length,
      as: (await outcome(embedder.embed(["when"], { as: "poem" }))).code,
    };
  }, site.models.embedder);
  assert.equal(seen.names[0], "a lighthouse keeper.txt");
  assert.equal(seen.names.length, 2);
  assert.ok(Math.abs(seen.scores.dense - 1) < 0.02 && seen.scores.lexical === 0);
  assert.deepEqual(seen.codes, ["invalid_option", "invalid_option", "invalid_option"]);
  assert.equal(seen.as, "invalid_option");
});

/** A knowledge base of these texts as its file. */
async function exported(page, texts) {
  const bytes = await page.evaluate(async (texts) => {
    const engine = await rag.Engine.open({ storage: "memory" });
    for (const [name, text] of Object.entries(texts)) await engine.add(text, { name });
    const file = await engine.export();
    await engine.close();
    return [...new Uint8Array(await file.arrayBuffer())];
  }, texts);
  return Buffer.from(bytes);
}

const sourceOf = (url, bytes) => ({ url, sha256: createHash("sha256").update(bytes).digest("hex"), size: bytes.length });

test("a knowledge base is opened by its address, read, and not changed; a new hash is a new file", async (t) => {
  const page = await newPage(t);
  const first = await exported(page, { "hours.txt": "The reading room closes at three." });
  const second = await exported(page, { "hours.txt": "The reading room closes at five." });
  let served = first;
  let requests = 0;
  site.answer(t, "/docs.rag", (response) => {
    requests += 1;
    response.writeHead(200, { "content-length": served.length }).end(served);
  });
  const open = (source) =>
    page.evaluate(async (source) => {
      const engine = await rag.Engine.open({ name: "site", source });
      const [best] = await engine.search("When does the reading room close?");
      const changes = [engine.add("x"), engine.remove(best.documentId), engine.clearFeedback()];
      const codes = await Promise.all(changes.map(async (change) => (await outcome(change)).code));
      const { storage } = await engine.stats();
      await engine.close();
      return { text: best.text, codes, storage: storage.kind };
    }, source);
  const expected = { codes: ["read_only", "read_only", "read_only"], storage: "memory" };
  assert.deepEqual(await open(sourceOf("docs.rag", first)), { text: "The reading room closes at three.", ...expected });
  assert.deepEqual(await open(sourceOf("docs.rag", first)), { text: "The reading room closes at three.", ...expected });
  assert.equal(requests, 1, "the second time it comes from the cache");
  served = second;
  assert.deepEqual(await open(sourceOf("docs.rag", second)), { text: "The reading room closes at five.", ...expected });
  assert.equal(requests, 2);
  const wrong = await page.evaluate(async (source) => outcome(rag.Engine.open({ source })), { ...sourceOf("docs.rag", second), sha256: "0".repeat(64) });
  assert.equal(wrong.code, "hash_mismatch");
});
