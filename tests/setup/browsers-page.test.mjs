// The page of figures is that of today's measurements.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { browsersPage } from "../../scripts/browsers-page.mjs";

test("docs/browsers.md has the figures of the checked-in measurements", async () => {
  const written = await readFile(new URL("../../docs/browsers.md", import.meta.url), "utf8");
  assert.equal(written, await browsersPage());
  assert.doesNotMatch(written, /undefined|NaN/);
});
