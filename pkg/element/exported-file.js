// The file of an exported knowledge base. The last one of each address is kept in the browser's cache: a file whose hash is
// pinned is fetched once, and another one is kept for visits without a network.

import { RagError } from "../errors.js";
import { FILE_CACHE } from "../file-cache.js";

/**
 * @param {{ url: string, sha256?: string }} source the address is absolute; the hash is in hexadecimal digits
 * @param {(progress: import("../index.d.ts").Progress) => void} onProgress
 * @returns {Promise<{ file: Blob, keep: () => Promise<void> }>} `keep` is for a file that was opened: one that is damaged
 *   does not take the place of the last one
 */
export async function exportedFile(source, onProgress) {
  const kept = await keptFile(source.url);
  const found = await find(source, kept, onProgress);
  const isUnchanged = !source.sha256 && found.etag && found.etag === kept?.etag;
  const keep = async () => found === kept || isUnchanged || keepFile(source.url, found);
  return { file: found.file, keep };
}

/** The kept file where it has the hash, or where there is no hash and no connection; else that of the server. */
async function find({ url, sha256 }, kept, onProgress) {
  // One that cannot be read any more is fetched again.
  if (sha256 && kept && (await sha256Of(kept.file).catch(() => null)) === sha256) return kept;
  const found = await download(url, onProgress).catch((error) => {
    // A server that answered has the last word.
    if (error instanceof RagError) throw error;
    if (sha256 || !kept) throw notFetched(url, error.message);
    return kept;
  });
  if (sha256 && (await sha256Of(found.file)) !== sha256) {
    throw new RagError("hash_mismatch", `${url} is not the file that the attribute integrity names. Correct the attribute, or serve the right file.`);
  }
  return found;
}

/** Asks the server whether the browser's own copy is still the file. */
async function download(url, onProgress) {
  const response = await fetch(url, { cache: "no-cache" });
  if (!response.ok) throw notFetched(url, `the server answered ${response.status}`);
  return { file: await bodyOf(response, onProgress), etag: response.headers.get("etag") };
}

async function bodyOf(response, onProgress) {
  const total = Number(response.headers.get("content-length")) || 0;
  const parts = [];
  let done = 0;
  for (const reader = response.body.getReader(); ; ) {
    const { value, done: isEnd } = await reader.read();
    if (isEnd) return new Blob(parts);
    parts.push(value);
    done += value.length;
    // Of a compressed answer the length is not that of the file.
    onProgress({ stage: "download", done, total: done > total ? 0 : total, unit: "bytes" });
  }
}

function notFetched(url, detail) {
  return new RagError("download_failed", `${url} could not be fetched: ${detail}. Check the address and the connection, and try again.`);
}

async function sha256Of(file) {
  if (!crypto.subtle) throw new RagError("unsupported_browser", "The attribute integrity needs a secure context: serve the page with https.");
  return hexOf(new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer())));
}

/** The bytes as hexadecimal digits. */
export const hexOf = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

const keyOf = (url) => `/${FILE_CACHE}/exports/${encodeURIComponent(url)}`;

/** The file that was kept of this address; `undefined` also where there is no cache, or it may not be used. */
async function keptFile(url) {
  try {
    const response = await (await caches.open(FILE_CACHE)).match(keyOf(url));
    return response && { file: await response.blob(), etag: response.headers.get("etag") };
  } catch {
    return undefined;
  }
}

/** Keeps the file in the place of the last one. Where there is no space for it, none is kept. */
async function keepFile(url, { file, etag }) {
  try {
    const cache = await caches.open(FILE_CACHE);
    const response = new Response(file, { headers: etag ? { etag } : {} });
    await cache.put(keyOf(url), response).catch(() => cache.delete(keyOf(url)));
  } catch {} // The next visit fetches it again.
}
