// Written answers on the demo page: the choice of a model, and sentences that nothing supports. The models are tiny ones.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { launchBrowser } from "./browser.mjs";
import { addFiles, ready, sampleFile, startDemo, visit } from "./demo-visit.mjs";
import { setUp } from "./set-up.mjs";
import { sourceOf, tinyEmbedder } from "./tiny-models.mjs";

const QUESTION = "How large is the mirror of the Oakeshott reflector?";
const WITHIN_MS = 60_000;

const FILES = {
  embedder: await tinyEmbedder(),
  small: await readFile(new URL("../fixtures/models/tiny-llama.gguf", import.meta.url)),
  better: await readFile(new URL("../fixtures/models/tiny-llama-spm.gguf", import.meta.url)),
};
const entry = (name) => ({ ...sourceOf(`./models/tiny-${name}`, FILES[name]), languages: [] });
const MODELS = {
  embedder: entry("embedder"),
  embedderForAllLanguages: entry("embedder"),
  generator: entry("small"),
  generatorBetter: entry("better"),
};

const { demo, browser } = await setUp({ demo: startDemo(), browser: launchBrowser() });

/** The page with a document, of a site that has these model files. `page.fetched` collects the names of those it fetches. */
async function openDemo(t, hosted = ["small", "better"]) {
  // Requests of a service worker would not be answered here.
  const context = await browser.newContext({ serviceWorkers: "block" });
  t.after(() => context.close());
  const fetched = [];
  await context.route(`${demo.url}models.json`, (route) => route.fulfill({ json: MODELS }));
  await context.route(`${demo.url}hosted.json`, (route) => route.fulfill({ json: hosted.map((name) => `tiny-${name}`) }));
  for (const [name, body] of Object.entries(FILES)) {
    await context.route(`${demo.url}models/tiny-${name}`, (route) => {
      fetched.push(name);
      return route.fulfill({ body });
    });
  }
  const page = await visit(context, demo.url);
  page.fetched = fetched;
  await ready(page, { offline: false });
  await addFiles(page, [await sampleFile("observatory-handbook.md", "text/markdown")]);
  return page;
}

/** Asks, waits for the end, and resolves to the newest turn. */
async function ask(page, question = QUESTION) {
  await page.getByLabel("Your question").fill(question);
  await page.getByRole("button", { name: "Ask", exact: true }).click();
  return ended(page, question);
}

async function ended(page, question = QUESTION) {
  const turn = page.locator(".turn", { has: page.getByRole("heading", { name: question }) }).first();
  await turn.waitFor();
  await page.getByRole("button", { name: "Ask", exact: true }).waitFor({ timeout: WITHIN_MS });
  return turn;
}

/** Waits until this model is the chosen one. */
const isChosen = (page, name) => page.waitForFunction((name) => document.getElementById("answer-model").value === name, name);

const assertNoErrors = (page) => assert.deepEqual(page.errors.filter((error) => !error.includes("Service Worker registration blocked")), []);

test("the first question shows its quotes and asks which model writes; nothing is fetched before", async (t) => {
  const page = await openDemo(t);
  const turn = await ask(page);
  assert.ok((await turn.locator(".quote").count()) > 0);
  const offer = turn.getByRole("group", { name: "Written answers" });
  assert.deepEqual(await offer.getByRole("button").allTextContents(), [
    `Better (${Math.round(FILES.better.length / 1000)} kB)`, `Small (${Math.round(FILES.small.length / 1000)} kB)`, "Quotes only",
  ]);
  assert.deepEqual(page.fetched, ["embedder"]);

  await offer.getByRole("button", { name: /^Better/ }).click();
  const written = await ended(page);
  await written.locator(".answer").waitFor({ timeout: WITHIN_MS });
  assert.equal(await page.locator(".turn").count(), 1, "the question was asked a second time beside the first");
  await isChosen(page, "better");
  assert.deepEqual(page.fetched, ["embedder", "better"]);
  assertNoErrors(page);
});

test("with quotes only nothing is fetched, and the page does not ask again, also after a reload", async (t) => {
  const page = await openDemo(t);
  const turn = await ask(page);
  await turn.getByRole("button", { name: "Quotes only" }).click();
  await isChosen(page, "none");
  assert.equal(await turn.getByRole("group", { name: "Written answers" }).count(), 0);
  await page.reload();
  await ready(page, { offline: false });
  const again = await ask(page);
  assert.ok((await again.locator(".quote").count()) > 0);
  assert.equal(await again.getByRole("group", { name: "Written answers" }).count(), 0);
  assert.equal(await again.locator(".answer").count(), 0);
  assert.deepEqual(page.fetched, ["embedder"]);
  assertNoErrors(page);
});

test("another model can be chosen at any time, and writes the next answer", async (t) => {
  const page = await openDemo(t);
  const select = page.getByLabel("Written answers");
  for (const name of ["small", "better", "none"]) {
    await select.selectOption(name);
    const turn = await ask(page);
    assert.equal(await turn.locator(".answer").count(), name === "none" ? 0 : 1, name);
  }
  assert.deepEqual(page.fetched, ["embedder", "small", "better"]);
  assertNoErrors(page);
});

test("another tab writes with the model that this one chose", async (t) => {
  const page = await openDemo(t);
  const other = await visit(page.context(), demo.url);
  await ready(other, { offline: false });
  await page.getByLabel("Written answers").selectOption("small");
  await isChosen(other, "small");
  const turn = await ask(other);
  await turn.locator(".answer").waitFor({ timeout: WITHIN_MS });
  assert.deepEqual(page.fetched.filter((name) => name === "better"), []);
  assertNoErrors(other);
});

test("a model that the site does not have is not offered", async (t) => {
  const page = await openDemo(t, ["small"]);
  const turn = await ask(page);
  const labels = await turn.getByRole("group", { name: "Written answers" }).getByRole("button").allTextContents();
  assert.match(labels.join(), /^Small \(\d+ kB\),Quotes only$/);
  assertNoErrors(page);
});

test("a sentence that nothing supports is hidden, and shown when it is chosen", async (t) => {
  const page = await openDemo(t);
  await page.getByLabel("Written answers").selectOption("small");
  const turn = await ask(page);
  const folded = turn.locator(".answer .fold").first();
  assert.equal(await folded.textContent(), "…");
  assert.match(await turn.locator(".legend").textContent(), /^“…” stands for/);
  await folded.click();
  assert.equal(await folded.getAttribute("aria-expanded"), "true");
  assert.ok((await folded.textContent()).length > 1);
  assert.ok(await folded.locator(".unsupported").isVisible());
  await folded.click();
  assert.equal(await folded.textContent(), "…");
  assertNoErrors(page);
});
