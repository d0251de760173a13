// Kernels on several threads: where a page may share memory between workers, and what happens where it may not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { launchBrowser, newVisitor, openPage } from "./browser.mjs";
import { setUp } from "./set-up.mjs";
import { startSite, withBody, withStatus } from "./site.mjs";

/** Large enough that their work is shared. */
const MODELS = {
  minilm: fileURLToPath(new URL("../../models/all-MiniLM-L6-v2.q8.safetensors", import.meta.url)),
  smollm2: fileURLToPath(new URL("../../www/models/SmolLM2-135M-Instruct.Q4_1.gguf", import.meta.url)),
};

const { site, browser } = await setUp({ site: startSite({ isolated: true, more: MODELS }), browser: launchBrowser() });

async function newPage(t) {
  return openPage(await newVisitor(t, browser), site.url);
}

/** Vectors and a text, computed on so many threads, and what they were computed with. */
function computed(page, threads) {
  return page.evaluate(async (threads) => {
    const blob = async (name) => ({ file: await (await fetch(`./models/${name}`)).blob() });
    const texts = [1, 5, 30, 200].map((words) => "the ferry leaves the harbour at noon ".repeat(words));
    const embedder = await rag.Embedder.load(await blob("minilm"), { threads });
    const vectors = await embedder.embed(texts);
    await embedder.close();
    const generator = await rag.Generator.load(await blob("smollm2"), { threads });
    let text = "";
    for await (const piece of generator.generate({ prompt: texts[2] }, { maxTokens: 12, temperature: 1, seed: 7 })) {
      text += piece.text;
    }
    await generator.close();
    return { text, vectors: vectors.map((vector) => [...vector]), backends: [embedder.backend, generator.backend] };
  }, threads);
}

const WITHOUT_RELAXED = "const { validate } = WebAssembly;\nlet asked = 0;\nWebAssembly.validate = (bytes) => asked++ > 0 && validate(bytes);\n";

for (const relaxed of [true, false]) {
  test(`several threads compute bitwise the same as one, ${relaxed ? "with" : "without"} relaxed SIMD`, async (t) => {
    if (!relaxed) {
      site.answer(t, "/pkg/worker.js", withBody(WITHOUT_RELAXED + (await site.pkgFile("worker.js")), "text/javascript"));
    }
    const page = await newPage(t);
    const alone = await computed(page, 1);
    assert.deepEqual(alone.backends, Array(2).fill({ simd: true, relaxed, threads: 1, workers: 1 }));
    assert.ok(alone.text.length > 0);
    for (const threads of [2, 3]) {
      const together = await computed(page, threads);
      assert.deepEqual(together.backends, Array(2).fill({ simd: true, relaxed, threads, workers: 1 }));
      assert.deepEqual(together.vectors, alone.vectors);
      assert.equal(together.text, alone.text);
    }
    assert.deepEqual(page.errors, []);
  });
}

test("stats() tells how many threads are used", async (t) => {
  const page = await newPage(t);
  const seen = await page.evaluate(async () => {
    const engine = await rag.Engine.open({ storage: "memory", threads: 2 });
    await engine.add("The ferry leaves at noon. It returns at dusk.", { name: "ferry.txt" });
    const passages = await engine.search("When does the ferry leave?");
    const { backend } = await engine.stats();
    await engine.close();
    return { passages, backend };
  });
  assert.equal(seen.passages.length, 1);
  assert.equal(seen.backend.threads, 2);
});

test("the engine works without threads that cannot start", async (t) => {
  site.answer(t, "/pkg/thread.js", withStatus(404));
  const page = await newPage(t);
  const threads = await page.evaluate(async () => {
    const engine = await rag.Engine.open({ storage: "memory", threads: 3 });
    await engine.add("The ferry leaves at noon.", { name: "ferry.txt" });
    const { backend } = await engine.stats();
    await engine.close();
    return backend.threads;
  });
  assert.equal(threads, 1);
});

test("a thread that fails ends the worker, and the next call starts another", async (t) => {
  const page = await newPage(t);
  const failing = (await site.pkgFile("thread.js")).replace("bindings.serveThread();", "bindings.threadFailed(); bindings.serveThread();");
  site.answer(t, "/pkg/thread.js", withBody(failing, "text/javascript"));
  await page.evaluate(async () => {
    const file = await (await fetch("./models/minilm")).blob();
    window.embedder = await rag.Embedder.load({ file }, { threads: 2 });
  });
  const embed = () => page.evaluate(() => outcome(embedder.embed(["the ferry leaves at noon ".repeat(30)]).then(() => "done")));
  assert.equal((await embed()).code, "worker_failed");
  site.answer(t, "/pkg/thread.js", withBody(await site.pkgFile("thread.js"), "text/javascript"));
  const again = await embed();
  assert.equal(again.value ?? again, "done");
  await page.evaluate(() => embedder.close());
});
