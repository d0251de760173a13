// The handlers of an engine's worker: each makes one call into the wasm module. A worker holds one engine, or one
// embedder, or one generator. The module checks arguments and options.

import { newEmbedWorkerPool } from "./embed-worker-pool.js";
import { openFolder, releaseFolder } from "./folder-slot.js";
import { GraphBuilder } from "./graph-builder.js";
import { withHubModel } from "./hub.js";
import { mapGenerator, mapModels, mapSource } from "./model-source.js";
import { wasm } from "./module.js";
import { receiveGenerated, withPageGenerator } from "./page-generator.js";
import { forgetReplaced } from "./replaced-files.js";
import { ReaderWorkers } from "./reader-workers.js";
import { SqlWorker } from "./sql-worker-link.js";
import { yieldNow } from "./yield.js";

/** A source as the wasm module takes it. */
const ofModule = (source) => withPageGenerator(withHubModel(source));

let handle = null;

async function open({ options, file, threads, afterFailure = false }, { cancel, onProgress }) {
  const workers = {
    embedWorkerPool: newEmbedWorkerPool(threads),
    graphBuilder: new GraphBuilder(),
    readerWorkers: new ReaderWorkers(),
    sqlWorker: new SqlWorker(),
  };
  const models = mapModels(options.models, ofModule);
  const shipped = options.shipped?.map?.((one) => ({ ...one, source: ofModule(one?.source) })) ?? options.shipped;
  const named = { ...options, models, shipped, source: ofModule(options.source), folder: openFolder(options.folder) };
  handle = await wasm.EngineHandle.open(named, file, afterFailure, yieldNow, workers, cancel, onProgress);
  await forgetReplaced(options.folder ?? options.name ?? "default", options.shipped ?? []);
  return { storage: handle.storageKind() };
}

export const handlers = {
  async open(args, context) {
    try {
      return await open(args, context);
    } catch (error) {
      releaseFolder();
      throw error;
    }
  },

  async add({ content, options }, { cancel, onProgress }) {
    return handle.add(content, options, cancel, onProgress);
  },

  async documents() {
    return handle.documents();
  },

  async text({ id }) {
    return handle.text(id);
  },

  async original({ id, options }) {
    return handle.original(id, options);
  },

  async picture({ id, number, options }) {
    return handle.picture(id, number, options);
  },

  async reread({ id, options }, { cancel, onProgress }) {
    return handle.reread(id, options, cancel, onProgress);
  },

  async enqueue({ content, options }) {
    return handle.enqueue(content, options);
  },

  async queued() {
    return handle.queued();
  },

  async addQueued({ number }, { cancel, onProgress }) {
    return handle.addQueued(number, cancel, onProgress);
  },

  async clearQueue() {
    await handle.clearQueue();
  },

  async remove({ id }) {
    await handle.remove(id);
  },

  async feedback({ question, judged }, { cancel }) {
    return handle.feedback(question, judged, cancel);
  },

  async clearFeedback() {
    await handle.clearFeedback();
  },

  async search({ question, options }, { cancel }) {
    return handle.search(question, options, cancel);
  },

  async searchVector({ vector, options }, { cancel }) {
    return handle.searchVector(vector, options, cancel);
  },

  async searchImage({ content, name, options }, { cancel }) {
    return handle.searchImage(content, name, options, cancel);
  },

  async ask({ question, options }, { cancel, onEvent, onProgress }) {
    await handle.ask(question, options, cancel, onEvent, onProgress);
  },

  async tables() {
    return handle.tables();
  },

  async tableRows({ name, options }) {
    return handle.tableRows(name, options);
  },

  async query({ sql, options }, { cancel }) {
    return handle.query(sql, options, cancel);
  },

  async export(_, { cancel, onProgress }) {
    return handle.export(cancel, onProgress);
  },

  async delete({ name }) {
    await wasm.EngineHandle.deleteStored(name);
  },

  async useGenerator({ generator }) {
    handle.useGenerator(mapGenerator(generator, ofModule));
  },

  async generated(answer) {
    receiveGenerated(answer);
  },

  async loadGenerator(_, { cancel, onProgress }) {
    await handle.loadGenerator(cancel, onProgress);
  },

  async stats() {
    return handle.stats();
  },

  async "embedder.load"({ source, threads }, { cancel, onProgress }) {
    const model = mapSource(source, withHubModel);
    handle = await wasm.EmbedderHandle.load(model, yieldNow, newEmbedWorkerPool(threads), cancel, onProgress);
    return handle.info();
  },

  async "embedder.embed"({ texts, areQuestions }, { cancel }) {
    return handle.embed(texts, areQuestions, cancel);
  },

  async "imageEmbedder.load"({ source }, { cancel, onProgress }) {
    handle = await wasm.ImageEmbedderHandle.load(mapSource(source, withHubModel), yieldNow, cancel, onProgress);
    return handle.info();
  },

  async "imageEmbedder.embedImage"({ image }) {
    return handle.embedImage(new Uint8Array(image.data.buffer), image.width);
  },

  async "imageEmbedder.embedText"({ text }) {
    return handle.embedText(text);
  },

  async "generator.load"({ source }, { cancel, onProgress }) {
    handle = await wasm.GeneratorHandle.load(mapGenerator(source, withHubModel), yieldNow, cancel, onProgress);
    return handle.info();
  },

  async "generator.generate"({ input, options }, { cancel, onEvent }) {
    await handle.generate(input, options, cancel, onEvent);
  },
};

/**
 * Frees the handle, once no call is running. The embed workers are not ended here: they end with this worker, and
 * Chromium 156 can leak a worker that is terminated while it terminates a busy worker of its own.
 */
export function freeHandle() {
  handle?.close?.();
  handle?.free();
  handle = null;
  releaseFolder();
}
