// The file that an element opens, kept between visits.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { launchBrowser, newVisitor, openPage } from "./browser.mjs";
import { setUp } from "./set-up.mjs";
import { startSite, withStatus } from "./site.mjs";

const { site, browser } = await setUp({ site: startSite(), browser: launchBrowser() });

const QUESTION = "When does the office close on Fridays?";
const pinOf = (file) => `sha256-${createHash("sha256").update(file).digest("base64")}`;

/** The export of a knowledge base with this text. */
async function exported(text) {
  const context = await browser.newContext();
  const page = await openPage(context, site.url);
  const bytes = await page.evaluate(async (text) => {
    const engine = await rag.Engine.open({ storage: "memory" });
    await engine.add(text, { name: "hours.txt", original: "drop" });
    const file = await engine.export();
    await engine.close();
    return Array.from(new Uint8Array(await file.arrayBuffer()));
  }, text);
  await context.close();
  return Buffer.from(bytes);
}

const first = await exported("The office opens at nine. On Fridays it closes at three.");
const second = await exported("The office opens at nine. On Fridays it closes at noon.");

/** Serves a file as docs.rag from now on. A browser that has it is told so. */
function serve(t, file) {
  const etag = `"${createHash("sha256").update(file).digest("hex")}"`;
  site.answer(t, "/docs.rag", (response, request) => {
    const isKnown = request.headers["if-none-match"] === etag;
    response.writeHead(isKnown ? 304 : 200, { etag, "content-length": isKnown ? 0 : file.length }).end(isKnown ? undefined : file);
  });
}

const withoutNetwork = (t) => site.answer(t, "/docs.rag", (response) => response.destroy());

/**
 * One visit: an element in a new page asks. Resolves to its quotes in one text or the code of its error, and to how often
 * docs.rag was asked for.
 */
async function visit(visitor, integrity = "") {
  const page = await openPage(visitor, site.url);
  site.log.length = 0;
  const said = await page.evaluate(async ([integrity, question]) => {
    await import("./pkg/element/index.js");
    const element = Object.assign(document.createElement("multimodal-rag"), { src: "docs.rag", integrity });
    const failed = new Promise((resolve) => element.addEventListener("error", ({ detail }) => resolve(detail.error.code)));
    document.body.append(element);
    const answer = element.ask(question).then((answer) => answer?.quotes.map(({ text }) => text).join(" ") ?? failed);
    const said = await Promise.race([answer, failed]);
    element.remove();
    return said;
  }, [integrity, QUESTION]);
  await page.close();
  return { said, requests: site.log.filter((path) => path === "/docs.rag").length };
}

/** What the visitor's browser keeps of exports: the address and the hash of each. */
async function kept(visitor) {
  const page = await openPage(visitor, site.url);
  const files = await page.evaluate(async () => {
    const cache = await caches.open("multimodal-rag-models");
    const keys = (await cache.keys()).filter(({ url }) => url.includes("/exports/"));
    const bytes = await Promise.all(keys.map(async (key) => (await cache.match(key)).arrayBuffer()));
    return bytes.map((file) => Array.from(new Uint8Array(file)));
  });
  await page.close();
  return files.map((bytes) => pinOf(Buffer.from(bytes)));
}

test("a pinned file is fetched once, and another hash takes its place", async (t) => {
  const visitor = await newVisitor(t, browser);
  serve(t, first);
  const { said, requests } = await visit(visitor, pinOf(first));
  assert.match(said, /at three/);
  assert.equal(requests, 1);
  withoutNetwork(t);
  assert.deepEqual(await visit(visitor, pinOf(first)), { said, requests: 0 });

  // The new file is not there yet: the last one stays.
  serve(t, first);
  assert.equal((await visit(visitor, pinOf(second))).said, "hash_mismatch");
  assert.deepEqual(await kept(visitor), [pinOf(first)]);
  serve(t, second);
  assert.match((await visit(visitor, pinOf(second))).said, /at noon/);
  assert.deepEqual(await kept(visitor), [pinOf(second)]);
});

test("a pinned file that was damaged in the cache is fetched again", async (t) => {
  const visitor = await newVisitor(t, browser);
  serve(t, first);
  await visit(visitor, pinOf(first));
  const page = await openPage(visitor, site.url);
  await page.evaluate(async () => {
    const cache = await caches.open("multimodal-rag-models");
    const [key] = (await cache.keys()).filter(({ url }) => url.includes("/exports/"));
    await cache.put(key, new Response("damaged"));
  });
  const { said, requests } = await visit(visitor, pinOf(first));
  assert.match(said, /at three/);
  assert.equal(requests, 1);
  assert.deepEqual(await kept(visitor), [pinOf(first)]);
});

test("a file without a pin is the server's, and the last one where there is no connection", async (t) => {
  const visitor = await newVisitor(t, browser);
  serve(t, first);
  assert.match((await visit(visitor)).said, /at three/);
  assert.equal((await visit(visitor)).requests, 1);
  withoutNetwork(t);
  assert.match((await visit(visitor)).said, /at three/);
  serve(t, second);
  assert.match((await visit(visitor)).said, /at noon/);
  assert.deepEqual(await kept(visitor), [pinOf(second)]);
  // What the site took away is not asked any more.
  site.answer(t, "/docs.rag", withStatus(404));
  assert.equal((await visit(visitor)).said, "download_failed");
});

test("a file that is damaged does not take the place of the last one", async (t) => {
  const visitor = await newVisitor(t, browser);
  serve(t, first);
  await visit(visitor);
  serve(t, first.subarray(0, first.length - 1));
  assert.equal((await visit(visitor)).said, "corrupt_export");
  withoutNetwork(t);
  assert.match((await visit(visitor)).said, /at three/);
});

test("two tabs that open it at once both answer", async (t) => {
  const visitor = await newVisitor(t, browser);
  serve(t, first);
  for (const { said } of await Promise.all([visit(visitor, pinOf(first)), visit(visitor, pinOf(first))])) assert.match(said, /at three/);
  assert.deepEqual(await kept(visitor), [pinOf(first)]);
});
