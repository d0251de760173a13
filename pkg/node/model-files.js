// Models that are files of this machine: paths, where a page has addresses.

import { access, constants, readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { RagError } from "../errors.js";
import { isHubName } from "../hub-name.js";
import { mapGenerator, mapModels, mapSource } from "../model-source.js";
import { localFile } from "./local-files.js";

/** The option `models`: sources, or the path of a `models.json`, whose addresses are relative to it. */
export async function openModels(models) {
  if (typeof models !== "string" && !(models instanceof URL)) return opened(models, (change) => mapModels(models, change), ".");
  const path = pathOf(models);
  const { embedder, generator, answerReader, image, ocr } = await parsed(path);
  const listed = { embedder, generator, answerReader, image, ocr };
  return opened(listed, (change) => mapModels(listed, change), dirname(path));
}

/** A source of an embedder or of an image encoder. */
export const openSource = (source) => opened(source, (change) => mapSource(source, change), ".");
export const openGenerator = (source) => opened(source, (change) => mapGenerator(source, change), ".");

/** What `map` makes of its sources, with those that are files opened. A source that is not there fails first. */
async function opened(all, map, folder) {
  const files = new Map();
  map((source) => {
    const path = localPath(source, folder);
    if (path !== undefined) files.set(path, undefined);
    return source;
  });
  for (const path of files.keys()) files.set(path, await openFile(path));
  return map((source) => {
    const path = localPath(source, folder);
    return path === undefined ? source : { file: files.get(path) };
  });
}

/** The path of a source that is a file here; `undefined` of another one. */
function localPath(source, folder) {
  const named = source?.url ?? source;
  if (named instanceof URL || typeof named === "string") {
    if (/^file:/.test(named)) return fileURLToPath(named);
    if (/^https?:/.test(named) || isHubName(source)) return undefined;
    return resolve(folder, String(named));
  }
  return undefined;
}

const pathOf = (path) => (/^file:/.test(path) ? fileURLToPath(path) : resolve(String(path)));

async function openFile(path) {
  try {
    await access(path, constants.R_OK);
    return localFile(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function parsed(path) {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path, { message }) {
  return new RagError("download_failed", `The file ${path} cannot be read: ${message}. Name models by paths that are there.`);
}
