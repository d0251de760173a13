// What the evaluations share: a command line whose output is shown and returned, and floors.

import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";

/** Runs a command, shows what it prints, and returns it. Ends the process where the command fails. */
export async function evaluate(command, options) {
  const child = spawn(command, options, { stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    process.stdout.write(text);
    printed += text;
  });
  const status = await new Promise((resolve) => child.on("close", resolve));
  if (status !== 0) process.exit(status ?? 1);
  return printed;
}

/** The floors of an evaluation; undefined where there are none. */
export async function floorsOf(name) {
  return JSON.parse(await readFile(new URL("../benches/eval/floors.json", import.meta.url)))[name];
}

/** Ends the process where a share is missing or below its floor. */
export function check(shares, floors) {
  const low = Object.entries(floors).filter(([name, floor]) => !(shares[name] >= floor));
  for (const [name, floor] of low) console.error(`${name} is ${shares[name] ?? "missing"}, below its floor of ${floor}.`);
  if (low.length > 0) process.exit(1);
  console.log(`\nNo share is below its floor.`);
}
