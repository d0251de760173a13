// index.d.ts: the README's sample passes a strict check, and wrong uses do not.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { readmeSample } from "./readme-sample.mjs";

const pathOf = (relative) => fileURLToPath(new URL(relative, import.meta.url));

const OPTIONS = {
  strict: true,
  noEmit: true,
  noUncheckedIndexedAccess: true,
  target: "es2022",
  lib: ["es2022", "dom", "dom.iterable"],
  module: "nodenext",
  types: [],
};

/** What tsc says of these files in a project that has the package installed; empty when it has nothing to say. */
async function check(t, files) {
  const project = await mkdtemp(join(tmpdir(), "rag-types-"));
  t.after(() => rm(project, { recursive: true }));
  await mkdir(join(project, "node_modules"));
  await symlink(pathOf("../../pkg"), join(project, "node_modules/multimodal-rag"));
  await writeFile(join(project, "package.json"), '{ "type": "module" }');
  await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions: OPTIONS }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(project, name), text);
  const tsc = pathOf("./node_modules/typescript/bin/tsc");
  return new Promise((resolve) => {
    execFile(process.execPath, [tsc, "-p", project], (_, stdout, stderr) => resolve(stdout + stderr));
  });
}

test("the README's sample passes", async (t) => {
  // TypeScript comes with a bundler or a compiler, which finds the package by its name.
  const sample = (await readmeSample()).replace("./node_modules/multimodal-rag/client.js", "multimodal-rag");
  assert.equal(await check(t, { "sample.ts": sample }), "");
});

for (const uses of ["type-uses.ts", "element-uses.ts"]) {
  test(`every use in ${uses} compiles, or is an expected error`, async (t) => {
    assert.equal(await check(t, { "uses.ts": await readFile(pathOf(`./${uses}`), "utf8") }), "");
  });
}

test("an unexpected error is found", async (t) => {
  assert.match(await check(t, { "wrong.ts": 'import { Engine } from "multimodal-rag";\nEngine.open(3);\n' }), /wrong\.ts\(2/);
});

test("the types hold no any", async () => {
  for (const path of ["../../pkg/index.d.ts", "../../pkg/element/index.d.ts"]) {
    const code = (await readFile(pathOf(path), "utf8")).replace(/\/\*[^]*?\*\/|\/\/.*/g, "");
    assert.doesNotMatch(code, /\bany\b/);
  }
});

test("the package exports exactly what the types declare", async () => {
  const types = await readFile(pathOf("../../pkg/index.d.ts"), "utf8");
  const declared = [...types.matchAll(/^export (?:class|function) (\w+)/gm)].map(([, name]) => name).sort();
  const exported = Object.keys(await import("../../pkg/client.js")).sort();
  assert.deepEqual(exported, declared);
});

test("the error codes are exactly those of the core and the package", async () => {
  const codesIn = (text, pattern) => [...text.matchAll(pattern)].map(([, code]) => code);
  const pkg = pathOf("../../pkg/");
  const modules = (await readdir(pkg)).filter((name) => name.endsWith(".js"));
  const scripts = await Promise.all(modules.map((name) => readFile(join(pkg, name), "utf8")));
  const given = [
    ...codesIn(await readFile(pathOf("../../src/error.rs"), "utf8"), /=> "(\w+)"/g),
    ...codesIn(scripts.join("\n"), /new RagError\(\s*"(\w+)"/g),
  ];
  const [, union] = /export type RagErrorCode =(.*?);/s.exec(await readFile(join(pkg, "index.d.ts"), "utf8"));
  assert.deepEqual(codesIn(union, /"(\w+)"/g).sort(), [...new Set(given)].sort());
});
