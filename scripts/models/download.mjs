// A download that can be interrupted at any byte and resumed there.

import { createWriteStream } from "node:fs";
import { rm, stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** A source cannot give the file; the message says why. The next source may have it. */
export class SourceError extends Error {}

/** A transfer was interrupted. Its bytes are kept; another request may bring the rest. */
class BrokenOff extends Error {}

const CONNECT_MS = 10_000;
const SILENCE_MS = 30_000;
const TRIES = 30;
const TRIES_WITHOUT_PROGRESS = 3;

/**
 * Fetches `url` into `part`, going on from the bytes that `part` already holds.
 * When it returns, `part` holds exactly `bytes` bytes; their hash is the caller's to check.
 */
export async function download(url, part, bytes, { onProgress = () => {} } = {}) {
  let fruitless = 0;
  for (let tried = 1; ; tried += 1) {
    const before = await sizeOf(part);
    try {
      return await transfer(url, part, before, bytes, onProgress);
    } catch (error) {
      if (!(error instanceof BrokenOff)) throw error;
      fruitless = (await sizeOf(part)) > before ? 0 : fruitless + 1;
      if (fruitless < TRIES_WITHOUT_PROGRESS && tried < TRIES) continue;
      throw new SourceError(`the transfer keeps breaking off (${error.message})`);
    }
  }
}

async function transfer(url, part, offset, bytes, onProgress) {
  if (offset === bytes) return;
  if (offset > bytes) {
    await rm(part);
    offset = 0;
  }
  const watch = watchdog();
  try {
    const response = await ask(url, offset, watch);
    watch.allow(SILENCE_MS);
    const start = await whereBodyStarts(response, part, offset, bytes);
    let total = start;
    const body = Readable.fromWeb(response.body);
    body.on("data", (chunk) => {
      watch.allow(SILENCE_MS);
      total += chunk.length;
      if (total > bytes) body.destroy(new SourceError(`it sends more than the ${bytes} bytes expected`));
      else onProgress(total, bytes);
    });
    await pipeline(body, createWriteStream(part, { flags: start > 0 ? "a" : "w" })).catch((error) => {
      throw error instanceof SourceError ? error : new BrokenOff(reason(error));
    });
    if (total < bytes) throw new BrokenOff(`it sent ${total} of ${bytes} bytes`);
  } finally {
    watch.stop();
  }
}

async function ask(url, offset, watch) {
  // Offsets in a compressed response are not those of the file.
  const headers = { "accept-encoding": "identity" };
  if (offset > 0) headers.range = `bytes=${offset}-`;
  try {
    return await fetch(url, { headers, redirect: "follow", signal: watch.signal });
  } catch (error) {
    throw Object.assign(new SourceError(`it cannot be reached (${reason(error)})`), { unreachable: true });
  }
}

/** The offset of the response's first byte: a server may send the whole file for a range. */
async function whereBodyStarts(response, part, offset, bytes) {
  if (response.status === 200) return 0;
  if (response.status === 206) {
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get("content-range") ?? "");
    const sameFile = range && (range[2] === "*" || Number(range[2]) === bytes);
    if (sameFile && Number(range[1]) === offset) return offset;
  }
  await response.body?.cancel();
  if (response.status === 206 || response.status === 416) {
    await rm(part, { force: true });
    throw new SourceError("it is another file: it does not hold the range asked for");
  }
  throw new SourceError(`it answers ${response.status} ${response.statusText}`.trim());
}

/** Aborts the request when nothing arrives within the time limit. */
function watchdog() {
  const controller = new AbortController();
  const bark = () => controller.abort(new Error("no answer in time"));
  let timer = setTimeout(bark, CONNECT_MS);
  return {
    signal: controller.signal,
    allow(ms) {
      clearTimeout(timer);
      timer = setTimeout(bark, ms);
    },
    stop: () => clearTimeout(timer),
  };
}

const reason = (error) => error.cause?.code ?? error.cause?.message ?? error.message;

async function sizeOf(file) {
  return (await stat(file).catch(() => ({ size: 0 }))).size;
}
