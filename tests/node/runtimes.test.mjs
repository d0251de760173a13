// The package in Bun and Deno, whose programs come from npm: make test-matrix installs them.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { access, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { makeProgram, repository, SAMPLE } from "./program.mjs";

const run = promisify(execFile);
const bin = join(repository, "tests/node/node_modules/.bin");

const RUNTIMES = [
  { name: "bun", args: ["run"] },
  { name: "deno", args: ["run", "--no-lock", "--node-modules-dir=manual", "--allow-all"] },
];
const TABLES = `
  import { Engine } from "multimodal-rag/node";
  const engine = await Engine.open({ folder: "notes", models: "models/models.json", threads: 2 });
  await engine.add("city,sold\\nRome,12\\nOslo,30\\nRome,9\\n", { name: "sales.csv" });
  const { rows } = await engine.query("SELECT sum(sold) FROM sales WHERE city = 'Rome'");
  console.log(rows[0][0], (await engine.documents()).map(({ name }) => name).join());
  await engine.close();
`;

for (const { name, args } of RUNTIMES) {
  test(`${name} quotes, queries tables, and opens what it stored`, async (t) => {
    const program = join(bin, name);
    const isThere = await access(program).then(() => true, () => false);
    if (!isThere) return t.skip(`${name} is not installed: make test-matrix installs it`);
    const root = await makeProgram(t);
    await writeFile(join(root, "sample.mjs"), SAMPLE);
    await writeFile(join(root, "tables.mjs"), TABLES);
    const printed = async (script) => (await run(program, [...args, script], { cwd: root, timeout: 60_000 })).stdout;
    assert.equal(await printed("sample.mjs"), "On Fridays it closes at three. - hours.txt\n");
    assert.equal(await printed("tables.mjs"), "21 hours.txt,sales.csv\n");
  });
}
