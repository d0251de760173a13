// A knowledge base that a site ships, beside the visitor's own.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { launchBrowser, newVisitor, openPage } from "./browser.mjs";
import { setUp } from "./set-up.mjs";
import { startSite, withBody } from "./site.mjs";

const { site, browser } = await setUp({ site: startSite(), browser: launchBrowser() });

const HOURS = "The office is open from nine to five.\n\nOn Fridays it closes at three.";
const QUESTION = "When does the office close on Fridays?";

/** The export of a knowledge base with this text, served as docs.rag from now on: how it is named in `shipped`. */
async function ship(t, text) {
  const page = await openPage(await newVisitor(t, browser), site.url);
  const bytes = Buffer.from(await page.evaluate(async (text) => {
    const engine = await rag.Engine.open({ storage: "memory" });
    await engine.add(text, { name: "hours.txt", original: "drop" });
    const file = await engine.export();
    await engine.close();
    return Array.from(new Uint8Array(await file.arrayBuffer()));
  }, text));
  site.answer(t, "/docs.rag", withBody(bytes));
  return { url: "docs.rag", sha256: createHash("sha256").update(bytes).digest("hex"), size: bytes.length };
}

/** Opens a knowledge base of the visitor's with what is shipped. */
const openWith = (page, source, name = "mine") =>
  page.evaluate(async ({ source, name }) => {
    window.engine = await rag.Engine.open({ name, shipped: [{ name: "docs", source }] });
  }, { source, name });

const fetched = () => site.log.filter((path) => path === "/docs.rag").length;

test("both are searched, results say which, and only one's own can be changed", async (t) => {
  const source = await ship(t, HOURS);
  const page = await openPage(await newVisitor(t, browser), site.url);
  await openWith(page, source);
  const found = await page.evaluate(async (question) => {
    await engine.add("The ferry leaves at seven.", { name: "ferry.txt" });
    const origins = (await engine.documents()).map(({ name, shipped }) => [name, shipped ?? null]);
    const [passage] = await engine.search(question);
    const quotes = [];
    for await (const event of engine.ask(question)) if (event.type === "quote") quotes.push(event.citation.shipped);
    const removed = await engine.remove(passage.documentId).catch(({ code }) => code);
    return { origins, passage: passage.shipped, quotes, removed, text: await engine.text(passage.documentId) };
  }, QUESTION);
  assert.deepEqual(found.origins.sort(), [["ferry.txt", null], ["hours.txt", "docs"]]);
  assert.deepEqual([found.passage, found.removed, found.text], ["docs", "read_only", HOURS]);
  assert.ok(found.quotes.length > 0 && found.quotes.every((shipped) => shipped === "docs"));
});

test("it is fetched once, works without a network, and another hash takes its place", async (t) => {
  const visitor = await newVisitor(t, browser);
  const source = await ship(t, HOURS);
  const page = await openPage(visitor, site.url);
  site.log.length = 0;
  for (let visit = 0; visit < 2; visit += 1) {
    await openWith(page, source, visit === 0 ? "mine" : "other");
    assert.equal(await page.evaluate(async () => (await engine.documents()).length), 1);
    await page.evaluate(() => engine.close());
  }
  assert.equal(fetched(), 1);
  const next = await ship(t, "On Fridays the office is closed.");
  const cached = () => page.evaluate(async () => (await (await caches.open("multimodal-rag-models")).keys()).map(({ url }) => url.split("/").at(-1)));
  assert.ok((await cached()).includes(source.sha256));
  await openWith(page, next);
  assert.match(await page.evaluate(async (question) => (await engine.search(question))[0].text, QUESTION), /is closed/);
  const areCached = async () => {
    const hashes = await cached();
    return [hashes.includes(source.sha256), hashes.includes(next.sha256)];
  };
  // Another knowledge base was opened with it last.
  assert.deepEqual(await areCached(), [true, true]);
  await openWith(page, next, "other");
  assert.deepEqual(await areCached(), [false, true]);
});

test("a file of another hash, and what is no list, are refused; one's own opens without it", async (t) => {
  const source = await ship(t, HOURS);
  const page = await openPage(await newVisitor(t, browser), site.url);
  const refused = await page.evaluate(async (source) => {
    const open = (shipped) => rag.Engine.open({ name: "mine", shipped }).then((engine) => engine.close(), ({ code }) => code);
    const one = { name: "docs", source };
    return [
      await open([{ ...one, source: { ...source, sha256: "0".repeat(64) } }]),
      await open([{ ...one, name: "" }]),
      await open([one, one]),
      await open({ docs: source }),
      await open([{ name: "docs" }]),
      await open([{ ...one, other: 1 }]),
      await open([]),
    ];
  }, source);
  assert.deepEqual(refused, ["hash_mismatch", ...Array(5).fill("invalid_option"), undefined]);
});
