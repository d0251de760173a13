// Pictures by what they show: found by a picture like them and by a question, natively and in the page alike.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { launchBrowser, newVisitor, openPage } from "./browser.mjs";
import { setUp } from "./set-up.mjs";
import { startSite } from "./site.mjs";
import { sourceOf, tinyImageEncoder } from "./tiny-models.mjs";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const program = resolve(repository, process.env.CARGO_TARGET_DIR ?? "target", "ci/multimodal-rag");
const pictures = join(repository, "tests/fixtures/pictures");
const PHOTO = "lighthouse.jpg";
const NAMES = [PHOTO, "harbour-status.png", "baseline.jpg", "mill.docx"];

const folder = await mkdtemp(join(tmpdir(), "images-"));
const encoder = join(folder, "image.safetensors");
await writeFile(encoder, await tinyImageEncoder("clip"));
const image = sourceOf("./models/image", await readFile(encoder));
const { site, browser } = await setUp({ site: startSite({ more: { image: encoder } }), browser: launchBrowser() });
test.after(() => rm(folder, { recursive: true }));

/** What the command line finds: the names of documents with the scores of their passages. */
async function nativeSearch() {
  const [store, model] = [join(folder, "kb"), join(folder, "embedder.safetensors")];
  await writeFile(model, site.files.embedder);
  const options = ["--store", store, "--model", model, "--image-model", encoder, "--ocr", "none"];
  const run = async (...words) => (await promisify(execFile)(program, words)).stdout;
  await run("add", ...options, ...NAMES.map((name) => join(pictures, name)));
  const found = await run("search", ...options, "--image", join(pictures, PHOTO), "--limit", "9");
  return [...found.matchAll(/^(-?\d\.\d{3}) {2}([\w.-]+)/gm)].map(([, score, name]) => ({ name, score: Number(score) }));
}

/** Opens a page with an engine and the image encoder, named by `name`. */
async function openEngine(page, name) {
  await page.evaluate(
    async ({ name, image }) => {
      const models = await (await fetch("models.json")).json();
      window.engine = await rag.Engine.open({ name, models: { embedder: models.embedder, ...(image && { image }) } });
    },
    { name, image },
  );
}

/** Adds the pictures to the page's engine. */
async function addPictures(page) {
  for (const name of NAMES) {
    const bytes = [...(await readFile(join(pictures, name)))];
    await page.evaluate(({ name, bytes }) => engine.add(new Uint8Array(bytes), { name }), { name, bytes });
  }
}

/** What a search with a picture finds in the page. */
async function pageSearch(page) {
  const bytes = [...(await readFile(join(pictures, PHOTO)))];
  const found = await page.evaluate(async (bytes) => {
    const passages = await engine.search({ image: new Blob([new Uint8Array(bytes)]) }, { limit: 9 });
    return passages.map(({ documentName: name, picture }) => ({ name, score: picture.score, bytes: picture.thumbnail.length }));
  }, bytes);
  assert.ok(found.every(({ bytes }) => bytes > 100));
  return found.map(({ name, score }) => ({ name, score: Math.round(score * 1000) / 1000 }));
}

test("a picture finds itself and those like it, natively and in the page alike, and after a reload and an import", async (t) => {
  const expected = await nativeSearch();
  assert.deepEqual([expected.length, expected[0].name], [4, PHOTO]);
  assert.ok(expected[0].score >= 0.999, "but for the rounding of stored vectors it is itself");
  const page = await openPage(await newVisitor(t, browser), site.url);
  await openEngine(page, "photos");
  await addPictures(page);
  assert.deepEqual(await pageSearch(page), expected);
  assert.equal(await page.evaluate(async () => (await engine.stats()).models.image.dimensions), 96);

  await page.reload();
  await openEngine(page, "photos");
  assert.deepEqual(await pageSearch(page), expected);

  await page.evaluate(async () => {
    const file = await engine.export();
    const models = await (await fetch("models.json")).json();
    await engine.close();
    window.engine = await rag.Engine.import(file, { name: "copy", models: { embedder: models.embedder } });
    await engine.close();
  });
  await openEngine(page, "copy");
  assert.deepEqual(await pageSearch(page), expected);
});

test("a question finds pictures by what they show, and a filter leaves some out", async (t) => {
  const page = await openPage(await newVisitor(t, browser), site.url);
  await openEngine(page, "questions");
  const found = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(64, 64);
    const context = canvas.getContext("2d");
    for (let number = 0; number < 12; number++) {
      context.fillStyle = `hsl(${number * 30} 80% 50%)`;
      context.fillRect(0, 0, 64, 64);
      context.fillStyle = "white";
      context.fillRect(number * 3, number * 4, 20, 9);
      await engine.add(await canvas.convertToBlob(), { name: `${number}.png`, metadata: { number } });
    }
    const questions = ["a red bicycle", "two dogs at the door", "a chart of rainfall", "the plan of the harbour"];
    const scores = async (question, where) => {
      const passages = await engine.search(question, { limit: 20, where });
      return passages.flatMap(({ documentName, picture }) => (picture ? [[documentName, picture.score]] : []));
    };
    const all = await Promise.all(questions.map((question) => scores(question)));
    const most = all.reduce((most, found, place) => (found.length > all[most].length ? place : most), 0);
    const shown = [];
    for await (const event of engine.ask(questions[most], { maxTokens: 0 })) if (event.type === "image") shown.push(event.width);
    return { all, most, shown, some: await scores(questions[most], { number: { gte: 6 } }) };
  });
  assert.ok(found.all.flat().every(([, score]) => score >= 0.5 && score <= 1));
  const names = found.all[found.most].map(([name]) => name);
  assert.ok(names.length > 0, "of twelve pictures one belongs to one of four questions");
  assert.ok(found.shown.length > 0 && found.shown.every((width) => width === 64), `${found.shown}`);
  const late = names.filter((name) => parseInt(name) >= 6).sort();
  assert.deepEqual(found.some.map(([name]) => name).sort(), late);
});

test("without an image encoder a search with a picture says why, and a text is no picture", async (t) => {
  const page = await openPage(await newVisitor(t, browser), site.url);
  const code = async () =>
    page.evaluate(async () => (await outcome(engine.search({ image: new Blob(["Some text."]) }))).code);
  await page.evaluate(async () => {
    window.engine = await rag.Engine.open({ name: "plain", models: { embedder: (await (await fetch("models.json")).json()).embedder } });
  });
  assert.equal(await code(), "no_image_encoder");
  await openEngine(page, "other");
  await page.evaluate(() => engine.add("Some text.", { name: "a.txt" }));
  assert.equal(await code(), "unsupported_format");
});
