// Measures short answers, and the text of a generator where one is given, and fails where a share is below its floor in
// benches/eval/floors.json. The floors of a file of questions are found by the file's name and the articles: they are of
// "squad-1.1-dev-part.json reported answers", for example.
//
//   node scripts/eval-answers.mjs CLI MODEL FILE [ARGUMENT…]    the arguments are those of `multimodal-rag eval-answers`

import { basename } from "node:path";

import { check, evaluate, floorsOf } from "./eval-run.mjs";

const [cli, model, file, ...rest] = process.argv.slice(2);
const articles = rest.includes("--articles") ? `${rest[rest.indexOf("--articles") + 1]} ` : "";
const name = `${basename(file)} ${articles}answers`;

const floors = await floorsOf(name);
const printed = await evaluate(cli, ["eval-answers", "--model", model, ...rest, file]);
if (floors) check(sharesOf(printed), floors);
else console.log(`\nbenches/eval/floors.json has no floors for ${name}.`);

/** The shares in a printed table: "right passage F1", "all passages F1", "R@1", "quote@1", "AUROC". */
function sharesOf(printed) {
  const shares = {};
  for (const line of printed.split("\n")) {
    const number = (pattern) => Number(pattern.exec(line)?.[1]);
    if (line.startsWith("with the right passage")) shares["right passage F1"] = number(/F1 ([\d.]+)/);
    if (line.startsWith("from all passages")) shares["all passages F1"] = number(/F1 ([\d.]+)/);
    for (const [, measure, share] of line.matchAll(/(R@1|quote@1|AUROC) ([\d.]+)/g)) shares[measure] = Number(share);
  }
  return shares;
}
