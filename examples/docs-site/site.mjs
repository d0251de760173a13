// A site of pages: HTML, the box and what it needs, in one folder that any server of files can serve.

import { execFile } from "node:child_process";
import { copyFile, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { pageHtml } from "./template.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));

/**
 * Writes a site into the folder `out`, which is emptied first.
 *
 * `site` is `{ title, lang, groups, questions }`, as the template takes it. `pages` are `{ path, title, html, headings }`;
 * one with `isAsked: false` is no source of answers.
 * `files` are copied: paths in the site and where they are. `tools` is `{ package, models, program, embedder }`: the
 * folder of the npm package, the path of a `models.json` with the models beside it, the command line, and its embedder.
 */
export async function writeSite(out, site, pages, { files = [], tools }) {
  await rm(out, { recursive: true, force: true });
  await mkdir(join(out, "site"), { recursive: true });
  const integrity = await writeKnowledgeBase(out, pages, tools);
  for (const page of pages) await write(join(out, page.path), pageHtml({ ...site, integrity }, page));
  for (const name of ["style.css", "site.js"]) await copyFile(join(here, name), join(out, "site", name));
  for (const [path, source] of files) await copy(source, join(out, path));
  await cp(tools.package, join(out, "site/pkg"), { recursive: true, filter: (path) => !/\.(d\.ts|tgz|md)$/.test(path) });
  await writeModels(out, tools.models);
}

/** The texts of the pages as a knowledge base: what stands around them is not asked. Returns its hash. */
async function writeKnowledgeBase(out, pages, { program, embedder }) {
  const texts = `${out}.texts`;
  await rm(texts, { recursive: true, force: true });
  for (const { path, title, html } of pages.filter(({ isAsked = true }) => isAsked)) {
    await write(join(texts, path), `<!doctype html><meta charset="utf-8"><title>${title}</title><main>${html}</main>`);
  }
  // Addresses are relative to docs.rag.
  const args = ["build", texts, "--output", join(out, "site/docs.rag"), "--url", "..", "--model", embedder];
  const { stdout } = await promisify(execFile)(program, args);
  await rm(texts, { recursive: true });
  return /^integrity: (\S+)$/m.exec(stdout)[1];
}

/** The embedder and the answer reader, which the box needs. */
async function writeModels(out, path) {
  const { embedder, answerReader } = JSON.parse(await readFile(path, "utf8"));
  const models = { embedder, answerReader };
  for (const { url } of Object.values(models).filter(Boolean)) await copy(join(dirname(path), url), join(out, "site", url));
  await write(join(out, "site/models.json"), JSON.stringify(models, null, 2));
}

async function write(path, text) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

async function copy(source, target) {
  await mkdir(dirname(target), { recursive: true });
  await copyFile(source, target);
}
