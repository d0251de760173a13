// Engine: one knowledge base, in its own worker.

import { Connection } from "./connection.js";
import { invalidOption, kindOf, refuseOthers } from "./errors.js";
import { EventStream } from "./event-stream.js";
import { FileQueue } from "./file-queue.js";
import { GeneratorHost } from "./generator-host.js";
import { resolveGenerator, resolveModels, resolveSource } from "./model-source.js";
import { partOptions, START_OPTIONS } from "./start-options.js";
import { requestPersistence } from "./storage.js";
import { resolveThreads } from "./threads.js";

export class Engine {
  #connection;
  #isPersistent;
  #hubUrl;
  #queue;
  #generators;

  /** Use `Engine.open`. */
  constructor(connection, isPersistent, hubUrl, generators) {
    this.#connection = connection;
    this.#isPersistent = isPersistent;
    this.#hubUrl = hubUrl;
    this.#queue = new FileQueue(connection);
    this.#generators = generators;
  }

  static async open(options = {}) {
    return openEngine(options);
  }

  static async import(file, options = {}) {
    if (!(file instanceof Blob)) throw invalidOption("file", kindOf(file), "a Blob or File that Engine.export made");
    return openEngine(options, file);
  }

  static async delete(name, options = {}) {
    const { start, others } = partOptions(options);
    refuseOthers(others, START_OPTIONS);
    const connection = new Connection("engine", { call: "delete", args: { name }, start });
    await connection.open();
    await connection.close();
  }

  async add(source, { onProgress, signal, ...options } = {}) {
    const { content, transfer, name, type } = contentOf(source);
    const args = { content, options: { ...options, name: options.name ?? name, type: options.type ?? type } };
    const added = await this.#connection.request("add", args, { onProgress, signal, transfer });
    if (this.#isPersistent) requestPersistence();
    return added;
  }

  async addFiles(files, options = {}) {
    const results = await this.#queue.add(files, options);
    if (this.#isPersistent) requestPersistence();
    return results;
  }

  async queued() {
    return this.#queue.queued();
  }

  async resumeFiles(options = {}) {
    return this.#queue.resume(options);
  }

  async clearQueue() {
    await this.#queue.clear();
  }

  async documents() {
    return this.#connection.request("documents");
  }

  async text(id) {
    return this.#connection.request("text", { id });
  }

  async original(id, options = {}) {
    const { blob, name, type } = await this.#connection.request("original", { id, options });
    return new File([blob], name, { type });
  }

  async picture(id, number, options = {}) {
    const { blob, name, type } = await this.#connection.request("picture", { id, number, options });
    return new File([blob], name, { type });
  }

  async reread(id, { onProgress, signal, ...options } = {}) {
    return this.#connection.request("reread", { id, options }, { onProgress, signal });
  }

  async remove(id) {
    await this.#connection.request("remove", { id });
  }

  async feedback(question, { signal, ...judged } = {}) {
    return this.#connection.request("feedback", { question, judged }, { signal });
  }

  async clearFeedback() {
    await this.#connection.request("clearFeedback");
  }

  async search(question, { signal, ...options } = {}) {
    if (question?.vector !== undefined) {
      const { vector, ...others } = question;
      refuseOthers(others, ["vector"]);
      return this.#connection.request("searchVector", { vector, options }, { signal });
    }
    if (question?.image === undefined) return this.#connection.request("search", { question, options }, { signal });
    const { image, ...others } = question;
    refuseOthers(others, ["image"]);
    const { content, transfer, name } = contentOf(image);
    return this.#connection.request("searchImage", { content, name, options }, { signal, transfer });
  }

  ask(question, { signal, onProgress, ...options } = {}) {
    const answer = async (push, cancelSignal) => {
      let ended = false;
      const onEvent = (event) => {
        ended ||= event.type === "end";
        push(event);
      };
      try {
        await this.#connection.request("ask", { question, options }, { onEvent, onProgress, signal: cancelSignal });
      } catch (error) {
        if (error.code !== "aborted") throw error;
        // Aborted before the call reached the worker, which otherwise sends this event.
        if (!ended) push({ type: "end", reason: "aborted", timings: {} });
      }
    };
    return new EventStream(answer, signal);
  }

  async export({ onProgress, signal, ...others } = {}) {
    refuseOthers(others, ["onProgress", "signal"]);
    return this.#connection.request("export", {}, { onProgress, signal });
  }

  async tables() {
    return this.#connection.request("tables");
  }

  async tableRows(name, options = {}) {
    return this.#connection.request("tableRows", { name, options });
  }

  async query(sql, { signal, ...options } = {}) {
    return this.#connection.request("query", { sql, options }, { signal });
  }

  async useGenerator(source) {
    const generator = this.#generators.describe(resolveGenerator(source ?? undefined, this.#hubUrl));
    await this.#connection.request("useGenerator", { generator });
    // A worker that is started again has it as well.
    this.#connection.changeOpening(({ options, ...rest }) => ({ ...rest, options: { ...options, models: { ...options.models, generator } } }));
  }

  async loadGenerator({ onProgress, signal, ...others } = {}) {
    refuseOthers(others, ["onProgress", "signal"]);
    await this.#connection.request("loadGenerator", {}, { onProgress, signal });
  }

  async stats() {
    return this.#connection.request("stats");
  }

  async close() {
    await this.#connection.close();
  }
}

/** These models, a generator of the page as the worker is told of it. */
function withDescribed(models, generators) {
  return models?.generator ? { ...models, generator: generators.describe(models.generator) } : models;
}

/** The option `shipped`. The wasm module checks it. */
function resolveShipped(shipped, hubUrl) {
  if (!Array.isArray(shipped)) return shipped;
  return shipped.map((one) => ({ ...one, source: one?.source && resolveSource(one.source, hubUrl) }));
}

async function openEngine(given, file) {
  const { start, others } = partOptions(given);
  const { models, modelsUrl, hubUrl, threads, source, shipped, onProgress, signal, ...options } = others;
  if (source && file) throw invalidOption("source", "a knowledge base", "none for a knowledge base that is imported");
  const generators = new GeneratorHost();
  const resolved = await resolveModels(models, { modelsUrl, hubUrl, signal });
  const args = {
    options: {
      ...options,
      source: source && resolveSource(source, hubUrl),
      shipped: resolveShipped(shipped, hubUrl),
      models: withDescribed(resolved, generators),
    },
    threads: resolveThreads(threads),
  };
  const connection = new Connection("engine", { call: "open", args, onProgress, start, generators });
  generators.connection = connection;
  const opened = await connection.open(signal, { file });
  return new Engine(connection, opened.storage === "persistent", hubUrl, generators);
}

/**
 * The content of a source, and the name and type of a Blob. A Blob is sent by reference and read in the worker. Bytes
 * are copied once, without the rest of their buffer, and the copy is transferred.
 */
function contentOf(source) {
  if (typeof source === "string") return { content: source };
  if (source instanceof Blob) {
    return { content: source, name: source.name || undefined, type: source.type || undefined };
  }
  const isBytes = source instanceof Uint8Array;
  if (!isBytes && !(source instanceof ArrayBuffer)) {
    throw invalidOption("source", kindOf(source), "a File, Blob, ArrayBuffer, Uint8Array or string");
  }
  const content = isBytes ? new Uint8Array(source) : new Uint8Array(source.slice(0));
  return { content, transfer: [content.buffer] };
}
