#!/usr/bin/env node
// Our engine and its peers in one headless Chromium, taking turns with the same files. What an engine computed is
// checked; a wrong answer ends the run.
//
//   node benches/browser/run.mjs [--only PART,…] [--threads N,…] [--rounds N] [--questions FILE] [--check] [--smoke]
//
// A whole run writes its results beside this file, a part or a smoke run into target/bench/.
// PART is limits, smollm2, qwen, q8_0, q4_k, minilm, e5, image, answers, add, documents, ocr, thumbnails, tables or search.
// FILE has questions in SQuAD's format, for the part answers. --check fails below a floor (floors.json).
// --smoke is small, quick and without peers: it shows that everything here works, and measures nothing. On CI it runs on
// one thread: the page's tests have several.

import { mkdir, stat } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { launchBrowser } from "../../tests/page/browser.mjs";
import { addsFour, describeMachine, measureLimits } from "./machine.mjs";
import { PARTS, SMOKE_PARTS } from "./parts.mjs";
import { belowFloors, describeLimits, writeResults } from "./report.mjs";
import { repository, startSite } from "./site.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const built = resolve(repository, process.env.CARGO_TARGET_DIR ?? "target", "bench");

const SIZES = {
  whole: { parts: PARTS, warmUps: 2, rounds: 5, stops: 12, threads: [1, 2], withPeers: true, leastMs: 1000, limitMs: 200 },
  smoke: { parts: SMOKE_PARTS, warmUps: 1, rounds: 1, stops: 2, threads: process.env.CI ? [1] : [1, 2], withPeers: false, leastMs: 0, limitMs: 10 },
};
const BUILDS = ["relaxed", "simd128"];

const { values: options } = parseArgs({
  options: {
    only: { type: "string" },
    threads: { type: "string" },
    rounds: { type: "string" },
    questions: { type: "string" },
    check: { type: "boolean", default: false },
    smoke: { type: "boolean", default: false },
  },
});

try {
  await main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

async function main() {
  const size = options.smoke ? SIZES.smoke : SIZES.whole;
  const parts = chosen(size.parts);
  await mkdir(built, { recursive: true });
  for (const part of parts) await part.prepare?.();
  const sizes = await sizesOf(parts.flatMap((part) => part.files()));
  const folders = Object.assign({}, ...parts.map(({ folders }) => folders));
  await sizesOf(Object.values(folders));
  const site = await startSite(join(built, "site"), { models: Object.keys(sizes), folders, withPeers: size.withPeers });
  const browser = await launchBrowser();
  try {
    const rounds = Number(options.rounds ?? size.rounds);
    const threads = options.threads?.split(",").map(Number) ?? size.threads;
    const { questions } = options;
    const run = { ...size, rounds, questions, threads, builds: BUILDS, browser, site, sizes, say: (line) => console.log(line) };
    await report(await measure(run, parts));
  } finally {
    await browser.close();
    await site.close();
  }
}

function chosen(parts) {
  if (options.only === undefined) return parts;
  const names = options.only.split(",");
  const known = ["limits", ...parts.map(({ name }) => name)];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`There is no part "${unknown}": the parts are ${known.join(", ")}.`);
  return parts.filter(({ name }) => names.includes(name));
}

/** The length of each file, by its path. */
async function sizesOf(paths) {
  const sizes = {};
  for (const path of paths) {
    const found = await stat(path).catch(() => null);
    const name = relative(repository, path);
    if (!found) throw new Error(`${name} is not there: benches/browser/README.md says how to make it.`);
    sizes[path] = found.size;
  }
  return sizes;
}

async function measure(run, parts) {
  const machine = describeMachine(run.browser);
  if (machine.load > 0.5) run.say(`The machine has other work (load ${machine.load}): expect smaller numbers.`);
  run.limits = await measureLimits(run);
  for (const limit of describeLimits(run.limits)) run.say(JSON.stringify(limit));
  machine.adds_four_products = addsFour(run.limits);
  const results = [];
  const accuracy = [];
  let search;
  for (const part of parts) {
    const outcome = await part.run(run);
    results.push(...outcome.rows);
    accuracy.push(...(outcome.accuracy ?? []));
    search ??= outcome.search;
  }
  return { machine, rounds: run.rounds, limits: describeLimits(run.limits), results, accuracy, search };
}

async function report(results) {
  const isWhole = !options.smoke && options.only === undefined && options.threads === undefined;
  const folder = isWhole ? here : built;
  const name = await writeResults(folder, results);
  console.table(results.results);
  console.log(`Written to ${relative(process.cwd(), folder) || "."}/${name}.json and .md.`);
  if (!options.check) return;
  const failures = await belowFloors(join(here, "floors.json"), results, { isWhole });
  if (failures.length > 0) throw new Error(`Below the floor:\n  ${failures.join("\n  ")}`);
}
