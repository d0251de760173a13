// The wasm files of the package: beside its scripts, or in the folder that the option `wasmUrl` names.

import { otherVersion } from "./errors.js";
import { VERSION } from "./version.js";
import { inheritedStart } from "./worker-start.js";

/** The section in which a file says its version: scripts/stamp-version.mjs writes it. */
const VERSION_SECTION = "multimodal-rag-version";

/** The address of the file in a folder of `wasm/`; `bundled` gives it where the page names no folder. */
export function wasmAddress(folder, bundled) {
  const { wasmUrl } = inheritedStart();
  return wasmUrl ? new URL(`${folder}/multimodal_rag_bg.wasm`, wasmUrl) : bundled();
}

/**
 * Fetches and compiles a file. Rejects with `notFetched(detail)`; with "version_mismatch" where it is of another version
 * than these scripts.
 */
export async function compileWasm(url, notFetched) {
  const module = await fetchModule(url).catch((error) => {
    throw notFetched(`${url}: ${error.message}`);
  });
  const [section] = WebAssembly.Module.customSections(module, VERSION_SECTION);
  const version = section && new TextDecoder().decode(section);
  if (version && version !== VERSION) throw otherVersion(`The wasm module ${url}`, version);
  return module;
}

async function fetchModule(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  const isTyped = response.headers.get("content-type") === "application/wasm";
  return isTyped ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}
