// Stands in for the bindings of the module with SQLite: the request, a text, says what the module does with it.

import init from "./real.js";
import { trap } from "./trap.js";

let memory;
let held = [];

export default async function load(options) {
  ({ memory } = await init(options));
  return { memory };
}

export const heldTables = () => held;

export function runQuery(request) {
  const [verb, ...keys] = new TextDecoder().decode(request).split(" ");
  if (verb === "hang") for (;;);
  if (verb === "trap") trap();
  if (verb === "full") {
    memory.grow(10_000); // of 64 KiB
    trap();
  }
  held = [...new Set([...held, ...keys])];
  if (verb === "wrong") throw { code: "invalid_query", message: "There is no column x." };
  const until = performance.now() + (verb === "slow" ? 600 : 0);
  while (performance.now() < until);
  return new TextEncoder().encode(`${verb} of ${held.join()}`);
}
