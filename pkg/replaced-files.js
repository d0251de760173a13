// Files of shipped knowledge bases that another one took the place of: they leave the cache once the new one is open.

import { FILE_CACHE } from "./file-cache.js";

/** Where the cache remembers the hash of each file that a knowledge base was opened with. */
const PINS = `/${FILE_CACHE}/shipped/`;

/**
 * Remembers the hashes of the files that the knowledge base `name` was opened with, and removes from the cache those that
 * it was opened with before, unless another one was opened with them. A cache that is not there, or fails, costs only its space.
 */
export async function forgetReplaced(name, shipped) {
  const pinned = shipped.filter(({ source }) => source?.sha256);
  if (pinned.length === 0 || !globalThis.caches) return;
  try {
    const cache = await caches.open(FILE_CACHE);
    for (const { name: ofShipped, source } of pinned) {
      const key = `${PINS}${encodeURIComponent(name)}/${encodeURIComponent(ofShipped)}`;
      const last = await (await cache.match(key))?.text();
      const now = source.sha256.toLowerCase();
      if (last === now) continue;
      await cache.put(key, new Response(now));
      if (last && !(await isPinned(cache, last))) await cache.delete(`/${FILE_CACHE}/${last}`);
    }
  } catch {
    // The files stay.
  }
}

async function isPinned(cache, hash) {
  const pins = (await cache.keys()).map(({ url }) => new URL(url).pathname).filter((path) => path.startsWith(PINS));
  const hashes = await Promise.all(pins.map(async (pin) => (await cache.match(pin))?.text()));
  return hashes.includes(hash);
}
