// The adapters over an engine and a generator in their workers: what a fake cannot show.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { launchBrowser, newVisitor } from "../page/browser.mjs";
import { setUp } from "../page/set-up.mjs";
import { startSite, withBody } from "../page/site.mjs";
import { bundle } from "./project.mjs";

const { site, browser } = await setUp({ site: startSite(), browser: launchBrowser() });
const script = await readFile(new URL("./in-engine.jsx", import.meta.url), "utf8");
let bundled;

async function openPage(t) {
  bundled ??= await bundle(t, script);
  const html = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module" src="pkg/in-engine.js"></script>';
  site.answer(t, "/engine.html", withBody(html, "text/html"));
  site.answer(t, "/pkg/in-engine.js", withBody(bundled, "text/javascript"));
  const page = await (await newVisitor(t, browser)).newPage();
  await page.goto(`${site.url}engine.html`);
  await page.waitForFunction(() => window.rag !== undefined);
  return page;
}

/** A page with an engine that knows when a ferry leaves. */
async function openEngine(t) {
  const page = await openPage(t);
  await page.evaluate(async () => {
    window.engine = await rag.Engine.open({ name: "notes" });
    await engine.add("The ferry leaves the harbour at seven.", { name: "ferry.txt" });
  });
  return page;
}

test("useChat's stop ends the engine's work, and the next question is answered", async (t) => {
  const page = await openEngine(t);
  const seen = await page.evaluate(async () => {
    const chat = new Chat({ transport: aiSdk.chatTransport(engine, { maxTokens: 5000, unsupported: "mark" }) });
    const asking = chat.sendMessage({ text: "When does the ferry leave?" });
    while (chat.lastMessage?.role !== "assistant") await new Promise((resolve) => setTimeout(resolve));
    await chat.stop();
    await asking;
    const stopped = { status: chat.status, error: chat.error?.code };
    await chat.sendMessage({ text: "When does the ferry leave the harbour?" });
    const texts = chat.lastMessage.parts.filter((part) => part.type === "text").map(({ text }) => text);
    return { stopped, roles: chat.messages.map(({ role }) => role), texts };
  });
  assert.deepEqual(seen.stopped, { status: "ready", error: undefined });
  assert.deepEqual(seen.roles, ["user", "assistant", "user", "assistant"]);
  assert.ok(seen.texts.includes("The ferry leaves the harbour at seven."), seen.texts.join("\n"));
});

test("useChat's error is the engine's own", async (t) => {
  const page = await openPage(t);
  const seen = await page.evaluate(async () => {
    const engine = await rag.Engine.open({ name: "empty" });
    const chat = new Chat({ transport: aiSdk.chatTransport(engine) });
    await chat.sendMessage({ text: "When?" });
    return { status: chat.status, code: chat.error.code, isRagError: chat.error instanceof rag.RagError };
  });
  assert.deepEqual(seen, { status: "error", code: "empty_knowledge_base", isRagError: true });
});

test("the language model takes the settings of a call, and an abort rejects it", async (t) => {
  const page = await openEngine(t);
  const seen = await page.evaluate(async () => {
    const model = aiSdk.languageModel(engine, { unsupported: "mark", texts: ["text"] });
    const settings = { temperature: 0.5, topK: 5, topP: 0.9, seed: 7 };
    const prompt = "When does the ferry leave?";
    const { text, usage, finishReason } = await generateText({ model, prompt, maxOutputTokens: 6, ...settings });
    const controller = new AbortController();
    const long = streamText({ model, prompt, maxOutputTokens: 5000, abortSignal: controller.signal });
    let isStopped = false;
    for await (const part of long.stream) {
      if (part.type === "text-delta") controller.abort();
      isStopped ||= part.type === "abort";
    }
    const aborted = await outcome(generateText({ model, prompt, abortSignal: AbortSignal.abort() }));
    return { text, tokens: usage.outputTokens, finishReason, isStopped, aborted: aborted.name };
  });
  assert.ok(seen.text.length > 0);
  assert.ok(seen.tokens <= 6);
  assert.equal(seen.finishReason, "length");
  assert.deepEqual([seen.isStopped, seen.aborted], [true, "AbortError"]);
});

test("a generator as a model of the AI SDK writes the same as itself, and as a generator again", async (t) => {
  const page = await openPage(t);
  const seen = await page.evaluate(async () => {
    const { generator: source } = await (await fetch("models.json")).json();
    const generator = await rag.Generator.load(source);
    const messages = [{ role: "user", content: "Hello" }];
    let own = "";
    for await (const { text } of generator.generate({ messages }, { maxTokens: 8 })) own += text;
    const model = aiSdk.generatorModel(generator);
    const { text, finishReason } = await generateText({ model, messages, maxOutputTokens: 8 });
    let again = "";
    for await (const piece of aiSdkGenerator(model).generate(messages, { maxTokens: 8 })) again += piece;
    const aborted = await outcome(aiSdkGenerator(model).generate(messages, { signal: AbortSignal.abort() }).next());
    return { own, text, again, finishReason, aborted: aborted.code };
  });
  assert.ok(seen.own.length > 0);
  assert.deepEqual([seen.text, seen.again], [seen.own, seen.own]);
  assert.deepEqual([seen.finishReason, seen.aborted], ["length", "aborted"]);
});

test("the vector store replaces and deletes by given ids, and names what the same text is from", async (t) => {
  const page = await openPage(t);
  const seen = await page.evaluate(async () => {
    const engine = await rag.Engine.open({ name: "store" });
    const store = new EngineVectorStore({ engine });
    const page = (pageContent, id, metadata) => new Document({ pageContent, id, metadata });
    const same = "The lamp of the harbour is green.";
    await store.addDocuments([page(same, "x", { source: "a.md", at: 1 }), page(same, "y", { source: "a.md", at: 2 })]);
    const both = (await engine.documents()).map(({ name, type, metadata }) => [name, type, metadata.at]).sort();
    await store.addDocuments([page(same, "x", { source: "a.md", at: 3 }), page("The lamp is red.", "y", { source: "a.md", at: 4 })]);
    const found = await store.similaritySearch("lamp", 5);
    await store.delete({ ids: ["x", "missing"] });
    const left = (await store.similaritySearch("lamp", 5)).map(({ id }) => id);
    return { both, found: found.map(({ id, metadata }) => [id, metadata.at]).sort(), left };
  });
  assert.deepEqual(seen.both, [["a.md#x", "text/plain", 1], ["a.md#y", "text/plain", 2]]);
  assert.deepEqual(seen.found, [["x", 3], ["y", 4]]);
  assert.deepEqual(seen.left, ["y"]);
});
