// Checks the crates of Cargo.lock against deny.toml: licences, versions and sources. A small part of what cargo-deny
// does, which takes minutes to compile.
//
//   node scripts/check-supply.mjs

import { readFileSync } from "node:fs";
import { isAllowed, metadata } from "./crates.mjs";

const config = readFileSync(new URL("../deny.toml", import.meta.url), "utf8");
// Only the parts of TOML that deny.toml uses.
const allowed = [...config.match(/^allow = \[([^\]]*)\]/m)[1].matchAll(/"([^"]+)"/g)].map(([, licence]) => licence);
const skipped = [...config.matchAll(/\{ crate = "([^"]+)", reason = "[^"]+" \}/g)].map(([, crate]) => crate);

const packages = metadata().packages.filter(({ source }) => source !== null);
const problems = [];

for (const { name, version, license } of packages) {
  if (!license) problems.push(`${name}@${version} names no licence.`);
  else if (!isAllowed(license, allowed)) problems.push(`${name}@${version}: deny.toml does not allow ${license}.`);
}

const sources = new Set(packages.map(({ source }) => source));
for (const source of sources) {
  if (!source.startsWith("registry+")) problems.push(`${source} is no registry.`);
}
if (sources.size > 1) problems.push(`The crates come from several registries: ${[...sources].join(", ")}.`);

const versions = new Map();
for (const one of packages) versions.set(one.name, [...(versions.get(one.name) ?? []), one]);
const repeated = [...versions.values()].filter((several) => several.length > 1);
for (const several of repeated) {
  const unknown = several.map(({ name, version }) => `${name}@${version}`).filter((crate) => !skipped.includes(crate));
  if (unknown.length > 1) problems.push(`${unknown.join(" and ")} are both used: deny.toml has no reason for it.`);
}

// An entry without use hides the day on which the crate comes back.
const repeatedCrates = repeated.flat().map(({ name, version }) => `${name}@${version}`);
for (const crate of skipped) {
  if (!repeatedCrates.includes(crate)) problems.push(`deny.toml skips ${crate}, which is there in no second version.`);
}
for (const licence of allowed) {
  if (!packages.some(({ license }) => license?.includes(licence))) problems.push(`deny.toml allows ${licence}, which no crate has.`);
}

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log(`${packages.length} crates: their licences, sources and versions are those that deny.toml allows.`);
