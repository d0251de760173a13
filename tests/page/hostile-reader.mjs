// A site whose reader of PDF does what a file's name says: see hostile-reader.js.

import { readFile } from "node:fs/promises";
import { withBody } from "./site.mjs";

const FOLDER = "wasm/readers/pdf";
/** The path of the wasm module, which is the real one. */
export const READER_MODULE = `/pkg/${FOLDER}/multimodal_rag_bg.wasm`;

/** Answers so until test `t` ends. */
export async function answerHostileReader(t, site) {
  const hostile = await readFile(new URL("./hostile-reader.js", import.meta.url), "utf8");
  site.answer(t, `/pkg/${FOLDER}/multimodal_rag.js`, withBody(hostile, "text/javascript"));
  const real = await site.pkgFile(`${FOLDER}/multimodal_rag.js`);
  site.answer(t, `/pkg/${FOLDER}/real.js`, withBody(real, "text/javascript"));
}

/** Puts `pdf(name, text)`, a file for this reader, into the page. */
export async function definePdf(page) {
  await page.evaluate(() => {
    window.pdf = (name, text = `# ${name}\n\nThe ferry of ${name} leaves at seven.`) => new File([`%PDF-1.7\n${text}`], name);
  });
}
