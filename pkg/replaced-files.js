// Files of shipped knowledge bases that another one took the place of: they leave the cache once the new one is open.

import { FILE_CACHE } from "./file-cache.js";

/**
 * Remembers the hashes of the files that the knowledge base `name` was opened with, and removes from the cache those that
 * it was opened with before. A cache that is not there, or fails, costs only its space.
 */
export async function forgetReplaced(name, shipped) {
  const pinned = shipped.filter(({ source }) => source?.sha256);
  if (pinned.length === 0 || !globalThis.caches) return;
  try {
    const cache = await caches.open(FILE_CACHE);
    for (const { name: ofShipped, source } of pinned) {
      const key = `/${FILE_CACHE}/shipped/${encodeURIComponent(name)}/${encodeURIComponent(ofShipped)}`;
      const last = await (await cache.match(key))?.text();
      const now = source.sha256.toLowerCase();
      if (last === now) continue;
      await cache.put(key, new Response(now));
      if (last) await cache.delete(`/${FILE_CACHE}/${last}`);
    }
  } catch {
    // The files stay.
  }
}
