// Measures retrieval, quotes and refusal with the command line, and fails where a share is below its floor in
// benches/eval/floors.json. The floors of a file of questions are found by the file's name.
//
//   node scripts/eval.mjs CLI MODEL FILE [ARGUMENT…]    the arguments are those of `multimodal-rag eval`

import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";

const [cli, model, file, ...rest] = process.argv.slice(2);
const floors = JSON.parse(await readFile(new URL("../benches/eval/floors.json", import.meta.url)))[basename(file)];

// Results at full precision follow after an empty line, and have no floors.
const [ranking] = (await evaluate(rest)).split("\n\n");
console.log();
const refusal = await evaluate(["--refusal"]);
check({ ...sharesOf(ranking), ...sharesOf(refusal) });

/** Runs the command line, shows what it prints, and returns it. */
async function evaluate(options) {
  const child = spawn(cli, ["eval", "--model", model, ...options, file], { stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    process.stdout.write(text);
    printed += text;
  });
  const status = await new Promise((resolve) => child.on("close", resolve));
  if (status !== 0) process.exit(status ?? 1);
  return printed;
}

/** The shares in a printed table, by their names in floors.json. */
function sharesOf(printed) {
  const shares = {};
  for (const line of printed.split("\n")) {
    const [name] = line.split(" ");
    if (/^(fused|dense|lexical) /.test(line)) {
      for (const [, measure, share] of line.matchAll(/(\S+@\d+) ([\d.]+)/g)) shares[`${name} ${measure}`] = Number(share);
    } else if (/^(quote@1|answered|refused) /.test(line)) {
      shares[name] = Number(line.match(/[\d.]+$/)[0]);
    }
  }
  return shares;
}

function check(shares) {
  if (!floors) return console.log(`\nbenches/eval/floors.json has no floors for ${basename(file)}.`);
  const low = Object.entries(floors).filter(([name, floor]) => !(shares[name] >= floor));
  for (const [name, floor] of low) console.error(`${name} is ${shares[name] ?? "missing"}, below its floor of ${floor}.`);
  if (low.length > 0) process.exit(1);
  console.log(`\nNo share is below its floor.`);
}
