// Pages without a bundler.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { APP, writePage } from "./project.mjs";

export const PACKAGE = "node_modules/multimodal-rag";

/** A page whose script imports the package from this address. */
export async function writePageWithPath(root, address = `/${PACKAGE}/client.js`) {
  await writeFile(join(root, "app.js"), APP.replace('"multimodal-rag"', JSON.stringify(address)));
  await writePage(root, "/app.js");
}

/** A page whose import map says where the package is. */
export async function writePageWithMap(root) {
  const map = JSON.stringify({ imports: { "multimodal-rag": `/${PACKAGE}/client.js` } });
  await writePage(root, "/app.js", `<script type="importmap">${map}</script>`);
}
