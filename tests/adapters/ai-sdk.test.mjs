// The models and the transport for the AI SDK, called by the AI SDK.

import assert from "node:assert/strict";
import { test } from "node:test";
import { embedMany, generateText, readUIMessageStream, rerank, streamText } from "ai";
import { chatTransport, embeddingModel, generatorModel, languageModel, rerankingModel } from "../../pkg/adapters/ai-sdk/index.js";
import { EVENTS, fakeEmbedder, fakeEngine } from "./fakes.mjs";

globalThis.AI_SDK_LOG_WARNINGS = false;

/** The part of a text that its first citation is for. */
const citedPart = ({ text, citations: [{ startIndex, endIndex }] }) => text.slice(startIndex, endIndex);

test("embedMany gives a vector for each text", async () => {
  const { embeddings, warnings } = await embedMany({ model: embeddingModel(fakeEmbedder()), values: ["aaa", "bbb"] });
  assert.equal(embeddings.length, 2);
  assert.ok(Array.isArray(embeddings[0]) && embeddings[0][0] > 0.9 && embeddings[1][1] > 0.9);
  assert.deepEqual(warnings, []);
});

test("the embedding model hears an abort, and warns of dimensions that it does not have", async () => {
  const embedder = fakeEmbedder();
  const { signal: abortSignal } = new AbortController();
  const { warnings } = await embeddingModel(embedder).doEmbed({ values: ["a"], dimensions: 64, abortSignal });
  assert.equal(embedder.calls[0].signal, abortSignal);
  assert.equal(warnings[0].feature, "dimensions");
});

test("rerank orders texts and objects by their likeness to the query", async () => {
  const model = rerankingModel(fakeEmbedder());
  const { rerankedDocuments } = await rerank({ model, query: "aa", documents: ["b", "aaab", "a"], topN: 2 });
  assert.deepEqual(rerankedDocuments, ["a", "aaab"]);
  const { ranking } = await rerank({ model, query: "bb", documents: [{ x: "aaa" }, { x: "bbb" }] });
  assert.deepEqual(ranking.map(({ originalIndex }) => originalIndex), [1, 0]);
});

test("generateText gets the texts of an answer, each with what it cites", async () => {
  const engine = fakeEngine(EVENTS);
  const result = await generateText({ model: languageModel(engine, { limit: 2 }), prompt: "When does it close?", maxOutputTokens: 50 });
  assert.equal(result.text, "2 doors are open.\n\nthree\n\nOn Fridays it closes at three.\n\nIt closes at three. …");
  assert.equal(result.finishReason, "stop");
  assert.equal(result.usage.inputTokens, 30);
  assert.equal(result.usage.outputTokens, 8);
  const { signal, ...asked } = engine.asked[0];
  assert.deepEqual(asked, { question: "When does it close?", history: [], limit: 2, maxTokens: 50 });
  assert.deepEqual(
    result.sources.map(({ sourceType, id, title, mediaType, filename }) => [sourceType, id, title, mediaType, filename]),
    [
      ["document", "d2", "doors.csv", "text/plain", "doors.csv"],
      ["document", "d1", "Opening hours", "application/pdf", "hours.pdf"],
    ],
  );
  const texts = result.content.filter(({ type }) => type === "text");
  const [, answer, , written] = texts;
  assert.equal(citedPart(answer), "three");
  assert.equal(citedPart(written), "It closes at three.");
  const [citation] = written.citations;
  assert.equal(citation.citedText, "On Fridays it closes at three.");
  assert.equal(citation.source.id, "d1");
  assert.equal(citation.source.providerMetadata.multimodalRag.placeText, "page 2");
  assert.deepEqual(written.providerMetadata.multimodalRag.unsupported, [{ text: "Or so.", startIndex: 22, endIndex: 23 }]);
  assert.equal(result.files[0].mediaType, "image/jpeg");
});

test("streamText streams the parts as the specification has them", async () => {
  const { stream } = await languageModel(fakeEngine(EVENTS), { texts: ["text"] }).doStream({ prompt: userSays("When?") });
  const parts = [];
  for await (const part of stream) parts.push(part);
  assert.deepEqual(
    parts.map(({ type }) => type),
    ["stream-start", "file", "text-start", "text-delta", "text-delta", "source", "text-end", "finish"],
  );
  assert.equal(parts[6].citations[0].endIndex, 19);

  let text = "";
  for await (const piece of streamText({ model: languageModel(fakeEngine(EVENTS), { texts: ["text"] }), prompt: "When?" }).textStream) text += piece;
  assert.equal(text, "It closes at three. …");
});

test("earlier messages become the history, with quotes and written text apart", async () => {
  const engine = fakeEngine(EVENTS);
  const said = (text, kind) => ({ type: "text", text, providerOptions: { multimodalRag: { kind } } });
  await generateText({
    model: languageModel(engine),
    messages: [
      { role: "user", content: "Where is it?" },
      { role: "assistant", content: [said("Oslo", "answer"), said("It is in Oslo.", "quote"), said("In Oslo.", "text")] },
      { role: "user", content: "When does it close?" },
    ],
  });
  assert.equal(engine.asked[0].question, "When does it close?");
  assert.deepEqual(engine.asked[0].history, [{ question: "Where is it?", quotes: ["It is in Oslo."], answer: "In Oslo." }]);
});

test("what an engine cannot do has a warning", async () => {
  const { warnings } = await languageModel(fakeEngine(EVENTS)).doGenerate({
    prompt: [
      { role: "system", content: "Be brief." },
      { role: "user", content: [{ type: "text", text: "q" }, { type: "file", mediaType: "image/png", data: { type: "data", data: "" } }] },
    ],
    stopSequences: ["."],
    tools: [{ type: "function", name: "f", inputSchema: {} }],
    responseFormat: { type: "json" },
  });
  assert.deepEqual(
    warnings.map(({ feature }) => feature),
    ["system messages", "file parts of messages", "stopSequences", "tools", "responseFormat"],
  );
});

test("a question without an answer says so, and cites nothing", async () => {
  const events = [{ type: "passages", passages: [] }, { type: "end", reason: "no_answer", timings: {} }];
  const { text, finishReason, rawFinishReason, sources } = await generateText({ model: languageModel(fakeEngine(events)), prompt: "q" });
  assert.equal(text, "The documents do not answer this question.");
  assert.deepEqual([finishReason, rawFinishReason, sources], ["other", "no_answer", []]);
  const { text: own } = await generateText({ model: languageModel(fakeEngine(events), { noAnswer: "Weiß nicht." }), prompt: "q" });
  assert.equal(own, "Weiß nicht.");
});

test("a failure reaches the caller as it is", async () => {
  const engine = fakeEngine(EVENTS.slice(0, 1), { failure: "empty_knowledge_base" });
  await assert.rejects(generateText({ model: languageModel(engine), prompt: "q", maxRetries: 0 }), { code: "empty_knowledge_base" });
  const errors = [];
  const { textStream } = streamText({ model: languageModel(engine), prompt: "q", onError: ({ error }) => errors.push(error.code) });
  for await (const _ of textStream);
  assert.deepEqual(errors, ["empty_knowledge_base"]);
});

test("an abort ends the answer", async () => {
  const engine = fakeEngine(EVENTS, { pauseAt: 6 });
  const controller = new AbortController();
  const answer = generateText({ model: languageModel(engine), prompt: "q", abortSignal: controller.signal });
  setTimeout(() => controller.abort(), 20);
  await assert.rejects(answer, { name: "AbortError" });
  assert.ok(engine.asked[0].signal.aborted);
});

test("leaving the stream ends the answer", async () => {
  const engine = fakeEngine(EVENTS, { pauseAt: 6 });
  const { stream } = await languageModel(engine).doStream({ prompt: userSays("q") });
  const reader = stream.getReader();
  for (let type; type !== "text-start"; ) type = (await reader.read()).value.type;
  await reader.cancel();
  assert.ok(engine.asked[0].signal.aborted);
});

test("a generator writes without documents", async () => {
  const calls = [];
  const generator = {
    async *generate(input, options) {
      calls.push({ input, options });
      yield { text: "Hel" };
      yield { text: "lo" };
      yield { text: "", reason: "length", timings: { promptTokens: 5, tokens: 2 } };
    },
  };
  const result = await generateText({
    model: generatorModel(generator),
    system: "Be brief.",
    prompt: "Hi",
    temperature: 0.5,
    stopSequences: ["."],
    allowSystemInMessages: true,
  });
  assert.deepEqual([result.text, result.finishReason, result.usage.outputTokens], ["Hello", "length", 2]);
  assert.deepEqual(calls[0].input.messages, [
    { role: "system", content: "Be brief." },
    { role: "user", content: "Hi" },
  ]);
  const { signal, ...options } = calls[0].options;
  assert.deepEqual(options, { temperature: 0.5, stop: ["."] });
});

/** What `useChat` makes of an answer. */
async function messageOf(engine, options, send = {}) {
  const stream = await chatTransport(engine, options).sendMessages({ trigger: "submit-message", chatId: "c", messages: [uiMessage("user", "When?")], ...send });
  let last;
  for await (const message of readUIMessageStream({ stream, terminateOnError: true })) last = message;
  return last;
}

const uiMessage = (role, text) => ({ id: text, role, parts: [{ type: "text", text }] });
const userSays = (text) => [{ role: "user", content: [{ type: "text", text }] }];

test("the transport's message has sources, texts with citations, and pictures", async () => {
  const engine = fakeEngine(EVENTS);
  const { parts } = await messageOf(engine, { where: { year: 2026 } });
  assert.deepEqual(
    parts.map(({ type }) => type),
    ["step-start", "source-document", "text", "source-document", "text", "text", "file", "text"],
  );
  assert.deepEqual(parts[3], {
    type: "source-document",
    sourceId: "d1",
    mediaType: "application/pdf",
    title: "Opening hours",
    filename: "hours.pdf",
    providerMetadata: undefined,
  });
  assert.equal(parts[5].text, "On Fridays it closes at three.");
  assert.equal(parts[5].providerMetadata.multimodalRag.kind, "quote");
  assert.equal(parts[6].url, "data:image/jpeg;base64,/9g=");
  const written = parts[7];
  assert.equal(citedPart(written), "It closes at three.");
  assert.deepEqual(engine.asked[0].where, { year: 2026 });
});

test("the transport's next question knows the answer before", async () => {
  const engine = fakeEngine(EVENTS);
  const first = await messageOf(engine);
  await messageOf(engine, {}, { messages: [uiMessage("user", "When?"), first, uiMessage("user", "And on Mondays?")] });
  assert.equal(engine.asked[1].question, "And on Mondays?");
  assert.deepEqual(engine.asked[1].history, [
    { question: "When?", quotes: ["On Fridays it closes at three."], answer: "It closes at three. …" },
  ]);
});

test("the transport's stream fails with the error itself, and ends with an abort", async () => {
  const failing = fakeEngine([], { failure: "worker_failed" });
  await assert.rejects(messageOf(failing), { code: "worker_failed" });

  const controller = new AbortController();
  const options = { messages: [uiMessage("user", "q")], abortSignal: controller.signal };
  const stream = await chatTransport(fakeEngine(EVENTS, { pauseAt: 6 })).sendMessages(options);
  setTimeout(() => controller.abort(), 20);
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk.type);
  assert.equal(chunks.at(-1), "abort");
  assert.equal(await chatTransport(failing).reconnectToStream({ chatId: "c" }), null);
});
