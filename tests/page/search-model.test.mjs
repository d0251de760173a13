// The search model of the demo page: which documents it does not know, and changing it. The models are tiny ones.

import assert from "node:assert/strict";
import { test } from "node:test";
import { launchBrowser } from "./browser.mjs";
import { addFiles, ask, ready, startDemo, visit } from "./demo-visit.mjs";
import { setUp } from "./set-up.mjs";
import { sourceOf, tinyEmbedder } from "./tiny-models.mjs";

const WITHIN_MS = 60_000;

const EMBEDDERS = {
  some: await tinyEmbedder(),
  all: await tinyEmbedder("--max-tokens", "96"),
  earlier: await tinyEmbedder("--max-tokens", "64"),
};

const { demo, browser } = await setUp({ demo: startDemo(), browser: launchBrowser() });

const entryOf = (name, languages) => ({ ...sourceOf(`./models/tiny-${name}`, EMBEDDERS[name]), languages });
const MODELS = { embedder: entryOf("some", ["en", "pt"]), embedderForAllLanguages: entryOf("all", []) };
const EARLIER_MODELS = { ...MODELS, embedder: entryOf("earlier", ["en"]) };

/** A visitor of the page with these models. */
async function newVisitor(t, models = MODELS) {
  // Requests of a service worker would not be answered here.
  const context = await browser.newContext({ serviceWorkers: "block" });
  t.after(() => context.close());
  await useModels(context, models);
  for (const [name, body] of Object.entries(EMBEDDERS)) {
    await context.route(`${demo.url}models/tiny-${name}`, (route) => route.fulfill({ body }));
  }
  return context;
}

/** Has the server offer these models. */
async function useModels(context, models) {
  await context.unroute(`${demo.url}models.json`);
  await context.route(`${demo.url}models.json`, (route) => route.fulfill({ json: models }));
}

async function openDemo(context) {
  const page = await visit(context, demo.url);
  await ready(page, { offline: false });
  return page;
}

async function reload(page) {
  await page.reload();
  await ready(page, { offline: false });
}

const webPage = (name, language, text) => ({
  name,
  mimeType: "text/html",
  buffer: Buffer.from(`<!doctype html><html lang="${language}"><title>${name}</title><p>${text}</p></html>`),
});
const GERMAN = webPage("bericht.html", "de-AT", "Die Fähre verlässt den Hafen um sieben Uhr.");
const DANISH = webPage("rapport.html", "da", "Færgen forlader havnen klokken syv.");
const ENGLISH = webPage("report.html", "en-GB", "The ferry leaves the harbour at seven.");
const PORTUGUESE = webPage("horas.html", "pt_BR", "O barco sai do porto às sete horas.");
const ODD = webPage("odd.html", "x-none", "Seven bells.");

const notice = (page) => page.locator("#search-model-notice");
const rowOf = (page, { name }) => page.locator("#documents > li").filter({ hasText: name });
const chosen = (page) => page.getByLabel("Search model").evaluate((select) => select.selectedOptions[0].textContent);

/** Chooses the model for all languages by the button of the notice, and waits until it is in use. */
async function useAllLanguages(page) {
  await page.getByRole("button", { name: /^Use the model for all languages \(\d+ kB\)$/ }).click();
  await notice(page).waitFor({ state: "hidden", timeout: WITHIN_MS });
}

const assertNoErrors = (page) => assert.deepEqual(page.errors.filter((error) => !error.includes("Service Worker registration blocked")), []);

test("a document in a language that the search model does not know is named, and no other", async (t) => {
  const page = await openDemo(await newVisitor(t));
  await addFiles(page, [ENGLISH, PORTUGUESE, ODD]);
  assert.ok(await notice(page).isHidden());
  await addFiles(page, [GERMAN]);
  await notice(page).getByText("“bericht.html” is in German. The search model in use knows English and Portuguese").waitFor();
  assert.match(await rowOf(page, GERMAN).textContent(), /In German: found by its words only/);
  for (const known of [ENGLISH, PORTUGUESE, ODD]) assert.doesNotMatch(await rowOf(page, known).textContent(), /by its words only/);
  await addFiles(page, [DANISH]);
  await notice(page).getByText("2 documents are in German and Danish.").waitFor();
  for (const { name } of [GERMAN, DANISH]) await page.getByRole("button", { name: `Remove ${name}` }).click();
  await notice(page).waitFor({ state: "hidden" });
  assertNoErrors(page);
});

test("the model for all languages indexes the documents again, and is still in use after a reload", async (t) => {
  const page = await openDemo(await newVisitor(t));
  await addFiles(page, [ENGLISH, GERMAN]);
  assert.match(await chosen(page), /^English and Portuguese \(\d+ kB\)$/);
  await useAllLanguages(page);
  assert.ok((await page.evaluate(() => window.stages)).includes("embed"));
  await isIndexedForAll(page);
  await reload(page);
  await isIndexedForAll(page);
  assert.deepEqual((await page.evaluate(() => window.stages)).filter((stage) => stage === "embed"), []);
  await addFiles(page, [DANISH]);
  assert.ok(await notice(page).isHidden());
  assertNoErrors(page);
});

/** The model for all languages is in use, no document has a note, and documents are found. */
async function isIndexedForAll(page) {
  assert.match(await chosen(page), /^all languages/);
  assert.ok(await notice(page).isHidden());
  assert.equal(await page.getByText("found by its words only").count(), 0);
  const turn = await ask(page, "When does the ferry leave?", { quotesOnly: true });
  assert.doesNotMatch(await turn.textContent(), /embedder/);
}

test("the setting changes the model there and back", async (t) => {
  const page = await openDemo(await newVisitor(t));
  await addFiles(page, [GERMAN]);
  await page.getByLabel("Search model").selectOption({ index: 1 });
  await notice(page).waitFor({ state: "hidden", timeout: WITHIN_MS });
  await page.getByLabel("Search model").selectOption({ index: 0 });
  await notice(page).getByText("“bericht.html” is in German.").waitFor({ timeout: WITHIN_MS });
  await reload(page);
  assert.match(await chosen(page), /^English and Portuguese/);
  assertNoErrors(page);
});

/** A page with a German document, whose change to the model for all languages goes on once `release` is called. */
async function midChange(t) {
  const context = await newVisitor(t);
  const release = await holdModel(context);
  t.after(release);
  const page = await openDemo(context);
  await addFiles(page, [GERMAN]);
  await page.getByRole("button", { name: /^Use the model for all languages/ }).click();
  const cancel = notice(page).getByRole("button", { name: "Cancel" });
  await cancel.waitFor();
  return { page, cancel, release };
}

/** Has the model for all languages arrive once `release` is called. */
async function holdModel(context) {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await context.route(`${demo.url}models/tiny-all`, async (route) => {
    await held;
    await route.fulfill({ body: EMBEDDERS.all }).catch(() => {});
  });
  return release;
}

test("while the model changes documents can be asked, files wait, and a cancelled change changes nothing", async (t) => {
  const { page, cancel } = await midChange(t);
  assert.ok(await cancel.evaluate((button) => button === document.activeElement), "the focus was lost");
  await ask(page, "Wann verlässt die Fähre den Hafen?", { quotesOnly: true });
  await page.getByRole("button", { name: "Remove bericht.html" }).click();
  await rowOf(page, GERMAN).getByRole("alert").filter({ hasText: "once the search model has changed" }).waitFor();
  await page.setInputFiles("#file-input", [ENGLISH]);
  await page.getByText("report.html will be added once the search model is here.").waitFor();
  await cancel.click();
  await notice(page).getByText("“bericht.html” is in German.").waitFor();
  await page.getByRole("button", { name: "Remove report.html" }).waitFor({ timeout: WITHIN_MS });
  assert.match(await chosen(page), /^English and Portuguese/);
  await reload(page);
  assert.deepEqual((await page.evaluate(() => window.stages)).filter((stage) => stage === "embed"), []);
  assertNoErrors(page);
});

test("a reload amid the change finds everything as it was", async (t) => {
  const { page, release } = await midChange(t);
  await reload(page);
  await notice(page).getByText("“bericht.html” is in German.").waitFor();
  release();
  await useAllLanguages(page);
});

test("a model that cannot be fetched leaves the one in use, and can be tried again", async (t) => {
  const context = await newVisitor(t);
  await context.route(`${demo.url}models/tiny-all`, (route) => route.fulfill({ status: 404 }), { times: 1 });
  const page = await openDemo(context);
  await addFiles(page, [GERMAN]);
  await page.getByRole("button", { name: /^Use the model for all languages/ }).click();
  await notice(page).getByRole("alert").filter({ hasText: "The search model could not be changed." }).waitFor();
  await ask(page, "Wann verlässt die Fähre den Hafen?", { quotesOnly: true });
  await useAllLanguages(page);
});

test("documents that an earlier version of the page indexed with another model are indexed again", async (t) => {
  const context = await newVisitor(t, EARLIER_MODELS);
  const page = await openDemo(context);
  await addFiles(page, [ENGLISH, GERMAN]);
  await useModels(context, MODELS);
  await page.addInitScript(() => {
    window.said = [];
    const note = () => window.said.push(document.getElementById("opening")?.textContent ?? "");
    new MutationObserver(note).observe(document, { childList: true, subtree: true, characterData: true });
  });
  await reload(page);
  const said = await page.evaluate(() => window.said);
  assert.ok(said.some((text) => text.includes("Your documents were indexed for another search model.")), said.at(-1));
  assert.equal(await page.getByRole("button", { name: /^Remove [\w-]+\.\w+$/ }).count(), 2);
  await notice(page).getByText("“bericht.html” is in German. The search model in use knows English and Portuguese").waitFor();
  await ask(page, "When does the ferry leave?", { quotesOnly: true });
  await reload(page);
  assert.deepEqual((await page.evaluate(() => window.stages)).filter((stage) => stage === "embed"), []);
  assertNoErrors(page);
});

test("where the chosen model is not to be had any more, the page opens with the smaller one", async (t) => {
  const context = await newVisitor(t);
  const page = await openDemo(context);
  await addFiles(page, [GERMAN]);
  await useAllLanguages(page);
  await page.evaluate(async () => Promise.all((await caches.keys()).map((name) => caches.delete(name))));
  await context.route(`${demo.url}models/tiny-all`, (route) => route.fulfill({ status: 404 }));
  await page.reload();
  await page.getByRole("button", { name: "Use the smaller search model" }).click();
  await ready(page, { offline: false });
  await notice(page).getByText("“bericht.html” is in German.").waitFor();
  await ask(page, "Wann verlässt die Fähre den Hafen?", { quotesOnly: true });
});

test("another tab follows the change", async (t) => {
  const context = await newVisitor(t);
  const page = await openDemo(context);
  await addFiles(page, [GERMAN]);
  const other = await openDemo(context);
  await notice(other).getByText("“bericht.html” is in German.").waitFor();
  await useAllLanguages(page);
  await notice(other).waitFor({ state: "hidden", timeout: WITHIN_MS });
  await isIndexedForAll(other);
  await addFiles(other, [DANISH]);
  assertNoErrors(other);
});

test("documents in memory are still there after the change", async (t) => {
  const context = await newVisitor(t);
  const refusal = 'IDBFactory.prototype.open = () => { throw new DOMException("not here", "SecurityError"); };\n';
  const worker = await (await fetch(`${demo.url}pkg/worker.js`)).text();
  await context.route(`${demo.url}pkg/worker.js`, (route) => route.fulfill({ contentType: "text/javascript", body: refusal + worker }));
  const page = await openDemo(context);
  await addFiles(page, [GERMAN]);
  await page.getByText("In memory only").waitFor();
  await useAllLanguages(page);
  await isIndexedForAll(page);
  await page.getByRole("button", { name: "Remove bericht.html" }).waitFor();
});

test("models.json says of the page's embedders what their files say, and the answer reader fits each", async (t) => {
  const context = await browser.newContext({ serviceWorkers: "block" });
  t.after(() => context.close());
  const page = await context.newPage();
  // A page of the same origin that opens no models itself.
  await page.goto(`${demo.url}models.json`);
  const seen = await page.evaluate(async () => {
    const { Engine } = await import(new URL("pkg/client.js", location.href).href);
    const { generator, generatorBetter, answerReader, ocr, ...embedders } = await (await fetch("models.json")).json();
    const languages = [];
    for (const embedder of Object.values(embedders)) {
      const engine = await Engine.open({ storage: "memory", models: { embedder, answerReader } });
      languages.push([embedder.languages, (await engine.stats()).models.embedder.languages]);
      await engine.close();
    }
    return languages;
  });
  assert.equal(seen.length, 2);
  for (const [listed, stated] of seen) assert.deepEqual(listed, stated);
});
