// wllama itself as a generator, with a small model.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { launchBrowser, newVisitor } from "../page/browser.mjs";
import { setUp } from "../page/set-up.mjs";
import { startSite, withBody } from "../page/site.mjs";
import { bundle } from "./project.mjs";

const { site, browser } = await setUp({ site: startSite(), browser: launchBrowser() });
const bytesOf = (path) => readFile(new URL(path, import.meta.url));

test("wllama writes, is cancelled by an abort and by a loop that is left, and writes again", async (t) => {
  const html = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module" src="in-wllama.js"></script>';
  site.answer(t, "/wllama.html", withBody(html, "text/html"));
  site.answer(t, "/in-wllama.js", withBody(await bundle(t, String(await bytesOf("./in-wllama.jsx"))), "text/javascript"));
  site.answer(t, "/wllama.wasm", withBody(await bytesOf("./node_modules/@wllama/wllama/esm/wasm/wllama.wasm"), "application/wasm"));
  const page = await (await newVisitor(t, browser)).newPage();
  await page.goto(`${site.url}wllama.html`);
  await page.waitForFunction(() => window.Wllama !== undefined);
  const seen = await page.evaluate(async () => {
    const silent = { debug() {}, log() {}, warn() {}, error() {} };
    const wllama = new Wllama({ default: new URL("wllama.wasm", location.href).href }, { logger: silent });
    await wllama.loadModel([await (await fetch("models/generator")).blob()], { n_ctx: 256, n_threads: 1, n_gpu_layers: 0 });
    const generator = wllamaGenerator(wllama);
    const messages = [{ role: "user", content: "Hello" }];
    const write = async (options, each = () => {}) => {
      const pieces = [];
      for await (const piece of generator.generate(messages, { temperature: 0, ...options })) {
        pieces.push(piece);
        if (each() === "leave") break;
      }
      return pieces.join("");
    };
    const first = await write({ maxTokens: 8 });
    const controller = new AbortController();
    const aborted = await write({ maxTokens: 200, signal: controller.signal }, () => controller.abort()).catch(({ code }) => code);
    const left = await write({ maxTokens: 200 }, () => "leave");
    const again = await write({ maxTokens: 8 });
    await wllama.exit();
    return { first, aborted, left, again };
  });
  assert.ok(seen.first.length > 0);
  assert.equal(seen.aborted, "aborted");
  assert.ok(seen.left.length > 0);
  assert.equal(seen.again, seen.first);
});
