// The site that the benchmark's pages come from: our package, the peers, the kernels and the models, in one folder.

import { copyFile, cp, link, mkdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { serve } from "../../scripts/serve.mjs";
import { assembleKernels } from "./kernels.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
export const repository = fileURLToPath(new URL("../..", import.meta.url));

/** What a peer's page loads, by its place on the site. */
const PEER_FILES = {
  "wllama/index.js": "@wllama/wllama/esm/index.js",
  "wllama/wllama.wasm": "@wllama/wllama/esm/wasm/wllama.wasm",
  "duckdb/duckdb-browser.mjs": "@duckdb/duckdb-wasm/dist/duckdb-browser.mjs",
  "duckdb/duckdb-browser-eh.worker.js": "@duckdb/duckdb-wasm/dist/duckdb-browser-eh.worker.js",
  "duckdb/duckdb-eh.wasm": "@duckdb/duckdb-wasm/dist/duckdb-eh.wasm",
  "tslib/tslib.mjs": "tslib/tslib.es6.mjs",
  "sql.js/sql-wasm.js": "sql.js/dist/sql-wasm.js",
  "sql.js/sql-wasm.wasm": "sql.js/dist/sql-wasm.wasm",
  "papaparse/papaparse.min.js": "papaparse/papaparse.min.js",
  "pdfjs-dist/pdf.min.mjs": "pdfjs-dist/build/pdf.min.mjs",
  "pdfjs-dist/pdf.worker.min.mjs": "pdfjs-dist/build/pdf.worker.min.mjs",
  "onnxruntime-web/ort.wasm.min.mjs": "onnxruntime-web/dist/ort.wasm.min.mjs",
  "onnxruntime-web/ort-wasm-simd-threaded.mjs": "onnxruntime-web/dist/ort-wasm-simd-threaded.mjs",
  "onnxruntime-web/ort-wasm-simd-threaded.wasm": "onnxruntime-web/dist/ort-wasm-simd-threaded.wasm",
};

/** Folders that a peer's page loads from, likewise. */
const PEER_FOLDERS = {
  "hnswlib-wasm": "hnswlib-wasm/dist",
  edgevec: "edgevec",
  "apache-arrow": "apache-arrow",
  flatbuffers: "flatbuffers/mjs",
  orama: "@orama/orama/dist/browser",
  "tesseract.js": "tesseract.js/dist",
  "tesseract.js-core": "tesseract.js-core",
  "tesseract-data": "@tesseract.js-data/eng/4.0.0_best_int",
};

/**
 * Puts the site into `folder` and serves it twice: `isolated`, as threads need it, and `plain`. `models` are paths of
 * files; each is served as `/models/NAME`. `folders` are paths by their names on the site.
 */
export async function startSite(folder, { models, folders, withPeers }) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, "kernels"), { recursive: true });
  await cp(join(here, "page"), join(folder, "page"), { recursive: true });
  await cp(join(repository, "pkg"), join(folder, "pkg"), { recursive: true });
  await assemblePlainPackage(join(folder, "pkg-simd128"));
  await assembleKernels(join(folder, "kernels"));
  for (const path of models) await place(path, join(folder, "models", basename(path)));
  for (const [name, path] of Object.entries(folders)) await cp(path, join(folder, name), { recursive: true });
  if (withPeers) {
    for (const [name, path] of Object.entries(PEER_FOLDERS)) {
      await cp(join(here, "node_modules", path), join(folder, "peers", name), { recursive: true });
    }
    for (const [name, path] of Object.entries(PEER_FILES)) {
      await place(join(here, "node_modules", path), join(folder, "peers", name));
    }
  }
  const isolated = await serve({ root: folder, isolated: true });
  const plain = await serve({ root: folder });
  return { isolated: isolated.url, plain: plain.url, close: () => Promise.all([isolated.close(), plain.close()]) };
}

/** The package as a browser without relaxed SIMD has it. */
async function assemblePlainPackage(folder) {
  await cp(join(repository, "pkg"), folder, { recursive: true });
  await writeFile(join(folder, "simd.js"), 'export const fastestSimd = () => "simd";\n');
}

/** A hard link costs no disk; where there can be none, a copy. */
async function place(source, target) {
  await mkdir(dirname(target), { recursive: true });
  await link(source, target).catch(() => copyFile(source, target));
}
