// What npm would publish: exactly the files that a page needs, and the licences.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { publint } from "publint";
import { hasSection } from "../../scripts/stamp-version.mjs";
import { packPackage } from "./packed.mjs";

const PKG = fileURLToPath(new URL("../../pkg", import.meta.url));
const BUILDS = ["simd", "relaxed-simd", "simd-threads", "relaxed-simd-threads", "readers/image", "readers/image-relaxed", "readers/office", "readers/pdf", "readers/sql", "readers/text"];

const { tarball, paths, close } = await packPackage();
after(close);

test("the package holds its modules, types, builds and licences, and nothing else", () => {
  const tracked = execFileSync("git", ["ls-files"], { cwd: PKG, encoding: "utf8" }).split("\n").filter(Boolean);
  const built = BUILDS.flatMap((name) => ["multimodal_rag.js", "multimodal_rag_bg.wasm"].map((file) => `wasm/${name}/${file}`));
  const licences = ["LICENSE", "LICENSE-APACHE", "LICENSE-MIT", "THIRD-PARTY-NOTICES.txt"];
  assert.deepEqual([...paths].sort(), [...tracked, ...built, ...licences].sort());
});

test("every module that a packed module imports is packed", () => {
  const imported = new Set();
  for (const path of paths.filter((path) => /\.js$/.test(path) && !path.startsWith("wasm/"))) {
    const source = readFileSync(`${PKG}/${path}`, "utf8");
    for (const [, relative] of source.matchAll(/(?:from |import |import\(|new URL\()"(\.\.?\/[^"]+)"/g)) {
      const name = join(dirname(path), relative);
      assert.ok(paths.includes(name), `${path} imports ${relative}`);
      imported.add(name);
    }
  }
  assert.ok(imported.has("worker.js"));
});

test("every entry point has its module and its types", () => {
  const { exports } = JSON.parse(readFileSync(`${PKG}/package.json`, "utf8"));
  for (const [name, entry] of Object.entries(exports).filter(([name]) => !name.includes("*"))) {
    for (const path of Object.values(typeof entry === "string" ? [entry] : entry)) {
      assert.ok(paths.includes(path.slice("./".length)), `${name}: ${path}`);
    }
  }
});

test("the notices name the crates of the wasm modules with their texts", () => {
  const notices = readFileSync(`${PKG}/THIRD-PARTY-NOTICES.txt`, "utf8");
  for (const crate of ["candle-core", "tokenizers", "wasm-bindgen", "instant-distance", "docling", "unpdf"]) {
    assert.match(notices, new RegExp(`^${crate} \\d+\\.\\d+\\.\\d+, `, "m"));
  }
  assert.match(notices, /Permission is hereby granted, free of charge/);
});

test("publint finds nothing to say", async () => {
  const { buffer, byteOffset, length } = readFileSync(tarball);
  const { messages } = await publint({ strict: true, pack: { tarball: buffer.slice(byteOffset, byteOffset + length) } });
  assert.deepEqual(messages, []);
});

test("the types of every entry point are found, as attw sees them", () => {
  const attw = fileURLToPath(new URL("./node_modules/@arethetypeswrong/cli/dist/index.js", import.meta.url));
  execFileSync(process.execPath, [attw, tarball, "--profile", "esm-only", "--no-definitely-typed"], { encoding: "utf8" });
});

test("every wasm module says its version", () => {
  const wasm = paths.filter((path) => path.endsWith(".wasm"));
  assert.deepEqual(wasm.filter((path) => !hasSection(readFileSync(`${PKG}/${path}`), "multimodal-rag-version")), []);
});
