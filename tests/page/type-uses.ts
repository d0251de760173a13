// Read by types.test.mjs: compiles exactly when each marked line is an error.

import { type AskEvent, Embedder, type EmbedderSource, Engine, Generator, type GeneratorSource, type HubName, type ModelSource, RagError } from "multimodal-rag";
import { type QueryResult, type SqlValue, type TableInfo, toCsv } from "multimodal-rag";

const embedder: ModelSource = { url: "models/embedder", sha256: "00", size: 1 };
const generator: ModelSource = { file: new Blob() };
const named: HubName = "hub:acme/tiny/gguf/tiny.gguf@v1";
const inMemory: ModelSource = { data: new Uint8Array() };
const original: EmbedderSource = {
  weights: embedder,
  config: generator,
  tokenizer: inMemory,
  options: { pooling: "cls", queryPrefix: "query: ", passagePrefix: "passage: ", maxTokens: 512 },
};

export async function rightUses(file: File, signal: AbortSignal): Promise<string> {
  const engine = await Engine.open({ name: "n", storage: "auto", vectorIndex: "graph", threads: "auto", models: { embedder, generator }, signal });
  const { id } = await engine.add(file, { metadata: { a: 1, b: null }, onProgress: ({ etaMs }) => etaMs?.toFixed() });
  const [passage] = await engine.search("q", { limit: 1, signal });
  await engine.add("text", { replaces: id, metadata: { tags: ["a"], author: { name: "b" } } });
  await engine.add(file, { password: "p", original: "drop", sameName: "replace" });
  const added = await engine.addFiles([file, { path: "a/b.md", file, password: "p" }], {
    onProgress: ({ files, totalFiles, etaMs }) => files / totalFiles + (etaMs ?? 0),
    onFile: ({ name, file, status, error }) => name + file?.size + status + error?.code,
    passwords: { "a/b.md": "p" },
    metadata: { project: "x" },
    signal,
  });
  for (const { number, bytes } of await engine.queued()) if (number + bytes > 0) await engine.resumeFiles({ signal });
  await engine.clearQueue();
  for (const { document } of added) if (document?.outdated) await engine.reread(document.id, { signal });
  const { size }: File = await engine.original(id);
  const where = { or: [{ year: { gte: 2000, lt: "x" } }, { "author.name": { in: ["a", null] } }], not: { a: null } };
  await engine.search("q", { where });
  const told = await engine.feedback("q", { good: [passage?.chunkId ?? ""], bad: [], signal });
  if (told.inUse && told.heldOut && told.heldOut.after < told.heldOut.before) await engine.clearFeedback();
  const copy = await Engine.import(await engine.export({ signal }), { name: "copy", embedAgain: true });
  await copy.close();
  await Engine.delete("copy", { crossOrigin: "blob" });
  const spawn = (url: URL, options: WorkerOptions) => new Worker(url, options);
  await Engine.open({ workerUrl: "w.js", wasmUrl: new URL("wasm/", location.href), modelsUrl: "m.json", spawn, crossOrigin: "refuse" });
  const { backend, storage, indexBytes, vectorIndex, damaged, feedback, models } = await engine.stats();
  if (feedback.questions > 0) await engine.clearFeedback();
  for (const { id, message } of damaged) if (message) await engine.remove(id);
  let answer = passage?.placeText ?? String(passage?.place?.rows?.[1] ?? size);
  answer += storage.reason ?? passage?.headings ?? passage?.text ?? id;
  answer += backend.threads + backend.workers + vectorIndex.used + vectorIndex.pending;
  const { language } = await engine.add("text");
  if (language && !models.embedder.languages.includes(language)) answer += language;
  answer += indexBytes + (models.generator?.contextLength ?? 0) + (models.generator?.fingerprint ?? "");
  for await (const event of engine.ask("q", { limit: 2, maxTokens: 9, temperature: 0.5, topK: 3, topP: 0.5, seed: 1 })) {
    answer += textOf(event);
  }
  const vectors: Float32Array[] = await (await Embedder.load(inMemory, { threads: 2, signal })).embed(["a"]);
  await Engine.open({ models: { embedder: original } });
  await Engine.open({ models: { embedder: original, generator: named, answerReader: "hub:acme/tiny/a" }, hubUrl: "https://hub.example" });
  answer += (models.generator?.hub ?? "") + ((models.generator?.bytes ?? 0) > 0);
  const adapted: GeneratorSource = {
    model: generator,
    adapters: [{ source: inMemory }, { source: { weights: embedder, config: generator }, scale: -0.5 }],
  };
  const switching = await Engine.open({ models: { embedder, generator: adapted } });
  for await (const event of switching.ask("q", { adapters: [0, 1] })) answer += textOf(event);
  await switching.useGenerator(named);
  await switching.useGenerator(null);
  const history = [{ question: "q", quotes: ["a"], answer: "a" }];
  for await (const event of switching.ask("q", { unsupported: "mark", contextBound: true, history })) answer += textOf(event);
  const styled = await Generator.load(adapted);
  for await (const { text } of styled.generate({ prompt: "p" }, { adapters: [1, 0] })) answer += text;
  const writer = await Generator.load(named, { hubUrl: "/hub" });
  for await (const { text, timings } of writer.generate({ prompt: "p" }, { maxTokens: 9, stop: ["."], promptLookup: false })) {
    answer += text + ((timings?.promptTokens ?? 0) + (timings?.acceptedTokens ?? vectors.length));
  }
  return answer;
}

/** Tables, their rows, and queries over them. */
export async function tablesOf(engine: Engine, signal: AbortSignal): Promise<string> {
  const [table] = await engine.tables();
  if (!table) return "";
  const { name, documentId, title, columns, rows, placeText }: TableInfo = table;
  const isNumber = columns[0]?.type === "integer" && columns[0].unit === undefined;
  const page = await engine.tableRows(name, { start: 10, limit: 20, orderBy: columns[0]?.name, descending: true });
  let told = `${documentId} ${title} ${rows} ${placeText ?? ""} ${isNumber} ${page.total} ${page.rows[0]?.cells[0] ?? page.rows[0]?.row}`;
  const options = { params: [1, "a", null, 2n], limit: 10, timeout: 500, signal };
  const result: QueryResult = await engine.query(`SELECT ?1 FROM "${name}"`, options);
  const value: SqlValue | undefined = result.rows[0]?.[0];
  for (const { table, rows, rowCount, columns } of result.sources.flat()) told += `${table} ${rows[0]} ${rowCount} ${columns[0]}`;
  for (const { row, column, start, end, text, place } of result.citations) told += `${row} ${column} ${start} ${end} ${text} ${place?.page}`;
  if (result.truncated) told += String(value);
  return told + toCsv(result.columns, result.rows);
}

/** All kinds of events, and no others. */
function textOf(event: AskEvent): string {
  switch (event.type) {
    case "passages":
      return event.passages.map(({ score, scores }) => score + scores.dense).join();
    case "corrections":
      return event.corrections.map(({ from, to }) => from + to).join();
    case "table": {
      const { text, explanation, sql, confidence, table, columns, rows, sourceRows, citations } = event;
      return `${text} ${explanation} ${sql} ${confidence.toFixed(2)} ${table.name} ${toCsv(columns, rows)} ${sourceRows[0]} ${citations[0]?.text}`;
    }
    case "answer":
      return event.text + event.citation.documentName + event.confidence.toFixed(2);
    case "quote":
      return event.text + event.citation.number + event.citation.headings;
    case "image":
      return `${new Blob([event.thumbnail]).size} ${event.width} ${event.citation.place?.area?.left}`;
    case "text":
      return event.text;
    case "citation":
      return event.citation.documentName + event.textStart;
    case "unsupported":
      return event.text + event.textEnd;
    case "end":
      return event.reason + event.timings.tokens;
  }
}

export function codeOf(error: unknown): string {
  if (!(error instanceof RagError)) return "";
  // @ts-expect-error: no such code
  if (error.code === "in_used") return "";
  return error.code;
}

export async function wrongUses(engine: Engine): Promise<void> {
  // @ts-expect-error: made by open
  new Engine();
  // @ts-expect-error: no such storage
  await Engine.open({ storage: "disk" });
  // @ts-expect-error: no such index
  await Engine.open({ vectorIndex: "signs" });
  // @ts-expect-error: no such number
  await Engine.open({ threads: "all" });
  // @ts-expect-error: no such option
  await Engine.open({ workers: 4 });
  // @ts-expect-error: no hash
  await Engine.open({ models: { embedder: { url: "a", size: 1 } } });
  // @ts-expect-error: no tokenizer
  await Engine.open({ models: { embedder: { weights: generator, config: generator } } });
  // @ts-expect-error: a generator is one file
  await Engine.open({ models: { embedder, generator: original } });
  // @ts-expect-error: PEFT's weights need their config
  await Generator.load({ model: generator, adapters: [{ source: { weights: generator } }] });
  // @ts-expect-error: no such pooling
  await Embedder.load({ weights: generator, config: generator, tokenizer: generator, options: { pooling: "max" } });
  // @ts-expect-error: no embedder
  await Engine.open({ models: { generator } });
  // @ts-expect-error: a model alone has no models.json
  await Embedder.load(embedder, { modelsUrl: "models.json" });
  // @ts-expect-error: no such start
  await Engine.open({ crossOrigin: "allow" });
  // @ts-expect-error: no source
  await engine.add(42);
  // @ts-expect-error: metadata is what JSON can hold
  await engine.add("text", { metadata: { at: new Date() } });
  // @ts-expect-error: no such comparison
  await engine.search("q", { where: { year: { above: 1 } } });
  // @ts-expect-error: a file, not its name
  await Engine.import("notes.rag");
  // @ts-expect-error: removal is not stopped
  await engine.remove("id", { signal: new AbortController().signal });
  // @ts-expect-error: rows of a table, by its name
  await engine.tableRows({ name: "t" });
  // @ts-expect-error: no such value
  await engine.query("SELECT ?1", { params: [new Date()] });
  // @ts-expect-error: rows hold values
  toCsv(["a"], [{ a: 1 }]);
  // @ts-expect-error: a question is a string
  await engine.search(["q"]);
  // @ts-expect-error: an answer is iterated, not awaited
  (await engine.ask("q")).text;
  // @ts-expect-error: one or the other
  (await Generator.load(generator)).generate({ text: "p" });
  // @ts-expect-error: many texts
  await (await Embedder.load(embedder)).embed("text");
}
