// The classes for LangChain, used by LangChain.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fakeEmbedder } from "./fakes.mjs";
import { importScript } from "./project.mjs";

const script = await readFile(new URL("./in-langchain.js", import.meta.url), "utf8");

/** The adapters, and LangChain's classes. */
const load = (t) => importScript(t, script);

/** An engine that finds the documents with a word of the question, in the order of adding; its ids are numbers. */
function fakeKnowledgeBase() {
  const stored = new Map();
  const calls = [];
  const passageOf = ({ id, text, name }) => ({
    documentId: id,
    documentName: name,
    chunkId: `${id}-0`,
    text,
    start: 0,
    end: text.length,
    headings: "",
    placeText: "line 1",
    score: 0.5,
    scores: { dense: 0.75, lexical: 2 },
    alsoIn: [],
  });
  return {
    calls,
    async add(text, options) {
      calls.push({ add: text, ...options });
      if (options.replaces) stored.delete(options.replaces);
      const id = String(calls.length);
      stored.set(id, { id, text, name: options.name ?? "untitled.txt", metadata: options.metadata });
      return { id };
    },
    async search(question, options) {
      calls.push({ search: question, ...options });
      const isFound = ({ text }) => typeof question !== "string" || question.split(" ").some((word) => text.includes(word));
      return [...stored.values()].filter(isFound).slice(0, options.limit).map(passageOf);
    },
    async documents() {
      return [...stored.values()];
    },
    async remove(id) {
      assert.ok(stored.delete(id), `there is no ${id}`);
    },
  };
}

test("the retriever's documents have the passage, its place and the stored metadata", async (t) => {
  const { BaseRetriever, EngineRetriever, RunnableLambda } = await load(t);
  const engine = fakeKnowledgeBase();
  await engine.add("The harbour has nine lamps.", { name: "lamps.txt", metadata: { year: 1900 } });
  const retriever = new EngineRetriever({ engine, limit: 3, where: { year: 1900 }, tags: ["mine"] });
  assert.ok(retriever instanceof BaseRetriever);
  const chain = retriever.pipe(new RunnableLambda({ func: (documents) => documents }));
  const [found] = await chain.invoke("lamps");
  assert.equal(found.pageContent, "The harbour has nine lamps.");
  const { year, documentName, start, end, placeText } = found.metadata;
  assert.deepEqual([year, documentName, start, end, placeText], [1900, "lamps.txt", 0, 27, "line 1"]);
  assert.deepEqual(engine.calls.at(-1), { search: "lamps", limit: 3, where: { year: 1900 } });
});

test("the embeddings are arrays of numbers", async (t) => {
  const { Embeddings, EmbedderEmbeddings } = await load(t);
  const embeddings = new EmbedderEmbeddings({ embedder: fakeEmbedder() });
  assert.ok(embeddings instanceof Embeddings);
  const [first] = await embeddings.embedDocuments(["aaa", "bbb"]);
  assert.ok(Array.isArray(first) && first.length === 2);
  assert.deepEqual(await embeddings.embedQuery("aaa"), first);
});

test("the reranker orders documents, keeps the best, and changes none", async (t) => {
  const { BaseDocumentCompressor, Document, EmbedderReranker } = await load(t);
  const reranker = new EmbedderReranker({ embedder: fakeEmbedder(), limit: 2 });
  assert.ok(BaseDocumentCompressor.isBaseDocumentCompressor(reranker));
  const documents = ["bbb", "aab", "aaa"].map((pageContent, at) => new Document({ pageContent, metadata: { at }, id: pageContent }));
  const ranked = await reranker.compressDocuments(documents, "a");
  assert.deepEqual(ranked.map(({ id }) => id), ["aaa", "aab"]);
  assert.ok(ranked[0].metadata.relevanceScore > ranked[1].metadata.relevanceScore);
  assert.deepEqual(documents[0].metadata, { at: 0 });
  assert.deepEqual(await reranker.compressDocuments([], "a"), []);
});

test("documents of the vector store are found by text, with their metadata and ids", async (t) => {
  const { EngineVectorStore, VectorStore } = await load(t);
  const engine = fakeKnowledgeBase();
  const written = new Date("2026-01-02T00:00:00Z");
  const metadatas = [{ source: "a.pdf", written }, { source: "b.pdf", loc: { lines: { from: 1 } }, none: undefined }];
  const store = await EngineVectorStore.fromTexts(["red lamps", "green lamps"], metadatas, null, { engine });
  assert.ok(store instanceof VectorStore);
  const found = await store.similaritySearch("lamps", 2, { source: "a.pdf" });
  assert.deepEqual(engine.calls.at(-1), { search: "lamps", limit: 2, where: { source: "a.pdf" } });
  assert.deepEqual(found.map(({ id, metadata }) => [id, metadata.documentName]), [["1", "a.pdf"], ["2", "b.pdf"]]);
  assert.equal(found[0].metadata.written, "2026-01-02T00:00:00.000Z");
  assert.deepEqual(found[1].metadata.loc, { lines: { from: 1 } });
  const [[document, score]] = await store.similaritySearchWithScore("red");
  assert.deepEqual([document.pageContent, score], ["red lamps", 0.5]);
  const [retrieved] = await store.asRetriever({ k: 1 }).invoke("green");
  assert.equal(retrieved.pageContent, "green lamps");
});

test("a document with an id is replaced by the next one with it, and removed by it", async (t) => {
  const { Document, EngineVectorStore } = await load(t);
  const engine = fakeKnowledgeBase();
  const store = new EngineVectorStore({ engine });
  const page = (pageContent, id) => new Document({ pageContent, id, metadata: { source: "a.pdf" } });
  assert.deepEqual(await store.addDocuments([page("red lamps", "x"), page("red doors")]), ["x", "2"]);
  assert.deepEqual(await store.addDocuments([page("blue lamps")], { ids: ["x"] }), ["x"]);
  const found = await store.similaritySearch("red blue", 9);
  assert.deepEqual(found.map(({ id, pageContent }) => [id, pageContent]), [["2", "red doors"], ["x", "blue lamps"]]);
  assert.ok(!("langchainId" in found[1].metadata));
  await store.delete({ ids: ["x", "2", "none"] });
  assert.deepEqual(await engine.documents(), []);
});

test("of documents with the same id in one call the last is added", async (t) => {
  const { Document, EngineVectorStore } = await load(t);
  const engine = fakeKnowledgeBase();
  const store = new EngineVectorStore({ engine });
  const documents = ["red", "blue", "green", "grey"].map((pageContent) => new Document({ pageContent }));
  assert.deepEqual(await store.addDocuments(documents, { ids: ["x", "y", "x", "x"] }), ["x", "y", "x", "x"]);
  const found = await store.similaritySearch("red blue green grey", 9);
  assert.deepEqual(found.map(({ id, pageContent }) => [id, pageContent]).sort(), [["x", "grey"], ["y", "blue"]]);
});

test("given vectors are added and searched as they are", async (t) => {
  const { Document, EngineVectorStore } = await load(t);
  const engine = fakeKnowledgeBase();
  const store = new EngineVectorStore({ engine, embedder: fakeEmbedder() });
  await store.addVectors([[0.6, 0.8]], [new Document({ pageContent: "red lamps" })]);
  assert.deepEqual(engine.calls[0].vector, Float32Array.of(0.6, 0.8));
  const [[document, score]] = await store.similaritySearchVectorWithScore([1, 0], 2, { a: 1 });
  assert.deepEqual([document.pageContent, score], ["red lamps", 0.5]);
  assert.deepEqual(engine.calls.at(-1), { search: { vector: Float32Array.of(1, 0) }, limit: 2, where: { a: 1 } });
  assert.equal((await store.embeddings.embedQuery("a")).length, 2);
});

test("a failure reaches the caller as it is", async (t) => {
  const { Document, EngineRetriever, EngineVectorStore } = await load(t);
  const fail = async () => {
    throw Object.assign(new Error("Add a document first."), { code: "empty_knowledge_base" });
  };
  const engine = { search: fail, add: fail, documents: async () => [] };
  await assert.rejects(new EngineRetriever({ engine }).invoke("q"), { code: "empty_knowledge_base" });
  await assert.rejects(new EngineVectorStore({ engine }).addDocuments([new Document({ pageContent: "a" })]), { code: "empty_knowledge_base" });
});
