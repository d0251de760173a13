// Measures retrieval, quotes and refusal with the command line, and fails where a share is below its floor in
// benches/eval/floors.json. The floors of a file of questions are found by the file's name.
//
//   node scripts/eval.mjs CLI MODEL FILE [ARGUMENT…]    the arguments are those of `multimodal-rag eval`

import { basename } from "node:path";

import { check, evaluate, floorsOf } from "./eval-run.mjs";

const [cli, model, file, ...rest] = process.argv.slice(2);
const floors = await floorsOf(basename(file));

// Results at full precision follow after an empty line, and have no floors.
const run = (options) => evaluate(cli, ["eval", "--model", model, ...options, file]);
const [ranking] = (await run(rest)).split("\n\n");
console.log();
const refusal = await run(["--refusal"]);
const followUps = file.endsWith("articles.json") ? await run(["--follow-ups", file.replace("articles.json", "follow-ups.json")]) : "";
if (floors) check({ ...sharesOf(ranking), ...sharesOf(refusal), ...sharesOf(followUps) }, floors);
else console.log(`\nbenches/eval/floors.json has no floors for ${basename(file)}.`);

/** The shares in a printed table, by their names in floors.json. */
function sharesOf(printed) {
  const shares = {};
  for (const line of printed.split("\n")) {
    const [name] = line.split(" ");
    if (/^(fused|dense|lexical) /.test(line)) {
      for (const [, measure, share] of line.matchAll(/(\S+@\d+) ([\d.]+)/g)) shares[`${name} ${measure}`] = Number(share);
    } else if (/^(quote@1|answered|refused|followed) /.test(line)) {
      shares[name] = Number(line.match(/[\d.]+$/)[0]);
    }
  }
  return shares;
}
