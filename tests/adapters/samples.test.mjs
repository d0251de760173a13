// The samples of docs/adapters.md, as they stand there, run in a page with small models and the real frameworks.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { launchBrowser, newVisitor } from "../page/browser.mjs";
import { setUp } from "../page/set-up.mjs";
import { startSite } from "../page/site.mjs";
import { bundle } from "./project.mjs";

const { site, browser } = await setUp({ site: startSite(), browser: launchBrowser() });

const docs = await readFile(new URL("../../docs/adapters.md", import.meta.url), "utf8");
const samples = [...docs.matchAll(/^```jsx?\n(.*?)^```$/gms)].map(([, text]) => text);

/** The sample that uses `name`. */
function sampleWith(name) {
  const found = samples.filter((text) => text.includes(name));
  assert.equal(found.length, 1, `one sample uses ${name}`);
  return found[0];
}

/** A page that runs a sample; what it logs is in `page.log`. Its errors fail the test. */
async function openSample(t, name, { before = () => {} } = {}) {
  const script = await bundle(t, `${sampleWith(name)}\nconsole.log("sample done");`);
  // Where a bundler would put the worker's files.
  const answer = (path, type, body) => site.answer(t, path, (response) => response.writeHead(200, { "content-type": type }).end(body));
  answer("/sample.html", "text/html", '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><body><script type="module" src="pkg/sample.js"></script>');
  answer("/pkg/sample.js", "text/javascript", script);
  const page = await (await newVisitor(t, browser)).newPage();
  page.log = [];
  const errors = [];
  page.on("console", (message) => (message.type() === "error" ? errors : page.log).push(message.text()));
  page.on("pageerror", (error) => errors.push(error.message));
  t.after(() => assert.deepEqual(errors, []));
  await page.addInitScript(before);
  const done = page.waitForEvent("console", (message) => message.text() === "sample done");
  await page.goto(`${site.url}sample.html`);
  await Promise.race([done, page.waitForEvent("pageerror").then((error) => Promise.reject(error))]);
  return page;
}

test("AI SDK: generateText quotes and cites a document", async (t) => {
  const { log } = await openSample(t, "generateText(");
  assert.ok(log.includes("source: hours.txt"), log.join("\n"));
  assert.ok(log.includes("On Fridays it closes at three. <- On Fridays it closes at three."), log.join("\n"));
});

test("AI SDK: embedMany and rerank use the embedder", async (t) => {
  const { log } = await openSample(t, "embedMany(");
  assert.match(log.join("\n"), /2 vectors of \d+ numbers\nbest: The office closes at three\./);
});

test("AI SDK: useChat shows the engine's answer with its source, and asks again", async (t) => {
  const page = await openSample(t, "useChat(");
  const quotes = page.getByText("On Fridays it closes at three.", { exact: true });
  for (const count of [1, 2]) {
    await page.getByRole("button", { name: "Ask" }).click();
    await quotes.nth(count - 1).waitFor();
    await page.waitForFunction(() => document.querySelectorAll("button")[1].disabled);
    assert.equal(await quotes.count(), count);
    assert.equal(await page.locator("cite", { hasText: "hours.txt" }).count(), count);
  }
  assert.equal(await page.getByRole("alert").count(), 0);
});

test("LangChain: the store finds by text and filter, the retriever by its own, and documents are deleted", async (t) => {
  const { log } = await openSample(t, "EngineRetriever(");
  assert.deepEqual(log.slice(0, 3), [
    "On Fridays the office closes at three. hours.txt",
    "The office is in Oslo. places.txt",
    "0 documents",
  ]);
});

test("React: a component opens an engine, adds, asks and quotes", async (t) => {
  const page = await openSample(t, "useAsk(");
  await page.getByRole("button", { name: "Add" }).click();
  const quote = page.getByText("On Fridays the office closes at three. (hours.txt)");
  // Until the document is added there is nothing to quote.
  for (let turn = 0; (await quote.count()) === 0 && turn < 100; turn += 1) {
    await page.getByRole("button", { name: "Ask" }).click();
    await page.waitForTimeout(100);
  }
  assert.equal(await quote.count(), 1);
});

test("generators: the built-in model writes where there is one", async (t) => {
  const before = () => {
    window.LanguageModel = {
      availability: async () => "available",
      create: async () => ({
        promptStreaming: () => new Blob(["The office closes at three on Fridays. Zebras pay 17 taxes."]).stream().pipeThrough(new TextDecoderStream()),
        destroy() {},
      }),
    };
  };
  const quote = "quote The office closes at three on Fridays.";
  const written = await openSample(t, "builtInGenerator(", { before });
  const text = written.log.filter((line) => line.startsWith("text ")).map((line) => line.slice("text ".length));
  assert.equal(text.join(""), "The office closes at three on Fridays. …");
  assert.ok(written.log.includes(quote));
  const without = await openSample(t, "builtInGenerator(", { before: () => delete window.LanguageModel });
  assert.deepEqual(without.log, [quote, "generator_failed", "sample done"]);
});
