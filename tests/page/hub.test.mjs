// Models by their name on a hub, from a server that behaves like one.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { beforeEach, test } from "node:test";
import { launchBrowser, newVisitor, openPage } from "./browser.mjs";
import { startHub } from "./hub.mjs";
import { setUp } from "./set-up.mjs";
import { startSite, withBody } from "./site.mjs";

const { site, browser, hub } = await setUp({ site: startSite(), browser: launchBrowser(), hub: startHub() });

const MODEL = "hub:acme/tiny/gguf/tiny-llama.gguf";
const { generator: bytes, embedder } = site.files;
const sha256 = createHash("sha256").update(bytes).digest("hex");
const half = Math.floor(bytes.length / 2);

beforeEach(() => hub.reset());

/** A page of a new visitor, on which `load(name)` gives the fingerprint of a generator. */
async function newPage(t) {
  const page = await openPage(await newVisitor(t, browser), site.url);
  await page.evaluate((hubUrl) => {
    window.hubUrl = hubUrl;
    window.load = async (source, kind = "Generator") => {
      const model = await rag[kind].load(source, { hubUrl });
      await model.close();
      return model.fingerprint;
    };
  }, hub.url);
  return page;
}

const load = (page, name, kind) => page.evaluate((args) => outcome(load(...args)), [name, kind]);

/** Files as they are in a repository of models: some in folders, more than a page of them. */
const filesWith = (model) => ({
  "README.md": Buffer.from("a small file"),
  "gguf/a.gguf": Buffer.alloc(200, 1),
  "gguf/b.gguf": Buffer.alloc(200, 2),
  "gguf/c.gguf": Buffer.alloc(200, 3),
  "gguf/tiny-llama.gguf": model,
});

test("the first use of a name pins its file; later ones need no hub", async (t) => {
  const page = await newPage(t);
  const commit = hub.commit("acme/tiny", filesWith(bytes));
  assert.equal((await load(page, MODEL)).value, sha256);
  const tree = `/api/models/acme/tiny/tree/${commit}/gguf`;
  assert.deepEqual(hub.requests, [
    "/api/models/acme/tiny/revision/main?expand=sha",
    tree,
    `${tree}?cursor=2`,
    `/acme/tiny/resolve/${commit}/gguf/tiny-llama.gguf`,
    `/acme/tiny/${commit}/gguf/tiny-llama.gguf`,
  ]);
  hub.isDown = true;
  hub.requests.length = 0;
  assert.equal((await load(page, MODEL)).value, sha256);
  assert.equal((await load(page, `${MODEL}@main`)).value, sha256);
  assert.deepEqual(hub.requests, []);
});

test("a branch that changes does not change the model, and another revision is another model", async (t) => {
  const page = await newPage(t);
  const first = hub.commit("acme/tiny", filesWith(bytes));
  assert.equal((await load(page, MODEL)).value, sha256);
  const second = hub.commit("acme/tiny", filesWith(Buffer.from("no model, but longer than a small file".repeat(9))));
  assert.equal((await load(page, MODEL)).value, sha256);
  // Even where the bytes were evicted.
  await page.evaluate(async (key) => (await caches.open("multimodal-rag-models")).delete(key), `/multimodal-rag-models/${sha256}`);
  assert.equal((await load(page, MODEL)).value, sha256);
  assert.equal((await load(page, `${MODEL}@${second}`)).code, "corrupt_model");
  assert.equal((await load(page, `${MODEL}@${first}`)).value, sha256);
});

test("an embedder, a generator and an answer reader can be named, and stats tell what is known of the generator", async (t) => {
  const page = await newPage(t);
  hub.commit("acme/tiny", { ...filesWith(bytes), "embedder.safetensors": embedder });
  const seen = await page.evaluate(async (generator) => {
    const models = { embedder: "hub:acme/tiny/embedder.safetensors", generator };
    const engine = await rag.Engine.open({ storage: "memory", models, hubUrl });
    const before = (await engine.stats()).models;
    await engine.loadGenerator();
    const after = (await engine.stats()).models;
    await engine.close();
    const answerReader = "hub:acme/tiny/no.safetensors";
    const without = await rag.Engine.open({ storage: "memory", models: { ...models, answerReader }, hubUrl });
    await without.close();
    return { before, after };
  }, MODEL);
  assert.equal(seen.before.embedder.fingerprint, site.models.embedder.sha256);
  assert.deepEqual(seen.before.generator, { hub: MODEL, local: false, loaded: false });
  const { contextLength, ...known } = seen.after.generator;
  assert.ok(contextLength > 0);
  assert.deepEqual(known, { hub: MODEL, fingerprint: sha256, bytes: bytes.length, local: true, loaded: true });
});

test("models.json can name models of a hub", async (t) => {
  const page = await newPage(t);
  hub.commit("acme/tiny", filesWith(bytes));
  site.answer(t, "/models.json", withBody(JSON.stringify({ ...site.models, generator: MODEL }), "application/json"));
  const generator = await page.evaluate(async () => {
    const engine = await rag.Engine.open({ storage: "memory", hubUrl });
    await engine.loadGenerator();
    const { generator } = (await engine.stats()).models;
    await engine.close();
    return generator;
  });
  assert.equal(generator.hub, MODEL);
  assert.equal(generator.fingerprint, sha256);
});

test("engines that open at once ask and fetch once", async (t) => {
  const page = await newPage(t);
  hub.commit("acme/tiny", filesWith(bytes));
  const loaded = await page.evaluate((name) => Promise.all([load(name), load(name), load(name)]), MODEL);
  assert.deepEqual(loaded, Array(3).fill(sha256));
  assert.equal(hub.requests.length, 5);
});

test("a download that breaks goes on where it ended", async (t) => {
  const page = await newPage(t);
  hub.commit("acme/tiny", filesWith(bytes));
  hub.faults = [{ breaksAfter: half }, { status: 503 }, { breaksAfter: 1000 }];
  assert.equal((await load(page, MODEL)).value, sha256);
  const ranges = hub.requests.flatMap((request) => /^\/acme\/tiny\/\w{40}\/.* (bytes=.*)$/.exec(request)?.[1] ?? []);
  assert.deepEqual(ranges, [`bytes=${half}-`, `bytes=${half}-`, `bytes=${half + 1000}-`]);
});

test("a download from an address goes on in the same way", async (t) => {
  const page = await newPage(t);
  const commit = hub.commit("acme/tiny", filesWith(bytes));
  hub.faults = [{ breaksAfter: half }];
  const url = `${hub.url}/acme/tiny/resolve/${commit}/gguf/tiny-llama.gguf`;
  assert.equal((await load(page, { ...site.models.generator, url })).value, sha256);
  assert.ok(hub.requests.at(-1).endsWith(`bytes=${half}-`));
});

test("a download begins again where the server knows no ranges", async (t) => {
  const page = await newPage(t);
  hub.commit("acme/tiny", filesWith(bytes));
  hub.ignoresRanges = true;
  hub.faults = [{ breaksAfter: half }];
  assert.equal((await load(page, MODEL)).value, sha256);
});

test("an address whose downloads break again and again is left for a mirror", async (t) => {
  const page = await newPage(t);
  const commit = hub.commit("acme/tiny", filesWith(bytes));
  const url = `${hub.url}/acme/tiny/resolve/${commit}/gguf/tiny-llama.gguf`;
  hub.faults = Array(7).fill({ breaksAfter: 1000 });
  const mirrors = [site.models.generator.url];
  assert.equal((await load(page, { ...site.models.generator, url, mirrors })).value, sha256);
  assert.equal(hub.faults.length, 1);
});

test("other bytes than those that were pinned are refused", async (t) => {
  const page = await newPage(t);
  hub.commit("acme/tiny", filesWith(bytes));
  hub.served = (right) => Buffer.concat([right.subarray(1), Buffer.from([1])]);
  assert.equal((await load(page, MODEL)).code, "hash_mismatch");
  hub.served = (right) => right;
  assert.equal((await load(page, MODEL)).value, sha256);
});

test("the parts of a download that is put together from wrong bytes are refused", async (t) => {
  const page = await newPage(t);
  hub.commit("acme/tiny", filesWith(bytes));
  hub.faults = [{ breaksAfter: half }];
  hub.served = (right) => (hub.faults.length === 0 ? right.map((byte) => byte ^ 1) : right);
  assert.equal((await load(page, MODEL)).code, "hash_mismatch");
});

const failures = {
  "a gated model": { options: { gated: true }, code: "model_gated", message: /answered 403.*accept its terms/i },
  "a model that is private or missing": { name: "hub:acme/none/a.gguf", code: "model_gated", message: /answered 401.*no such model/ },
  "a missing file": { name: "hub:acme/tiny/gguf/none.gguf", code: "download_failed", message: /no file "gguf\/none\.gguf"/ },
  "a missing folder": { name: "hub:acme/tiny/none/a.gguf", code: "download_failed", message: /404/ },
  "a missing revision": { name: `${MODEL}@v2`, code: "download_failed", message: /no such model, revision/ },
  "a file that is not in LFS": { name: "hub:acme/tiny/README.md", code: "invalid_option", message: /no SHA-256\. Use \{ url, sha256, size \}/ },
};

for (const [title, { name = MODEL, options, code, message }] of Object.entries(failures)) {
  test(`${title} is refused with what to do`, async (t) => {
    const page = await newPage(t);
    hub.commit("acme/tiny", filesWith(bytes), options);
    const failed = await load(page, name);
    assert.equal(failed.code, code, failed.message);
    assert.match(failed.message, message);
    assert.ok(failed.isRagError);
  });
}

test("without its hub, the first use fails, and the next one succeeds with it", async (t) => {
  const page = await newPage(t);
  hub.commit("acme/tiny", filesWith(bytes));
  hub.isDown = true;
  const failed = await load(page, MODEL);
  assert.equal(failed.code, "download_failed");
  assert.match(failed.message, /first use of a model needs its hub/);
  hub.isDown = false;
  assert.equal((await load(page, MODEL)).value, sha256);
});

test("what is no name, and what is no address of a hub, is refused before anything is fetched", async (t) => {
  const page = await newPage(t);
  const names = ["hub:", "hub:acme/tiny", "hub:acme/../a", "hub:a/b/../c", "hub:a/b/c@", "hub:a/b//c", `hub:a/b/${"c".repeat(2000)}`, { hub: MODEL }];
  for (const name of names) {
    const failed = await load(page, name);
    assert.equal(failed.code, "invalid_option", `${JSON.stringify(name)}: ${failed.message}`);
  }
  for (const hubUrl of ["ftp://hub.example", "https://", 5]) {
    const failed = await page.evaluate((args) => outcome(rag.Generator.load(...args)), [MODEL, { hubUrl }]);
    assert.equal(failed.code, "invalid_option", failed.message);
  }
  assert.deepEqual(hub.requests, []);
});

test("answers of a hub that are no lists, or too long, are refused", async (t) => {
  const page = await newPage(t);
  const answers = ["<html>", "{}", "null", `[${" ".repeat(5 << 20)}]`];
  for (const answer of answers) {
    site.answer(t, "/api/models/acme/tiny/revision/main", (response) => response.end(answer));
    site.answer(t, `/api/models/acme/tiny/tree/${"a".repeat(40)}`, (response) => response.end(answer));
    for (const revision of ["main", "a".repeat(40)]) {
      const args = [`hub:acme/tiny/a.gguf@${revision}`, { hubUrl: site.url }];
      const failed = await page.evaluate((args) => outcome(rag.Generator.load(...args)), args);
      assert.equal(failed.code, "download_failed", `${answer.slice(0, 10)}: ${failed.message}`);
    }
  }
});

test("a model for which the browser has no space is used all the same", async (t) => {
  const page = await newPage(t);
  hub.commit("acme/tiny", filesWith(bytes));
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Storage.overrideQuotaForOrigin", { origin: new URL(site.url).origin, quotaSize: half });
  assert.equal((await load(page, MODEL)).value, sha256);
  const files = hub.requests.filter((request) => request.includes("/resolve/"));
  assert.equal(files.length, 1);
  const kept = await page.evaluate((key) => caches.match(key).then((found) => found !== undefined), `/multimodal-rag-models/${sha256}`);
  assert.equal(kept, false);
});

test("a lookup can be cancelled", async (t) => {
  const page = await newPage(t);
  site.answer(t, "/slow/api/models/acme/tiny/revision/main", () => {}); // never
  const failed = await page.evaluate(async ({ name, hubUrl }) => {
    const controller = new AbortController();
    const loading = rag.Generator.load(name, { hubUrl, signal: controller.signal });
    setTimeout(() => controller.abort(), 500);
    return outcome(loading);
  }, { name: MODEL, hubUrl: `${site.url}slow` });
  assert.equal(failed.code, "aborted", failed.message);
});
