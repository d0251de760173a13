// Many files at once: through the queue, which survives a reload, with one progress and a result for each file. And the
// files themselves, which are kept.

import assert from "node:assert/strict";
import { test } from "node:test";
import { launchBrowser, newVisitor, openPage } from "./browser.mjs";
import { answerHostileReader, definePdf } from "./hostile-reader.mjs";
import { setUp } from "./set-up.mjs";
import { startSite } from "./site.mjs";

const DATABASE = "multimodal-rag:notes";

const { site, browser } = await setUp({ site: startSite(), browser: launchBrowser() });

async function pageOf(t, context) {
  await answerHostileReader(t, site);
  const page = await openPage(context, site.url);
  await definePdf(page);
  await page.evaluate(async () => {
    window.engine = await rag.Engine.open({ name: "notes", threads: 1 });
    window.names = async () => (await engine.documents()).map(({ name }) => name).sort();
    window.note = (name, text = `The boat of ${name} is blue.`) => ({ path: name, file: new File([text], name.split("/").at(-1)) });
    window.short = (results) => results.map(({ name, status, error }) => `${name} ${error?.code ?? status}`);
  });
  return page;
}

async function newPage(t) {
  return pageOf(t, await newVisitor(t, browser));
}

const queuedKeys = (page) => page.evaluate(async (name) => (await recordKeys(name)).filter((key) => /^queued/.test(key)), DATABASE);

test("files are added with one progress, and a file that fails costs only itself", async (t) => {
  const page = await newPage(t);
  const { results, told, steps, documents } = await page.evaluate(async () => {
    const [told, steps] = [[], []];
    const files = [note("a/one.md"), note("a/two.txt"), note("empty.txt", ""), note("a/three.html"), new File(["Red kites."], "four.txt")];
    const options = { onFile: ({ name }) => told.push(name), onProgress: (step) => steps.push(step), metadata: { folder: "a" } };
    const results = short(await engine.addFiles(files, options));
    return { results, told, steps, documents: await engine.documents() };
  });
  const expected = ["a/one.md added", "a/two.txt added", "empty.txt empty_document", "a/three.html added", "four.txt added"];
  assert.deepEqual(results, expected);
  assert.deepEqual(told.sort(), ["a/one.md", "a/three.html", "a/two.txt", "empty.txt", "four.txt"]);
  assert.ok(documents.every(({ metadata }) => metadata.folder === "a"));
  const last = steps.at(-1);
  assert.deepEqual([last.files, last.totalFiles, last.bytes, last.etaMs], [5, 5, last.totalBytes, 0]);
  assert.ok(steps.every(({ bytes }, step) => bytes >= (steps[step - 1]?.bytes ?? 0)), "progress goes back");
  assert.deepEqual(await queuedKeys(page), []);
  assert.deepEqual(page.errors, []);
});

test("a folder that is added again changes only what changed, and other files of one name all stay", async (t) => {
  const page = await newPage(t);
  const { again, names, same, options } = await page.evaluate(async () => {
    await engine.addFiles([note("a/one.md"), note("a/two.md")]);
    const again = short(await engine.addFiles([note("a/one.md"), note("a/two.md", "The boat is red now."), note("a/three.md")]));
    const names = [await window.names(), await engine.search("red boat", { limit: 1 }).then(([{ text }]) => text)];
    const same = [new File(["Green."], "x.txt"), new File(["Yellow."], "x.txt")];
    const options = await outcome(engine.addFiles(same, { folder: "b" }));
    return { again, names, same: short(await engine.addFiles(same)), options: options.code };
  });
  assert.deepEqual(again, ["a/one.md unchanged", "a/two.md replaced", "a/three.md added"]);
  assert.deepEqual(names, [["a/one.md", "a/three.md", "a/two.md"], "The boat is red now."]);
  assert.deepEqual(same, ["x.txt added", "x.txt added"]);
  assert.equal(options, "invalid_option");
});

test("what a reload interrupts is still in the queue, and is added then", async (t) => {
  const page = await newPage(t);
  await page.evaluate(async (database) => {
    void engine.addFiles(Array.from({ length: 6 }, (_, i) => pdf(`slow-${i}.pdf`)));
    const queued = async () => (await recordKeys(database)).filter((key) => /^queued\/\d+$/.test(key));
    await until(async () => (await queued()).length === 6);
  }, DATABASE);
  assert.deepEqual(await page.evaluate(() => engine.queued()), []);
  await page.reload();
  const again = await pageOf(t, page.context());
  const { queued, results, names, left } = await again.evaluate(async () => {
    const queued = await engine.queued();
    const results = short(await engine.resumeFiles());
    return { queued, results, names: await names(), left: await engine.queued() };
  });
  const all = Array.from({ length: 6 }, (_, i) => `slow-${i}.pdf`);
  assert.deepEqual(queued.map(({ name }) => name), all);
  assert.ok(queued.every(({ bytes, number }) => bytes > 40 && Number.isSafeInteger(number)));
  assert.deepEqual(results, all.map((name) => `${name} added`));
  assert.deepEqual(names, all);
  assert.deepEqual(left, []);
  assert.deepEqual(await queuedKeys(again), []);
});

test("an abort leaves the rest in the queue, which can be discarded", async (t) => {
  const page = await newPage(t);
  const { code, queued, names } = await page.evaluate(async () => {
    const controller = new AbortController();
    const files = Array.from({ length: 6 }, (_, i) => pdf(`slow-${i}.pdf`));
    const onFile = () => controller.abort();
    const { code } = await outcome(engine.addFiles(files, { onFile, signal: controller.signal }));
    return { code, queued: await engine.queued(), names: await names() };
  });
  assert.equal(code, "aborted");
  assert.ok(queued.length > 0);
  assert.equal(queued.length + names.length, 6);
  await page.evaluate(() => engine.clearQueue());
  assert.deepEqual(await queuedKeys(page), []);
  assert.equal((await page.evaluate(() => names())).length, names.length);
});

test("a protected file of many opens with its password", async (t) => {
  const page = await newPage(t);
  const results = await page.evaluate(async () => {
    const files = [pdf("locked-a.pdf"), pdf("locked-b.pdf")];
    return short(await engine.addFiles(files, { passwords: { "locked-a.pdf": "open" } }));
  });
  assert.deepEqual(results, ["locked-a.pdf added", "locked-b.pdf password_required"]);
});

test("of protected files with one name, each has its own password and its own result", async (t) => {
  const page = await newPage(t);
  const { outcomes, told, text, resumed } = await page.evaluate(async () => {
    const files = [pdf("locked.pdf", "The gate is red."), pdf("locked.pdf", "The gate is green.")];
    const told = [];
    const options = { onFile: ({ file }) => told.push(files.indexOf(file)), passwords: { "locked.pdf": "shut" } };
    const entries = [{ path: "locked.pdf", file: files[0] }, { path: "locked.pdf", file: files[1], password: "open" }];
    const results = await engine.addFiles(entries, options);
    const outcomes = results.map(({ file, status, error }) => [files.indexOf(file), error?.code ?? status]);
    const resumed = await engine.resumeFiles();
    return { outcomes, told: told.sort(), text: await engine.text(results[1].document.id), resumed };
  });
  assert.deepEqual(outcomes, [[0, "password_required"], [1, "added"]]);
  assert.deepEqual(told, [0, 1]);
  assert.match(text, /green/);
  assert.deepEqual(resumed, []);
});

test("the file of a document is kept unless it is dropped, and goes with it", async (t) => {
  const page = await newPage(t);
  const { kept, dropped, reread } = await page.evaluate(async () => {
    const file = new File(["# Boats\n\nThe boat is blue."], "boats.md", { type: "text/markdown" });
    const { id, hasOriginal } = await engine.add(file);
    const original = await engine.original(id);
    const kept = [hasOriginal, original.name, original.type, await original.text()];
    const reread = (await engine.reread(id)).id === id;
    const other = await engine.add("The pier is long.", { name: "pier.txt", original: "drop" });
    const dropped = [other.hasOriginal, (await outcome(engine.original(other.id))).code];
    await engine.remove(id);
    return { kept, dropped, reread };
  });
  assert.deepEqual(kept, [true, "boats.md", "text/markdown", "# Boats\n\nThe boat is blue."]);
  assert.deepEqual(dropped, [false, "original_not_kept"]);
  assert.ok(reread);
  const keys = await page.evaluate((name) => recordKeys(name), DATABASE);
  assert.deepEqual(keys.filter((key) => /^original/.test(key)), []);
});
