// Where a model file comes from: addresses made absolute, bytes kept as a Blob
// so that a restarted worker can be given them again.

import { aborted, invalidOption, kindOf, RagError } from "./errors.js";

/** What addresses are relative to. A worker can use this package too, and has no document. */
function pageUrl() {
  return globalThis.document?.baseURI ?? globalThis.location.href;
}

/** `models` as the worker takes them; those of `models.json` when there are none. */
export async function resolveModels(models, signal) {
  if (models === undefined) return defaultModels(signal);
  if (typeof models !== "object" || models === null) throw invalidOption("models", kindOf(models), "an object");
  return bothModels(models, "models", pageUrl());
}

/** One model as the worker takes it: a file, or the original files of an embedder. `option` names it in errors. */
export function resolveSource(source, option, base = pageUrl()) {
  if (source?.weights === undefined) return resolveFile(source, option, base);
  const { weights, config, tokenizer, options } = source;
  return {
    weights: resolveFile(weights, `${option}.weights`, base),
    config: resolveFile(config, `${option}.config`, base),
    tokenizer: resolveFile(tokenizer, `${option}.tokenizer`, base),
    options,
  };
}

function resolveFile(source, option, base) {
  const expected = "{ url, sha256, size }, { file } or { data }";
  if (typeof source !== "object" || source === null) throw invalidOption(option, kindOf(source), expected);
  if (source.file instanceof Blob) return { file: source.file };
  if (source.data instanceof Uint8Array) return { file: new Blob([source.data]) };
  if (typeof source.url !== "string") throw invalidOption(option, "without url, file or data", expected);
  const { url, mirrors = [], sha256, size } = source;
  if (!Array.isArray(mirrors)) throw invalidOption(`${option}.mirrors`, kindOf(mirrors), "an array of addresses");
  return {
    url: absolute(url, base, `${option}.url`),
    mirrors: mirrors.map((mirror) => absolute(mirror, base, `${option}.mirrors`)),
    sha256,
    size,
  };
}

function bothModels({ embedder, generator }, option, base) {
  const models = { embedder: resolveSource(embedder, `${option}.embedder`, base) };
  if (generator !== undefined) models.generator = resolveFile(generator, `${option}.generator`, base);
  return models;
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
  if (typeof models !== "object" || models === null) throw unusable(address, "it holds no object");
  try {
    return bothModels(models, "models", response.url);
  } catch (error) {
    throw unusable(address, error.message);
  }
}

function absolute(url, base, option) {
  try {
    return new URL(url, base).href;
  } catch {
    throw invalidOption(option, JSON.stringify(url), "an address");
  }
}

const GIVE_MODELS = "Put a models.json beside the page, or pass the option models.";

function unreachable(address, detail) {
  return new RagError("download_failed", `${address} could not be fetched: ${detail}. ${GIVE_MODELS}`);
}

function unusable(address, detail) {
  return new RagError("invalid_option", `${address} does not say which models to use: ${detail} ${GIVE_MODELS}`);
}
