// Stands in for the bindings of a reader module: the file's name says what the reader does with it. Its text is read as
// Markdown by the module itself.

import init, * as real from "./real.js";
import { trap } from "./trap.js";

const HEAD = "%PDF-1.7\n";
const PAGES = 20;
let memory;

export default async function load(options) {
  ({ memory } = await init(options));
  return { memory };
}

export function readFile(name, mediaType, bytes, password, limits, decoded, onStep) {
  if (name.startsWith("hang")) for (;;);
  if (name.startsWith("trap")) trap();
  if (name.startsWith("full")) {
    memory.grow(10_000); // of 64 KiB
    trap();
  }
  if (name.startsWith("locked") && password !== "open") {
    throw { code: "password_required", message: `"${name}" is protected by a password.` };
  }
  for (let page = 1; page <= PAGES; page += 1) {
    const end = performance.now() + (name.startsWith("slow") ? 100 : 1);
    while (performance.now() < end);
    onStep(page, PAGES, "pages");
  }
  return real.readFile("text.md", "text/markdown", bytes.subarray(HEAD.length), undefined, limits, undefined, () => {});
}
