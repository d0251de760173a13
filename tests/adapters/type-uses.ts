// Read by types.test.mjs: compiles exactly when each marked line is an error.

import { useChat } from "@ai-sdk/react";
import type { RerankingModelV4, EmbeddingModelV4, LanguageModelV4 } from "@ai-sdk/provider";
import type { DocumentInterface } from "@langchain/core/documents";
import type { MLCEngine, WebWorkerMLCEngine } from "@mlc-ai/web-llm";
import type { Wllama } from "@wllama/wllama";
import { type UIMessage, embedMany, generateText, rerank } from "ai";
import { Embedder, type Engine, type Generator } from "multimodal-rag";
import { chatTransport, embeddingModel, generatorModel, languageModel, rerankingModel } from "multimodal-rag/ai-sdk";
import { type MessageGenerator, aiSdkGenerator, builtInGenerator, webLlmGenerator, wllamaGenerator } from "multimodal-rag/generators";
import { EmbedderEmbeddings, EmbedderReranker, EngineRetriever, EngineVectorStore } from "multimodal-rag/langchain";
import { useAsk, useEngine } from "multimodal-rag/react";
import { openai } from "./model.js";

export async function aiSdk(engine: Engine, embedder: Embedder, generator: Generator): Promise<string> {
  const models: [EmbeddingModelV4, RerankingModelV4, LanguageModelV4, LanguageModelV4] = [
    embeddingModel(embedder, { modelId: "e5" }),
    rerankingModel(embedder),
    languageModel(engine, { limit: 2, where: { year: 2026 }, texts: ["quote", "text"], noAnswer: "" }),
    generatorModel(generator),
  ];
  const { embeddings } = await embedMany({ model: models[0], values: ["a"] });
  const { ranking } = await rerank({ model: models[1], query: "q", documents: ["a"] });
  const { text, sources } = await generateText({ model: models[2], prompt: `${embeddings.length} ${ranking.length}` });
  // @ts-expect-error: a model is more than its name
  const name: string = models[2];
  // @ts-expect-error: no such text
  languageModel(engine, { texts: ["image"] });
  // @ts-expect-error: an engine is no embedder
  embeddingModel(engine);
  // @ts-expect-error: a generator has no documents
  languageModel(generator);
  return text + sources[0]?.title + name;
}

export function Chat(engine: Engine): string {
  const { messages, error, stop } = useChat({ transport: chatTransport(engine, { unsupported: "mark" }) });
  const own = useChat<UIMessage<{ a: number }>>({ transport: chatTransport(engine) });
  void stop();
  return own.id + error?.message + messages.flatMap(({ parts }) => parts.map((part) => (part.type === "text" ? part.text : part.type))).join();
}

export async function langchain(engine: Engine, embedder: Embedder): Promise<string> {
  const retriever = new EngineRetriever({ engine, limit: 3, where: { year: { gte: 2000 } }, tags: ["a"] });
  const found: DocumentInterface[] = await retriever.invoke("q");
  const [best] = await new EmbedderReranker({ embedder, limit: 1 }).compressDocuments(found, "q");
  const vector = await new EmbedderEmbeddings({ embedder }).embedQuery("q");
  const store = await EngineVectorStore.fromTexts(["a"], { source: "a.txt" }, null, { engine, embedder });
  const ids: string[] = await store.addVectors([vector], found, { ids: ["1"] });
  await store.delete({ ids });
  const [scored] = await store.similaritySearchVectorWithScore(vector, 3, { source: "a.txt" });
  await store.asRetriever({ k: 2, filter: { source: "a.txt" } }).invoke("q");
  // @ts-expect-error: documents, not their texts
  const texts: string[] = await retriever.invoke("q");
  // @ts-expect-error: no such comparison
  await store.similaritySearch("q", 3, { source: { like: "a" } });
  // @ts-expect-error: no engine
  new EngineRetriever({ limit: 3 });
  return `${texts[0]} ${best?.pageContent} ${scored?.[1].toFixed(2)}`;
}

export function react(): string {
  const state = useEngine({ name: "n", storage: "memory", onProgress: ({ stage }) => stage.length });
  const { ask, stop, isRunning, text, quotes, answer, table, passages, citations, reason, error } = useAsk(state.engine);
  if (state.status === "failed") return state.error.code;
  if (state.status === "opening") return state.progress?.stage ?? "";
  void ask("q", { limit: 2, history: [{ question: "p", answer: text }] }).then(stop);
  // @ts-expect-error: stop() ends it
  void ask("q", { signal: new AbortController().signal });
  void state.engine.stats();
  return `${isRunning} ${quotes[0]?.citation.placeText} ${answer?.confidence} ${table?.sql} ${passages.length} ${citations.length} ${reason} ${error?.code}`;
}

export async function generators(wllama: Wllama, webLlm: MLCEngine, inWorker: WebWorkerMLCEngine, signal: AbortSignal): Promise<string> {
  const own: MessageGenerator = {
    async *generate(messages, { signal, maxTokens = 9 } = {}) {
      if (!signal?.aborted) yield (messages[0]?.content ?? "").slice(maxTokens);
    },
  };
  const all: MessageGenerator[] = [
    own,
    wllamaGenerator(wllama),
    webLlmGenerator(webLlm),
    webLlmGenerator(inWorker),
    aiSdkGenerator(openai),
    builtInGenerator({ expectedInputs: [{ type: "text", languages: ["de"] }], onProgress: ({ loaded, total }) => loaded / total }),
  ];
  // @ts-expect-error: a name is no model
  aiSdkGenerator("openai/gpt");
  let text = "";
  for (const generator of all) {
    for await (const piece of generator.generate([{ role: "user", content: "q" }], { signal, maxTokens: 9, temperature: 0 })) text += piece;
  }
  return text;
}

/** What the built-in generator asks of the browser is what the browser's API has. */
export async function builtIn(options: Parameters<typeof builtInGenerator>[0]): Promise<ReadableStream<string>> {
  const { onProgress, ...core } = options ?? {};
  await LanguageModel.availability(core);
  const session = await LanguageModel.create({ ...core, initialPrompts: [{ role: "system", content: "s" }] });
  return session.promptStreaming([{ role: "user", content: "q" }]);
}

// Programs.
import { Embedder as ProgramEmbedder, Engine as ProgramEngine, RagError as ProgramError } from "multimodal-rag/node";
import { registerTools } from "multimodal-rag/webmcp";

export async function program() {
  const engine: ProgramEngine = await ProgramEngine.open({ folder: "notes", models: { embedder: "models/e.safetensors", generator: new URL("file:///g.gguf") } });
  const [passage] = await engine.search("office hours");
  console.log(passage?.documentName);
  await ProgramEngine.open({ storage: "memory", models: "models/models.json", modelFolder: "models", threads: 2 });
  await ProgramEmbedder.load({ weights: "w", config: "c", tokenizer: "t", options: { maxTokens: 128 } });
  // @ts-expect-error A program has folders, and no names.
  await ProgramEngine.open({ name: "notes", models: "models/models.json" });
  // @ts-expect-error Which models, must be said.
  await ProgramEngine.open({ folder: "notes" });
  const isRegistered: boolean = await registerTools(engine, { write: true, signal: new AbortController().signal });
  return isRegistered || new ProgramError("aborted", "…");
}
