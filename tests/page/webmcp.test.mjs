// The knowledge base as tools for agents in the browser: with a stand-in for `document.modelContext`, and with Chromium's
// own where it has one (https://webmachinelearning.github.io/webmcp/).

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { launchBrowser, newVisitor, openPage } from "./browser.mjs";
import { setUp } from "./set-up.mjs";
import { startSite } from "./site.mjs";

const { site, browser, withTools } = await setUp({
  site: startSite(),
  browser: launchBrowser(),
  withTools: launchBrowser("--enable-features=WebMCP"),
});
const standIn = fileURLToPath(new URL("./model-context.js", import.meta.url));
const READING = ["ask", "list", "query", "search", "tables"];

/** A page with an engine of two documents; `register(options)` gives its tools to the stand-in, or to the browser. */
async function openEngine(t, { isOwn = false } = {}) {
  const visitor = await newVisitor(t, isOwn ? withTools : browser);
  if (!isOwn) await visitor.addInitScript({ path: standIn });
  const page = await openPage(visitor, site.url);
  await page.evaluate(async () => {
    const { registerTools } = await import(new URL("pkg/adapters/webmcp/index.js", location));
    window.engine = await rag.Engine.open({ storage: "memory" });
    await engine.add("The office is open from nine to five.\n\nOn Fridays it closes at three.", { name: "hours.txt" });
    await engine.add("city,sold\nRome,12\nOslo,30\nRome,9\n", { name: "sales.csv" });
    window.controller = new AbortController();
    window.register = (options) => registerTools(engine, { signal: controller.signal, ...options });
    window.namesOfTools = async () => (await document.modelContext.getTools()).map(({ name }) => name);
    window.execute = async (name, input, options) => {
      const tool = (await document.modelContext.getTools()).find((tool) => tool.name === name);
      return JSON.parse(await document.modelContext.executeTool(tool, input, options));
    };
  });
  return page;
}

/** Such a page whose tools are registered with these options. */
async function openTools(t, options) {
  const page = await openEngine(t);
  await page.evaluate(async (options) => (window.isRegistered = await register(options)), options);
  const call = (name, input) => page.evaluate(([name, input]) => execute(name, input), [name, input]);
  return { page, call, names: () => page.evaluate(() => namesOfTools()) };
}

test("agents of the browser search, ask, list and query, and change nothing", async (t) => {
  const { page, call, names } = await openTools(t);
  assert.equal(await page.evaluate(() => window.isRegistered), true);
  assert.deepEqual(await names(), READING);
  const hints = await page.evaluate(async () => (await document.modelContext.getTools()).map(({ annotations }) => annotations));
  assert.ok(hints.every(({ readOnlyHint, untrustedContentHint }) => readOnlyHint && untrustedContentHint));

  const { passages } = await call("search", { question: "office on Fridays", limit: 1 });
  const text = await page.evaluate(async ({ documentId, start, end }) => (await engine.text(documentId)).slice(start, end), passages[0]);
  assert.deepEqual([passages.length, passages[0].document, passages[0].text], [1, "hours.txt", text]);
  const { found, quotes } = await call("ask", { question: "When does the office close on Fridays?" });
  assert.ok(found && quotes.some(({ text }) => text === "On Fridays it closes at three."));
  assert.deepEqual((await call("list", {})).documents.map(({ name }) => name), ["hours.txt", "sales.csv"]);
  assert.deepEqual((await call("tables", {})).tables.map(({ name, rows }) => [name, rows]), [["sales", 3]]);
  const { rows, cells } = await call("query", { sql: "SELECT sum(sold) FROM sales WHERE city = ?1", params: ["Rome"] });
  assert.deepEqual([rows, cells.map(({ text }) => text)], [[[21]], ["12", "9"]]);

  const refusals = [
    ["search", {}, /The tool needs the text "question"/],
    ["search", { question: { image: 1 } }, /The tool needs the text "question"/],
    ["search", { question: "a", limit: 0 }, /limit/],
    ["search", { question: "a", limit: 51 }, /from 1 to 50/],
    ["query", { sql: "SELECT 1", limit: 1001 }, /from 1 to 1000/],
    ["query", { sql: "SELECT 1", limit: "1" }, /limit/],
    ["search", { question: "a", constructor: 1 }, /no argument "constructor"/],
    ["ask", { question: "When?", other: 1 }, /no argument "other"/],
    ["list", { cursor: "here" }, /The cursor is not one/],
    ["query", { sql: "DELETE FROM sales" }, /reads more than the tables/],
  ];
  for (const [name, input, message] of refusals) {
    const { isError, content } = await call(name, input);
    assert.ok(isError, name);
    assert.match(content[0].text, message);
  }
  assert.deepEqual((await call("search", { question: "office", where: { year: 2020 } })).passages, []);
  assert.ok((await call("ask", { question: "And on Fridays?", after: "When does the office close?" })).quotes.length > 0);

  await page.evaluate(() => controller.abort());
  assert.deepEqual(await names(), []);
});

test("with `write` they add texts, and names may have a prefix", async (t) => {
  const { call, names } = await openTools(t, { write: true, prefix: "notes_" });
  assert.deepEqual(await names(), ["add", ...READING].map((name) => `notes_${name}`));
  const { added } = await call("notes_add", { name: "keys.txt", text: "The keys hang by the door." });
  assert.equal(added[0].name, "keys.txt");
  const { passages } = await call("notes_search", { question: "Where are the keys?" });
  assert.ok(passages.some(({ document }) => document === "keys.txt"));
});

test("where the browser has no tools nothing is registered", async (t) => {
  const page = await openPage(await newVisitor(t, browser), site.url);
  const isRegistered = await page.evaluate(async () => {
    const { registerTools } = await import(new URL("pkg/adapters/webmcp/index.js", location));
    return registerTools({});
  });
  assert.equal(isRegistered, false);
});

test("where one tool is refused none of them stays, and they can be registered again", async (t) => {
  const page = await openEngine(t);
  const seen = await page.evaluate(async () => {
    const nameOf = (promise) => promise.then(() => "registered", ({ name }) => name);
    const other = new AbortController();
    const own = { name: "query", description: "The page's own.", inputSchema: {}, execute: async () => 1 };
    await document.modelContext.registerTool(own, { signal: other.signal });
    const taken = await nameOf(register());
    const left = await namesOfTools();
    other.abort();
    const again = await nameOf(register());
    const names = await namesOfTools();
    controller.abort();
    document.modelContext.isForbidden = true;
    return { taken, left, again, names, aborted: await nameOf(register()), forbidden: await nameOf(register({ signal: undefined })) };
  });
  const expected = { taken: "InvalidStateError", left: ["query"], again: "registered", names: READING };
  assert.deepEqual(seen, { ...expected, aborted: "NotAllowedError", forbidden: "NotAllowedError" });
});

/** Calls and cancels tools in the page. */
const callAndCancel = async () => {
  await register({ write: true });
  const hints = (await document.modelContext.getTools()).map(({ name, annotations }) => [name, annotations.readOnlyHint, annotations.untrustedContentHint]);
  const { quotes } = await execute("ask", { question: "When does the office close on Fridays?" });
  const { isError } = await execute("ask", {});
  const cancel = new AbortController();
  const adding = execute("add", { text: longText(20_000), name: "long.txt" }, { signal: cancel.signal });
  setTimeout(() => cancel.abort(), 300);
  const cancelled = await adding.then(() => "added", ({ name }) => name);
  // The engine answers the next call once it has left the cancelled one.
  const documents = (await engine.documents()).length;
  controller.abort();
  return { hints, quote: quotes[0].text, isError, cancelled, documents, left: await namesOfTools() };
};

for (const isOwn of [false, true]) {
  test(`${isOwn ? "Chromium's own" : "the stand-in of"} document.modelContext calls, cancels and drops the tools`, async (t) => {
    const page = await openEngine(t, { isOwn });
    if (!(await page.evaluate(() => "modelContext" in document))) return t.skip("this browser has no WebMCP");
    assert.deepEqual(await page.evaluate(callAndCancel), {
      hints: [["add", false, true], ...READING.map((name) => [name, true, true])],
      quote: "On Fridays it closes at three.",
      isError: true,
      cancelled: "AbortError",
      documents: 2,
      left: [],
    });
  });
}
