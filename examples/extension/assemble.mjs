#!/usr/bin/env node
// Puts the extension together, with the package and the models that it carries: an extension loads no code from elsewhere.
//
//   node examples/extension/assemble.mjs [FOLDER]      default: target/extension

import { cp, mkdir, rm } from "node:fs/promises";
import { realpathSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const repository = join(here, "../..");

/** Writes the extension into `folder`: the package from `pkg`, `models.json` and `models/` from `site`. */
export async function assemble(folder, { pkg = join(repository, "pkg"), site = join(repository, "www") } = {}) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await cp(here, folder, { recursive: true, filter: (path) => !/\.(mjs|md)$/.test(path) });
  await cp(pkg, join(folder, "multimodal-rag"), { recursive: true, dereference: true });
  for (const name of ["models.json", "models"]) await cp(join(site, name), join(folder, name), { recursive: true });
}

if (realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2] ?? join(repository, "target/extension");
  await assemble(folder);
  console.log(`The extension is in ${folder}. Load it on chrome://extensions, with "Load unpacked".`);
}
