// The adapters' types, beside those of the frameworks, under a strict compiler.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { makeProject } from "./project.mjs";

const pathOf = (relative) => fileURLToPath(new URL(relative, import.meta.url));

const OPTIONS = {
  strict: true,
  noEmit: true,
  noUncheckedIndexedAccess: true,
  preserveSymlinks: true,
  skipLibCheck: true, // of the frameworks
  target: "es2022",
  lib: ["es2022", "esnext.disposable", "dom", "dom.iterable", "dom.asynciterable"],
  module: "preserve",
  moduleResolution: "bundler",
  jsx: "react-jsx",
  types: ["dom-chromium-ai"],
};

/** A model of a provider of the AI SDK. */
const MODEL = 'import type { LanguageModelV4 } from "@ai-sdk/provider";\nexport declare const openai: LanguageModelV4;\n';

/** What tsc says of these files; empty when it has nothing to say. */
async function check(t, files, more = {}) {
  const project = await makeProject(t, { "tsconfig.json": JSON.stringify({ compilerOptions: { ...OPTIONS, ...more } }), ...files });
  const tsc = pathOf("../page/node_modules/typescript/bin/tsc");
  return new Promise((resolve) => {
    execFile(process.execPath, [tsc, "-p", project], (_, stdout, stderr) => resolve(stdout + stderr));
  });
}

test("every use in type-uses.ts compiles, or is an expected error", async (t) => {
  const uses = await readFile(pathOf("./type-uses.ts"), "utf8");
  assert.equal(await check(t, { "uses.ts": uses, "model.ts": MODEL }), "");
});

test("an unexpected error is found", async (t) => {
  const wrong = 'import { languageModel } from "multimodal-rag/ai-sdk";\nlanguageModel(3);\n';
  assert.match(await check(t, { "wrong.ts": wrong }), /wrong\.ts\(2/);
});

const folder = pathOf("../../pkg/adapters");

test("the declarations are correct in themselves, and hold no any", async (t) => {
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".d.ts"));
  for (const name of files) {
    const code = (await readFile(join(folder, name), "utf8")).replace(/\/\*[^]*?\*\/|\/\/.*/g, "");
    assert.doesNotMatch(code, /\bany\b/, name);
  }
  const uses = await readFile(pathOf("./type-uses.ts"), "utf8");
  const found = await check(t, { "uses.ts": uses, "model.ts": MODEL }, { skipLibCheck: false });
  assert.deepEqual(found.split("\n").filter((line) => line.includes("multimodal-rag/")), []);
});

const ENTRIES = ["ai-sdk/index", "langchain/index", "react/index", "generators"];

for (const entry of ENTRIES) {
  test(`${entry} exports exactly what its types declare`, async () => {
    const names = (text, pattern) => [...text.matchAll(pattern)].map(([, name]) => name).sort();
    const declared = names(await readFile(join(folder, `${entry}.d.ts`), "utf8"), /^export (?:class|function) (\w+)/gm);
    const exported = names(await readFile(join(folder, `${entry}.js`), "utf8"), /^export \{ (\w+) \}/gm);
    assert.deepEqual(exported, declared);
  });
}
