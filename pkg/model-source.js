// Model sources as the worker takes them: the models.json beside the page, absolute addresses, and bytes as a Blob,
// which a restarted worker can be given again. The wasm module checks the sources.

import { aborted, invalidOption, RagError } from "./errors.js";

/** Addresses are relative to this one. The package can also be used in a worker, which has no document. */
function pageUrl() {
  return globalThis.document?.baseURI ?? globalThis.location.href;
}

/** The option `models`; the default is that of `models.json`. */
export async function resolveModels(models, signal) {
  return models === undefined ? defaultModels(signal) : resolveAll(models, pageUrl());
}

/** A model file, or the original files of an embedder or an adapter. */
export function resolveSource(source, base = pageUrl()) {
  if (source?.weights === undefined) return resolveFile(source, base);
  const { weights, config, tokenizer } = source;
  return {
    ...source,
    weights: resolveFile(weights, base),
    config: resolveFile(config, base),
    tokenizer: resolveFile(tokenizer, base),
  };
}

/** A generator: a model file, or one with adapters. */
export function resolveGenerator(source, base = pageUrl()) {
  if (source?.model === undefined) return resolveFile(source, base);
  const { model, adapters } = source;
  const resolved = (adapter) => ({ ...adapter, source: resolveSource(adapter?.source, base) });
  return {
    ...source,
    model: resolveFile(model, base),
    adapters: Array.isArray(adapters) ? adapters.map(resolved) : adapters,
  };
}

function resolveFile(source, base) {
  if (source?.data instanceof Uint8Array) return { file: new Blob([source.data]) };
  if (typeof source?.url !== "string") return source;
  const { url, mirrors } = source;
  const absoluteMirrors = Array.isArray(mirrors) ? mirrors.map((mirror) => absolute(mirror, base)) : mirrors;
  return { ...source, url: absolute(url, base), mirrors: absoluteMirrors };
}

function resolveAll(models, base) {
  if (typeof models !== "object" || models === null) return models;
  const { embedder, generator, answerReader } = models;
  return {
    ...models,
    embedder: resolveSource(embedder, base),
    generator: resolveGenerator(generator, base),
    answerReader: resolveFile(answerReader, base),
  };
}

async function defaultModels(signal) {
  const address = new URL("models.json", pageUrl());
  let response;
  let models;
  try {
    response = await fetch(address, { signal });
    if (response.ok) models = await response.json();
  } catch (error) {
    if (signal?.aborted) throw aborted(signal);
    if (response) throw unusable(address, "it is not JSON");
    throw unreachable(address, error.message);
  }
  if (!response.ok) throw unreachable(address, `the server answered ${response.status}`);
  if (typeof models?.embedder !== "object") throw unusable(address, "it has no embedder");
  // A page may list more models for itself.
  const { embedder, generator, answerReader } = models;
  return resolveAll({ embedder, generator, answerReader }, response.url);
}

function absolute(url, base) {
  try {
    return new URL(url, base).href;
  } catch {
    throw invalidOption("url", JSON.stringify(url), "an address");
  }
}

const ADVICE = "Put a models.json beside the page, or pass the option models.";

function unreachable(address, detail) {
  return new RagError("download_failed", `${address} could not be fetched: ${detail}. ${ADVICE}`);
}

function unusable(address, detail) {
  return new RagError("invalid_option", `${address} does not say which models to use: ${detail}. ${ADVICE}`);
}
