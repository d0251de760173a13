// Measures with the command line how well supported claims are told from others, and fails where a share is below its
// floor in benches/eval/floors.json. The floors of a file of claims are found by the file's name.
//
//   node scripts/eval-claims.mjs CLI MODEL FILE [ARGUMENT…]    the arguments are those of `multimodal-rag eval-claims`

import { basename } from "node:path";

import { check, evaluate, floorsOf } from "./eval-run.mjs";

const [cli, model, file, ...rest] = process.argv.slice(2);
const floors = await floorsOf(basename(file));
const printed = await evaluate(cli, ["eval-claims", "--model", model, ...rest, file]);
const shares = [...printed.matchAll(/^(precision|recall) +([\d.]+)$/gm)].map(([, name, share]) => [name, Number(share)]);
if (floors) check(Object.fromEntries(shares), floors);
else console.log(`\nbenches/eval/floors.json has no floors for ${basename(file)}.`);
