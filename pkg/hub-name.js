// Names of models on a hub: `hub:owner/repository/folder/file@revision`.

import { invalidOption } from "./errors.js";

export const DEFAULT_HUB = "https://huggingface.co";

/** What a name is, in errors. */
export const HUB_NAME = '"hub:owner/repository/file", or this with "@revision" after it';

const MAX_LENGTH = 1024;
// No control characters, and no halves of a surrogate pair: they have no address.
const NAME = /^hub:([\w.-]+)\/([\w.-]+)\/([^@\p{Cc}\p{Cs}]+)(?:@([^@\p{Cc}\p{Cs}]+))?$/u;

export function isHubName(source) {
  return typeof source === "string" && source.startsWith("hub:");
}

/** What the worker is told of a model by its name. */
export function namedSource(name, hubUrl) {
  if (parseName(name)) return { hub: { name, hubUrl } };
  throw invalidOption("model", JSON.stringify(name), HUB_NAME);
}

/** `{ owner, repository, path, revision }`; null for what is no name. */
export function parseName(name) {
  const parts = name.length <= MAX_LENGTH && NAME.exec(name);
  if (!parts) return null;
  const [, owner, repository, path, revision = "main"] = parts;
  const segments = [owner, repository, ...path.split("/"), ...revision.split("/")];
  return segments.some(leadsElsewhere) ? null : { owner, repository, path, revision };
}

function leadsElsewhere(segment) {
  return segment === "" || segment === "." || segment === "..";
}

/** The path in an address. */
export function encodePath(path) {
  return path.split("/").map(encodeURIComponent).join("/");
}
