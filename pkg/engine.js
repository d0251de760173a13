// Engine: one knowledge base, in its own worker.

import { Connection } from "./connection.js";
import { invalidOption, kindOf, requireKnown, requireString } from "./errors.js";
import { EventStream } from "./event-stream.js";
import { resolveModels } from "./model-source.js";
import { askToKeep } from "./storage.js";
import { resolveThreads } from "./threads.js";

const SEARCH_OPTIONS = ["limit", "where"];
const ASK_OPTIONS = ["limit", "where", "maxTokens", "temperature", "topK", "topP", "seed"];

export class Engine {
  #connection;
  #isPersistent;

  /** Use `Engine.open`. */
  constructor(connection, isPersistent) {
    this.#connection = connection;
    this.#isPersistent = isPersistent;
  }

  static async open(options = {}) {
    return openEngine(options);
  }

  static async import(file, options = {}) {
    if (!(file instanceof Blob)) throw invalidOption("file", kindOf(file), "a Blob or File that Engine.export made");
    return openEngine(options, file);
  }

  static async delete(name = "default") {
    requireString(name, "name");
    const connection = new Connection("engine", { call: "delete", args: { name } });
    await connection.open();
    await connection.close();
  }

  async add(source, options = {}) {
    const { name, type, metadata, replaces, onProgress, signal, ...others } = options;
    requireKnown(others, []);
    if (replaces !== undefined) requireString(replaces, "replaces");
    const { content, transfer, ...found } = contentOf(source);
    const document = {
      name: name ?? found.name ?? (type === undefined && found.type === undefined ? "untitled.txt" : "untitled"),
      type: type ?? found.type,
      metadata,
      replaces,
    };
    const added = await this.#connection.request("add", { content, document }, { onProgress, signal, transfer });
    if (this.#isPersistent) askToKeep();
    return added;
  }

  async documents() {
    return this.#connection.request("documents");
  }

  async text(id) {
    requireString(id, "id");
    return this.#connection.request("text", { id });
  }

  async remove(id) {
    requireString(id, "id");
    await this.#connection.request("remove", { id });
  }

  async search(question, { signal, ...options } = {}) {
    requireString(question, "question");
    requireKnown(options, SEARCH_OPTIONS);
    return this.#connection.request("search", { question, options }, { signal });
  }

  ask(question, { signal, onProgress, ...options } = {}) {
    const answer = async (push, stop) => {
      requireString(question, "question");
      requireKnown(options, ASK_OPTIONS);
      let ended = false;
      const onEvent = (event) => {
        ended ||= event.type === "end";
        push(event);
      };
      try {
        await this.#connection.request("ask", { question, options }, { onEvent, onProgress, signal: stop });
      } catch (error) {
        if (error.code !== "aborted") throw error;
        // Stopped before it reached the worker, which could say so itself.
        if (!ended) push({ type: "end", reason: "aborted", timings: {} });
      }
    };
    return new EventStream(answer, signal);
  }

  async export({ onProgress, signal } = {}) {
    return this.#connection.request("export", {}, { onProgress, signal });
  }

  async loadGenerator({ onProgress, signal } = {}) {
    await this.#connection.request("loadGenerator", {}, { onProgress, signal });
  }

  async stats() {
    return this.#connection.request("stats");
  }

  async close() {
    await this.#connection.close();
  }
}

async function openEngine(options, file) {
  const { name = "default", storage = "auto", models, threads, embedAgain = false, onProgress, signal } = options;
  requireString(name, "name");
  const args = { name, storage, embedAgain, threads: resolveThreads(threads), models: await resolveModels(models, signal) };
  const connection = new Connection("engine", { call: "open", args, onProgress });
  const opened = await connection.open(signal, { import: file });
  return new Engine(connection, opened.storage === "persistent");
}

/**
 * What to send for a source, and the name and type it brings. Blobs go by
 * reference and are read in the worker; of bytes only the part in view is
 * copied, and that copy is handed over.
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
