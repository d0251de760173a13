// A site whose reader of PDF does what a file's name says: see hostile-reader.js.

import { readFile } from "node:fs/promises";
import { withBody } from "./site.mjs";

const FOLDER = "wasm/readers/pdf";
/** The path of the wasm module, which is the real one. */
export const READER_MODULE = `/pkg/${FOLDER}/multimodal_rag_bg.wasm`;

/** Answers so until test `t` ends. */
export async function answerHostileReader(t, site) {
  await standIn(t, site, { folder: FOLDER, script: "hostile-reader.js" });
}

/** Puts `pdf(name, text)`, a file for this reader, into the page. */
export async function definePdf(page) {
  await page.evaluate(() => {
    window.pdf = (name, text = `# ${name}\n\nThe ferry of ${name} leaves at seven.`) => new File([`%PDF-1.7\n${text}`], name);
  });
}

/** Has `script`, of this folder, stand in for the bindings of a reader module, which it has as `real.js`, until test `t` ends. */
export async function standIn(t, site, { folder, script }) {
  const here = (name) => readFile(new URL(`./${name}`, import.meta.url), "utf8");
  const scripts = {
    "multimodal_rag.js": await here(script),
    "real.js": await site.pkgFile(`${folder}/multimodal_rag.js`),
    "trap.js": await here("trap.js"),
  };
  for (const [name, text] of Object.entries(scripts)) site.answer(t, `/pkg/${folder}/${name}`, withBody(text, "text/javascript"));
}
