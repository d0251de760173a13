// The table of what a page fetches says what the package has: scripts/package-sizes.mjs writes it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { moduleSizes, scriptSizes, writtenSizes } from "../../scripts/package-sizes.mjs";

/** A change that is worth a look, as a share. */
const TOLERANCE = 0.05;

/** Compares the column `at` of a table with sizes. */
function compare(sizes, written, at) {
  assert.deepEqual(sizes.map(({ name }) => name), Object.keys(written));
  for (const { name, gzip } of sizes) {
    const told = written[name][at];
    const share = Math.abs(gzip - told) / told;
    assert.ok(share <= TOLERANCE, `${name}: ${gzip} bytes with gzip, ${told} in docs/package-size.md: node scripts/package-sizes.mjs`);
  }
}

test("the scripts of each entry point are as large as the table says", async () => {
  compare(await scriptSizes(), await writtenSizes("scripts"), 2);
});

const modules = await moduleSizes();

test("the wasm modules are as large as the table says", { skip: modules.length === 0 && "no release build is here" }, async () => {
  compare(modules, await writtenSizes("modules"), 1);
});
