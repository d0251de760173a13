#!/usr/bin/env node
// Writes docs/browsers.md: which browser, which memory, which speed. Figures are those of checked-in measurements and
// lists of models; a test compares the page with them.
//
//   node scripts/browsers-page.mjs

import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const at = (path) => new URL(`../${path}`, import.meta.url);
const parsed = async (path) => JSON.parse(await readFile(at(path), "utf8"));

/** What is shown of the benchmark: names of rows there, and what they are here. */
const SPEEDS = [
  ["all-MiniLM-L6-v2, 64 texts of 16 to 256 tokens", "embedding texts"],
  ["10 nearest of 10,000 vectors", "searching 10,000 chunks"],
  ["10 nearest of 100,000 vectors", "searching 100,000 chunks"],
  ["prefill, 512 tokens: SmolLM2-135M-Instruct Q4_1", "reading a prompt, SmolLM2-135M"],
  ["decode after 512 tokens: SmolLM2-135M-Instruct Q4_1", "writing, SmolLM2-135M"],
];
const MEMORY_ROW = "vectors of 100,000 in a MiB of memory";
const MIB = 1 << 20;

/** The text of the page. */
export async function browsersPage() {
  const [fast, slow, models] = await Promise.all(["benches/browser/results.json", "benches/browser/results-without-vnni.json", "www/models.json"].map(parsed));
  return `# Which browser, which memory, which speed

Written by \`node scripts/browsers-page.mjs\` from the results of \`make bench\` and the page's list of models. A test compares it with them.

## Which browser

Chrome and Edge 91, Firefox 114 and Safari 16.4, or newer: the engine needs WebAssembly with SIMD, and module workers. Tests run in Chromium, and the
kernels, the stores and the bindings in Firefox too. Safari was not tested. [compatibility.md](compatibility.md) has bundlers and frameworks.

| what a browser may have | without it |
|---|---|
| relaxed SIMD | embedding and writing take longer: see below |
| a cross-origin isolated page | one thread writes; several workers embed |
| IndexedDB | documents are kept in memory, and \`stats()\` says why |
| Cache API (https, localhost) | models are fetched at each visit |
| Web Locks (https, localhost) | a worker that dies silently is noticed later |
| decoding of AVIF and HEIC | such pictures are refused, with a typed error |
| \`document.modelContext\` | agents get no tools: [agents.md](agents.md) |

## Which memory

| what | bytes |
|---|---|
${modelRows(models)}
| the vector of each chunk; its words and spans take some 150 more | ${Math.round(MIB / rowOf(fast, MEMORY_ROW, 1).ours)} |

A model's file is fetched once and kept. In memory a model takes about as much as its file; one of them is loaded when it is first needed. Reader
modules run in workers of their own, with 1 GiB at most, which end after half a minute without work. The documents themselves lie on the disk.

## Which speed

${speeds("With relaxed SIMD", fast, "relaxed")}

${speeds("Without relaxed SIMD, on the same machine", fast, "simd128")}

${speeds("With relaxed SIMD, on a processor without AVX-VNNI", slow, "relaxed")}

How this is measured, and how it compares with other engines: [benchmarks.md](benchmarks.md).
`;
}

function modelRows({ embedder, embedderForAllLanguages, answerReader, generator, generatorBetter }) {
  const rows = [["the embedder", embedder], ["the embedder for all languages", embedderForAllLanguages], ["the answer reader", answerReader]];
  for (const one of [generator, generatorBetter]) rows.push([`a generator (${nameOf(one)})`, one]);
  const known = rows.filter(([, model]) => model?.size);
  return known.map(([name, { size }]) => `| ${name} | ${size.toLocaleString("en")} |`).join("\n");
}

const nameOf = ({ url, hub } = {}) => String(url ?? hub).split("/").at(-1);

function rowOf({ results }, what, threads, build = "relaxed") {
  return results.find((row) => row.what === what && row.threads === threads && row.build === build);
}

function speeds(title, measured, build) {
  const { processor, cores, browser, date } = measured.machine;
  const cell = (what, threads) => {
    const row = rowOf(measured, what, threads, build);
    return row ? `${row.ours.toLocaleString("en")} ${row.unit}` : "not measured";
  };
  const shown = SPEEDS.filter(([what]) => rowOf(measured, what, 1, build));
  const rows = shown.map(([what, name]) => `| ${name} | ${cell(what, 1)} | ${cell(what, 2)} |`);
  return `**${title}** (${processor}, ${cores} cores, ${browser}, ${date}):

| what | one thread | two threads |
|---|---|---|
${rows.join("\n")}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(at("docs/browsers.md"), await browsersPage());
