// What cargo would publish: the sources and what they include, small enough for crates.io.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** crates.io takes no larger file. It is compressed: so this bound is on the safe side. */
const MOST_BYTES = 10e6;
const OTHERS = ["CHANGELOG.md", "LICENSE", "LICENSE-APACHE", "LICENSE-MIT", "README.md", ".cargo_vcs_info.json", "Cargo.lock", "Cargo.toml", "Cargo.toml.orig"];

test("the crate is the sources and what belongs to them, and is small enough", () => {
  const options = { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] };
  const paths = execFileSync("cargo", ["package", "--list", "--offline", "--allow-dirty"], options).split("\n").filter(Boolean);
  assert.deepEqual(paths.filter((path) => !path.startsWith("src/") && !OTHERS.includes(path)), []);
  assert.ok(["LICENSE-APACHE", "LICENSE-MIT", "README.md", "src/lib.rs"].every((path) => paths.includes(path)));
  const made = [".cargo_vcs_info.json", "Cargo.toml.orig"];
  const bytes = paths.filter((path) => !made.includes(path)).reduce((sum, path) => sum + statSync(`${ROOT}/${path}`).size, 0);
  assert.ok(bytes < MOST_BYTES, `${bytes} bytes`);
});

test("the crate and the npm package have one version", () => {
  const { version } = JSON.parse(readFileSync(`${ROOT}/pkg/package.json`, "utf8"));
  assert.equal(/^version = "(.*)"$/m.exec(readFileSync(`${ROOT}/Cargo.toml`, "utf8"))[1], version);
});
