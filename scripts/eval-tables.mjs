// Measures with the command line how well questions to tables are answered, and fails where a share is below its floor in
// benches/eval/floors.json. The floors of a file of questions are found by the file's name.
//
//   node scripts/eval-tables.mjs CLI FILE [ARGUMENT…]    the arguments are those of `multimodal-rag eval-tables`

import { basename } from "node:path";

import { check, evaluate, floorsOf } from "./eval-run.mjs";

const [cli, file, ...rest] = process.argv.slice(2);
const floors = await floorsOf(basename(file));
const printed = await evaluate(cli, ["eval-tables", ...rest, file]);
const shares = [...printed.matchAll(/^(answered|right of those answered|right among all) ([\d.]+)$/gm)].map(([, name, share]) => [name, Number(share)]);
if (floors && rest.length === 0) check(Object.fromEntries(shares), floors);
else console.log(`\nbenches/eval/floors.json has no floors for ${[basename(file), ...rest].join(" ")}.`);
