// The fuzz targets are checked with the settings of the crate's own profile: otherwise all dependencies are checked twice.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

const read = (path) => readFile(new URL(`../../${path}`, import.meta.url), "utf8");

/** The settings of a table of TOML, a line each. */
function settings(toml, table) {
  const [, rest] = toml.split(`\n[${table}]\n`);
  return rest.split(/^\[/m)[0].split("\n").filter((line) => line.includes("="));
}

test("the fuzz targets' profile has the crate's settings for each dependency that both have", async () => {
  const [own, fuzz, lock] = await Promise.all(["Cargo.toml", "fuzz/Cargo.toml", "fuzz/Cargo.lock"].map(read));
  const isShared = (line) => lock.includes(`\nname = "${line.split(" ")[0]}"\n`);
  const packages = settings(own, "profile.ci.package").filter(isShared);
  assert.ok(packages.length > 0);
  assert.deepEqual(settings(fuzz, "profile.ci.package"), packages);
  const profile = new Set(settings(fuzz, "profile.ci"));
  for (const line of settings(own, "profile.ci")) assert.ok(profile.has(line), line);
});
