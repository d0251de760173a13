// What run.mjs finds in the page. One page holds one contestant: an engine with one model.

import { measureLimits } from "./limits.js";

const ENGINES = {
  ours: () => import("./ours.js"),
  duckdb: () => import("./duckdb.js"),
  pdfjs: () => import("./pdfjs.js"),
  sqljs: () => import("./sqljs.js"),
  tesseract: () => import("./tesseract.js"),
  wllama: () => import("./wllama.js"),
  onnxruntime: () => import("./onnxruntime.js"),
};

let contestant = null;

window.bench = {
  measureLimits,

  /** `kind` is `openGenerator`, `openEmbedder`, `openImageEmbedder`, `openKnowledgeBase`, `openAnswers`, `openReader` or `openTables`; `model` the address of its file, where it has one. */
  async open({ engine, kind, model, ...settings }) {
    const module = await ENGINES[engine]();
    const file = model && (await fetched(model)).blob();
    contestant = await module[kind](await file, { ...settings, model });
  },

  async close() {
    await contestant.close();
  },

  /** Text after a prompt, what it took by the engine's own account, and what it took by the page's clock. */
  async generate(task) {
    const started = performance.now();
    const written = await contestant.generate(task);
    return { ...written, wallMs: performance.now() - started };
  },

  /** Milliseconds until a call of `generate` that is stopped has ended. */
  stop: (task) => contestant.stop(task),

  /** Milliseconds to embed all of the task's texts, the mean of as many times as `leastMs` needs; and the vectors. */
  async embed({ leastMs, ...task }) {
    const started = performance.now();
    let times = 0;
    let vectors;
    do {
      vectors = await contestant.embed(task);
      times += 1;
    } while (performance.now() - started < leastMs);
    const ms = (performance.now() - started) / times;
    return { ms, vectors: vectors.map((vector) => [...vector]) };
  },

  /** Milliseconds to read a document, and its text. */
  async read() {
    const started = performance.now();
    const text = await contestant.read();
    return { ms: performance.now() - started, text };
  },

  /** Milliseconds to read a photo `count` times, and what its thumbnail is. */
  async thumbnails({ count }) {
    const started = performance.now();
    let thumbnail;
    for (let time = 0; time < count; time += 1) thumbnail = await contestant.thumbnail();
    return { ms: performance.now() - started, ...thumbnail };
  },

  /** Has the contestant load a table from a file, and answer a first query: the rows, and the milliseconds by parts. */
  async loadTable({ name, sql }) {
    const response = await fetched(`/models/${name}`);
    return contestant.load(new Uint8Array(await response.arrayBuffer()), name, sql);
  },

  /** Milliseconds to answer a query, its rows and, where the contestant tells them, their sources. */
  async query({ sql }) {
    const started = performance.now();
    const { rows, sources } = await contestant.query(sql);
    return { ms: performance.now() - started, rows, sources: sources?.map((list) => list.map(({ table, rowCount }) => ({ table, rowCount }))) };
  },

  /** What one of the calls of search/ measures. */
  async search(call, task) {
    const calls = await import("./search/index.js");
    return calls[call](task);
  },

  /** A question's quotes, and milliseconds until the first and until the end. */
  ask: (task) => contestant.ask(task),

  /** Milliseconds to add what a knowledge base is given. */
  async add(task) {
    const started = performance.now();
    const chunks = await contestant.add(task);
    return { ms: performance.now() - started, chunks };
  },
};

async function fetched(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: the server answered ${response.status}`);
  return response;
}
