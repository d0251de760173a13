// Models of others as generators: fakes with their interfaces, and a model of the AI SDK.

import assert from "node:assert/strict";
import { test } from "node:test";
import { MockLanguageModelV4, simulateReadableStream } from "ai/test";
import { aiSdkGenerator, builtInGenerator, webLlmGenerator, wllamaGenerator } from "../../pkg/adapters/generators.js";

const MESSAGES = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "Hi" },
];

async function collect(generator, options, each = () => {}) {
  const pieces = [];
  for await (const piece of generator.generate(MESSAGES, options)) {
    pieces.push(piece);
    if (each(pieces) === "leave") break;
  }
  return pieces;
}

/** Each generator over a fake that writes "a", "b", "c" unless it is stopped, and tells what it was given. */
const FAKES = { wllama: fakeWllama, webLlm: fakeWebLlm, aiSdk: fakeAiSdk, builtIn: fakeBuiltIn };

const chunkOf = (content) => ({ choices: [{ index: 0, delta: { content }, finish_reason: null }] });

function fakeWllama() {
  const told = { isStopped: false };
  const createChatCompletion = async (call) => {
    told.call = call;
    call.abortSignal.addEventListener("abort", () => (told.isStopped = true));
    async function* chunks() {
      yield chunkOf(null);
      for (const text of "abc") {
        if (told.isStopped) throw Object.assign(new Error("aborted"), { name: "AbortError" });
        yield chunkOf(text);
      }
    }
    return chunks();
  };
  return { generator: wllamaGenerator({ createChatCompletion }), told };
}

function fakeWebLlm() {
  const told = { isStopped: false, isRead: false };
  const create = async (call) => {
    told.call = call;
    async function* chunks() {
      for (const text of "abc") if (!told.isStopped) yield chunkOf(text);
      yield { choices: [] };
      told.isRead = true;
    }
    // As in a worker: leaving the loop ends nothing there.
    const iterator = chunks();
    return { [Symbol.asyncIterator]: () => ({ next: () => iterator.next() }) };
  };
  const interruptGenerate = () => (told.isStopped = true);
  return { generator: webLlmGenerator({ chat: { completions: { create } }, interruptGenerate }), told };
}

function fakeAiSdk() {
  const told = { isStopped: false };
  const model = new MockLanguageModelV4({
    doStream: async (call) => {
      told.call = call;
      call.abortSignal?.addEventListener("abort", () => (told.isStopped = true));
      const chunks = [...[..."abc"].map((delta) => ({ type: "text-delta", id: "1", delta })), { type: "finish" }].values();
      const pull = (controller) => {
        if (told.isStopped) return controller.error(new DOMException("aborted", "AbortError"));
        const { value, done } = chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      };
      return { stream: new ReadableStream({ pull, cancel: () => (told.isStopped = true) }, { highWaterMark: 0 }) };
    },
  });
  return { generator: aiSdkGenerator(model), told };
}

function fakeBuiltIn(t, options, availability = "available", create = undefined) {
  const told = { isStopped: false };
  const promptStreaming = (call, { signal }) => {
    told.call = call;
    const pieces = "abc"[Symbol.iterator]();
    const pull = (controller) => {
      if (signal?.aborted) return controller.error(signal.reason);
      const { value, done } = pieces.next();
      if (done) controller.close();
      else controller.enqueue(value);
    };
    return new ReadableStream({ pull }, { highWaterMark: 0 });
  };
  globalThis.LanguageModel = {
    availability: async () => availability,
    create: create ?? (async (options) => ((told.options = options), { promptStreaming, destroy: () => (told.isStopped = true) })),
  };
  t.after(() => delete globalThis.LanguageModel);
  return { generator: builtInGenerator(options), told };
}

for (const [name, fake] of Object.entries(FAKES)) {
  test(`${name}: the pieces come as they are written`, async (t) => {
    assert.deepEqual(await collect(fake(t).generator), ["a", "b", "c"]);
  });

  test(`${name}: an abort ends it with a typed error, and stops the model`, async (t) => {
    const { generator, told } = fake(t);
    const controller = new AbortController();
    const abort = () => controller.abort();
    await assert.rejects(collect(generator, { signal: controller.signal }, abort), { name: "RagError", code: "aborted" });
    assert.ok(told.isStopped);
    await assert.rejects(collect(generator, { signal: controller.signal }), { code: "aborted" }, "aborted before it begins");
  });

  test(`${name}: a loop that is left stops the model`, async (t) => {
    const { generator, told } = fake(t);
    assert.deepEqual(await collect(generator, {}, () => "leave"), ["a"]);
    assert.ok(told.isStopped);
  });
}

for (const name of ["wllama", "webLlm"]) {
  test(`${name} is given messages, limit and temperature`, async (t) => {
    const { generator, told } = FAKES[name](t);
    await collect(generator, { maxTokens: 9, temperature: 0.5 });
    const { messages, max_tokens, temperature, stream } = told.call;
    assert.deepEqual({ messages, max_tokens, temperature, stream }, { messages: MESSAGES, max_tokens: 9, temperature: 0.5, stream: true });
  });
}

test("WebLLM's stream is read to its end when the loop is left, so that it serves the next call", async () => {
  const { generator, told } = fakeWebLlm();
  await collect(generator, {}, () => "leave");
  assert.ok(told.isRead);
});

test("a model of the AI SDK is given the messages as a prompt", async () => {
  const { generator, told } = fakeAiSdk();
  await collect(generator, { maxTokens: 9, temperature: 0.5 });
  assert.deepEqual(told.call.prompt, [
    { role: "system", content: "Be brief." },
    { role: "user", content: [{ type: "text", text: "Hi" }] },
  ]);
  assert.deepEqual([told.call.maxOutputTokens, told.call.temperature], [9, 0.5]);
});

test("a model's error part of the AI SDK is thrown", async () => {
  const chunks = [{ type: "error", error: new Error("no key") }];
  const model = new MockLanguageModelV4({ doStream: async () => ({ stream: simulateReadableStream({ chunks }) }) });
  await assert.rejects(collect(aiSdkGenerator(model)), /no key/);
});

test("a name is no model of the AI SDK", () => {
  assert.throws(() => aiSdkGenerator("openai/gpt"), { code: "invalid_option" });
});

test("the built-in model is given the messages, and writes about as many tokens as it may", async (t) => {
  const progress = [];
  const { generator, told } = fakeBuiltIn(t, { expectedOutputs: [{ type: "text", languages: ["en"] }], onProgress: (p) => progress.push(p) });
  assert.deepEqual(await collect(generator, { maxTokens: 0.25 }), ["a"]);
  assert.deepEqual([told.options.initialPrompts, told.call], [MESSAGES.slice(0, 1), MESSAGES.slice(1)]);
  assert.equal(told.options.samplingMode, "most-predictable");
  assert.deepEqual(told.options.expectedOutputs, [{ type: "text", languages: ["en"] }]);
  const monitor = new EventTarget();
  told.options.monitor(monitor);
  monitor.dispatchEvent(Object.assign(new Event("downloadprogress"), { loaded: 0.5, total: 1 }));
  assert.deepEqual(progress, [{ loaded: 0.5, total: 1 }]);
});

test("a browser or a device without a built-in model is told so", async (t) => {
  await assert.rejects(collect(builtInGenerator()), { name: "RagError", code: "unsupported_browser" });
  await assert.rejects(collect(fakeBuiltIn(t, {}, "unavailable").generator), { code: "unsupported_browser" });
});

test("a built-in model that waits for a click is told so", async (t) => {
  const create = () => Promise.reject(new DOMException("needs a gesture", "NotAllowedError"));
  await assert.rejects(collect(fakeBuiltIn(t, {}, "downloadable", create).generator), (error) => {
    assert.equal(error.code, "download_failed");
    assert.match(error.message, /click/);
    return error.cause.name === "NotAllowedError";
  });
});
