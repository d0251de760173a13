// The documentation as a site: its links, its box, its examples, its policy. With small models, and no other origin.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { launchBrowser, newVisitor } from "../page/browser.mjs";
import { startOrigin } from "../page/site.mjs";
import { tinyEmbedder } from "../page/tiny-models.mjs";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const TINY = join(repository, "tests/fixtures/models/tiny-bert");
const axe = await readFile(join(repository, "tests/page/node_modules/axe-core/axe.min.js"), "utf8");
/** The policy of docs/security.md. The examples that run have scripts within their pages. */
const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data:";

const folder = await mkdtemp(join(tmpdir(), "rag-docs-site-"));
after(() => rm(folder, { recursive: true }));
const out = join(folder, "site");
await build();
const server = await startOrigin(out);
after(() => server.close());
const browser = await launchBrowser();
after(() => browser.close());

/** Builds the site with an embedder of random weights. */
async function build() {
  const bytes = await tinyEmbedder();
  await mkdir(join(folder, "models"));
  await writeFile(join(folder, "models/embedder.safetensors"), bytes);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const models = { embedder: { url: "embedder.safetensors", sha256, size: bytes.length } };
  await writeFile(join(folder, "models/models.json"), JSON.stringify(models));
  const args = ["scripts/docs-site/build.mjs", "--out", out, "--models", join(folder, "models/models.json"), "--embedder", join(folder, "models/embedder.safetensors")];
  await promisify(execFile)(process.execPath, args, { cwd: repository });
}

/** A page of the site. Each request leads to the site; nothing is logged as an error. */
async function open(t, path, options = {}) {
  const context = await browser.newContext(options);
  t.after(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const errors = [];
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("request", (request) => /^(blob|data):/.test(request.url()) || request.url().startsWith(server.url) || errors.push(request.url()));
  t.after(() => assert.deepEqual(errors, []));
  await page.goto(server.url + path);
  return page;
}

const pagesOf = async () => (await readdir(out, { recursive: true })).filter((name) => name.endsWith(".html") && !name.startsWith("examples/run"));

test("every link leads to a page and a place of the site", async () => {
  const names = await pagesOf();
  const texts = new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(out, name), "utf8")])));
  const broken = [];
  for (const [name, text] of texts) {
    for (const [, href] of text.matchAll(/<a href="([^"]*)"/g)) {
      if (/^(https?|mailto):/.test(href)) continue;
      const { pathname, hash } = new URL(href, `http://site/${name}`);
      const target = texts.get(pathname.slice(1));
      const hasPlace = hash === "" || target?.includes(`id="${decodeURIComponent(hash.slice(1))}"`);
      if (!target || !hasPlace) broken.push(`${name}: ${href}`);
    }
  }
  assert.ok(names.length > 25);
  assert.deepEqual(broken, []);
});

test("the box answers from the guides, under a strict policy, and its link opens the page", async (t) => {
  server.answer(t, "/node.html", async (response) =>
    response.writeHead(200, { "content-type": "text/html; charset=utf-8", "content-security-policy": POLICY }).end(await readFile(join(out, "node.html"))));
  const page = await open(t, "node.html");
  await page.keyboard.press("/");
  const box = page.locator("multimodal-rag");
  await box.getByRole("textbox").fill("Which file in the folder has the number of the process?");
  await page.keyboard.press("Enter");
  const link = box.getByRole("link", { name: /node\.html/ }).first();
  await link.waitFor();
  assert.match(await box.locator("blockquote").first().innerText(), /holder/);
  assert.match(new URL(await link.getAttribute("href"), page.url()).pathname, /\/node\.html$/);
  await link.click();
  assert.equal(await page.locator("dialog.answers").evaluate((dialog) => dialog.open), false);
});

const EXAMPLES = {
  "search.html": { press: "Search", shows: [/ferry leaves at seven/] },
  "ask.html": { press: "Ask", shows: [/On Fridays it closes at three\./, /hours\.md/] },
  "tables.html": { press: "Run", shows: [/Rome\t21/] },
  "own-generator.html": { press: "Ask", shows: [/rests on hours\.txt/, /not supported, and not shown: The building is blue/] },
  "agents.html": { shows: [/no document\.modelContext/] },
  "element.html": { press: "Where does the knowledge base live?", shows: [/From the documents|Nothing/] },
};

for (const [name, { press, shows }] of Object.entries(EXAMPLES)) {
  test(`the example ${name} runs in its page`, async (t) => {
    const page = await open(t, `examples/${name}`);
    const frame = page.frameLocator("iframe");
    await frame.locator("body[data-ready]").waitFor();
    if (press) await frame.getByRole("button", { name: press, exact: true }).click();
    for (const text of shows) await frame.getByText(text).first().waitFor();
  });
}

test("every example has a test", async () => {
  const names = (await readdir(join(repository, "docs/examples"))).sort();
  assert.deepEqual(names, Object.keys(EXAMPLES).sort());
});

test("axe finds nothing, in light and dark, on a desktop and on a phone", async (t) => {
  const sizes = [{ width: 1280, height: 800 }, { width: 390, height: 800 }];
  for (const [at, path] of ["index.html", "security.html", "api/index.html"].entries()) {
    const page = await open(t, path, { viewport: sizes[at % 2], colorScheme: at === 0 ? "dark" : "light" });
    await page.evaluate(axe);
    const found = await page.evaluate(async () => (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`));
    assert.deepEqual(found, [], path);
    if (at > 0) continue;
    await page.keyboard.press("/");
    await page.getByRole("textbox").waitFor();
    const opened = await page.evaluate(async () => (await axe.run("dialog")).violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`));
    assert.deepEqual(opened, []);
  }
});

test("nothing is wider than a phone, but what scrolls by itself", async (t) => {
  const page = await open(t, "index.html", { viewport: { width: 360, height: 700 } });
  for (const path of ["index.html", "benchmarks.html", "api/index.html"]) {
    await page.goto(server.url + path);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), path);
  }
});
