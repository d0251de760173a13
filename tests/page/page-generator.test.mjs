// A generator of the page: it writes, and the engine checks and cites.

import assert from "node:assert/strict";
import { test } from "node:test";
import { launchBrowser, newVisitor, openPage } from "./browser.mjs";
import { setUp } from "./set-up.mjs";
import { startSite } from "./site.mjs";

const { site, browser } = await setUp({ site: startSite(), browser: launchBrowser() });

const HOURS = "The reading room opens at nine. On Fridays the reading room closes at three.";
const QUESTION = "When does the reading room close on Fridays?";

/** A page with an engine whose generator writes `pieces`, then throws `failure` if there is one, or waits for ever. */
async function openPageWith(t, { pieces = [], failure, waits = false, contextLength } = {}) {
  const page = await openPage(await newVisitor(t, browser), site.url);
  await page.evaluate(
    async ({ pieces, failure, waits, contextLength, text, embedder }) => {
      window.asked = [];
      window.stops = 0;
      const generator = {
        contextLength,
        async *generate(messages, { signal, ...options }) {
          asked.push({ messages, options });
          signal.addEventListener("abort", () => (stops += 1));
          yield* pieces;
          if (waits) await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
          if (failure) throw new Error(failure);
        },
      };
      window.engine = await rag.Engine.open({ name: "notes", models: { embedder, generator } });
      await engine.add(text, { name: "hours.txt" });
    },
    { pieces, failure, waits, contextLength, text: HOURS, embedder: site.models.embedder },
  );
  return page;
}

test("its sentences are cited, and what nothing supports is hidden", async (t) => {
  const page = await openPageWith(t, { pieces: ["On Fridays the reading room", " closes at three. ", "Zebras pay 17 taxes."] });
  const { events, asked, stats } = await page.evaluate(
    async (question) => ({
      events: await collect(engine.ask(question, { maxTokens: 50, temperature: 0.5 })),
      asked,
      stats: await engine.stats(),
    }),
    QUESTION,
  );
  const text = events.flatMap((event) => (event.type === "text" ? [event.text] : [])).join("");
  assert.equal(text, "On Fridays the reading room closes at three. …");
  const { citation, textStart, textEnd } = events.find(({ type }) => type === "citation");
  assert.equal(text.slice(textStart, textEnd), "On Fridays the reading room closes at three.");
  assert.equal(citation.documentName, "hours.txt");
  assert.equal(events.at(-1).reason, "stop");
  const [{ messages, options }] = asked;
  assert.deepEqual(options, { maxTokens: 50, temperature: 0.5 });
  assert.deepEqual(messages.map(({ role }) => role), ["system", "user"]);
  assert.ok(messages[1].content.includes(HOURS.split(". ")[1]) && messages[1].content.includes(QUESTION));
  assert.deepEqual(stats.models.generator, { contextLength: 4096, local: true, loaded: true });
  assert.deepEqual(page.errors, []);
});

test("what it throws ends the answer, after the quotes", async (t) => {
  const page = await openPageWith(t, { pieces: ["The"], failure: "no power left" });
  const seen = await page.evaluate(async (question) => {
    const types = [];
    const answer = collect(engine.ask(question), ({ type }) => void types.push(type));
    return { ...(await outcome(answer)), types };
  }, QUESTION);
  assert.equal(seen.code, "generator_failed");
  assert.match(seen.message, /no power left/);
  assert.ok(seen.types.includes("quote"));
});

test("leaving the loop stops it", async (t) => {
  const page = await openPageWith(t, { pieces: ["On Fridays the reading room closes at three. And "], waits: true });
  const text = await page.evaluate(async (question) => {
    let text = "";
    for await (const event of engine.ask(question)) {
      if (event.type === "text") text += event.text;
      if (event.type === "citation") break;
    }
    await until(() => stops === 1);
    return text;
  }, QUESTION);
  assert.equal(text, "On Fridays the reading room closes at three.");
});

test("an abort ends the answer, and closing the engine does", async (t) => {
  const page = await openPageWith(t, { pieces: ["On Fridays "], waits: true });
  const seen = await page.evaluate(async (question) => {
    const controller = new AbortController();
    const first = collect(engine.ask(question, { signal: controller.signal }));
    await until(() => asked.length === 1);
    controller.abort();
    const { reason } = (await first).at(-1);
    const second = outcome(collect(engine.ask(question)));
    await until(() => asked.length === 2);
    await engine.close();
    const { value, code } = await second;
    return { reason, second: code ?? value.at(-1).reason, stops };
  }, QUESTION);
  assert.equal(seen.reason, "aborted");
  assert.ok(["closed", "aborted"].includes(seen.second), seen.second);
  assert.equal(seen.stops, 2);
});

test("it is exchanged for another, and for none", async (t) => {
  const page = await openPageWith(t, { pieces: ["On Fridays the reading room closes at three."] });
  const texts = await page.evaluate(async (question) => {
    const written = async () => (await collect(engine.ask(question))).flatMap(({ type, text }) => (type === "text" ? [text] : [])).join("");
    const texts = [await written()];
    await engine.useGenerator({ generate: async function* () { yield "The reading room opens at nine."; } });
    texts.push(await written());
    await engine.useGenerator(null);
    texts.push(await written());
    return texts;
  }, QUESTION);
  assert.deepEqual(texts, ["On Fridays the reading room closes at three.", "The reading room opens at nine.", ""]);
});

test("options that only the engine's own generators have are refused", async (t) => {
  const page = await openPageWith(t);
  const codes = await page.evaluate(async (question) => {
    const code = async (options) => (await outcome(collect(engine.ask(question, options)))).code;
    const wrong = await outcome(engine.useGenerator({ generate() {}, contextLength: 12 }));
    return [await code({ contextBound: true }), await code({ adapters: [1] }), wrong.code];
  }, QUESTION);
  assert.deepEqual(codes, ["invalid_option", "invalid_option", "invalid_option"]);
});
