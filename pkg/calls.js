// What each call does in the wasm module. A worker holds one engine, or one
// embedder, or one generator.

import { RagError } from "./errors.js";
import { wasm } from "./module.js";
import { pause } from "./pause.js";
import { newPool } from "./pool.js";

let handle = null;

export const calls = {
  async open({ threads, ...options }, { stop, onProgress }) {
    handle = await wasm.EngineHandle.open(options, pause, newPool(threads), stop, onProgress);
    return { storage: handle.storageKind() };
  },

  async add({ content, document }, { stop, onProgress }) {
    return handle.add(await bytesOf(content, document.name), document, stop, onProgress);
  },

  async documents() {
    return handle.documents();
  },

  async text({ id }) {
    return handle.text(id);
  },

  async remove({ id }) {
    await handle.remove(id);
  },

  async search({ question, options }, { stop }) {
    return handle.search(question, options, stop);
  },

  async ask({ question, options }, { stop, onEvent, onProgress }) {
    await handle.ask(question, options, stop, onEvent, onProgress);
  },

  async export(_, { stop, onProgress }) {
    return handle.export(stop, onProgress);
  },

  async delete({ name }) {
    await wasm.EngineHandle.deleteStored(name);
  },

  async loadGenerator(_, { stop, onProgress }) {
    await handle.loadGenerator(stop, onProgress);
  },

  async stats() {
    return handle.stats();
  },

  async "embedder.load"({ source, threads }, { stop, onProgress }) {
    handle = await wasm.EmbedderHandle.load(source, pause, newPool(threads), stop, onProgress);
    return handle.info();
  },

  async "embedder.embed"({ texts }, { stop }) {
    return handle.embed(texts, stop);
  },

  async "generator.load"({ source }, { stop, onProgress }) {
    handle = await wasm.GeneratorHandle.load(source, pause, stop, onProgress);
    return handle.info();
  },

  async "generator.generate"({ input, options }, { stop, onEvent }) {
    await handle.generate(input, options, stop, onEvent);
  },
};

/**
 * Lets go of everything, once no call is running. Not of the pool's helpers: they end with this worker, and Chromium 156
 * can keep a worker for good that is ended while it ends a busy one of its own.
 */
export function closeHandle() {
  handle?.close?.();
  handle?.free();
  handle = null;
}

async function bytesOf(content, name) {
  if (content instanceof Uint8Array) return content;
  if (typeof content === "string") return new TextEncoder().encode(content);
  // Not read at all when it is too large: it might not even fit in memory.
  const limit = wasm.maxFileBytes();
  if (content.size > limit) {
    throw new RagError(
      "too_large",
      `"${name}" is too large: ${content.size} bytes, and the limit is ${limit} bytes. Split it into smaller parts.`,
    );
  }
  try {
    return new Uint8Array(await content.arrayBuffer());
  } catch (error) {
    throw new RagError(
      "unreadable_file",
      `"${name}" could not be read: ${error.message} It may have been moved or changed; choose it again.`,
    );
  }
}
