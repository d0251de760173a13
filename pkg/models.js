// Embedder, ImageEmbedder and Generator: models without a knowledge base, each in its own worker.

import { Connection } from "./connection.js";
import { aborted, invalidOption, kindOf, refuseOthers } from "./errors.js";
import { EventStream } from "./event-stream.js";
import { resolveGenerator, resolveSource } from "./model-source.js";
import { partOptions, START_OPTIONS } from "./start-options.js";
import { resolveThreads } from "./threads.js";

async function load(kind, source, options = {}) {
  const { start, others } = partOptions(options);
  const { threads, hubUrl, onProgress, signal, ...unknown } = others;
  refuseOthers(unknown, ["threads", "hubUrl", "onProgress", "signal", ...START_OPTIONS]);
  const resolve = kind === "generator" ? resolveGenerator : resolveSource;
  const args = { source: resolve(source, hubUrl), threads: resolveThreads(threads) };
  const opening = { call: `${kind}.load`, args, onProgress, start };
  const connection = new Connection(kind, opening);
  return { connection, info: await connection.open(signal) };
}

export class Embedder {
  #connection;

  /** Use `Embedder.load`. */
  constructor(connection, info) {
    this.#connection = connection;
    this.dimensions = info.dimensions;
    this.tokenLimit = info.tokenLimit;
    this.backend = info.backend;
    this.fingerprint = info.fingerprint;
  }

  static async load(source, options) {
    const { connection, info } = await load("embedder", source, options);
    return new Embedder(connection, info);
  }

  async embed(texts, { as = "passage", signal, ...others } = {}) {
    refuseOthers(others, ["as", "signal"]);
    if (as !== "passage" && as !== "question") throw invalidOption("as", kindOf(as), '"passage" or "question"');
    return this.#connection.request("embedder.embed", { texts, areQuestions: as === "question" }, { signal });
  }

  async close() {
    await this.#connection.close();
  }
}

export class ImageEmbedder {
  #connection;

  /** Use `ImageEmbedder.load`. */
  constructor(connection, info) {
    this.#connection = connection;
    this.dimensions = info.dimensions;
    this.side = info.side;
    this.backend = info.backend;
    this.fingerprint = info.fingerprint;
  }

  static async load(source, options) {
    const { connection, info } = await load("imageEmbedder", source, options);
    return new ImageEmbedder(connection, info);
  }

  async embedImage(image, { signal, ...others } = {}) {
    refuseOthers(others, ["signal"]);
    if (!(image instanceof ImageData)) throw invalidOption("image", kindOf(image), "an ImageData");
    return this.#connection.request("imageEmbedder.embedImage", { image }, { signal });
  }

  async embedText(text, { signal, ...others } = {}) {
    refuseOthers(others, ["signal"]);
    return this.#connection.request("imageEmbedder.embedText", { text }, { signal });
  }

  async close() {
    await this.#connection.close();
  }
}

export class Generator {
  #connection;

  /** Use `Generator.load`. */
  constructor(connection, info) {
    this.#connection = connection;
    this.contextLength = info.contextLength;
    this.backend = info.backend;
    this.fingerprint = info.fingerprint;
  }

  static async load(source, options) {
    const { connection, info } = await load("generator", source, options);
    return new Generator(connection, info);
  }

  generate(input, { signal, ...options } = {}) {
    const generate = async (push, cancelSignal) => {
      let wasAborted = false;
      const onEvent = (piece) => {
        wasAborted ||= piece.reason === "aborted";
        if (!wasAborted) push(piece);
      };
      await this.#connection.request("generator.generate", { input, options }, { onEvent, signal: cancelSignal });
      if (wasAborted) throw aborted(cancelSignal);
    };
    return new EventStream(generate, signal);
  }

  async close() {
    await this.#connection.close();
  }
}
