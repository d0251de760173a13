#!/usr/bin/env node
// A site of a folder of Markdown, with an answering box:
//
//   node build.mjs FOLDER OUT --title "Our handbook" --models models.json --embedder FILE
//
// The command line of multimodal-rag is taken from the path (or --program), the package from node_modules (or --package).

import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve, sep } from "node:path";
import { parseArgs } from "node:util";
import { render } from "./markdown.mjs";
import { writeSite } from "./site.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    title: { type: "string", default: "Documentation" },
    models: { type: "string", default: "models.json" },
    embedder: { type: "string" },
    program: { type: "string", default: "multimodal-rag" },
    package: { type: "string" },
    question: { type: "string", multiple: true, default: [] },
  },
});
const [folder, out] = positionals;
if (!out || !values.embedder) {
  console.error("node build.mjs FOLDER OUT --embedder FILE [--title TITLE] [--models FILE] [--question QUESTION]");
  process.exit(2);
}

const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".md")).map((name) => name.split(sep).join("/")).sort();
const pages = [];
for (const name of names) pages.push(await pageOf(name));
if (!pages.some(({ path }) => path === "index.html") && pages.length > 0) pages.unshift({ ...pages[0], path: "index.html" });

const { title, question: questions } = values;
const groups = [{ title: "Pages", pages }];
const tools = {
  package: values.package ?? dirname(createRequire(join(resolve("."), "x.js")).resolve("multimodal-rag/package.json")),
  models: values.models,
  program: values.program,
  embedder: values.embedder,
};
await writeSite(resolve(out), { title, lang: "en", groups, questions }, pages, { tools });
console.log(`${relative(".", out)}: ${pages.length} pages. Serve this folder.`);

/** The page of a file. `README.md` is the page of its folder. */
async function pageOf(name) {
  const toPage = (path) => path.replace(/(^|\/)README\.md/, "$1index.md").replace(/\.md(?=$|#)/, ".html");
  const { html, title, headings } = render(await readFile(join(folder, name), "utf8"), (href) => (/^[a-z]+:/i.test(href) ? href : toPage(href)));
  return { path: toPage(name), title: title || name, html, headings };
}
