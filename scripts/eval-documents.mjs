// Measures how well files are read with the command line, and fails where a file is not read or where a kind of files is
// below its floor in benches/eval/floors.json. Kinds without a floor are measured only.
//
//   node scripts/eval-documents.mjs CLI FOLDER

import { check, evaluate, floorsOf } from "./eval-run.mjs";

const [cli, folder] = process.argv.slice(2);
const floors = await floorsOf("documents");
const printed = await evaluate(cli, ["eval-documents", folder]);

const [shares, needed] = [{}, {}];
for (const line of printed.split("\n")) {
  const kind = line.match(/^(\S+) +\d+ files /)?.[1];
  if (!kind) continue;
  for (const measure of ["similarity", "cells"]) {
    const share = line.match(new RegExp(`${measure} +([\\d.]+)`))?.[1];
    const floor = floors[measure][kind] ?? floors[measure].other;
    // "-" where no file of the kind has a table.
    if (share === undefined || floor === undefined) continue;
    shares[`${kind} ${measure}`] = Number(share);
    needed[`${kind} ${measure}`] = floor;
  }
}
const [, failed, files] = printed.match(/(\d+) of (\d+) files failed/);
shares["files that are read"] = files - failed;
needed["files that are read"] = Number(files);
check(shares, needed);
