// Embed workers, on a page that is not cross-origin isolated: the results are the same, however they fail.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { INSECURE_HOST, launchBrowser, newVisitor, openPage, untilWorkers } from "./browser.mjs";
import { setUp } from "./set-up.mjs";
import { startSite, withBody, withStatus } from "./site.mjs";
import { sourceOf } from "./tiny-models.mjs";

const TINY_BERT = new URL("../fixtures/models/tiny-bert/", import.meta.url);

const { site, browser } = await setUp({ site: startSite(), browser: launchBrowser() });

async function newPage(t, url = site.url) {
  return openPage(await newVisitor(t, browser), url);
}

/** A page with an engine of three workers, which has added enough for all of them to be there. */
async function pageWithEmbedWorkers(t, options = {}) {
  const page = await newPage(t);
  await page.evaluate(async (options) => {
    window.engine = await rag.Engine.open({ name: "notes", threads: 3, ...options });
    await engine.add(longText(60, "tower"), { name: "tower.txt" });
  }, options);
  await untilWorkers(page, 3);
  return page;
}

const embedWorkersOf = (page) => page.workers().filter((worker) => worker.url().endsWith("/embed-worker.js"));

/** Has embed workers run `more` first, and count their batches. */
async function watchEmbedWorkers(t, more = "") {
  const counting = 'self.batches = 0;\nself.addEventListener("message", ({ data }) => (self.batches += data.call === "embed"));\n';
  const script = more + counting + (await site.pkgFile("embed-worker.js"));
  site.answer(t, "/pkg/embed-worker.js", withBody(script, "text/javascript"));
}

/** Waits until every embed worker has got a batch. The engine discards a slow worker, and another starts. */
async function untilAllEmbed(page) {
  const embeds = (worker) => worker.evaluate(() => self.batches > 0).catch(() => false);
  while (!(await Promise.all(embedWorkersOf(page).map(embeds))).every(Boolean)) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Adds a long text in the page, and returns what a search finds in it. */
const addAndSearch = async () => {
  const { chunks } = await engine.add(longText(2000), { name: "long.txt" });
  const passages = [];
  for (const question of ["keeper number 7000 in year 2000", "lamps of the harbour"]) {
    passages.push(...(await engine.search(question, { limit: 30 })));
  }
  return { chunks, passages: passages.map(({ chunkId, text, score, scores }) => ({ chunkId, text, score, scores })) };
};

/** The same in an engine with one worker. */
async function expectedResult(t) {
  const page = await newPage(t);
  await page.evaluate(async () => {
    window.engine = await rag.Engine.open({ name: "alone", threads: 1 });
    await engine.add(longText(60, "tower"), { name: "tower.txt" });
  });
  const result = await page.evaluate(addAndSearch);
  assert.equal(page.workers().length, 1);
  assert.ok(result.passages.length === 60 && result.chunks > 1000);
  return result;
}

test("three workers find the same passages with the same scores as one, and fetch the model once", async (t) => {
  const expected = await expectedResult(t);
  site.log.length = 0;
  await watchEmbedWorkers(t);
  const page = await pageWithEmbedWorkers(t);
  const adding = page.evaluate(addAndSearch);
  await untilAllEmbed(page);
  assert.deepEqual(await adding, expected);
  assert.equal((await page.evaluate(() => engine.stats())).backend.workers, 3);
  assert.equal(embedWorkersOf(page).length, 2);
  assert.deepEqual(site.log.filter((path) => path.startsWith("/models/")), ["/models/embedder"]);
  assert.deepEqual(page.errors, []);
});

test("progress reaches the end and never goes back", async (t) => {
  const page = await pageWithEmbedWorkers(t);
  const { done, chunks } = await page.evaluate(async () => {
    const done = [];
    const onProgress = (progress) => progress.stage === "embed" && done.push(progress.done);
    const { chunks } = await engine.add(longText(600), { name: "long.txt", onProgress });
    return { done, chunks };
  });
  assert.equal(done[0], 0);
  assert.equal(done.at(-1), chunks);
  assert.ok(done.length > 20 && done.every((count, i) => i === 0 || count >= done[i - 1]));
});

test("an add that is cancelled while several workers embed stores nothing, and the next file is added", async (t) => {
  const page = await pageWithEmbedWorkers(t);
  const { stopped, documents, again } = await page.evaluate(async () => {
    const controller = new AbortController();
    const onProgress = ({ stage, done }) => stage === "embed" && done > 100 && controller.abort();
    const options = { name: "long.txt", signal: controller.signal, onProgress };
    const stopped = await outcome(engine.add(longText(2000), options));
    const documents = (await engine.documents()).map(({ name }) => name);
    return { stopped, documents, again: await engine.add(longText(2000), { name: "long.txt" }) };
  });
  assert.equal(stopped.code, "aborted");
  assert.deepEqual(documents, ["tower.txt"]);
  assert.equal(again.alreadyAdded, false);
  assert.equal(embedWorkersOf(page).length, 2, "they stay for the next file");
});

const deaths = {
  "throws an uncaught error": () => {
    setTimeout(() => {
      throw new Error("made by the test");
    });
  },
  "has an unhandled rejection": () => {
    setTimeout(() => void Promise.reject(new Error("made by the test")));
  },
  "ends silently": () => self.close(),
};

for (const [name, kill] of Object.entries(deaths)) {
  test(`the file is added although an embed worker ${name}`, async (t) => {
    const expected = await expectedResult(t);
    await watchEmbedWorkers(t);
    const page = await pageWithEmbedWorkers(t);
    const adding = page.evaluate(addAndSearch);
    await untilAllEmbed(page);
    await embedWorkersOf(page)[0].evaluate(kill).catch(() => {}); // it may die before it answers
    assert.deepEqual(await adding, expected);
    await untilWorkers(page, 2);
    await page.evaluate(() => until(async () => (await engine.stats()).backend.workers === 2));
    // Once more, with the remaining worker.
    const { chunks } = await page.evaluate(() => engine.add(longText(300, "bridge"), { name: "bridge.txt" }));
    assert.ok(chunks > 100);
    assert.equal(page.workers().length, 2);
  });
}

test("embed workers that never answer do not delay the add", async (t) => {
  const expected = await expectedResult(t);
  const deaf = 'self.postMessage = ((post) => (m, ...t) => m.result instanceof Float32Array || post.call(self, m, ...t))(self.postMessage);\n';
  await watchEmbedWorkers(t, deaf);
  const page = await pageWithEmbedWorkers(t);
  const adding = page.evaluate(addAndSearch);
  await untilAllEmbed(page);
  assert.deepEqual(await adding, expected);
});

test("where no embed worker can start, the engine adds with one worker and stats() says so", async (t) => {
  const script = await site.pkgFile("embed-worker.js");
  const broken = {
    "no script": withStatus(404),
    "a script that throws": withBody('throw new Error("broken");', "text/javascript"),
    "no SIMD": withBody(`WebAssembly.validate = () => false;\n${script}`, "text/javascript"),
    "another embedder": withBody(script.replace("embedder.info()", '{ fingerprint: "another" }'), "text/javascript"),
  };
  for (const [name, answer] of Object.entries(broken)) {
    site.answer(t, "/pkg/embed-worker.js", answer);
    const page = await newPage(t);
    const documents = await page.evaluate(async () => {
      window.engine = await rag.Engine.open({ name: "notes", threads: 3 });
      for (const seed of ["tower", "bridge"]) await engine.add(longText(200, seed), { name: `${seed}.txt` });
      return (await engine.documents()).length;
    });
    assert.equal(documents, 2, name);
    await page.evaluate(() => until(async () => (await engine.stats()).backend.workers === 1));
    await untilWorkers(page, 1);
  }
});

test("close ends all workers, also in the middle of adding", async (t) => {
  const page = await pageWithEmbedWorkers(t);
  const code = await page.evaluate(async () => {
    let closing;
    const onProgress = ({ stage, done }) => {
      if (stage === "embed" && done > 100) closing ??= engine.close();
    };
    const { code } = await outcome(engine.add(longText(2000), { name: "long.txt", onProgress }));
    await closing;
    return code;
  });
  assert.equal(code, "closed");
  await untilWorkers(page, 0);
});

test("embed workers end with the worker that started them", async (t) => {
  const page = await pageWithEmbedWorkers(t);
  const engine = page.workers().find((worker) => worker.url().endsWith("/worker.js"));
  await engine.evaluate(() => self.close()).catch(() => {});
  await untilWorkers(page, 0);
  await page.evaluate(() => until(async () => (await outcome(engine.documents())).value?.length === 1));
  await untilWorkers(page, 1);
});

test("a long text starts embed workers, a short one does not, and they end after the idle timeout", async (t) => {
  const script = (await site.pkgFile("embed-worker-pool.js")).replace("IDLE_TIMEOUT_MS = 30_000", "IDLE_TIMEOUT_MS = 300");
  site.answer(t, "/pkg/embed-worker-pool.js", withBody(script, "text/javascript"));
  const page = await newPage(t);
  await page.evaluate(async () => {
    window.engine = await rag.Engine.open({ name: "notes", threads: 3 });
    await engine.add(longText(3), { name: "short.txt" });
  });
  assert.equal(page.workers().length, 1);
  for (const seed of ["tower", "bridge"]) {
    const started = new Promise((resolve) => page.once("worker", resolve));
    await page.evaluate((seed) => engine.add(longText(100, seed), { name: `${seed}.txt` }), seed);
    await started;
    await untilWorkers(page, 1);
  }
  assert.equal((await page.evaluate(() => engine.stats())).backend.workers, 3, "they did not fail");
});

test("an embedder computes the same vectors with three workers as with one", async (t) => {
  await watchEmbedWorkers(t);
  const page = await newPage(t);
  await page.evaluate(async (source) => {
    window.texts = longText(1500).split("\n\n");
    const embed = async (threads) => {
      window.embedder = await rag.Embedder.load(source, { threads });
      const vectors = await embedder.embed(texts);
      return vectors.map((vector) => [...vector]);
    };
    window.alone = await embed(1);
    await embedder.close();
    await embed(3);
  }, site.models.embedder);
  const embedding = page.evaluate(async () => {
    const vectors = await embedder.embed(texts);
    return vectors.every((vector, i) => vector.every((number, j) => number === alone[i][j]));
  });
  await untilAllEmbed(page);
  assert.equal(await embedding, true);
  assert.equal(embedWorkersOf(page).length, 2);
  await page.evaluate(() => embedder.close());
  await untilWorkers(page, 0);
});

test("embed workers load original files, and files fetched without a cache, without fetching them again", async (t) => {
  const files = { weights: "model.safetensors", config: "config.json", tokenizer: "tokenizer.json" };
  const original = { options: { maxTokens: 128 } };
  for (const [part, name] of Object.entries(files)) {
    const bytes = await readFile(new URL(name, TINY_BERT));
    site.answer(t, `/models/${name}`, withBody(bytes));
    original[part] = sourceOf(`models/${name}`, bytes);
  }
  await watchEmbedWorkers(t);
  const insecure = new URL(site.url);
  insecure.hostname = INSECURE_HOST;
  for (const [url, embedder] of [[site.url, original], [insecure.href, site.models.embedder]]) {
    const page = await newPage(t, url);
    site.log.length = 0;
    await page.evaluate(async (embedder) => {
      window.engine = await rag.Engine.open({ storage: "memory", threads: 2, models: { embedder } });
      await engine.add(longText(40, "tower"), { name: "tower.txt" });
    }, embedder);
    await untilWorkers(page, 2);
    const adding = page.evaluate(() => engine.add(longText(2000), { name: "long.txt" }));
    await untilAllEmbed(page);
    assert.ok((await adding).chunks > 1000);
    const fetched = site.log.filter((path) => path.startsWith("/models/"));
    assert.deepEqual(fetched, [...new Set(fetched)]);
    assert.ok(fetched.length > 0);
  }
});

test("an isolated page has threads instead of embed workers", async (t) => {
  const isolated = await startSite({ isolated: true });
  t.after(() => isolated.close());
  const page = await newPage(t, isolated.url);
  const { isIsolated, backend } = await page.evaluate(async () => {
    window.engine = await rag.Engine.open({ name: "notes", threads: 3 });
    await engine.add(longText(300), { name: "long.txt" });
    return { isIsolated: crossOriginIsolated, backend: (await engine.stats()).backend };
  });
  assert.equal(isIsolated, true);
  assert.deepEqual([backend.threads, backend.workers], [3, 1]);
  assert.equal(page.workers().length, 3);
});

test("the option threads is \"auto\" or a whole number from 1 to 16", async (t) => {
  const page = await newPage(t);
  const seen = await page.evaluate(async (source) => {
    const codes = [];
    for (const threads of [0, 17, 1.5, -1, NaN, "2", "many", null, {}, true]) {
      codes.push((await outcome(rag.Engine.open({ threads }))).code);
      codes.push((await outcome(rag.Embedder.load(source, { threads }))).code);
    }
    const workers = {};
    const concurrency = (value) => Object.defineProperty(navigator, "hardwareConcurrency", { value, configurable: true });
    for (const [cores, threads] of [[2, "auto"], [2, undefined], [64, "auto"], [undefined, "auto"], [2, 16]]) {
      concurrency(cores);
      const engine = await rag.Engine.open({ storage: "memory", threads });
      workers[`${cores} ${threads}`] = (await engine.stats()).backend.workers;
      await engine.close();
    }
    return { codes, workers };
  }, site.models.embedder);
  assert.deepEqual(new Set(seen.codes), new Set(["invalid_option"]));
  assert.deepEqual(seen.workers, { "2 auto": 2, "2 undefined": 2, "64 auto": 4, "undefined auto": 1, "2 16": 16 });
});
