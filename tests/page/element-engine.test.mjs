// The element with the engine and small models: the sample of its page as it stands there, and what it opens by itself.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { launchBrowser, newVisitor, openPage, untilWorkers } from "./browser.mjs";
import { setUp } from "./set-up.mjs";
import { startSite, withBody } from "./site.mjs";

/** The README's policy; pages of these tests have no other scripts either. */
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; img-src data:";

const { site, browser } = await setUp({ site: startSite(), browser: launchBrowser() });

const guide = await readFile(new URL("../../docs/element.md", import.meta.url), "utf8");
const [, sample] = /^```html\n(.*?)^```$/ms.exec(guide);
const [, publishing] = /^```js\n(.*?)^```$/ms.exec(guide);

/** The file that the guide's script makes, run in a page of its own. */
async function exported(t) {
  const page = await openPage(await newVisitor(t, browser), site.url);
  const bytes = await page.evaluate(async (script) => {
    const body = script.replace(/^import .*$/m, "const { Engine } = rag;");
    const AsyncFunction = (async () => {}).constructor;
    const file = await new AsyncFunction(`${body}\nawait engine.close();\nreturn file;`)();
    return Array.from(new Uint8Array(await file.arrayBuffer()));
  }, publishing);
  return Buffer.from(bytes);
}

/** A page with this body, under the policy. `page.paths` are what it asked for. */
async function openBody(t, html) {
  const icon = '<link rel="icon" href="data:,">';
  site.answer(t, "/page.html", (response) =>
    response.writeHead(200, { "content-security-policy": POLICY, "content-type": "text/html" }).end(html.replace("<title>", `${icon}<title>`)));
  const page = await (await newVisitor(t, browser)).newPage();
  page.errors = [];
  page.paths = [];
  page.on("console", (message) => message.type() === "error" && page.errors.push(message.text()));
  page.on("pageerror", (error) => page.errors.push(error.message));
  page.on("request", (request) => page.paths.push(new URL(request.url()).pathname));
  await page.goto(`${site.url}page.html`);
  await page.waitForFunction(() => customElements.get("multimodal-rag"));
  return page;
}

const QUESTION = "When does the office close on Fridays?";

test("the guide's page answers from the file that the guide's script makes, and links to the words", async (t) => {
  site.answer(t, "/docs.rag", withBody(await exported(t)));
  const page = await openBody(t, sample);
  assert.ok(!page.paths.includes("/docs.rag"));
  await page.getByRole("button", { name: QUESTION }).click();
  const link = page.getByRole("link", { name: /^guide\/hours\.md/ }).first();
  await link.waitFor();
  assert.match(await page.locator("blockquote").first().textContent(), /On Fridays it closes at three\./);
  assert.equal(await link.getAttribute("href"), `${site.url}guide/hours.html#:~:text=On%20Fridays%20it%20closes%20at%20three.`);

  // An element that is moved keeps its engine, and one that is taken away closes it.
  const again = await page.evaluate(async (question) => {
    const element = document.querySelector("multimodal-rag");
    document.body.append(element);
    await new Promise((resolve) => setTimeout(resolve, 50));
    return (await element.ask(question)).quotes.length;
  }, QUESTION);
  assert.equal(again, 1);
  assert.equal(page.paths.filter((path) => path === "/docs.rag").length, 1);
  assert.deepEqual(page.errors, []);
  await page.evaluate(() => document.querySelector("multimodal-rag").remove());
  await untilWorkers(page, 0);
});

test("after its worker died, the element opens the knowledge base again", async (t) => {
  site.answer(t, "/docs.rag", withBody(await exported(t)));
  const page = await openBody(t, sample);
  const ask = () => page.evaluate(async (question) => (await document.querySelector("multimodal-rag").ask(question))?.quotes.length, QUESTION);
  assert.equal(await ask(), 1);
  await page.workers()[0].evaluate(() => self.close());
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 200)));
  await ask();
  assert.equal(await ask(), 1);
});

test("a pinned file is used, and another one is refused", async (t) => {
  const file = await exported(t);
  site.answer(t, "/docs.rag", withBody(file));
  const page = await openBody(t, sample);
  const ask = (integrity) => page.evaluate(async ([integrity, question]) => {
    const element = document.querySelector("multimodal-rag");
    const failed = new Promise((resolve) => element.addEventListener("error", ({ detail }) => detail.question && resolve(detail.error.code)));
    element.integrity = integrity;
    return Promise.race([element.ask(question).then((answer) => answer?.quotes.length ?? failed), failed]);
  }, [integrity, QUESTION]);
  assert.equal(await ask(`sha256-${createHash("sha256").update(file.subarray(1)).digest("base64")}`), "hash_mismatch");
  assert.equal(await ask(`sha256-${createHash("sha256").update(file).digest("base64")}`), 1);
});

test("the knowledge base of this origin is asked by its name, with models of another folder, and a generator writes", async (t) => {
  const visitor = await newVisitor(t, browser);
  const page = await openPage(visitor, site.url);
  const models = { ...site.models, embedder: { ...site.models.embedder, url: "../models/embedder" }, generator: { ...site.models.generator, url: "../models/generator" } };
  site.answer(t, "/other/models.json", withBody(JSON.stringify(models), "application/json"));
  const answer = await page.evaluate(async (question) => {
    const engine = await rag.Engine.open({ name: "notes" });
    await engine.add("The office is open from nine to five.\n\nOn Fridays it closes at three.", { name: "hours.txt" });
    await engine.close();
    await import("./pkg/element/index.js");
    const element = Object.assign(document.createElement("multimodal-rag"), { name: "notes", models: "other/models.json", generator: "on" });
    element.askOptions = { maxTokens: 8 };
    document.body.append(element);
    const { quotes, reason } = await element.ask(question);
    return { names: quotes.map(({ documentName }) => documentName), reason };
  }, QUESTION);
  assert.deepEqual([answer.names[0], ["stop", "length"].includes(answer.reason)], ["hours.txt", true]);
  assert.deepEqual(page.errors, []);
});
