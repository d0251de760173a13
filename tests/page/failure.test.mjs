// Failures around the engine: workers that die, storage that is refused, models with another hash.

import assert from "node:assert/strict";
import { test } from "node:test";
import { launchBrowser, newVisitor, openPage, untilWorkers } from "./browser.mjs";
import { setUp } from "./set-up.mjs";
import { startSite, withBody, withStatus } from "./site.mjs";

const { site, browser } = await setUp({ site: startSite(), browser: launchBrowser() });

async function newPage(t) {
  return openPage(await newVisitor(t, browser), site.url);
}

async function pageWithFerry(t, options = {}) {
  const page = await newPage(t);
  await page.evaluate(async (options) => {
    window.engine = await rag.Engine.open({ name: "notes", ...options });
    window.ferry = await engine.add("The ferry leaves the harbour at seven.", { name: "ferry.txt" });
  }, options);
  return page;
}

const deaths = {
  "an uncaught exception": () => {
    setTimeout(() => {
      throw new Error("made by the test");
    });
  },
  "an unhandled rejection": () => {
    setTimeout(() => void Promise.reject(new Error("made by the test")));
  },
  "a trap of the wasm module": async () => {
    const { default: init } = await import(new URL("./wasm/relaxed-simd/multimodal_rag.js", self.location.href).href);
    const exports = await init();
    setTimeout(() => exports.__wbindgen_malloc(2 ** 31, 1)); // more than can be had
  },
  "a silent end": () => self.close(),
};

for (const [name, kill] of Object.entries(deaths)) {
  test(`${name} rejects pending calls, and the next call works`, async (t) => {
    const page = await pageWithFerry(t);
    await page.evaluate(() => {
      const onProgress = ({ stage }) => (window.stage = stage);
      window.adding = outcome(engine.add(longText(4000), { name: "long.txt", onProgress }));
      window.asking = outcome(collect(engine.ask("When does the ferry leave?", { maxTokens: 5000 })));
    });
    await page.waitForFunction(() => window.stage === "embed");
    await page.workers()[0].evaluate(kill).catch(() => {}); // the worker may die before it answers
    const seen = await page.evaluate(async () => {
      const pending = [await adding, await asking];
      const documents = await engine.documents();
      return { pending, documents, ferry, found: (await engine.search("ferry")).length };
    });
    const [adding, asking] = seen.pending;
    assert.equal(adding.code, "worker_failed");
    assert.ok(adding.isRagError);
    assert.ok(asking.code === "worker_failed" || asking.value?.at(-1).type === "end", JSON.stringify(asking));
    assert.deepEqual(seen.documents, [seen.ferry]);
    assert.ok(seen.found > 0);
    await untilWorkers(page, 1);
  });
}

test("the iterator of a running answer throws worker_failed", async (t) => {
  const page = await pageWithFerry(t);
  await page.evaluate(() => {
    const noteEvent = ({ type }) => (window.type = type);
    window.asking = outcome(collect(engine.ask("When does the ferry leave?", { maxTokens: 5000 }), noteEvent));
  });
  await page.waitForFunction(() => window.type);
  await page.workers()[0].evaluate(deaths["an uncaught exception"]);
  const seen = await page.evaluate(() => asking);
  assert.ok(seen.code === "worker_failed" || seen.value?.at(-1).type === "end", JSON.stringify(seen));
});

test("after its worker died, an engine with memory storage works and is empty", async (t) => {
  const page = await pageWithFerry(t, { storage: "memory" });
  await page.workers()[0].evaluate(deaths["an uncaught exception"]);
  await page.evaluate(() => until(async () => (await outcome(engine.documents())).value?.length === 0));
  assert.equal(await page.evaluate(async () => (await engine.add("Again.")).name), "untitled.txt");
});

test("a model given as bytes is loaded again after its worker died", async (t) => {
  const page = await newPage(t);
  await page.evaluate(async () => {
    const data = new Uint8Array(await (await fetch("models/embedder")).arrayBuffer());
    window.engine = await rag.Engine.open({ name: "bytes", models: { embedder: { data } } });
  });
  await page.workers()[0].evaluate(deaths["an uncaught exception"]);
  await page.evaluate(() => until(async () => (await outcome(engine.documents())).value !== undefined));
});

test("a worker that dies whenever it opens is tried three times, then the call fails", async (t) => {
  const page = await pageWithFerry(t);
  site.answer(t, "/pkg/worker.js", withBody('throw new Error("broken");', "text/javascript"));
  await page.workers()[0].evaluate(() => self.close());
  await page.evaluate(() => until(async () => (await navigator.locks.query()).held.length === 0));
  site.log.length = 0;
  const failed = await page.evaluate(() => outcome(engine.documents()));
  assert.equal(failed.code, "worker_failed");
  assert.equal(site.log.filter((path) => path === "/pkg/worker.js").length, 3);
});

test("a worker script that is not served rejects with worker_failed", async (t) => {
  const page = await newPage(t);
  site.answer(t, "/pkg/worker.js", withStatus(404));
  const failed = await page.evaluate(() => outcome(rag.Engine.open({ name: "notes" })));
  assert.equal(failed.code, "worker_failed");
  assert.match(failed.message, /its script http.*\/pkg\/worker\.js could not be loaded/);
});

test("a browser without WebAssembly SIMD rejects with unsupported_browser", async (t) => {
  const page = await newPage(t);
  const noSimd = "WebAssembly.validate = () => false;\n";
  site.answer(t, "/pkg/worker.js", withBody(noSimd + (await site.pkgFile("worker.js")), "text/javascript"));
  const failed = await page.evaluate(() => outcome(rag.Engine.open({ name: "notes" })));
  assert.equal(failed.code, "unsupported_browser");
});

test("a browser without relaxed SIMD loads the build without it, and the results are the same", async (t) => {
  const relaxed = await answered(await newPage(t));
  assert.deepEqual(relaxed.backend, { simd: true, relaxed: true, threads: 1, workers: 1 });
  const page = await newPage(t);
  const plain = "const { validate } = WebAssembly;\nlet asked = 0;\nWebAssembly.validate = (bytes) => asked++ > 0 && validate(bytes);\n";
  site.answer(t, "/pkg/worker.js", withBody(plain + (await site.pkgFile("worker.js")), "text/javascript"));
  const fixed = await answered(page);
  assert.deepEqual(fixed.backend, { simd: true, relaxed: false, threads: 1, workers: 1 });
  assert.deepEqual(fixed.quotes, relaxed.quotes);
  assert.ok(relaxed.quotes.length > 0);
});

/** The instructions in use, and the quotes of an answer. */
function answered(page) {
  return page.evaluate(async () => {
    const engine = await rag.Engine.open({ name: "builds", storage: "memory", threads: 1 });
    await engine.add("The ferry leaves at noon. It returns at dusk.", { name: "ferry.txt" });
    const events = await collect(engine.ask("When does the ferry leave?", { maxTokens: 0 }));
    const { backend } = await engine.stats();
    await engine.close();
    return { backend, quotes: events.filter(({ type }) => type === "quote").map(({ text }) => text) };
  });
}

/** The worker with its access to storage taken away before anything runs. */
async function refuseStorage(t) {
  const refusal = 'IDBFactory.prototype.open = () => { throw new DOMException("not here", "SecurityError"); };\n';
  site.answer(t, "/pkg/worker.js", withBody(refusal + (await site.pkgFile("worker.js")), "text/javascript"));
}

test("with refused storage, auto uses memory and stats() tells why", async (t) => {
  await refuseStorage(t);
  const page = await pageWithFerry(t);
  const { storage, documents } = await page.evaluate(() => engine.stats());
  assert.equal(storage.kind, "memory");
  assert.match(storage.reason, /denies access/);
  assert.equal(documents, 1);
});

test("with refused storage, persistent rejects with storage_refused", async (t) => {
  await refuseStorage(t);
  const page = await newPage(t);
  const failed = await page.evaluate(() => outcome(rag.Engine.open({ name: "notes", storage: "persistent" })));
  assert.equal(failed.code, "storage_refused");
  await untilWorkers(page, 0);
});

test("a full storage rejects the add with quota_exceeded and keeps what was there", async (t) => {
  const page = await newPage(t);
  const client = await page.context().newCDPSession(page);
  const { origin } = new URL(site.url);
  // Set before anything is stored: the browser asks for the quota only now and then.
  const quotaSize = site.files.embedder.length + 500_000;
  const setQuota = (quotaSize) => client.send("Storage.overrideQuotaForOrigin", { origin, quotaSize });
  await setQuota(quotaSize);
  const seen = await page.evaluate(async () => {
    window.engine = await rag.Engine.open({ name: "notes", storage: "persistent" });
    const ferry = await engine.add("The ferry leaves the harbour at seven.", { name: "ferry.txt" });
    const failed = await outcome(engine.add(longText(6000), { name: "long.txt" }));
    return { ferry, failed, documents: await engine.documents(), found: (await engine.search("ferry")).length };
  });
  assert.equal(seen.failed.code, "quota_exceeded", seen.failed.message);
  assert.deepEqual(seen.documents, [seen.ferry]);
  assert.ok(seen.found > 0);
  // Not by itself: the browser may keep the room that the failed transaction took.
  await setQuota(10 * quotaSize);
  const small = await page.evaluate(async () => {
    const addSmall = () => outcome(engine.add("The lamps are lit at dusk.", { name: "lamps.txt" }));
    let small = await addSmall();
    for (let tries = 0; small.code === "quota_exceeded" && tries < 300; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      small = await addSmall();
    }
    return small;
  });
  assert.equal(small.value?.name, "lamps.txt", small.message);
});

const models = {
  "a model of another hash": { change: (model) => ({ ...model, sha256: "0".repeat(64) }), code: "hash_mismatch" },
  "a model that is missing": { change: (model) => ({ ...model, url: "models/none" }), code: "download_failed" },
  "a model that is shorter than promised": {
    change: (model) => ({ ...model, url: "models/truncated" }),
    code: /^(download_failed|hash_mismatch|corrupt_model)$/,
  },
  "a source that says nothing": { change: () => ({}), code: "invalid_option" },
  "no source": { change: () => undefined, code: "invalid_option" },
};

for (const [name, { change, code }] of Object.entries(models)) {
  test(`${name} is refused, and the right one opens after it`, async (t) => {
    const page = await newPage(t);
    const truncated = site.files.embedder.subarray(0, site.files.embedder.length / 2);
    site.answer(t, "/models/truncated", withBody(truncated));
    const open = (embedder) => outcome(rag.Engine.open({ name: "notes", models: { embedder } }).then((e) => e.close()));
    const failed = await page.evaluate(open, change(site.models.embedder));
    assert.match(failed.code ?? "none", new RegExp(code), failed.message);
    assert.ok(failed.isRagError);
    await untilWorkers(page, 0);
    const right = await page.evaluate(open, site.models.embedder);
    assert.equal(right.code, undefined, right.message);
  });
}

test("a mirror is tried when the first address fails", async (t) => {
  const page = await newPage(t);
  const embedder = { ...site.models.embedder, url: "models/none", mirrors: [site.models.embedder.url] };
  const opened = await page.evaluate(
    (embedder) => outcome(rag.Engine.open({ name: "notes", models: { embedder } }).then(() => "open")),
    embedder,
  );
  assert.equal(opened.value, "open", opened.message);
});

const openFile = async ({ bytes, which }) => {
  const file = new Blob([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))]);
  if (which === "generator") return outcome(rag.Generator.load({ file }));
  return outcome(rag.Engine.open({ name: "files", models: { embedder: { file } } }));
};

test("model files that are damaged reject with corrupt_model", async (t) => {
  const page = await newPage(t);
  const { embedder, generator } = site.files;
  const half = (bytes) => bytes.subarray(0, bytes.length / 2);
  for (const [which, bytes] of [
    ["embedder", half(embedder)],
    ["embedder", Buffer.from("no model at all")],
    ["embedder", Buffer.alloc(0)],
    ["generator", half(generator)],
    ["generator", Buffer.from("GGUF")],
  ]) {
    const failed = await page.evaluate(openFile, { bytes: bytes.toString("base64"), which });
    assert.equal(failed.code, "corrupt_model", `${which} of ${bytes.length} bytes: ${failed.message}`);
  }
});

test("a generator of an unknown architecture is refused by name", async (t) => {
  const page = await newPage(t);
  const bytes = Buffer.from(site.files.generator);
  bytes.write("xlama", bytes.indexOf("llama", bytes.indexOf("general.architecture")));
  const failed = await page.evaluate(openFile, { bytes: bytes.toString("base64"), which: "generator" });
  assert.equal(failed.code, "unsupported_architecture", failed.message);
  assert.match(failed.message, /xlama/);
});

test("a generator without its tokenizer is refused", async (t) => {
  const page = await newPage(t);
  const bytes = Buffer.from(site.files.generator);
  const key = "tokenizer.ggml.tokens";
  bytes.write("tokenizer.ggml.absent", bytes.indexOf(key));
  const failed = await page.evaluate(openFile, { bytes: bytes.toString("base64"), which: "generator" });
  assert.equal(failed.code, "unsupported_tokenizer", failed.message);
});

test("a knowledge base made with another embedder is refused, and opens with its own", async (t) => {
  const page = await pageWithFerry(t);
  const other = Buffer.from(site.files.embedder);
  other[other.length - 1] ^= 1; // other bytes, another fingerprint
  const { refused, documents } = await page.evaluate(async (bytes) => {
    await engine.close();
    const file = new Blob([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))]);
    const refused = await outcome(rag.Engine.open({ name: "notes", models: { embedder: { file } } }));
    const own = await rag.Engine.open({ name: "notes" });
    return { refused, documents: (await own.documents()).length };
  }, other.toString("base64"));
  assert.equal(refused.code, "embedder_mismatch");
  assert.equal(documents, 1);
});

const modelsFiles = {
  "is missing": { answer: withStatus(404), code: "download_failed" },
  "is not JSON": { answer: withBody("<html>", "text/html"), code: "invalid_option" },
  "names no embedder": { answer: withBody("{}", "application/json"), code: "invalid_option" },
  "is no object": { answer: withBody("null", "application/json"), code: "invalid_option" },
};

for (const [name, { answer, code }] of Object.entries(modelsFiles)) {
  test(`a models.json that ${name} rejects with ${code}`, async (t) => {
    const page = await newPage(t);
    site.answer(t, "/models.json", answer);
    const failed = await page.evaluate(() => outcome(rag.Engine.open({ name: "notes" })));
    assert.equal(failed.code, code);
    assert.match(failed.message, /models\.json/);
  });
}
