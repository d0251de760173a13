// The demo page in German, its settings, and the end of all that it keeps.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import de from "../../www/parts/texts/de.js";
import en from "../../www/parts/texts/en.js";
import { launchBrowser } from "./browser.mjs";
import { addFiles, ask, ready, sampleFile, startDemo, visit } from "./demo-visit.mjs";
import { setUp } from "./set-up.mjs";

const { demo, browser } = await setUp({ demo: startDemo(), browser: launchBrowser() });
const html = await readFile(new URL("../../www/index.html", import.meta.url), "utf8");

/** What the page says in English, without values, and does not say in German too. */
const ENGLISH = (() => {
  const forms = (texts) => Object.values(texts).flatMap((text) => (typeof text === "string" ? [text] : Object.values(text)));
  const ofHtml = [...html.matchAll(/data-text="[^"]*"[^>]*>([^<]+)</g)].map(([, text]) => text);
  const ofAttributes = [...html.matchAll(/(?:placeholder|aria-label|title)="([^"]+)"/g)].map(([, text]) => text);
  const german = new Set(forms(de));
  return new Set([...forms(en), ...ofHtml, ...ofAttributes].filter((text) => !text.includes("{") && !german.has(text)));
})();

/** The lines, names and titles that a visitor meets now. */
function said(page) {
  return page.evaluate(() => {
    const elements = [...document.querySelectorAll("body *")].filter((element) => element.checkVisibility());
    const attributes = elements.flatMap((element) => ["aria-label", "title", "placeholder"].map((name) => element.getAttribute(name)));
    const texts = elements.flatMap((element) => [...element.childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE).map(({ data }) => data));
    return [...attributes, ...texts].filter(Boolean).map((text) => text.trim());
  });
}

async function assertNoEnglish(page, where) {
  assert.deepEqual((await said(page)).filter((text) => ENGLISH.has(text)), [], where);
}

async function newVisit(t, options) {
  const context = await browser.newContext(options);
  t.after(() => context.close());
  return visit(context, demo.url);
}

test("a browser in German gets a page in German, from the first visit to an answer, a table and an error", async (t) => {
  const page = await newVisit(t, { locale: "de-AT" });
  await ready(page);
  assert.equal(await page.locator("html").getAttribute("lang"), "de");
  assert.equal(await page.title(), "Fragen an Ihre Dateien");
  await assertNoEnglish(page, "the welcome");

  const yields = await sampleFile("tide-mill-yields.csv", "text/csv");
  const handbook = await sampleFile("observatory-handbook.md", "text/markdown");
  await page.setInputFiles("#file-input", [yields, handbook, { name: "leer.txt", mimeType: "text/plain", buffer: Buffer.from(" ") }]);
  await page.getByRole("button", { name: `Entfernen: ${handbook.name}` }).waitFor();
  await page.getByText("2 von 3 Dateien gelesen, 1 ausgelassen.").waitFor();
  await assertNoEnglish(page, "the documents");

  await page.getByLabel("Geschriebene Antworten").selectOption("none");
  const question = page.getByLabel("Ihre Frage");
  await question.fill("Who was the miller in July 2025?");
  await question.press("Enter");
  const turn = page.locator(".turn").first();
  await turn.getByRole("heading", { name: "Aus einer Tabelle berechnet" }).waitFor();
  await turn.getByText("Warum diese Antwort").click();
  await assertNoEnglish(page, "an answer");
  assert.match(await turn.locator(".scores").first().textContent(), /, Zeilen? \d+.*Bedeutung [01],\d\d, Wörter \d/);

  await turn.locator(".table-source").click();
  await page.getByText("Aus 1 Zeile berechnet. Sie ist markiert.").waitFor();
  await assertNoEnglish(page, "a table");
  await page.keyboard.press("Escape");
  for (const name of ["Verwalten", "Einstellungen", "Tastatur"]) {
    await page.getByRole("button", { name, exact: true }).click();
    await assertNoEnglish(page, name);
    await page.keyboard.press("Escape");
  }
  assert.deepEqual(page.errors, []);
});

test("the language and the colours that are chosen stay; other browsers get English and the system's colours", async (t) => {
  const page = await newVisit(t, { locale: "fr-FR", colorScheme: "light" });
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.getByRole("button", { name: "Settings" }).click();
  const light = await paper();
  await page.getByLabel("Colours").selectOption("dark");
  const dark = await paper();
  assert.notEqual(dark, light);
  await Promise.all([page.waitForEvent("load"), page.getByLabel("Language").selectOption("de")]);
  await page.getByRole("button", { name: "Einstellungen" }).click();
  assert.equal(await paper(), dark);
  await page.getByLabel("Farben").selectOption({ label: "wie im System" });
  assert.equal(await paper(), light);
  await Promise.all([page.waitForEvent("load"), page.getByLabel("Sprache").selectOption({ label: "wie im Browser" })]);
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  assert.deepEqual(page.errors, []);
});

test("the browser is asked to keep the documents, and what it says is shown", async (t) => {
  const page = await newVisit(t);
  await ready(page, { offline: false });
  // Headless Chromium never agrees by itself.
  await page.evaluate(() => {
    let isKept = false;
    navigator.storage.persisted = async () => isKept;
    navigator.storage.persist = async () => (isKept = window.agrees ?? false);
  });
  await page.getByRole("button", { name: "Settings" }).click();
  const button = page.getByRole("button", { name: "Ask the browser to keep them" });
  await button.click();
  await page.getByText("The browser did not agree.").waitFor();
  await page.evaluate(() => (window.agrees = true));
  await button.click();
  await page.getByText("The browser keeps the documents until you remove them.").waitFor();
  assert.equal(await button.isVisible(), false);
  assert.deepEqual(page.errors, []);
});

test("agents of the browser get tools once the visitor allows it, in each tab, and lose them with it", async (t) => {
  const context = await browser.newContext();
  t.after(() => context.close());
  await context.addInitScript({ path: fileURLToPath(new URL("./model-context.js", import.meta.url)) });
  const page = await visit(context, demo.url);
  await ready(page, { offline: false });
  const other = await visit(context, demo.url);
  await ready(other, { offline: false });
  const hasTools = (tab, count) => tab.waitForFunction(async (count) => (await document.modelContext.getTools()).length === count, count);
  await hasTools(page, 0);

  await page.getByRole("button", { name: "Settings" }).click();
  const allowed = page.getByLabel("Agents of this browser may search and ask the documents");
  await allowed.check();
  await Promise.all([hasTools(page, 5), hasTools(other, 5)]);
  await page.reload();
  await hasTools(page, 5);
  await page.getByRole("button", { name: "Settings" }).click();
  await allowed.uncheck();
  await Promise.all([hasTools(page, 0), hasTools(other, 0)]);
  assert.deepEqual([...page.errors, ...other.errors], []);
});

test("once everything is deleted, the browser keeps nothing of the page, and its other tabs have ended", async (t) => {
  const page = await newVisit(t);
  await ready(page);
  await addFiles(page, [await sampleFile("observatory-handbook.md", "text/markdown")]);
  await ask(page, "How much does the mirror weigh?", { quotesOnly: true });
  const other = await visit(page.context(), demo.url);
  await ready(other, { offline: false });
  // A knowledge base that the settings lost.
  await page.evaluate(async () => {
    const { Engine } = await import(new URL("pkg/client.js", location));
    const { embedder } = await (await fetch("models.json")).json();
    const lost = await Engine.open({ name: "ask-your-files-lost", models: { embedder } });
    await lost.close();
  });

  await page.getByRole("button", { name: "Settings" }).click();
  page.once("dialog", (dialog) => dialog.dismiss());
  await page.getByRole("button", { name: "Delete everything" }).click();
  assert.ok(await page.locator(".turn").first().isVisible());
  page.once("dialog", (dialog) => dialog.accept());
  await page.getByRole("button", { name: "Delete everything" }).click();
  for (const tab of [page, other]) {
    await tab.getByRole("heading", { name: "Everything was deleted." }).waitFor();
    assert.equal(await tab.locator("#question").isVisible(), false);
  }
  const kept = () => page.evaluate(async () => ({
    databases: (await indexedDB.databases()).map(({ name }) => name),
    caches: await caches.keys(),
    settings: Object.keys(localStorage),
    copies: (await navigator.serviceWorker.getRegistrations()).length,
  }));
  const nothing = { databases: [], caches: [], settings: [], copies: 0 };
  await page.waitForFunction(() => localStorage.length === 0);
  assert.deepEqual(await kept(), nothing);

  await page.getByRole("button", { name: "Begin again" }).click();
  await ready(page, { offline: false });
  assert.equal(await page.locator("#welcome").isVisible(), true);
  assert.deepEqual([...page.errors, ...other.errors], []);
});
