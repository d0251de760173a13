// A knowledge base as its owner keeps it: updated, filtered, exported, imported, deleted.

import assert from "node:assert/strict";
import { test } from "node:test";
import { launchBrowser, newVisitor, openPage } from "./browser.mjs";
import { originalFiles } from "./original-files.mjs";
import { setUp } from "./set-up.mjs";
import { startSite } from "./site.mjs";

const { site, browser } = await setUp({ site: startSite(), browser: launchBrowser() });

async function pageWithEngine(t) {
  const page = await openPage(await newVisitor(t, browser), site.url);
  await page.evaluate(async () => {
    window.engine = await rag.Engine.open({ name: "notes" });
    await engine.add("The ferry leaves the harbour at seven.", { name: "old.txt", metadata: { year: 1999, tags: ["sea"] } });
    await engine.add("The ferry leaves the harbour at nine.", { name: "new.txt", metadata: { year: 2020, tags: ["sea", "land"] } });
    await engine.add("Bread stays in the oven for an hour.", { name: "bread.txt" });
    window.names = async (engine) => (await engine.documents()).map(({ name }) => name);
    window.found = async (where) =>
      (await engine.search("When does the ferry leave?", { where })).map(({ documentName }) => documentName).sort();
  });
  return page;
}

test("where selects documents by their metadata, and all matching passages come back", async (t) => {
  const page = await pageWithEngine(t);
  const { all, recent, land, either, none, refused, answered } = await page.evaluate(async () => {
    const events = [];
    const options = { where: { year: { lt: 2000 } }, maxTokens: 0 };
    for await (const event of engine.ask("When does the ferry leave?", options)) events.push(event);
    return {
      all: await found(undefined),
      recent: await found({ year: { gte: 2000 } }),
      land: await found({ tags: "land" }),
      either: await found({ or: [{ year: 1999 }, { year: null }] }),
      none: await found({ year: 1 }),
      refused: await outcome(engine.search("ferry", { where: { year: [1999] } })),
      answered: events.find(({ type }) => type === "passages").passages.map(({ documentName }) => documentName),
    };
  });
  assert.deepEqual(all, ["bread.txt", "new.txt", "old.txt"]);
  assert.deepEqual(recent, ["new.txt"]);
  assert.deepEqual(land, ["new.txt"]);
  assert.deepEqual(either, ["bread.txt", "old.txt"]);
  assert.deepEqual(none, []);
  assert.equal(refused.code, "invalid_option");
  assert.deepEqual(answered, ["old.txt"]);
});

test("feedback is recorded, counted, and removed", async (t) => {
  const page = await pageWithEngine(t);
  const { told, counted, cleared, unknown, empty, misspelt } = await page.evaluate(async () => {
    const [first, second] = await engine.search("When does the ferry leave?");
    const told = await engine.feedback("When does the ferry leave?", { good: [second.chunkId], bad: [first.chunkId] });
    const counted = (await engine.stats()).feedback;
    await engine.clearFeedback();
    return {
      told,
      counted,
      cleared: (await engine.stats()).feedback,
      unknown: await outcome(engine.feedback("ferry", { good: ["none"] })),
      empty: await outcome(engine.feedback("ferry", {})),
      misspelt: await outcome(engine.feedback("ferry", { god: [first.chunkId] })),
    };
  });
  assert.deepEqual(told, { questions: 1, inUse: false });
  assert.deepEqual(counted, told);
  assert.deepEqual(cleared, { questions: 0, inUse: false });
  assert.deepEqual([unknown.code, empty.code, misspelt.code], ["passage_not_found", "empty_feedback", "invalid_option"]);
});

test("a document replaces another in one step", async (t) => {
  const page = await pageWithEngine(t);
  const { names, missing, text } = await page.evaluate(async () => {
    const [old] = await engine.documents();
    await engine.add("The ferry leaves the harbour at eight.", { name: "newest.txt", replaces: old.id });
    return {
      names: await names(engine),
      missing: await outcome(engine.add("Some text.", { replaces: old.id })),
      text: await outcome(engine.text(old.id)),
    };
  });
  assert.deepEqual(names, ["new.txt", "bread.txt", "newest.txt"]);
  assert.equal(missing.code, "document_not_found");
  assert.equal(text.code, "document_not_found");
});

test("an exported knowledge base is the same after it is imported under another name", async (t) => {
  const page = await pageWithEngine(t);
  const seen = await page.evaluate(async () => {
    const file = await engine.export();
    const before = await engine.search("When does the ferry leave?");
    const copy = await rag.Engine.import(file, { name: "copy" });
    const after = await copy.search("When does the ferry leave?");
    const listed = await copy.documents();
    await copy.close();
    const again = await outcome(rag.Engine.import(file, { name: "copy" }));
    const cut = await outcome(rag.Engine.import(file.slice(0, file.size - 1), { name: "cut" }));
    const left = (await indexedDB.databases()).map(({ name }) => name);
    const reopened = await rag.Engine.open({ name: "copy" });
    return { before, after, listed, original: await engine.documents(), again, cut, left, reopened: await names(reopened) };
  });
  assert.deepEqual(seen.after, seen.before);
  assert.deepEqual(seen.listed, seen.original);
  assert.equal(seen.again.code, "already_exists");
  assert.equal(seen.cut.code, "corrupt_export");
  assert.deepEqual(seen.reopened, ["old.txt", "new.txt", "bread.txt"]);
});

test("a deleted knowledge base is gone, and calls of an engine that had it open reject", async (t) => {
  const page = await pageWithEngine(t);
  const { deleted, told, databases, names } = await page.evaluate(async () => {
    const deleted = await outcome(rag.Engine.delete("notes"));
    const told = await outcome(engine.search("ferry"));
    const databases = (await indexedDB.databases()).map(({ name }) => name);
    const anew = await rag.Engine.open({ name: "notes" });
    return { deleted, told, databases, names: await names(anew) };
  });
  assert.equal(deleted.code, undefined);
  assert.equal(told.code, "storage_closed");
  assert.ok(!databases.includes("multimodal-rag:notes"), `${databases}`);
  assert.deepEqual(names, []);
});

test("another embedder is refused, and embeds everything again with embedAgain", async (t) => {
  const page = await pageWithEngine(t);
  const original = await originalFiles(t, site);
  const { refused, names, found } = await page.evaluate(async (original) => {
    await engine.close();
    const embedder = { ...original, options: { maxTokens: 64 } };
    const refused = await outcome(rag.Engine.open({ name: "notes", models: { embedder } }));
    window.engine = await rag.Engine.open({ name: "notes", models: { embedder }, embedAgain: true });
    return { refused, names: await names(engine), found: await found({ year: 2020 }) };
  }, original);
  assert.equal(refused.code, "embedder_mismatch");
  assert.deepEqual(names, ["old.txt", "new.txt", "bread.txt"]);
  assert.deepEqual(found, ["new.txt"]);
});
