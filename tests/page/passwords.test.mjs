// Protected files in the demo page: each has its own password, which is asked for wherever it is opened. What stands in for
// protected files here has the password "open".

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { launchBrowser } from "./browser.mjs";
import { ready, startDemo, visit } from "./demo-visit.mjs";
import { setUp } from "./set-up.mjs";

const WITHIN_MS = 120_000;
const READER = "pkg/wasm/readers/pdf";

const { demo, browser } = await setUp({ demo: startDemo(), browser: launchBrowser() });

/** All documents can be read better now. */
const OUTDATED = `async documents() {
    const documents = await this.allDocuments();
    return documents.map((entry) => ({ ...entry, outdated: true }));
  }
  async allDocuments() {`;

/** The calls that take a file from the storage need its password. */
const ANSWERED = `async request(call, args, options) {
    const { password } = args?.options ?? {};
    const refuse = (code) => {
      throw Object.assign(new Error(code), { code });
    };
    if (["original", "reread"].includes(call) && password !== "open") refuse(password === undefined ? "password_required" : "wrong_password");
    if (call !== "reread") return this.requestOfWorker(call, args, options);
    const documents = await this.requestOfWorker("documents");
    return documents.find(({ id }) => id === args.id);
  }
  async requestOfWorker(`;

/** The page. `patches` replace text in scripts of the package; `hostile` puts that reader in the place of the real one. */
async function openDemo(t, { patches = {}, hostile = false }) {
  // Requests of a service worker would not be answered here.
  const context = await browser.newContext({ serviceWorkers: "block" });
  t.after(() => context.close());
  const script = (path, body) => context.route(`${demo.url}${path}`, (route) => route.fulfill({ contentType: "text/javascript", body }));
  const textOf = async (path) => (await fetch(`${demo.url}${path}`)).text();
  if (hostile) {
    await script(`${READER}/multimodal_rag.js`, await readFile(new URL("./hostile-reader.js", import.meta.url), "utf8"));
    await script(`${READER}/trap.js`, await readFile(new URL("./trap.js", import.meta.url), "utf8"));
    await script(`${READER}/real.js`, await textOf(`${READER}/multimodal_rag.js`));
  }
  for (const [path, [from, to]] of Object.entries(patches)) {
    const original = await textOf(path);
    assert.ok(original.includes(from), `${path} has no "${from}"`);
    await script(path, original.replace(from, to));
  }
  const page = await visit(context, demo.url);
  await ready(page, { offline: false });
  return page;
}

const pdf = (name, text) => ({ name, mimeType: "application/pdf", buffer: Buffer.from(`%PDF-1.7\n${text}`) });
const textFile = (name, text) => ({ name, mimeType: "text/plain", buffer: Buffer.from(text) });

const assertNoErrors = (page) => assert.deepEqual(page.errors.filter((error) => !error.includes("Service Worker registration blocked")), []);

/** Types a password into the form. */
async function typePassword(form, password) {
  await form.getByLabel("Password").fill(password);
  await form.getByRole("button", { name: "Open" }).click();
}

test("of two protected files with one name each has its password, and the list stays while one is tried again", async (t) => {
  const page = await openDemo(t, { hostile: true });
  const files = [pdf("locked.pdf", "The gate is red."), pdf("locked.pdf", "The gate is green."), textFile("empty.txt", ""), textFile("a.txt", "Kites.")];
  await page.setInputFiles("#file-input", files);
  const list = page.getByRole("region", { name: "Files that were read" });
  await list.getByText("1 of 4 files read, 1 left out, 2 could not be read.").waitFor({ timeout: WITHIN_MS });
  const forms = list.locator("form");
  assert.equal(await forms.count(), 2);

  await typePassword(forms.nth(0), "wrong");
  await list.getByText("locked.pdf is protected.").nth(1).waitFor({ timeout: WITHIN_MS });
  assert.match(await list.textContent(), /1 of 4 files read, 1 left out, 2 could not be read\..*empty\.txt.*a\.txt/s);

  await forms.nth(1).getByLabel("Password").fill("half typ");
  await typePassword(forms.nth(0), "open");
  await list.getByText("2 of 4 files read, 1 left out, 1 could not be read.").waitFor({ timeout: WITHIN_MS });
  assert.match(await list.textContent(), /empty\.txt.*Read.*locked\.pdf.*a\.txt/s);
  assert.equal(await forms.count(), 1);
  assert.equal(await forms.getByLabel("Password").inputValue(), "half typ");
  await page.locator("#documents .name", { hasText: "locked.pdf" }).click();
  // It is no PDF that can be drawn: its text is shown instead.
  await page.locator(".viewer-text", { hasText: "The gate is red." }).waitFor();
  await page.keyboard.press("Escape");

  await typePassword(forms.first(), "open");
  await list.getByText("3 of 4 files read, 1 left out.").waitFor({ timeout: WITHIN_MS });
  assert.equal(await page.locator("#documents .name", { hasText: "locked.pdf" }).count(), 2);
  assertNoErrors(page);
});

test("a file that is tried again leaves said what was cancelled before", async (t) => {
  const page = await openDemo(t, { hostile: true });
  await page.setInputFiles("#file-input", [pdf("locked.pdf", "The gate is red."), textFile("a.txt", "Kites."), pdf("hang-1.pdf", ""), pdf("hang-2.pdf", "")]);
  await page.locator("#adding").getByText("2 of 4 files").waitFor({ timeout: WITHIN_MS });
  await page.locator("#adding").getByRole("button", { name: "Cancel" }).click();
  const list = page.getByRole("region", { name: "Files that were read" });
  await list.getByText("1 of 2 files read, 1 could not be read, cancelled before 2 others.").waitFor({ timeout: WITHIN_MS });
  await typePassword(list.locator("form"), "open");
  await list.getByText("2 files read, cancelled before 2 others.").waitFor({ timeout: WITHIN_MS });
  assertNoErrors(page);
});

test("a protected file that is read again asks for its password in its row", async (t) => {
  const page = await openDemo(t, { patches: { "pkg/engine.js": ["async documents() {", OUTDATED], "pkg/connection.js": ["async request(", ANSWERED] } });
  await page.setInputFiles("#file-input", [textFile("notes.txt", "Kites.")]);
  const row = page.locator("#documents > li").filter({ hasText: "notes.txt" });
  await row.getByRole("button", { name: "Read notes.txt again" }).click({ timeout: WITHIN_MS });
  await row.getByText("notes.txt is protected.").waitFor();
  assert.ok(await page.evaluate(() => document.activeElement.matches("#documents input[type=password]")), "the focus is not on the password");
  await typePassword(row.locator("form"), "wrong");
  await row.getByText("That is not the password of notes.txt.").waitFor();
  await typePassword(row.locator("form"), "open");
  await row.locator("form").waitFor({ state: "detached" });
  await page.getByRole("status").getByText("notes.txt read again.").waitFor({ state: "attached" });
  assert.ok(await row.evaluate((element) => element.contains(document.activeElement)), "the focus was lost");
  assertNoErrors(page);
});

test("a file in a protected archive asks for the archive's password when it is saved, and is given it again", async (t) => {
  const page = await openDemo(t, { patches: { "pkg/connection.js": ["async request(", ANSWERED] } });
  await page.setInputFiles("#file-input", [textFile("notes.txt", "Kites.")]);
  await page.locator("#documents .name", { hasText: "notes.txt" }).click({ timeout: WITHIN_MS });
  const viewer = page.getByRole("dialog");
  await viewer.getByText("Kites.").waitFor();
  const save = viewer.getByRole("button", { name: "Save the file" });
  await save.click();
  await typePassword(viewer.locator("form"), "wrong");
  await viewer.getByText("That is not the password of notes.txt.").waitFor();
  const [download] = await Promise.all([page.waitForEvent("download"), typePassword(viewer.locator("form"), "open")]);
  assert.equal(download.suggestedFilename(), "notes.txt");
  assert.equal(await viewer.locator("form").count(), 0);
  await viewer.getByText("Kites.").waitFor();
  await Promise.all([page.waitForEvent("download"), save.click()]);
  assertNoErrors(page);
});

test("a page of a PDF in a protected archive is drawn once the archive's password is typed", async (t) => {
  const page = await openDemo(t, { patches: { "pkg/connection.js": ["async request(", ANSWERED] } });
  const buffer = await readFile(new URL("../fixtures/documents/page/parish.zip", import.meta.url));
  await page.setInputFiles("#file-input", [{ name: "parish.zip", mimeType: "application/zip", buffer }]);
  await page.locator("#documents .name", { hasText: "plans/organ.pdf" }).click({ timeout: WITHIN_MS });
  const viewer = page.getByRole("dialog");
  await viewer.getByText("parish.zip is protected.").waitFor();
  await typePassword(viewer.locator("form"), "wrong");
  await viewer.getByText("That is not the password of parish.zip.").waitFor();
  await typePassword(viewer.locator("form"), "open");
  await viewer.getByText("Page 1 of 2").waitFor();
  await viewer.locator("canvas").waitFor();
  assertNoErrors(page);
});
