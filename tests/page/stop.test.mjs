// Stopping: aborts in every stage, loops that are left, calls that overlap, close in the middle.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { launchBrowser, openPage, untilWorkers } from "./browser.mjs";
import { setUp } from "./set-up.mjs";
import { startSite } from "./site.mjs";

const { site, browser } = await setUp({ site: startSite(), browser: launchBrowser() });
let context;
let page;
beforeEach(async () => {
  await context?.close();
  context = await browser.newContext();
  page = await openPage(context, site.url);
  await page.evaluate(async () => {
    window.engine = await rag.Engine.open({ name: "notes" });
    window.first = await engine.add("The ferry leaves the harbour at seven. The ferry is green.", { name: "ferry.txt" });
    window.unchanged = async () => {
      const ids = (await engine.documents()).map(({ id }) => id);
      const { documents, chunks } = await engine.stats();
      return { same: ids.length === 1 && ids[0] === first.id, documents, chunks: chunks === first.chunks };
    };
  });
});

const UNCHANGED = { same: true, documents: 1, chunks: true };

for (const stage of ["parse", "embed", "index"]) {
  test(`an abort while adding, in the stage ${stage}, leaves the knowledge base as it was`, async () => {
    const { result, now, again } = await page.evaluate(async (stage) => {
      const controller = new AbortController();
      const { signal } = controller;
      // Long enough for a graph, whose building is the longest part of indexing.
      const text = longText(900);
      const result = await outcome(engine.add(text, { name: "long.txt", signal, onProgress: abortAt(stage, controller) }));
      const now = await unchanged();
      const again = await outcome(engine.add(text, { name: "long.txt" }));
      return { result, now, again };
    }, stage);
    assert.equal(result.code, "aborted");
    assert.ok(result.isRagError);
    assert.deepEqual(now, UNCHANGED);
    assert.equal(again.value.alreadyAdded, false);
  });
}

test("an abort while adding takes effect before the next batch but one", async () => {
  const { code, after, batches } = await page.evaluate(async () => {
    const controller = new AbortController();
    let batches = 0;
    let after = 0;
    const onProgress = ({ stage, done, total }) => {
      if (stage !== "embed" || done === total) return;
      if (controller.signal.aborted) after++;
      batches++;
      controller.abort();
    };
    const options = { name: "long.txt", signal: controller.signal, onProgress };
    const { code } = await outcome(engine.add(longText(1500), options));
    return { code, after, batches };
  });
  assert.equal(code, "aborted");
  assert.ok(batches >= 1 && after <= 1, `${after} batches after the abort`);
});

for (const stage of ["download", "load"]) {
  test(`an abort while opening, in the stage ${stage}, rejects and can be followed by another open`, async () => {
    const [result, again] = await page.evaluate(async (stage) => {
      await engine.close();
      await caches.keys().then((names) => Promise.all(names.map((name) => caches.delete(name))));
      const controller = new AbortController();
      const options = { name: "notes", signal: controller.signal, onProgress: abortAt(stage, controller) };
      const result = await outcome(rag.Engine.open(options));
      window.engine = await rag.Engine.open({ name: "notes" });
      return [result, await unchanged()];
    }, stage);
    assert.equal(result.code, "aborted");
    assert.deepEqual(again, UNCHANGED);
  });
}

test("a signal that has fired already stops each call before it begins", async () => {
  const { codes, events, now } = await page.evaluate(async () => {
    const signal = AbortSignal.abort();
    const calls = [
      rag.Engine.open({ name: "other", signal }),
      engine.add("Never added.", { signal }),
      engine.search("ferry", { signal }),
      engine.loadGenerator({ signal }),
    ];
    const codes = (await Promise.all(calls.map(outcome))).map(({ code }) => code);
    return { codes, events: await collect(engine.ask("ferry?", { signal })), now: await unchanged() };
  });
  assert.deepEqual(codes, ["aborted", "aborted", "aborted", "aborted"]);
  assert.deepEqual(events.map(({ type, reason }) => [type, reason]), [["end", "aborted"]]);
  assert.deepEqual(now, UNCHANGED);
});

for (const type of ["passages", "quote", "text"]) {
  test(`an abort at the first ${type} of an answer ends it with the reason aborted`, async () => {
    const events = await page.evaluate(async (type) => {
      const controller = new AbortController();
      const answer = engine.ask("When does the ferry leave the harbour?", { signal: controller.signal, maxTokens: 200, unsupported: "mark" });
      return collect(answer, (event) => event.type === type && controller.abort());
    }, type);
    assert.ok(events.some((event) => event.type === type), `no ${type} to abort at`);
    assert.equal(events.at(-1).type, "end");
    assert.equal(events.at(-1).reason, "aborted");
    assert.equal(events.filter((event) => event.type === "end").length, 1);
  });
}

test("an abort while the answer waits for the generator ends it with the reason aborted", async () => {
  const events = await page.evaluate(async () => {
    const controller = new AbortController();
    const onProgress = abortAt("load", controller);
    return collect(engine.ask("When does the ferry leave the harbour?", { signal: controller.signal, onProgress }));
  });
  assert.equal(events.at(-1).reason, "aborted");
  assert.ok(!events.some(({ type }) => type === "text"));
});

test("a generator that reads a long prompt can be aborted at any moment", async (t) => {
  const file = fileURLToPath(new URL("../../models/SmolLM2-135M-Instruct.Q4_1.gguf", import.meta.url));
  const withModel = await startSite({ more: { "smollm2.gguf": file } });
  t.after(() => withModel.close());
  const codes = await (await openPage(context, withModel.url)).evaluate(async () => {
    const generator = await rag.Generator.load({ file: await (await fetch("models/smollm2.gguf")).blob() });
    const codes = [];
    for (const afterMs of [5, 60, 250, 600, 1100]) {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), afterMs);
      const options = { maxTokens: 1000, signal: controller.signal };
      const { code } = await outcome(collect(generator.generate({ prompt: longText(25) }, options)));
      codes.push(code);
    }
    await generator.close();
    return codes;
  });
  // The benchmark measures how long an abort takes.
  assert.deepEqual(codes, Array(5).fill("aborted"));
});

test("leaving the loop cancels the answer and waits for its end", async () => {
  const seen = await page.evaluate(async () => {
    const answer = engine.ask("When does the ferry leave the harbour?", { maxTokens: 200 });
    for await (const { type } of answer) if (type === "text") break;
    const after = await answer.next();
    return { after, documents: (await engine.documents()).length };
  });
  assert.deepEqual(seen.after, { value: undefined, done: true });
  assert.ok(seen.documents > 0);
});

test("a stream can be iterated once", async () => {
  const seen = await page.evaluate(async () => {
    const answer = engine.ask("ferry?", { maxTokens: 1 });
    await collect(answer);
    return outcome(collect(answer));
  });
  assert.equal(seen.code, "already_read");
});

test("an answer that nobody iterates does nothing", async () => {
  const { after, now } = await page.evaluate(async () => {
    const answer = engine.ask("ferry?");
    const after = await answer.return("left");
    return { after, now: await unchanged() };
  });
  assert.deepEqual(after, { value: "left", done: true });
  assert.deepEqual(now, UNCHANGED);
});

test("a question is answered while a file is added, from one consistent state", async () => {
  const seen = await page.evaluate(async () => {
    let added = false;
    let asking;
    const answers = [];
    const onProgress = ({ stage }) => {
      if (stage !== "embed" || asking) return;
      asking = collect(engine.ask("When does the ferry leave the harbour?", { maxTokens: 5 })).then((events) => {
        answers.push({ events, addedBefore: added });
      });
    };
    await engine.add(longText(800), { name: "long.txt", onProgress }).then(() => (added = true));
    await asking;
    return { answers, id: first.id };
  });
  const [{ events, addedBefore }] = seen.answers;
  assert.equal(addedBefore, false, "the question goes before embedding");
  assert.deepEqual([...new Set(events[0].passages.map(({ documentId }) => documentId))], [seen.id]);
  assert.equal(events.at(-1).type, "end");
});

test("two questions at once both get whole answers, the same as alone", async () => {
  const { together, alone } = await page.evaluate(async () => {
    const ask = (question) => collect(engine.ask(question, { maxTokens: 20 }));
    const text = (events) => events.filter(({ type }) => type === "text").map(({ text }) => text).join("");
    const questions = ["When does the ferry leave?", "What colour is the ferry?"];
    const together = (await Promise.all(questions.map(ask))).map(text);
    const alone = [];
    for (const question of questions) alone.push(text(await ask(question)));
    return { together, alone };
  });
  assert.deepEqual(together, alone);
});

test("a document can be removed while another is added", async () => {
  const { names, found } = await page.evaluate(async () => {
    let removing;
    const onProgress = ({ stage }) => {
      if (stage === "embed") removing ??= engine.remove(first.id);
    };
    await engine.add(longText(300), { name: "long.txt", onProgress });
    await removing;
    const passages = await engine.search("ferry harbour", { limit: 50 });
    const documents = await engine.documents();
    return { names: documents.map(({ name }) => name), found: passages.some(({ documentId }) => documentId === first.id) };
  });
  assert.deepEqual(names, ["long.txt"]);
  assert.equal(found, false);
});

test("two files added at once are both there", async () => {
  const names = await page.evaluate(async () => {
    const add = (seed) => engine.add(longText(40, seed), { name: `${seed}.txt` });
    await Promise.all([add("tower"), add("bridge")]);
    return (await engine.documents()).map(({ name }) => name).sort();
  });
  assert.deepEqual(names, ["bridge.txt", "ferry.txt", "tower.txt"]);
});

test("close in the middle rejects what runs, and everything after it", async () => {
  const seen = await page.evaluate(async () => {
    let closing;
    const asking = outcome(collect(engine.ask("When does the ferry leave?", { maxTokens: 200 })));
    const onProgress = ({ stage }) => {
      if (stage === "embed") closing ??= engine.close();
    };
    const adding = await outcome(engine.add(longText(800), { name: "long.txt", onProgress }));
    await closing;
    const late = [engine.documents(), engine.text(first.id), engine.search("x"), engine.stats(), engine.loadGenerator(), collect(engine.ask("x"))];
    const lateCodes = (await Promise.all(late.map(outcome))).map(({ code }) => code);
    const closedAgain = await outcome(engine.close());
    window.engine = await rag.Engine.open({ name: "notes" });
    return { adding, asking: await asking, lateCodes, closedAgain, now: await unchanged() };
  });
  assert.equal(seen.adding.code, "closed");
  assert.ok(seen.asking.code === "closed" || seen.asking.value?.at(-1).type === "end");
  assert.deepEqual(seen.lateCodes, Array(6).fill("closed"));
  assert.equal(seen.closedAgain.code, undefined, "to close again is no error");
  assert.deepEqual(seen.now, UNCHANGED);
});

test("close frees the worker", async () => {
  await untilWorkers(page, 1);
  await page.evaluate(() => engine.close());
  await untilWorkers(page, 0);
});
