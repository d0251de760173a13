// The demo page with the models it ships with, as a visitor meets it.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { serve } from "../../scripts/serve.mjs";
import { launchBrowser } from "./browser.mjs";
import { setUp } from "./set-up.mjs";

const WWW = fileURLToPath(new URL("../../www", import.meta.url));

/** A whole answer by the real model; prefill alone can take most of a minute on a busy machine. */
export const ANSWER_WITHIN_MS = 300_000;
const READY_WITHIN_MS = 120_000;

/** What Chromium asks for of its own accord when it sees a form, whatever the page is. */
const BROWSERS_OWN = /content-autofill\.googleapis\.com/;

/** Serves the page; `stop` and `start` take it off the network and bring it back at the same address. */
export async function startDemo() {
  let server = await serve({ root: WWW });
  const { url, port } = server;
  return {
    url: `${url}/`,
    stop: () => server.close(),
    start: async () => {
      server = await serve({ root: WWW, port });
    },
    close: () => server.close(),
  };
}

/** A proxy that stands for the rest of the world: it answers nothing, and keeps a log of what was asked of it. */
async function startElsewhere() {
  const log = [];
  const note = (address) => BROWSERS_OWN.test(address) || log.push(address);
  const server = createServer((request, response) => {
    note(request.url);
    response.writeHead(502).end();
  });
  server.on("connect", (request, socket) => {
    note(request.url);
    socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    log,
    proxy: { server: `http://127.0.0.1:${server.address().port}`, bypass: "127.0.0.1" },
    close: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}

/** What the tests of a file need for one visitor of the page: all that is not the demo goes elsewhere. */
export async function setUpVisitor() {
  const { demo, elsewhere, browser } = await setUp({ demo: startDemo(), elsewhere: startElsewhere(), browser: launchBrowser() });
  return { demo, elsewhere, browser, context: await browser.newContext({ proxy: elsewhere.proxy }) };
}

/** Nothing was asked of another origin than the demo's. */
export function assertStayedAtHome(page, { demo, elsewhere }) {
  assert.deepEqual(elsewhere.log, []);
  assert.ok(page.requests.length > 0);
  assert.deepEqual(page.requests.filter((url) => !url.startsWith(demo.url) && !url.startsWith("blob:")), []);
}

/** A tab on the demo page. `page.errors` collects what goes wrong, `page.requests` every address asked for. */
export async function visit(context, url) {
  const page = await context.newPage();
  page.errors = [];
  page.requests = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && page.errors.push(message.text()));
  page.on("pageerror", (error) => page.errors.push(error.message));
  page.on("request", (request) => page.requests.push(request.url()));
  // The stages of all work that the page is told of, and the calls that it makes, kept over reloads by the test alone.
  await page.addInitScript(() => {
    window.stages = [];
    window.calls = [];
    window.Worker = class extends Worker {
      constructor(...options) {
        super(...options);
        this.addEventListener("message", ({ data }) => data.progress && window.stages.push(data.progress.stage));
      }
      postMessage(message, ...rest) {
        window.calls.push(message.call);
        super.postMessage(message, ...rest);
      }
    };
  });
  await page.goto(url);
  return page;
}

/** Waits until the page is open and, unless told otherwise, says what works without its server. */
export async function ready(page, { offline = true } = {}) {
  await page.locator("#welcome, #ask").locator("visible=true").first().waitFor({ timeout: READY_WITHIN_MS });
  await page.locator("#opening").waitFor({ state: "hidden", timeout: READY_WITHIN_MS });
  if (offline) await page.locator("#offline").waitFor({ timeout: READY_WITHIN_MS });
}

/** A sample document, as a visitor would choose it from disk. */
export async function sampleFile(name, mimeType) {
  return { name, mimeType, buffer: await readFile(`${WWW}/samples/${name}`) };
}

/** Adds files by the chooser and waits until each is on the shelf. */
export async function addFiles(page, files) {
  await page.setInputFiles("#file-input", files);
  for (const { name } of files) {
    await page.getByRole("button", { name: `Remove ${name}` }).waitFor({ timeout: READY_WITHIN_MS });
  }
}

/** Drops files and folders of this machine on the page, as from a file manager. @param {string[]} paths */
export async function drop(page, paths) {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"]) await session.send("Input.dispatchDragEvent", { type, x: 400, y: 300, data });
  await session.detach();
}

/**
 * Asks, waits for the end, and resolves to the newest turn on the page. The small model writes, unless there are to be
 * quotes only.
 */
export async function ask(page, question, { quotesOnly = false, length = "short" } = {}) {
  await page.getByLabel("Written answers").selectOption(quotesOnly ? "none" : "small");
  if (!quotesOnly) await page.getByLabel("Answer length").selectOption({ label: length });
  await page.getByLabel("Your question").fill(question);
  await page.getByRole("button", { name: "Ask", exact: true }).click();
  const turn = page.locator(".turn", { has: page.getByRole("heading", { name: question }) }).first();
  await turn.waitFor();
  await page.getByRole("button", { name: "Ask", exact: true }).waitFor({ timeout: ANSWER_WITHIN_MS });
  return turn;
}

/** Opens what `button` points at and resolves to the highlighted text and the document's name. */
export async function highlighted(page, button) {
  await button.click();
  const viewer = page.getByRole("dialog");
  const text = await viewer.locator("mark").textContent();
  const name = await viewer.getByRole("heading").textContent();
  const isInView = await viewer.locator("mark").evaluate((mark) => {
    const box = mark.getBoundingClientRect();
    return box.top >= 0 && box.top < innerHeight;
  });
  await page.keyboard.press("Escape");
  await viewer.waitFor({ state: "hidden" });
  return { text, name, isInView };
}

/** The keys of all records that the page has stored, those that begin with one of `prefixes`. */
export async function storedKeys(page, ...prefixes) {
  const keys = await page.evaluate(async () => {
    const settled = (request) => new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const keys = [];
    for (const { name } of await indexedDB.databases()) {
      const database = await settled(indexedDB.open(name));
      for (const store of database.objectStoreNames) keys.push(...(await settled(database.transaction(store).objectStore(store).getAllKeys())));
      database.close();
    }
    return keys.map(String);
  });
  return keys.filter((key) => prefixes.some((prefix) => key.startsWith(prefix)));
}
