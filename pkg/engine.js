// Engine: one knowledge base, in its own worker.

import { Connection } from "./connection.js";
import { invalidOption, kindOf, refuseOthers } from "./errors.js";
import { EventStream } from "./event-stream.js";
import { FileQueue } from "./file-queue.js";
import { resolveGenerator, resolveModels } from "./model-source.js";
import { requestPersistence } from "./storage.js";
import { resolveThreads } from "./threads.js";

export class Engine {
  #connection;
  #isPersistent;
  #hubUrl;
  #queue;

  /** Use `Engine.open`. */
  constructor(connection, isPersistent, hubUrl) {
    this.#connection = connection;
    this.#isPersistent = isPersistent;
    this.#hubUrl = hubUrl;
    this.#queue = new FileQueue(connection);
  }

  static async open(options = {}) {
    return openEngine(options);
  }

  static async import(file, options = {}) {
    if (!(file instanceof Blob)) throw invalidOption("file", kindOf(file), "a Blob or File that Engine.export made");
    return openEngine(options, file);
  }

  static async delete(name) {
    const connection = new Connection("engine", { call: "delete", args: { name } });
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

  async useGenerator(source) {
    const generator = resolveGenerator(source ?? undefined, this.#hubUrl);
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

async function openEngine({ models, hubUrl, threads, onProgress, signal, ...options }, file) {
  const args = {
    options: { ...options, models: await resolveModels(models, hubUrl, signal) },
    threads: resolveThreads(threads),
  };
  const connection = new Connection("engine", { call: "open", args, onProgress });
  const opened = await connection.open(signal, { file });
  return new Engine(connection, opened.storage === "persistent", hubUrl);
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
