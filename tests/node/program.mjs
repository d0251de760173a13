// A program that uses the package.

import { createHash } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const repository = fileURLToPath(new URL("../..", import.meta.url));
export const TINY = join(repository, "tests/fixtures/models/tiny-bert");

const guide = await readFile(join(repository, "docs/node.md"), "utf8");
/** The sample of the guide. */
export const [, SAMPLE] = /^```js\n(.*?)^```$/ms.exec(guide);

/** A program's folder: the package is installed, and `models/models.json` names small models. Gone when the test `t` ends. */
export async function makeProgram(t) {
  const root = await mkdtemp(join(tmpdir(), "rag-node-"));
  t.after(() => rm(root, { recursive: true, force: true }));
  await mkdir(join(root, "node_modules"));
  await symlink(join(repository, "pkg"), join(root, "node_modules/multimodal-rag"));
  await mkdir(join(root, "models"));
  for (const name of ["model.safetensors", "config.json", "tokenizer.json"]) await copyFile(join(TINY, name), join(root, "models", name));
  const named = async (name) => {
    const bytes = await readFile(join(TINY, name));
    return { url: name, sha256: createHash("sha256").update(bytes).digest("hex"), size: bytes.length };
  };
  const [weights, config, tokenizer] = await Promise.all(["model.safetensors", "config.json", "tokenizer.json"].map(named));
  const embedder = { weights, config, tokenizer, options: { maxTokens: 128 } };
  await writeFile(join(root, "models/models.json"), JSON.stringify({ embedder }));
  return root;
}
