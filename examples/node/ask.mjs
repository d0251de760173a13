// Asks a folder of documents from a terminal:
//
//   node ask.mjs FOLDER [QUESTION…]
//
// Files that were added before are known, and read again only where they have changed. Without a question it reads questions
// from the terminal, a line each. The knowledge base lies in `.knowledge-base` within the folder. The environment's
// `MODELS` is the path of a models.json.

import { openAsBlob } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { createInterface } from "node:readline";
import { Engine } from "multimodal-rag/node";

const [folder, ...words] = process.argv.slice(2);
if (folder === undefined) {
  console.error("node ask.mjs FOLDER [QUESTION…]");
  process.exit(2);
}

const engine = await Engine.open({
  folder: join(folder, ".knowledge-base"),
  models: process.env.MODELS ?? "models/models.json",
});
try {
  await addAll(folder);
  if (words.length > 0) await answer(words.join(" "));
  else for await (const question of createInterface({ input: process.stdin })) await answer(question);
} finally {
  await engine.close();
}

/** Adds the files of a folder, without hidden ones. One that cannot be read costs only itself. */
async function addAll(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    const name = relative(folder, path);
    if (!entry.isFile() || /(^|[\\/])\./.test(name)) continue;
    const bytes = new Uint8Array(await (await openAsBlob(path)).arrayBuffer());
    await engine.add(bytes, { name, sameName: "replace" }).catch((error) => console.error(`${name}: ${error.message}`));
  }
}

async function answer(question) {
  let isAnswered = false;
  for await (const event of engine.ask(question)) {
    if (event.type === "table") console.log(`${event.text}\n`);
    if (event.type === "text") process.stdout.write(event.text);
    if (event.type !== "quote") continue;
    isAnswered = true;
    const { documentName, placeText } = event.citation;
    console.log(`> ${event.text}\n  ${[documentName, placeText].filter(Boolean).join(", ")}\n`);
  }
  if (!isAnswered) console.log("Nothing in the documents answers this.");
}
