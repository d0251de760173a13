// The tiny encoder as its publishers would ship it.

import { readFile } from "node:fs/promises";
import { withBody } from "./site.mjs";
import { sourceOf } from "./tiny-models.mjs";

const TINY_BERT = new URL("../fixtures/models/tiny-bert/", import.meta.url);

/** The published files of the tiny encoder, served by `site` until test `t` ends. Its positions end at 128. */
export async function originalFiles(t, site) {
  const source = { options: { maxTokens: 128 } };
  const names = { weights: "model.safetensors", config: "config.json", tokenizer: "tokenizer.json" };
  for (const [part, name] of Object.entries(names)) {
    const bytes = await readFile(new URL(name, TINY_BERT));
    site.answer(t, `/models/tiny-bert/${name}`, withBody(bytes));
    source[part] = sourceOf(`models/tiny-bert/${name}`, bytes);
  }
  return source;
}
