// What the demo page keeps and gives away: questions, several knowledge bases, copies of answers, what other apps share.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { launchBrowser, newVisitor } from "./browser.mjs";
import { addFiles, ask, ready, startDemo, visit } from "./demo-visit.mjs";
import { setUp } from "./set-up.mjs";

const { demo, browser } = await setUp({ demo: startDemo(), browser: launchBrowser() });

const HOURS = { name: "hours.md", mimeType: "text/markdown", buffer: Buffer.from("# Hours\n\nThe *office* is open from nine to five.\n\nOn Fridays it closes at three.\n") };
const QUESTION = "When does the office close on Fridays?";

async function openDemo(t) {
  const context = await newVisitor(t, browser);
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: new URL(demo.url).origin });
  const page = await visit(context, demo.url);
  await ready(page, { offline: false });
  t.after(() => assert.deepEqual(page.errors, []));
  return page;
}

async function withAnswer(t) {
  const page = await openDemo(t);
  await addFiles(page, [HOURS]);
  await ask(page, QUESTION, { quotesOnly: true });
  return page;
}

const questions = (page) => page.locator(".turn > h3").allTextContents();

test("questions stay with their answers over a reload, go on from there, and can be removed", async (t) => {
  const page = await withAnswer(t);
  await ask(page, "When is it open?", { quotesOnly: true });
  await page.reload();
  await page.locator(".turn").nth(1).waitFor();
  assert.deepEqual(await questions(page), ["When is it open?", QUESTION]);
  // Nothing of it is announced again, and its sources open.
  assert.equal(await page.getByRole("status").textContent(), "");
  await page.locator(".turn").nth(1).locator(".quote").first().click();
  await page.getByRole("dialog").getByText("On Fridays it closes at three.").first().waitFor();
  await page.keyboard.press("Escape");

  await page.locator(".turn").first().getByRole("button", { name: "Remove this question and its answer" }).click();
  assert.deepEqual(await questions(page), [QUESTION]);
  await page.reload();
  await page.locator(".turn").first().waitFor();
  assert.deepEqual(await questions(page), [QUESTION]);
  await ask(page, "And on Mondays?", { quotesOnly: true });
  await page.getByRole("button", { name: "Remove all questions" }).click();
  await page.getByRole("status").getByText("All questions were removed.").waitFor({ state: "attached" });
  await page.reload();
  await ready(page, { offline: false });
  assert.deepEqual(await questions(page), []);
});

test("a knowledge base has its own documents and questions; it is renamed and deleted", async (t) => {
  const page = await withAnswer(t);
  const create = async (name) => {
    await page.getByRole("button", { name: "Manage" }).click();
    await page.getByLabel("A new one, called").fill(name);
    await page.getByRole("button", { name: "Create" }).click();
    await page.locator("#welcome").waitFor();
  };
  await create("Ferry");
  assert.deepEqual(await questions(page), []);
  await addFiles(page, [{ name: "ferry.txt", mimeType: "text/plain", buffer: Buffer.from("The ferry leaves at seven.") }]);
  const choice = page.locator("#knowledge-base");
  await choice.selectOption({ label: "My files" });
  await page.locator(".turn").first().waitFor();
  assert.deepEqual(await questions(page), [QUESTION]);
  await page.getByRole("button", { name: "Remove hours.md" }).waitFor({ state: "attached" });

  await choice.selectOption({ label: "Ferry" });
  await page.getByRole("button", { name: "Remove ferry.txt" }).waitFor({ state: "attached" });
  await page.reload();
  await ready(page, { offline: false });
  assert.equal(await choice.evaluate((select) => select.selectedOptions[0].textContent), "Ferry");
  await page.getByRole("button", { name: "Manage" }).click();
  await page.getByLabel("Name of Ferry").fill("Boats");
  await page.getByLabel("Name of Ferry").blur();
  page.once("dialog", (dialog) => dialog.accept());
  await page.getByRole("button", { name: "Delete Boats" }).click();
  await page.locator(".turn").first().waitFor();
  assert.deepEqual(await choice.locator("option").allTextContents(), ["My files"]);
  await page.waitForFunction(async () => (await indexedDB.databases()).filter(({ name }) => name.startsWith("multimodal-rag:")).length === 1);
  assert.ok(await page.getByRole("button", { name: "Delete My files" }).isDisabled());
});

test("an answer is copied and saved with its sources, and markup of documents does nothing", async (t) => {
  const page = await openDemo(t);
  await addFiles(page, [{ ...HOURS, buffer: Buffer.from("On Fridays the office closes at [three](x:y) <b>sharp</b>, # says the porter.") , name: "hours.txt", mimeType: "text/plain" }]);
  await ask(page, QUESTION, { quotesOnly: true });
  const turn = page.locator(".turn").first();
  await turn.getByRole("button", { name: /^Copy/ }).click();
  await page.getByRole("status").getByText("Copied with its sources.").waitFor({ state: "attached" });
  const copied = await page.evaluate(async () => {
    const [item] = await navigator.clipboard.read();
    return Promise.all(["text/plain", "text/html"].map(async (type) => (await item.getType(type)).text()));
  });
  assert.match(copied[0], /^When does the office close on Fridays\?\n\n“On Fridays the office closes at .*” \[1\]\n\n\[1\] hours\.txt/);
  assert.match(copied[1], /<blockquote>.*&lt;b&gt;sharp.*<sup>\[1\]<\/sup><\/blockquote>/);

  const [download] = await Promise.all([page.waitForEvent("download"), turn.getByRole("button", { name: /^Save/ }).click()]);
  assert.equal(download.suggestedFilename(), "when-does-the-office-close-on-fridays.md");
  const saved = await readFile(await download.path(), "utf8");
  assert.match(saved, /^# When does the office close on Fridays\?\n\n> On Fridays the office closes at \\\[three\\\]\\\(x:y\\\) \\<b\\>sharp\\<\/b\\>, \\# says the porter\\\.\[\^1\]\n\n\[\^1\]: hours\\\.txt/);
});

test("keys are shortcuts where nobody types, are listed, and can be turned off", async (t) => {
  const page = await withAnswer(t);
  await page.locator("body").press("/");
  assert.ok(await page.evaluate(() => document.activeElement.id === "question"));
  await page.keyboard.type("c/?");
  assert.equal(await page.getByLabel("Your question").inputValue(), "c/?");
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("c");
  await page.getByRole("status").getByText("Copied with its sources.").waitFor({ state: "attached" });
  await page.keyboard.press("?");
  const list = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await list.getByText("Save the newest answer as Markdown").waitFor();
  await list.getByRole("checkbox").uncheck();
  await list.getByRole("button", { name: "Close" }).click();
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("?");
  assert.ok(!(await list.isVisible()));
});

test("why an answer is what it is can be seen: passages with their scores, and the times", async (t) => {
  const page = await withAnswer(t);
  const why = page.locator(".turn").first().locator(".retrieved");
  await why.locator("summary").click();
  assert.match(await why.innerText(), /nearest to the question, by meaning .* score \d.*meaning \d.*words \d.*searched in/s);
});

test("what another app shares is added once the visitor agrees, also without a network", async (t) => {
  const context = await newVisitor(t, browser);
  const page = await visit(context, demo.url);
  await ready(page);
  const share = (fill) => page.evaluate(async (fill) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fill)) form.append(name, value.file ? new File([value.file], value.name, { type: "text/plain" }) : value);
    const response = await fetch(new URL("share", location), { method: "POST", body: form, redirect: "manual" });
    return response.type;
  }, fill);
  assert.equal(await share({ files: { file: "Lamps are in the cellar.", name: "Lämpen.txt" } }), "opaqueredirect");
  assert.equal(await share({ title: "A note", url: "https://example.org/" }), "opaqueredirect");
  await context.setOffline(true);
  let said;
  page.once("dialog", (dialog) => {
    said = dialog.message();
    return dialog.accept();
  });
  await page.goto(`${demo.url}?shared`);
  for (const name of ["Lämpen.txt", "shared.txt"]) await page.getByRole("button", { name: `Remove ${name}` }).waitFor({ timeout: 60_000 });
  assert.match(said, /^Another app shared 2 documents with this page\. Add them\?\n\n(?=.*Lämpen\.txt)(?=.*shared\.txt)/s);
  assert.ok(!page.url().includes("shared"));
  const waiting = () => page.evaluate(async () => (await (await caches.open("ask-your-files-shared")).keys()).length);
  assert.equal(await waiting(), 0);

  await share({ text: "Anything that a site sends." });
  const refused = page.waitForEvent("dialog").then((dialog) => dialog.dismiss());
  await Promise.all([page.goto(`${demo.url}?shared`), refused]);
  assert.equal(await waiting(), 0);
  assert.equal(await page.getByRole("button", { name: /^Remove / }).count(), 2);
});
