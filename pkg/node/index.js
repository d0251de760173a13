// The package in programs of Node.js, Bun and Deno: threads as workers, a folder as store. index.d.ts has the types.

import { randomUUID } from "node:crypto";
import { availableParallelism } from "node:os";
import * as client from "../client.js";
import { invalidOption, refuseOthers } from "../errors.js";
import { openGenerator, openModels, openSource } from "./model-files.js";
import { workersWith } from "./web-worker.js";

export { RagError, toCsv } from "../client.js";

/** A program leaves no cores to a page. More threads than these are no faster. */
const MAX_AUTO_THREADS = 8;

/** The options of a start, with what a page's browser would do. */
function started({ modelFolder, threads = "auto", ...options }) {
  const Worker = workersWith({ modelFolder, owner: randomUUID() });
  const count = threads === "auto" ? Math.min(availableParallelism(), MAX_AUTO_THREADS) : threads;
  return { ...options, threads: count, spawn: (url) => new Worker(url) };
}

const openShipped = async (one) => ({ ...one, source: await openSource(one?.source) });

async function engineOptions({ models, generator, ...options } = {}) {
  if (options.folder === undefined && options.storage !== "memory" && options.source === undefined) {
    throw invalidOption("folder", "none", 'the path of a folder, or storage: "memory"');
  }
  if (models === undefined) throw invalidOption("models", "none", "the path of a models.json, or { embedder: path }");
  const source = options.source && (await openSource(options.source));
  // What is no list is refused by the engine.
  const shipped = Array.isArray(options.shipped) ? await Promise.all(options.shipped.map(openShipped)) : options.shipped;
  return started({ ...options, source, shipped, models: await openModels(models) });
}

export const Engine = {
  async open(options) {
    return client.Engine.open(await engineOptions(options));
  },

  async import(file, options) {
    return client.Engine.import(file, await engineOptions(options));
  },
};

const loader = (model, open) => ({
  async load(source, options = {}) {
    return model.load(await open(source), started(options));
  },
});

export const Embedder = loader(client.Embedder, openSource);
export const ImageEmbedder = loader(client.ImageEmbedder, openSource);
export const Generator = loader(client.Generator, openGenerator);
