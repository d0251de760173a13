// Results as files: JSON for programs, Markdown for readers; and the floors that results must not fall below.

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { rounded } from "./rows.mjs";
import { tablesOfSearch } from "./search-report.mjs";
import { table } from "./table.mjs";

const GIGA = 1e9;
const GIBI = 2 ** 30;

/** Writes `NAME.json` and `NAME.md` into `folder`, and gives the name: each kind of processor has results of its own. */
export async function writeResults(folder, results) {
  const name = results.machine.adds_four_products ? "results" : "results-without-vnni";
  await writeFile(join(folder, `${name}.json`), `${JSON.stringify(results, null, 2)}\n`);
  await writeFile(join(folder, `${name}.md`), markdownOf(results));
  return name;
}

/** Limits as they are reported: int8 operations in GOPS, memory in GiB/s. */
export function describeLimits(limits) {
  return Object.entries(limits).map(([threads, { relaxed, paired, widened, bytes }]) => ({
    threads: Number(threads),
    int8_relaxed_gops: rounded(relaxed / GIGA),
    int8_paired_gops: rounded(paired / GIGA),
    int8_widened_gops: rounded(widened / GIGA),
    memory_gib_s: rounded(bytes / GIBI),
  }));
}

function markdownOf({ machine, limits, rounds, results, accuracy, search }) {
  return `# Speed in the browser, beside others

Made by \`make bench\` on ${machine.date}: ${machine.processor}, ${machine.cores} cores, ${machine.memory_gib} GiB, ${machine.browser},
load average ${machine.load} at the start. ${kindOf(machine)} Medians of ${rounds} rounds in which the engines took turns.
[README.md](README.md) says what each row means.

## What this machine can do

${table(["threads", "int8 GEMM, dots of four", "of two", "i16 dots", "memory"], limits.map(cellsOfLimit))}

## Results

More is better. *Of the limit* is how much of what this machine can do ours reaches.

${table(RESULT_COLUMNS, results.map(cellsOfResult))}

## Accuracy

The least cosine of a vector with that of the same model in f32. The texts that decoders wrote were compared as well; a wrong one would
have ended the run.

${table(["model", "engine", "least cosine"], accuracy.map((row) => [row.model, row.engine, row.least_cosine]))}
${search ? tablesOfSearch(search) : ""}`;
}

const kindOf = ({ adds_four_products: addsFour }) =>
  addsFour ? "It has an instruction that adds four products (AVX-VNNI)." : "It has no instruction that adds four products (AVX-VNNI).";

const RESULT_COLUMNS = ["what", "threads", "our build", "ours", "peer", "peer's name", "unit", "ratio", "of the limit"];

function cellsOfLimit({ threads, memory_gib_s: memory, ...limits }) {
  const gops = [limits.int8_relaxed_gops, limits.int8_paired_gops, limits.int8_widened_gops];
  return [threads, ...gops.map((gops) => `${gops} GOPS`), `${memory} GiB/s`];
}

function cellsOfResult({ what, threads, build, ours, peer, peer_name: name, unit, ratio, limit_percent: percent }) {
  return [what, threads, build, ours, peer, name, unit, ratio, percent && `${percent} %`];
}

/**
 * What is below its floor, in sentences; none when all is well. A floor is a `ratio` to a peer, another one
 * (`ratio_without_vnni`) on a processor without AVX-VNNI where that is named, or what ours reaches (`ours_at_least`,
 * `ours_at_least_without_vnni`). Of a whole run every floor needs its row.
 */
export async function belowFloors(file, { machine, results: rows }, { isWhole }) {
  const floors = JSON.parse(await readFile(file, "utf8"));
  return floors.flatMap((floor) => {
    const keys = ["what", "threads", "build", "peer_name"].filter((key) => key in floor);
    const row = rows.find((row) => keys.every((key) => row[key] === floor[key]));
    const against = floor.peer_name ? `, against ${floor.peer_name}` : "";
    const name = `${floor.what}, ${floor.threads} thread(s), ${floor.build}${against}`;
    const here = (key) => (machine.adds_four_products ? floor[key] : (floor[`${key}_without_vnni`] ?? floor[key]));
    const least = { ours_at_least: here("ours_at_least"), ratio: here("ratio") };
    return row ? shortfall(name, row, least) : isWhole ? [`${name}: not measured`] : [];
  });
}

function shortfall(name, { ours, peer, ratio, unit }, { ours_at_least: least, ratio: leastRatio }) {
  if (least !== undefined && !(ours >= least)) return [`${name}: ${ours} ${unit}, and the floor is ${least}`];
  // A peer that has a name and no number was given up for taking too long.
  const isAlone = ours !== null && peer === null;
  if (leastRatio !== undefined && !isAlone && !(ratio >= leastRatio)) {
    return [`${name}: ${ratio} times the peer, and the floor is ${leastRatio}`];
  }
  return [];
}
