// A project as a user of the package has it: the package installed from its tarball, tiny models, and a page that tries it.

import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { writeModels } from "../page/site.mjs";

/** What the page runs: tests call what it puts in `window`. */
export const APP = `import * as rag from "multimodal-rag";
import { trial } from "./trial.js";

window.rag = rag;
window.trial = (options) => trial(rag.Engine, options);
`;

/** The same with the worker's script by its address. */
export const APP_WITH_WORKER_URL = `import workerUrl from "multimodal-rag/worker.js?worker&url";
${APP.replace("(rag.Engine, options)", "(rag.Engine, { workerUrl, ...options })")}`;

const PAGE = (script, head) => `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">${head}
<script type="module" src="${script}"></script>
`;

/**
 * Writes a project into a folder. `packed` is the package, `models` are the files of tiny models, which go to the folder
 * `assets`.
 */
export async function makeProject(folder, { packed, models, assets = "public" }) {
  await mkdir(folder, { recursive: true });
  await packed.install(folder);
  await writeModels(join(folder, assets), models);
  await copyFile(fileURLToPath(new URL("../page/trial.js", import.meta.url)), join(folder, "trial.js"));
  await writeFile(join(folder, "app.js"), APP);
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
}

/** Writes the page that loads this script. */
export function writePage(folder, script, head = "") {
  return writeFile(join(folder, "index.html"), PAGE(script, head));
}

/** Imports an entry point of the package as a config file of the project does. */
export function importFrom(folder, specifier) {
  return import(pathToFileURL(createRequire(join(folder, "config.js")).resolve(specifier)));
}
