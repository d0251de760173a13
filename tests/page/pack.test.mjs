// What npm would publish: exactly the files that a page needs, and the licences.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const PKG = fileURLToPath(new URL("../../pkg", import.meta.url));
const BUILDS = ["simd", "relaxed-simd", "simd-threads", "relaxed-simd-threads", "readers/image", "readers/image-relaxed", "readers/office", "readers/pdf", "readers/text"];

const [packed] = JSON.parse(execFileSync("npm", ["pack", "--dry-run", "--json", "--offline"], { cwd: PKG, encoding: "utf8" }));
const paths = packed.files.map(({ path }) => path);

test("the package holds its modules, types, builds and licences, and nothing else", () => {
  const tracked = execFileSync("git", ["ls-files"], { cwd: PKG, encoding: "utf8" }).split("\n").filter(Boolean);
  const built = BUILDS.flatMap((name) => ["multimodal_rag.js", "multimodal_rag_bg.wasm"].map((file) => `wasm/${name}/${file}`));
  const licences = ["LICENSE", "LICENSE-APACHE", "LICENSE-MIT", "THIRD-PARTY-NOTICES.txt"];
  assert.deepEqual([...paths].sort(), [...tracked, ...built, ...licences].sort());
});

test("every module that a packed module imports is packed", () => {
  const imported = new Set();
  for (const path of paths.filter((path) => /^[^/]+\.js$/.test(path))) {
    const source = readFileSync(`${PKG}/${path}`, "utf8");
    for (const [, name] of source.matchAll(/(?:from |import |import\(|new URL\()"\.\/([^"]+)"/g)) {
      assert.ok(paths.includes(name), `${path} imports ./${name}`);
      imported.add(name);
    }
  }
  assert.ok(imported.has("worker.js"));
});

test("the notices name the crates of the wasm modules with their texts", () => {
  const notices = readFileSync(`${PKG}/THIRD-PARTY-NOTICES.txt`, "utf8");
  for (const crate of ["candle-core", "tokenizers", "wasm-bindgen", "instant-distance", "docling", "unpdf"]) {
    assert.match(notices, new RegExp(`^${crate} \\d+\\.\\d+\\.\\d+, `, "m"));
  }
  assert.match(notices, /Permission is hereby granted, free of charge/);
});
