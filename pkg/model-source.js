// Model sources as the worker takes them: the models.json beside the page, absolute addresses, names with their hub, and
// bytes as a Blob, which a restarted worker can be given again. The wasm module checks the sources.

import { aborted, invalidOption, RagError } from "./errors.js";
import { DEFAULT_HUB, HUB_NAME, isHubName, namedSource } from "./hub-name.js";
import { absolute, addressOf, pageUrl } from "./page-address.js";

/** Tokens that a generator of the page reads and writes, where it does not say. */
const DEFAULT_CONTEXT_LENGTH = 4096;
const MIN_CONTEXT_LENGTH = 512;
const MAX_CONTEXT_LENGTH = 1 << 24;

/** The option `models`; the default is that of `models.json`, which is beside the page or at `modelsUrl`. */
export async function resolveModels(models, { modelsUrl = "models.json", hubUrl, signal }) {
  const hub = hubAddress(hubUrl);
  if (models === undefined) return defaultModels(addressOf(modelsUrl, "modelsUrl"), hub, signal);
  return mapModels(models, (file) => resolveFile(file, pageUrl(), hub));
}

/** A model file, or the original files of an embedder or an adapter. */
export function resolveSource(source, hubUrl) {
  const hub = hubAddress(hubUrl);
  return mapSource(source, (file) => resolveFile(file, pageUrl(), hub));
}

/** A generator: a model file, or one with adapters. */
export function resolveGenerator(source, hubUrl) {
  const hub = hubAddress(hubUrl);
  return mapGenerator(source, (file) => resolveFile(file, pageUrl(), hub));
}

/** Whether this is a generator of the page, and not the source of a model. */
export function isPageGenerator(source) {
  return typeof source?.generate === "function";
}

/** A generator of the page, with what it says of itself. */
function describePageGenerator(generator) {
  const { contextLength = DEFAULT_CONTEXT_LENGTH } = generator;
  const isRight = Number.isInteger(contextLength) && contextLength >= MIN_CONTEXT_LENGTH && contextLength <= MAX_CONTEXT_LENGTH;
  if (isRight) return { page: { generator, contextLength } };
  throw invalidOption("contextLength", String(contextLength), `a whole number of tokens from ${MIN_CONTEXT_LENGTH} to ${MAX_CONTEXT_LENGTH}`);
}

/** These models, with `change` made to each of their files. */
export function mapModels(models, change) {
  if (typeof models !== "object" || models === null) return models;
  const { embedder, generator, answerReader, image, ocr } = models;
  return {
    ...models,
    embedder: mapSource(embedder, change),
    generator: mapGenerator(generator, change),
    answerReader: change(answerReader),
    image: change(image),
    ocr: mapOcr(ocr, change),
  };
}

/** This model, with `change` made to its file, or to each of its original files. */
export function mapSource(source, change) {
  if (source?.weights === undefined) return change(source);
  const { weights, config, tokenizer } = source;
  return { ...source, weights: change(weights), config: change(config), tokenizer: change(tokenizer) };
}

/** These models that read the words in pictures, with `change` made to each of their files. */
export function mapOcr(ocr, change) {
  if (typeof ocr !== "object" || ocr === null) return ocr;
  const { detection, recognition, characters } = ocr;
  return { ...ocr, detection: change(detection), recognition: change(recognition), characters: change(characters) };
}

/** This generator, with `change` made to its file, and to those of its adapters. */
export function mapGenerator(source, change) {
  if (isPageGenerator(source)) return change(source);
  if (source?.model === undefined) return change(source);
  const { model, adapters } = source;
  const changed = (adapter) => ({ ...adapter, source: mapSource(adapter?.source, change) });
  return {
    ...source,
    model: change(model),
    adapters: Array.isArray(adapters) ? adapters.map(changed) : adapters,
  };
}

function resolveFile(source, base, hub) {
  if (isPageGenerator(source)) return describePageGenerator(source);
  if (isHubName(source)) return namedSource(source, hub);
  if (source?.hub !== undefined) throw invalidOption("model", "an object with a hub", HUB_NAME);
  if (source?.data instanceof Uint8Array) return { file: new Blob([source.data]) };
  if (typeof source?.url !== "string") return source;
  const { url, mirrors } = source;
  const absoluteMirrors = Array.isArray(mirrors) ? mirrors.map((mirror) => absolute(mirror, base)) : mirrors;
  return { ...source, url: absolute(url, base), mirrors: absoluteMirrors };
}

async function defaultModels(address, hub, signal) {
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
  const { embedder, generator, answerReader, image, ocr } = models;
  return mapModels({ embedder, generator, answerReader, image, ocr }, (file) => resolveFile(file, response.url, hub));
}

/** The option `hubUrl`. */
function hubAddress(hubUrl = DEFAULT_HUB) {
  const address = typeof hubUrl === "string" ? addressOf(hubUrl, "hubUrl") : "";
  if (/^https?:/.test(address)) return address;
  throw invalidOption("hubUrl", JSON.stringify(hubUrl), "an address that begins with https:");
}

const ADVICE = "Put a models.json beside the page, name its address with modelsUrl, or pass the option models.";

function unreachable(address, detail) {
  return new RagError("download_failed", `${address} could not be fetched: ${detail}. ${ADVICE}`);
}

function unusable(address, detail) {
  return new RagError("invalid_option", `${address} does not say which models to use: ${detail}. ${ADVICE}`);
}
