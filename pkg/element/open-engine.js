// Opens the knowledge base that an element names. The package is loaded here, when it is first needed.

import { invalidOption } from "../errors.js";
import { exportedFile, hexOf } from "./exported-file.js";

/**
 * @param {{ name?: string, src?: string, integrity?: string, models?: string, options?: import("../index.d.ts").OpenOptions,
 *   onProgress: (progress: import("../index.d.ts").Progress) => void }} knowledgeBase addresses are absolute
 * @returns {Promise<import("../index.d.ts").Engine>}
 */
export async function openEngine({ name, src, integrity, models, options, onProgress }) {
  const { Engine } = await import("../client.js");
  const all = { ...options, onProgress };
  if (name) all.name = name;
  if (models) all.modelsUrl = models;
  return src ? openExport(Engine, { url: src, sha256: hashOf(integrity) }, all) : Engine.open(all);
}

/** Opens an exported knowledge base at an address, to read. */
async function openExport(Engine, source, options) {
  const { file, keep } = await exportedFile(source, options.onProgress);
  const engine = await Engine.open({ ...options, source: { file } });
  await keep();
  return engine;
}

/** The hexadecimal digits of an `integrity`, as the package names hashes. */
function hashOf(integrity) {
  if (!integrity) return undefined;
  const [, base64] = /^sha256-([A-Za-z0-9+/]{43}=)$/.exec(integrity.trim()) ?? [];
  if (!base64) throw invalidOption("integrity", JSON.stringify(integrity), '"sha256-" and the hash in Base64');
  return hexOf(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)));
}
