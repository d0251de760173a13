// Embedder and Generator: the models alone.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { launchBrowser, newVisitor, openPage } from "./browser.mjs";
import { setUp } from "./set-up.mjs";
import { startSite, withBody } from "./site.mjs";
import { originalFiles } from "./original-files.mjs";
import { sourceOf } from "./tiny-models.mjs";

const { site, browser } = await setUp({ site: startSite(), browser: launchBrowser() });

async function newPage(t) {
  return openPage(await newVisitor(t, browser), site.url);
}

test("an embedder gives one vector of unit length per text, the same for the same text", async (t) => {
  const page = await newPage(t);
  const seen = await page.evaluate(async (source) => {
    const stages = new Set();
    const embedder = await rag.Embedder.load(source, { onProgress: ({ stage }) => stages.add(stage) });
    const vectors = await embedder.embed(["a ferry", "a lighthouse", "a ferry", ""]);
    const { dimensions, tokenLimit, fingerprint } = embedder;
    const none = await embedder.embed([]);
    await embedder.close();
    return {
      info: { dimensions, tokenLimit, fingerprint },
      stages: [...stages],
      none,
      areFloats: vectors.every((vector) => vector instanceof Float32Array),
      vectors: vectors.map((vector) => [...vector]),
      closed: await outcome(embedder.embed(["x"])),
    };
  }, site.models.embedder);
  assert.equal(seen.info.fingerprint, site.models.embedder.sha256);
  assert.ok(seen.info.tokenLimit > 0);
  assert.deepEqual(seen.stages, ["download", "load"]);
  assert.ok(seen.areFloats);
  assert.deepEqual(seen.none, []);
  for (const vector of seen.vectors) {
    assert.equal(vector.length, seen.info.dimensions);
    assert.ok(Math.abs(Math.hypot(...vector) - 1) < 1e-3);
  }
  assert.deepEqual(seen.vectors[0], seen.vectors[2]);
  assert.notDeepEqual(seen.vectors[0], seen.vectors[1]);
  assert.equal(seen.closed.code, "closed");
});

test("a model from the browser's cache or from a file is loaded, not downloaded", async (t) => {
  const page = await newPage(t);
  const seen = await page.evaluate(async (source) => {
    const file = await (await fetch(source.url)).blob();
    const stages = [];
    for (const from of [source, source, { file }]) {
      const reported = [];
      const embedder = await rag.Embedder.load(from, { onProgress: ({ stage, unit }) => reported.push(`${stage} ${unit}`) });
      await embedder.close();
      stages.push([...new Set(reported)]);
    }
    return stages;
  }, site.models.embedder);
  assert.deepEqual(seen, [["download bytes", "load layers"], ["load bytes", "load layers"], ["load bytes", "load layers"]]);
});

test("embedding can be cancelled, and takes only strings", async (t) => {
  const page = await newPage(t);
  const codes = await page.evaluate(async (source) => {
    const embedder = await rag.Embedder.load(source);
    const controller = new AbortController();
    const many = embedder.embed(Array(5000).fill("a text of some words"), { signal: controller.signal });
    setTimeout(() => controller.abort(), 20);
    const results = [many, embedder.embed("text"), embedder.embed([1]), embedder.embed(["still alive"])];
    return (await Promise.all(results.map(outcome))).map(({ code }) => code ?? "none");
  }, site.models.embedder);
  assert.deepEqual(codes, ["aborted", "invalid_option", "invalid_option", "none"]);
});

test("an embedder's original files give the same embedder as the file packed from them", async (t) => {
  const page = await newPage(t);
  const seen = await page.evaluate(async (source) => {
    const blob = await (await fetch(source.weights.url)).blob();
    const loads = [source, { ...source, weights: { file: blob } }];
    const fingerprints = [];
    for (const files of loads) {
      const embedder = await rag.Embedder.load(files);
      fingerprints.push(embedder.fingerprint);
      await embedder.close();
    }
    const engine = await rag.Engine.open({ storage: "memory", models: { embedder: source } });
    fingerprints.push((await engine.stats()).models.embedder.fingerprint);
    await engine.add("The ferry leaves at seven.");
    const passages = await engine.search("ferry");
    await engine.close();
    return { fingerprints, found: passages.map(({ text }) => text) };
  }, await originalFiles(t, site));
  assert.deepEqual(seen.fingerprints, Array(3).fill(site.models.embedder.sha256));
  assert.deepEqual(seen.found, ["The ferry leaves at seven."]);
});

test("original files are used as their options say, and refused when one is missing or wrong", async (t) => {
  const page = await newPage(t);
  const seen = await page.evaluate(async (source) => {
    const vectorOf = async (options) => {
      const embedder = await rag.Embedder.load({ ...source, options: { ...source.options, ...options } });
      const [vector] = await embedder.embed(["a ferry"]);
      await embedder.close();
      return [...vector];
    };
    const { config, ...withoutConfig } = source;
    const wrong = [
      withoutConfig,
      { ...source, weights: 5 },
      { ...source, tokenizer: { ...source.tokenizer, sha256: "0".repeat(64) } },
      { ...source, options: { maxTokens: 128, pooling: "max" } },
    ];
    const codes = [];
    for (const files of wrong) codes.push((await outcome(rag.Embedder.load(files))).code);
    const asGenerator = await outcome(rag.Engine.open({ storage: "memory", models: { embedder: source, generator: source } }));
    return {
      mean: await vectorOf({ pooling: "mean" }),
      cls: await vectorOf({ pooling: "cls" }),
      prefixed: await vectorOf({ passagePrefix: "passage: " }),
      codes: [...codes, asGenerator.code],
    };
  }, await originalFiles(t, site));
  assert.notDeepEqual(seen.cls, seen.mean);
  assert.notDeepEqual(seen.prefixed, seen.mean);
  const invalid = "invalid_option";
  assert.deepEqual(seen.codes, [invalid, invalid, "hash_mismatch", invalid, invalid]);
});

test("a generator streams pieces, the last with reason and timings, the same for the same seed", async (t) => {
  const page = await newPage(t);
  const seen = await page.evaluate(async (source) => {
    const generator = await rag.Generator.load(source);
    const messages = [{ role: "user", content: "Where is the ferry?" }];
    const sampled = { maxTokens: 12, temperature: 0.8, topK: 20, topP: 0.9, seed: 7 };
    const runs = [
      await collect(generator.generate({ messages }, sampled)),
      await collect(generator.generate({ messages }, { ...sampled, promptLookup: false })),
      await collect(generator.generate({ prompt: "The ferry" }, { maxTokens: 5 })),
    ];
    const { contextLength, fingerprint } = generator;
    await generator.close();
    return { runs, contextLength, fingerprint };
  }, site.models.generator);
  const textOf = (pieces) => pieces.map(({ text }) => text).join("");
  assert.ok(seen.contextLength > 0);
  assert.equal(seen.fingerprint, site.models.generator.sha256);
  assert.equal(textOf(seen.runs[0]), textOf(seen.runs[1]));
  for (const pieces of seen.runs) {
    const last = pieces.pop();
    assert.equal(last.text, "");
    assert.ok(["stop", "length"].includes(last.reason), last.reason);
    assert.ok(last.timings.promptTokens > 0);
    assert.ok(last.timings.decodeMs >= 0);
    assert.ok(last.timings.acceptedTokens <= last.timings.draftedTokens);
    assert.ok(pieces.every(({ reason, timings }) => reason === undefined && timings === undefined));
  }
});

test("generation can be cancelled and left, and works again after its worker died", async (t) => {
  const page = await newPage(t);
  const seen = await page.evaluate(async (source) => {
    window.generator = await rag.Generator.load(source);
    const controller = new AbortController();
    const long = { maxTokens: 100000, temperature: 1, topP: 0.9, signal: controller.signal };
    const stopped = await outcome(collect(generator.generate({ prompt: "The ferry" }, long), () => controller.abort()));
    for await (const _ of generator.generate({ prompt: "The ferry" }, { maxTokens: 100000 })) break;
    return stopped.code ?? "ended before it could be stopped";
  }, site.models.generator);
  assert.equal(seen, "aborted");
  await page.workers()[0].evaluate(() => self.close());
  await page.evaluate(() => {
    const generate = () => collect(generator.generate({ prompt: "The ferry" }, { maxTokens: 2 }));
    return until(async () => (await outcome(generate())).value);
  });
});

/** A generator and its adapter, in both formats, at addresses of the site; and the generator of another adapter. */
async function adaptedSources(t) {
  const folder = new URL("../fixtures/models/random/", import.meta.url);
  const sources = {};
  const files = { model: "llama-q8_0.gguf", other: "qwen2.gguf", gguf: "adapters/llama.gguf", weights: "adapters/llama.safetensors", config: "adapters/llama.json" };
  for (const [name, path] of Object.entries(files)) {
    const bytes = await readFile(new URL(path, folder));
    site.answer(t, `/adapted/${path}`, withBody(bytes));
    sources[name] = sourceOf(`${site.url}adapted/${path}`, bytes);
  }
  return sources;
}

test("each text chooses the scales of a generator's adapters", async (t) => {
  const page = await newPage(t);
  const seen = await page.evaluate(async ({ model, gguf, weights, config }) => {
    const textOf = async (generator, options) => {
      const pieces = await collect(generator.generate({ prompt: "The ferry leaves" }, { maxTokens: 20, ...options }));
      return pieces.map(({ text }) => text).join("");
    };
    const alone = await rag.Generator.load(model);
    const adapters = [{ source: gguf, scale: 0 }, { source: { weights, config } }];
    const adapted = await rag.Generator.load({ model, adapters });
    return {
      alone: await textOf(alone),
      off: await textOf(adapted, { adapters: [0, 0] }),
      byDefault: await textOf(adapted),
      first: await textOf(adapted, { adapters: [1, 0] }),
      second: await textOf(adapted, { adapters: [0, 1] }),
      offAgain: await textOf(adapted, { adapters: [0, 0] }),
      fingerprint: adapted.fingerprint,
    };
  }, await adaptedSources(t));
  assert.equal(seen.off, seen.alone);
  assert.equal(seen.offAgain, seen.alone);
  assert.notEqual(seen.first, seen.alone);
  assert.equal(seen.first, seen.second);
  assert.equal(seen.byDefault, seen.second);
});

test("an answer is written with the scales that its question chooses", async (t) => {
  const page = await newPage(t);
  const seen = await page.evaluate(
    async ({ embedder, model, gguf }) => {
      const answers = async (generator, choices) => {
        const engine = await rag.Engine.open({ storage: "memory", models: { embedder, generator } });
        await engine.add("The ferry leaves at seven.");
        const texts = [];
        for (const adapters of choices) {
          const events = await collect(engine.ask("When does the ferry leave?", { maxTokens: 12, adapters, unsupported: "mark" }));
          texts.push(events.filter(({ type }) => type === "text").map(({ text }) => text).join(""));
        }
        const { generator: stats } = (await engine.stats()).models;
        await engine.close();
        return { texts, stats };
      };
      const alone = await answers(model, [undefined]);
      const adapted = await answers({ model, adapters: [{ source: gguf }] }, [[0], undefined, [0], [1]]);
      return { alone: alone.texts[0], texts: adapted.texts, stats: adapted.stats, sha256: model.sha256 };
    },
    { embedder: site.models.embedder, ...(await adaptedSources(t)) },
  );
  assert.ok(seen.alone.length > 0);
  const [off, byDefault, offAgain, on] = seen.texts;
  assert.equal(off, seen.alone);
  assert.equal(offAgain, seen.alone);
  assert.notEqual(byDefault, seen.alone);
  assert.equal(byDefault, on);
  assert.equal(seen.stats.fingerprint, seen.sha256);
  assert.ok(seen.stats.local && seen.stats.loaded);
});

test("adapters of another generator, and scales that do not fit, are refused", async (t) => {
  const page = await newPage(t);
  const codes = await page.evaluate(async ({ model, other, gguf, weights, config }) => {
    const load = (adapters, of = model) => outcome(rag.Generator.load({ model: of, adapters }));
    const loads = [
      await load([{ source: gguf }], other),
      await load([{ source: model }]),
      await load([{ source: { weights } }]),
      await load([{ source: gguf, scale: 1000 }]),
      await load([{ source: gguf, strength: 1 }]),
      await load("none"),
    ];
    const generator = await rag.Generator.load({ model, adapters: [{ source: { weights, config } }] });
    const generate = (adapters) => outcome(collect(generator.generate({ prompt: "The" }, { maxTokens: 2, adapters })));
    const texts = [await generate([]), await generate([1, 1]), await generate(["1"]), await generate([0.5])];
    return [...loads, ...texts].map(({ code }) => code ?? "none");
  }, await adaptedSources(t));
  const invalid = "invalid_option";
  assert.deepEqual(codes, ["adapter_mismatch", "corrupt_model", ...Array(4).fill(invalid), ...Array(3).fill(invalid), "none"]);
});

test("input that is no prompt is refused", async (t) => {
  const page = await newPage(t);
  const codes = await page.evaluate(async (source) => {
    const generator = await rag.Generator.load(source);
    const inputs = [{}, undefined, { messages: "hello" }, { prompt: 5 }, { messages: [{ role: "user" }] }];
    const results = inputs.map((input) => outcome(collect(generator.generate(input, { maxTokens: 2 }))));
    const alive = outcome(collect(generator.generate({ prompt: "The ferry" }, { maxTokens: 2 })));
    return (await Promise.all([...results, alive])).map(({ code }) => code ?? "none");
  }, site.models.generator);
  assert.deepEqual(codes, [...Array(5).fill("invalid_option"), "none"]);
});
