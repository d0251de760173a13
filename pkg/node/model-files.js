// Models that are files of this machine: paths, where a page has addresses.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { access, constants, readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
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

/**
 * What `map` makes of its sources, with those that are files opened. A source that is not there, or has another hash than
 * it is named with, fails first.
 */
async function opened(all, map, folder) {
  const named = [];
  map((source) => {
    const path = localPath(source, folder);
    if (path !== undefined) named.push({ path, sha256: source.sha256 });
    return source;
  });
  const files = new Map();
  for (const { path, sha256 } of named) {
    files.set(path, await openFile(path));
    if (sha256 !== undefined) await checkHash(path, sha256);
  }
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

async function checkHash(path, sha256) {
  const hash = createHash("sha256");
  try {
    await pipeline(createReadStream(path), hash);
  } catch (error) {
    throw unreadable(path, error);
  }
  const found = hash.digest("hex");
  if (found === String(sha256).toLowerCase()) return;
  throw new RagError("hash_mismatch", `The file ${path} has the SHA-256 ${found}, not ${sha256}. Use the file that was named, or name its hash.`);
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
