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
const BUILT = /^(pkg\/(wasm|LICENSE)|www\/(pkg|models|vendor|precache)|models|target|fuzz\/(corpus|artifacts))(\/|$)/;
const FOLDERS = "src|pkg|www|tests|benches|scripts|docs|fuzz|examples";

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
  assert.deepEqual(missing, []);
});

test("the architecture names every module of the crate, and no other", async () => {
  const [, table] = /^## The modules, in order\n(.*?)^## /ms.exec((await read("docs/architecture.md")).concat("\n## "));
  const described = [...table.matchAll(/^\| ([^|]+) \|/gm)].flatMap(([, cell]) =>
    [...cell.matchAll(/`(\w+)(?:\.rs|\/)`/g)].map(([, name]) => name),
  );
  const [, modules] = /^mod error;(.*?)^pub use engine_exports/ms.exec(await read("src/lib.rs"));
  const inCode = ["error", ...[...modules.matchAll(/^(?:pub )?mod (\w+);/gm)].map(([, name]) => name)];
  const outside = ["internals", "rng", "bin", "engine_exports"];
  assert.deepEqual(
    described.filter((name) => !outside.includes(name)).sort(),
    inCode.filter((name) => !outside.includes(name)).sort(),
  );
});

for (const made of PARTS) {
  test(`${made.document} has the ${made.name} of today: node scripts/docs-tables.mjs writes it`, async () => {
    assert.equal(part(await read(made.document), made).text, await made.make());
  });
}

test("the package's README tells what to do about every error code", async () => {
  const codesIn = (text) => [...text.matchAll(/[`"](\w+)[`"]/g)].map(([, code]) => code).sort();
  const [, union] = /export type RagErrorCode =(.*?);/s.exec(await read("pkg/index.d.ts"));
  const rows = part(await read("pkg/README.md"), { name: "errors" }).text.replace(/^\| ([^|]*) \|.*$/gm, "$1");
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
  const cells = [...rows.matchAll(/^\| (?:`Engine\.open`)? ?\| (`\w+`(?:, `\w+`)*)/gm)];
  const described = cells.flatMap(([, names]) => names.replaceAll("`", "").split(", "));
  assert.deepEqual(described.sort(), ["OpenOptions", "LoadOptions", "StartOptions"].flatMap(fields).sort());
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

/** Numbers in prose that a constant of the code decides: the document, its words, the file, how the value stands there. */
const CONSTANTS = [
  ["README.md", /plain text, Markdown and HTML 16 MiB/, "src/format/mod.rs", /usize = 16 << 20;/],
  ["pkg/README.md", /16 MiB of plain text, Markdown or HTML/, "src/format/mod.rs", /usize = 16 << 20;/],
  ["docs/security.md", /plain text, Markdown and HTML 16 MiB; its text 32 MiB/, "src/read/limits.rs", /text_bytes: 32 << 20,/],
  ["README.md", /at most 128 MiB/, "src/read/limits.rs", /bytes: 128 << 20,/],
  ["pkg/README.md", /at most 128 MiB/, "src/read/limits.rs", /bytes: 128 << 20,/],
  ["docs/security.md", /after 20 s without progress, and after 10 minutes/, "src/read/limits.rs", /step_milliseconds: 20_000,[^]*milliseconds: 600_000,/],
  ["docs/security.md", /200 times the file, 512 MiB/, "src/read/limits.rs", /expanded_bytes: 512 << 20,[^]*expansion_ratio: 200,/],
  ["docs/security.md", /10,000 members/, "src/read/limits.rs", /members: 10_000,/],
  ["docs/security.md", /2,000,000 objects, 10,000 pages/, "src/read/limits.rs", /pages: 10_000,[^]*objects: 2_000_000,/],
  ["docs/security.md", /more than 256 deep/, "src/read/html/mod.rs", /usize = 256;/],
  ["docs/security.md", /\| 64 KiB, then/, "src/engine/find.rs", /usize = 64 << 10;/],
  ["docs/security.md", /1,000 conditions, 32 levels/, "src/index/filter.rs", /usize = 32;[^]*usize = 1000;/],
  ["docs/security.md", /4 MiB and 30 seconds each/, "pkg/hub-answer.js", /MAX_BYTES = 4 << 20;[^]*TIMEOUT_SECONDS = 30;/],
  ["docs/security.md", /20 pages of a list/, "pkg/hub.js", /MAX_PAGES = 20;/],
  ["pkg/index.d.ts", /six\s+\* tries in all/, "src/browser/download.rs", /MAX_TRIES: u32 = 6;/],
  ["docs/security.md", /page \| 2 GiB/, "src/browser/blob_source.rs", /u64 = 2 << 30;/],
  ["docs/security.md", /64 MiB, 4,096 values, 65,536 tensors/, "src/model/gguf/header.rs", /64 << 20;[^]*1 << 12;[^]*1 << 16;/],
  ["docs/security.md", /nested 4 deep/, "src/model/gguf/header.rs", /usize = 4;/],
  ["docs/security.md", /safetensors file \| 64 MiB/, "src/model/weights.rs", /u64 = 64 << 20;/],
  ["docs/security.md", /1,000,000 steps of Jinja, 32/, "src/model/chat_template.rs", /u64 = 1_000_000;[^]*usize = 32;/],
  ["docs/quality.md", /at least 0\.67\.[^]*0\.15 times[^]*at least 0\.68/, "scripts/calibrations/multilingual-e5-small-en-pt.json", /"score":0\.68,"cosineWeight":1\.0,"wordsWeight":0\.15,"cosine":0\.67/],
  ["docs/quality.md", /at least 60 %[^]*0\.66; or at least 45 % and 0\.77/, "scripts/calibrations/multilingual-e5-small-en-pt.json", /"similarity":0\.656\}[^]*"similarity":0\.77\}/],
  ["docs/architecture.md", /about 200 tokens/, "src/chunk/chunker.rs", /usize = 200;/],
  ["docs/architecture.md", /best 20 chunks, \+ 2 ×/, "src/retrieve/mod.rs", /RERANKED_CHUNKS: usize = 20;[^]*EVIDENCE_WEIGHT: f32 = 2\.0;/],
  ["docs/architecture.md", /of eight small ones/, "src/knowledge_base/merge.rs", /usize = 8;/],
  ["docs/architecture.md", /less than three seconds/, "src/engine/ingest.rs", /f64 = 3_000\.0;/],
  ["docs/architecture.md", /for five seconds/, "src/browser/indexed_db/mod.rs", /from_secs\(5\);/],
  ["docs/testing.md", /^\| .*\| 200 workers/m, "tests/page/kill.test.mjs", /KILLS \?\? 200/],
];

test("the shares in the docs are not below the floors of the evaluation, and near them", async () => {
  const { "squad-1.1-dev-part.json": floors } = JSON.parse(await read("benches/eval/floors.json"));
  const quality = await read("docs/quality.md");
  const shares = {
    "fused R@1": /fused, as used\*\* \| \*\*(\.\d+)/,
    "fused R@5": /fused, as used\*\* \| \*\*\.\d+\*\* \| \*\*(\.\d+)/,
    "dense R@1": /vectors alone \| (\.\d+)/,
    "lexical R@1": /BM25\) \| (\.\d+)/,
    "quote@1": /quote@1 is (\.\d+)/,
    answered: /, (\d+) % are answered/,
    refused: /and (\d+) % are refused/,
  };
  for (const [name, pattern] of Object.entries(shares)) {
    const [, written] = pattern.exec(quality);
    const share = written.startsWith(".") ? Number(written) : written / 100;
    assert.ok(share >= floors[name] && share < floors[name] + 0.025, `${name}: ${share}, floor ${floors[name]}`);
  }
});

test("numbers in prose are those of the code", async () => {
  for (const [document, words, file, value] of CONSTANTS) {
    assert.match(await read(document), words);
    assert.match(await read(file), value, `${document} says ${words}`);
  }
});
