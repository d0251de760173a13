// What the default models take of the module's memory, which never shrinks: what is left after loading is the most
// that it took.

import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { launchBrowser, newVisitor, openPage } from "./browser.mjs";
import { startDemo } from "./demo-visit.mjs";
import { setUp } from "./set-up.mjs";
import { startSite } from "./site.mjs";

/** Weights laid out for the kernels take more than in the file; nothing is there twice. */
const FACTOR = 1.25;
/** The module itself, tokenizers, and pieces on their way. */
const BESIDES_BYTES = 64 * 2 ** 20;

const { demo, browser } = await setUp({ demo: startDemo(), browser: launchBrowser() });
const models = JSON.parse(await readFile(new URL("../../www/models.json", import.meta.url)));

/** Bytes of memory with the embedder, and with both models. */
async function memoryOfBoth(page, files = false) {
  return page.evaluate(async (files) => {
    const { Engine } = await import(new URL("pkg/client.js", location.href).href);
    let models;
    if (files) {
      const { embedder, generator } = await (await fetch("models.json")).json();
      const fileOf = async ({ url }) => ({ file: await (await fetch(url)).blob() });
      models = { embedder: await fileOf(embedder), generator: await fileOf(generator) };
    }
    const engine = await Engine.open({ name: "memory", storage: "memory", models });
    const stages = [];
    const one = (await engine.stats()).heapBytes;
    await engine.loadGenerator({ onProgress: ({ stage, unit }) => stages.push(`${stage} ${unit}`) });
    const both = (await engine.stats()).heapBytes;
    await engine.close();
    return { one, both, stages: [...new Set(stages)] };
  }, files);
}

test("models take little more memory than their files, from the network, the cache or a file", async (t) => {
  const context = await newVisitor(t, browser);
  const page = await context.newPage();
  // A page of the same origin that opens no models itself.
  await page.goto(new URL("models.json", demo.url).href);
  const limit = (...files) => FACTOR * files.reduce((sum, { size }) => sum + size, 0) + BESIDES_BYTES;
  const visits = [
    [false, "download bytes"],
    [false, "load bytes"],
    [true, "load bytes"],
  ];
  for (const [files, first] of visits) {
    const { one, both, stages } = await memoryOfBoth(page, files);
    t.diagnostic(`${stages}: ${one} bytes with the embedder, ${both} with both models`);
    assert.deepEqual(stages, [first, "load layers"]);
    assert.ok(one <= limit(models.embedder), `${one} bytes with the embedder`);
    assert.ok(both <= limit(models.embedder, models.generator), `${both} bytes with both`);
  }
});

test("an encoder's original files are packed without being in memory as a whole", async (t) => {
  const path = (name) => fileURLToPath(new URL(`../../models/all-MiniLM-L6-v2/${name}`, import.meta.url));
  const names = ["model.safetensors", "config.json", "tokenizer.json"];
  const site = await startSite({ more: Object.fromEntries(names.map((name) => [name, path(name)])) });
  t.after(() => site.close());
  const page = await openPage(await newVisitor(t, browser), site.url);
  const heapBytes = await page.evaluate(async (names) => {
    const fileOf = async (name) => ({ file: await (await fetch(`models/${name}`)).blob() });
    const [weights, config, tokenizer] = await Promise.all(names.map(fileOf));
    const engine = await rag.Engine.open({ storage: "memory", models: { embedder: { weights, config, tokenizer } } });
    const { heapBytes } = await engine.stats();
    await engine.close();
    return heapBytes;
  }, names);
  const { size } = await stat(path("model.safetensors"));
  t.diagnostic(`${heapBytes} bytes for ${size} of weights`);
  assert.ok(heapBytes <= size / 2 + BESIDES_BYTES, `${heapBytes} bytes`);
});
