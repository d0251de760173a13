// A site with the element, under a strict policy, and what a test of it needs.

import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { serve } from "../../scripts/serve.mjs";

const pathOf = (relative) => fileURLToPath(new URL(relative, import.meta.url));

export const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:";

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width">
<title>Tide mill</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="page.css">
<script type="module" src="page.js"></script>
<main><h1>Tide mill</h1><multimodal-rag></multimodal-rag></main>
`;

const SCRIPT = `import * as module from "./pkg/element/index.js";
import { fakeEngine } from "./fake-engine.js";
Object.assign(window, { module, fakeEngine });
`;

/** Resolves to the site. The pages' element has no engine yet. `files` are more of its files, by name. */
export async function startElementSite(files = {}) {
  const root = await mkdtemp(join(tmpdir(), "rag-element-"));
  await cp(pathOf("../../pkg"), join(root, "pkg"), { recursive: true, filter: (path) => !path.endsWith("/wasm") });
  await cp(pathOf("./fake-engine.js"), join(root, "fake-engine.js"));
  const all = { "index.html": PAGE, "page.js": SCRIPT, "page.css": "", ...files };
  for (const [name, text] of Object.entries(all)) await writeFile(join(root, name), text);
  const server = await serve({ root });
  const close = async () => {
    await server.close();
    await rm(root, { recursive: true });
  };
  return { url: `${server.url}/`, close };
}

/**
 * A page of the site whose element asks a fake engine. `page.errors` collects what is wrong, `page.requests` the paths
 * asked for.
 */
export async function openElement(t, browser, site, { engine = true, lang = "en", dir = "ltr", attributes = {}, ...context } = {}) {
  const visitor = await browser.newContext({ viewport: { width: 800, height: 900 }, ...context });
  t.after(() => visitor.close());
  const page = await visitor.newPage();
  page.errors = [];
  page.requests = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && page.errors.push(message.text()));
  page.on("pageerror", (error) => page.errors.push(error.message));
  page.on("request", (request) => page.requests.push(new URL(request.url()).pathname));
  await page.goto(site.url);
  await page.waitForFunction(() => window.fakeEngine);
  await page.evaluate(({ engine, lang, dir, attributes }) => {
    Object.assign(document.documentElement, { lang, dir });
    window.element = document.querySelector("multimodal-rag");
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    // The language of an ancestor is read when the element comes to the page.
    document.querySelector("main").append(element);
    if (engine) window.engine = element.engine = fakeEngine();
    window.events = [];
    for (const type of ["ask", "answer", "error", "cite"]) {
      element.addEventListener(type, ({ detail }) => events.push({ type, ...detail, error: detail.error && { code: detail.error.code, message: detail.error.message } }));
    }
  }, { engine, lang, dir, attributes });
  return page;
}

/** Types a question into the box, asks it with Enter, and waits for the end of the answer. */
export async function askElement(page, question) {
  const count = await page.evaluate(() => events.filter(({ type }) => type === "answer" || type === "error").length);
  await page.getByRole("textbox").fill(question);
  await page.keyboard.press("Enter");
  await page.waitForFunction((count) => events.filter(({ type }) => type === "answer" || type === "error").length > count, count);
}

/** What axe-core finds wrong, each as one line. */
export async function findingsOfAxe(page) {
  await page.evaluate(await readFile(pathOf("./node_modules/axe-core/axe.min.js"), "utf8"));
  return page.evaluate(async () => {
    // What fades in has its colours at the end.
    await Promise.all(element.shadowRoot.getAnimations().map(({ finished }) => finished));
    const { violations } = await window.axe.run();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id} ${target.flat().join(" ")}: ${failureSummary}`));
  });
}
