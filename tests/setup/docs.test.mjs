// The docs are true where that is cheap to tell: links and paths lead somewhere, and what is said of code and results is what they hold.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { access, readFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { PARTS, part } from "../../scripts/docs-tables.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (path) => readFile(join(root, path), "utf8");
const git = (...command) => execFileSync("git", command, { cwd: root, encoding: "utf8" });
const documents = git("ls-files", "--cached", "--others", "--exclude-standard", "*.md")
  .trim()
  .split("\n")
  .filter((path) => !/^(tests\/fixtures\/documents|www\/samples)\/(?!README)/.test(path));

/** What git ignores: made by a build, and named in the docs all the same. */
const BUILT = /^(pkg\/(wasm|LICENSE)|www\/(pkg|models|precache)|models|target|fuzz\/(corpus|artifacts))(\/|$)/;
const FOLDERS = "src|pkg|www|tests|benches|scripts|docs|fuzz";

const exists = (path) =>
  access(join(root, path)).then(
    () => true,
    () => false,
  );

/** The text without code, which holds no links. */
const prose = (text) => text.replace(/^```.*?^```$/gms, "").replace(/`[^`\n]*`/g, "");

/** The anchors of a document's headings, as GitHub makes them. */
const anchors = (text) =>
  [...text.replace(/^```.*?^```$/gms, "").matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-"),
  );

test("every link within the repository leads to a file, and to a heading in it", async () => {
  const dead = [];
  for (const document of documents) {
    const text = await read(document);
    for (const [, target] of prose(text).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [path, anchor] = target.split("#");
      const file = path === "" ? document : normalize(join(dirname(document), path));
      if (!(await exists(file))) dead.push(`${document}: ${target}`);
      else if (anchor && !anchors(await read(file)).includes(anchor)) dead.push(`${document}: ${target}`);
    }
  }
  assert.deepEqual(dead, []);
});

test("every path that the docs name is there", async () => {
  const missing = [];
  for (const document of documents) {
    const paths = (await read(document)).matchAll(new RegExp(`\`((?:${FOLDERS})/[\\w./-]*)\``, "g"));
    for (const [, path] of paths) {
      // A page may also name the paths of its own folder.
      const found = BUILT.test(path) || (await exists(path)) || (await exists(join(dirname(document), path)));
      if (!found) missing.push(`${document}: ${path}`);
    }
  }
  // What is to come, said as an example.
  const EXAMPLES = ["docs/architecture.md: src/table/", "CONTRIBUTING.md: src/read/rst.rs"];
  assert.deepEqual(missing.filter((entry) => !EXAMPLES.includes(entry)), []);
});

test("the architecture names every module of the crate, and no other", async () => {
  const [, table] = /^## The rooms, in order\n(.*?)^## /ms.exec((await read("docs/architecture.md")).concat("\n## "));
  const described = [...table.matchAll(/^\| ([^|]+) \|/gm)].flatMap(([, cell]) =>
    [...cell.matchAll(/`(\w+)(?:\.rs|\/)`/g)].map(([, name]) => name),
  );
  const [, modules] = /^mod error;(.*?)^pub use/ms.exec(await read("src/lib.rs"));
  const inCode = ["error", ...[...modules.matchAll(/^(?:pub )?mod (\w+);/gm)].map(([, name]) => name)];
  const outside = ["internals", "rng", "bin"];
  assert.deepEqual(
    described.filter((name) => !outside.includes(name)).sort(),
    inCode.filter((name) => !outside.includes(name)).sort(),
  );
});

for (const { document, name, make } of PARTS) {
  test(`${document} has the ${name} of today: node scripts/docs-tables.mjs writes it`, async () => {
    assert.equal(part(await read(document), name).text, await make());
  });
}

test("the package's README tells what to do about every error code", async () => {
  const codesIn = (text) => [...text.matchAll(/[`"](\w+)[`"]/g)].map(([, code]) => code).sort();
  const [, union] = /export type RagErrorCode =(.*?);/s.exec(await read("pkg/index.d.ts"));
  const rows = part(await read("pkg/README.md"), "errors").text.replace(/^\| ([^|]*) \|.*$/gm, "$1");
  assert.deepEqual(codesIn(rows), codesIn(union));
});

test("every option of Engine.open is in the package's README, and in the types", async () => {
  const types = await read("pkg/index.d.ts");
  const fields = (name) => {
    const [, body] = new RegExp(`export interface ${name}[^{]*\\{(.*?)^\\}`, "ms").exec(types);
    return [...body.matchAll(/^ {2}(\w+)\??:/gm)].map(([, field]) => field);
  };
  const [, table] = /^## Options\n(.*?)^## /ms.exec(await read("pkg/README.md"));
  const [, rows] = /(^\| `Engine\.open`.*?)^\| `add`/ms.exec(table);
  const described = [...rows.matchAll(/^\| (?:`Engine\.open`)? ?\| `(\w+)`/gm)].map(([, option]) => option);
  assert.deepEqual(described.sort(), [...fields("OpenOptions"), ...fields("LoadOptions")].sort());
});

test("every make target that the docs name is one", async () => {
  const makefile = await read("Makefile");
  const unknown = [];
  for (const document of documents) {
    const code = [...(await read(document)).matchAll(/`make ([a-z-]+)|^make ([a-z-]+)/gm)];
    for (const [, inline, block] of code) {
      const target = inline ?? block;
      if (!new RegExp(`^${target}:`, "m").test(makefile)) unknown.push(`${document}: make ${target}`);
    }
  }
  assert.deepEqual(unknown, []);
});

test("both READMEs give the same limit of a file as the code", async () => {
  const [, shift] = /MAX_FILE_BYTES: usize = 16 << (\d+)/.exec(await read("src/format/mod.rs"));
  assert.equal(shift, "20");
  for (const document of ["README.md", "pkg/README.md"]) assert.match(await read(document), /at most 16 MiB/);
});
