#!/usr/bin/env node
// Sizes of what a page fetches: the scripts of each entry point of the package, and its wasm modules as published. Writes
// them to docs/package-size.md; `make pkg` does so. Tests compare the table with the package.
//
//   node scripts/package-sizes.mjs

import { readdir, readFile, writeFile } from "node:fs/promises";
import { realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { part } from "./docs-tables.mjs";
import { hasSection } from "./stamp-version.mjs";

const pkg = fileURLToPath(new URL("../pkg", import.meta.url));
const document = fileURLToPath(new URL("../docs/package-size.md", import.meta.url));

const IMPORT = /(?:from |import |import\()"(\.[^"]+\.js)"/g;
const WORKER = /new Worker\(new URL\("(\.[^"]+\.js)"/g;

/** The entry points that are scripts: `{ name, scripts, bytes, gzip }`. The scripts made with the modules are not counted. */
export async function scriptSizes() {
  const { name, exports } = JSON.parse(await readFile(join(pkg, "package.json"), "utf8"));
  const entries = Object.entries(exports).map(([path, target]) => [join(name, path), target.default ?? target]);
  const isScript = ([, file]) => file.endsWith(".js") && !file.includes("*");
  return Promise.all(entries.filter(isScript).map(async ([name, file]) => ({ name, ...(await sizeOf(file)) })));
}

async function sizeOf(entry) {
  // The page's side names the worker; only the worker brings those that it starts.
  const patterns = entry === "./worker.js" ? [IMPORT, WORKER] : [IMPORT];
  const sources = new Map();
  const visit = async (path) => {
    if (sources.has(path) || path.startsWith("wasm/")) return;
    const source = await readFile(join(pkg, path), "utf8");
    sources.set(path, source);
    for (const pattern of patterns) {
      for (const [, imported] of source.matchAll(pattern)) await visit(join(dirname(path), imported));
    }
  };
  await visit(join(entry));
  const all = Buffer.from([...sources.values()].join(""));
  return { scripts: sources.size, bytes: all.length, gzip: gzipSync(all).length };
}

/** The wasm modules of a release build: `{ name, bytes, gzip, brotli() }`; none where another build is there. */
export async function moduleSizes() {
  const files = await readdir(join(pkg, "wasm"), { recursive: true }).catch(() => []);
  const wasm = files.filter((file) => file.endsWith(".wasm")).sort();
  const sizes = [];
  for (const file of wasm) {
    const bytes = await readFile(join(pkg, "wasm", file));
    // Only a release build leaves out the names of functions.
    if (hasSection(bytes, "name")) return [];
    sizes.push({ name: dirname(file), bytes: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length, brotli: () => brotliOf(bytes) });
  }
  return sizes;
}

function brotliOf(bytes) {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 };
  return brotliCompressSync(bytes, { params }).length;
}

/** The rows of a table in the document, by their first cell: numbers. */
export async function writtenSizes(name) {
  const { text } = part(await readFile(document, "utf8"), { name });
  const rows = text.split("\n").slice(2).map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
  return Object.fromEntries(rows.map(([name, ...cells]) => [name.replaceAll("`", ""), cells.map((cell) => Number(cell.replaceAll(",", "")))]));
}

const count = (number) => number.toLocaleString("en-US");
const line = (cells) => `| ${cells.join(" | ")} |`;
const table = (head, rows) => [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");

async function main() {
  let text = await readFile(document, "utf8");
  const scripts = (await scriptSizes()).map(({ name, scripts, bytes, gzip }) => [`\`${name}\``, scripts, count(bytes), count(gzip)]);
  text = part(text, { name: "scripts" }).replaced(table(["entry point", "scripts", "bytes", "with gzip"], scripts));
  const modules = (await moduleSizes()).map(({ name, bytes, gzip, brotli }) => [`\`${name}\``, count(bytes), count(gzip), count(brotli())]);
  if (modules.length > 0) text = part(text, { name: "modules" }).replaced(table(["module", "bytes", "with gzip", "with brotli"], modules));
  await writeFile(document, text);
}

if (realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) await main();
