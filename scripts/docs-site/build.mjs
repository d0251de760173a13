#!/usr/bin/env node
// The documentation as a site. `make docs-site` installs what this needs, and calls it.
//
//   node scripts/docs-site/build.mjs [--out FOLDER] [--models FILE] [--embedder PATH]

import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { render } from "../../examples/docs-site/markdown.mjs";
import { writeSite } from "../../examples/docs-site/site.mjs";
import { escaped } from "../../examples/docs-site/template.mjs";
import { reference } from "./reference.mjs";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const target = resolve(repository, process.env.CARGO_TARGET_DIR ?? "target");
const { values: options } = parseArgs({
  options: {
    out: { type: "string", default: join(target, "docs-site") },
    models: { type: "string", default: join(repository, "www/models.json") },
    embedder: { type: "string", default: join(repository, "models/multilingual-e5-small-en-pt.q4.safetensors") },
  },
});
const read = (path) => readFile(join(repository, path), "utf8");

/** The guides by subject. Another file of docs/ stands under the last. */
const GROUPS = {
  Start: ["README"],
  "Use it": ["element", "shipped-knowledge-base", "adapters", "agents", "node", "command-line", "models"],
  "Know it": ["browsers", "compatibility", "package-size", "quality", "benchmarks", "security"],
  "Build on it": ["architecture", "storage-format", "testing"],
};
const QUESTIONS = ["Where does the knowledge base live?", "What does a hostile document reach?", "Does it work offline?"];

const { version, exports } = JSON.parse(await read("pkg/package.json"));
const named = (await readdir(join(repository, "docs"))).filter((name) => name.endsWith(".md")).map((name) => name.slice(0, -".md".length));
const listed = Object.values(GROUPS).flat();
GROUPS["Build on it"].push(...named.filter((name) => !listed.includes(name)));
const examples = (await readdir(join(repository, "docs/examples"))).filter((name) => name.endsWith(".html")).sort();
const known = new Set(named);

/** The address of a link in a guide. What is no page of the site has none: its words stay. */
function linkOf(href) {
  if (/^(https?:|#|mailto:)/.test(href)) return href;
  const [path, hash = ""] = href.split("#");
  const name = path.replace(/^(\.\/)?(docs\/)?/, "").replace(/^\.\.\//, "");
  if (name.endsWith(".png")) return name;
  const page = name === "README.md" ? "index" : name.replace(/\.md$/, "");
  const isPage = page === "index" || known.has(page);
  return isPage ? `${page}.html${hash && `#${hash}`}` : null;
}

async function guide(name) {
  const path = name === "README" ? "README.md" : `docs/${name}.md`;
  const { html, title, headings } = render(await read(path), linkOf);
  return { path: name === "README" ? "index.html" : `${name}.html`, title, html, headings };
}

async function example(name) {
  const source = await read(`docs/examples/${name}`);
  const [, title] = /<title>(.*)<\/title>/.exec(source);
  const html = `<h1>${title}</h1><p>It runs here, in your browser. Below is its whole source.</p>
<iframe src="run/${name}" title="${title}"></iframe><pre tabindex="0"><code>${escaped(source)}</code></pre>`;
  return { path: `examples/${name}`, title, html, headings: [], isAsked: false };
}

async function api([name, { types }]) {
  const title = name === "." ? "multimodal-rag" : `multimodal-rag${name.slice(1)}`;
  const markdown = await reference(title, join(repository, "pkg", types), join(target, "tmp/reference", name === "." ? "index" : name.slice(2)));
  const { html, headings } = render(markdown, (href) => (href.startsWith("#") || /^https?:/.test(href) ? href : null), { html: true });
  const isThere = (id) => html.includes(`id="${id}"`);
  // The generator counts names that are there twice in another order.
  const linked = html.replace(/href="#([^"]+)-\d+"/g, (link, id) => (isThere(link.slice(7, -1)) || !isThere(id) ? link : `href="#${id}"`));
  return { path: `api/${name === "." ? "index" : name.slice(2)}.html`, title, html: linked, headings };
}

const groups = [];
for (const [title, names] of Object.entries(GROUPS)) groups.push({ title, pages: await Promise.all(names.map(guide)) });
groups.push({ title: "Examples that run", pages: await Promise.all(examples.map(example)) });
const entries = Object.entries(exports).filter(([name, { types }]) => types && !["./worker.js", "./vite"].includes(name));
groups.push({ title: "Reference", pages: await Promise.all(entries.map(api)) });

const files = [["page.png", join(repository, "docs/page.png")]];
for (const name of examples) files.push([`examples/run/${name}`, join(repository, "docs/examples", name)]);
await writeSite(resolve(options.out), { title: `multimodal-rag ${version}`, lang: "en", groups, questions: QUESTIONS }, groups.flatMap(({ pages }) => pages), {
  files,
  tools: {
    package: join(repository, "pkg"),
    models: options.models,
    program: join(target, "ci/multimodal-rag"),
    embedder: options.embedder,
  },
});
console.log(`${groups.flatMap(({ pages }) => pages).length} pages`);
