#!/usr/bin/env node
// Builds a page with each bundler and framework from the package's tarball, and tries it in Chromium. Writes the results
// to docs/compatibility.md; fails where one does not work.
//
//   node tests/matrix/run.mjs [WORD]      WORD: only the rows that hold it; nothing is written then

import { mkdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import webpack from "webpack";
import { launchBrowser, openPage } from "../page/browser.mjs";
import { packPackage } from "../page/packed.mjs";
import { startOrigin } from "../page/site.mjs";
import { tinyModelFiles } from "../page/tiny-models.mjs";
import { EXPECTED } from "../page/trial.js";
import { buildWithNext } from "./next.mjs";
import { PACKAGE, writePageWithMap, writePageWithPath } from "./no-bundler.mjs";
import { APP_WITH_WORKER_URL, makeProject } from "./project.mjs";
import { buildWithSvelteKit } from "./svelte-kit.mjs";
import { buildWithVite, serveWithVite } from "./vite.mjs";
import { buildWithWebpack } from "./webpack.mjs";

const projects = fileURLToPath(new URL("projects/", import.meta.url));
const results = fileURLToPath(new URL("../../docs/compatibility.md", import.meta.url));
const CORS = { "access-control-allow-origin": "*" };
const POLICY = (cdn) =>
  `default-src 'none'; script-src 'self' ${cdn} 'wasm-unsafe-eval'; worker-src blob:; connect-src 'self' ${cdn}; img-src data:`;

const [onlyWord = ""] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const versionOf = (name) => require(`./node_modules/${name}/package.json`).version;

/**
 * What is tried: `start(root, serve)` makes a page of the project in the folder `root` and resolves to its address;
 * `serve(folder, headers)` serves a folder as an origin of its own.
 */
const ROWS = [
  row("no bundler", "a path", async (root, serve) => {
    await writePageWithPath(root);
    return serve(root);
  }, { assets: "" }),
  row("no bundler", "an import map", async (root, serve) => {
    await writePageWithMap(root);
    return serve(root);
  }, { assets: "" }),
  row("no bundler", 'another origin, `crossOrigin: "blob"`', async (root, serve) => {
    await writePageWithPath(root, `${await serve(join(root, PACKAGE), CORS)}client.js`);
    return serve(root);
  }, { assets: "", options: { crossOrigin: "blob" } }),
  row("no bundler", 'another origin, `crossOrigin: "blob"`, a strict policy', async (root, serve) => {
    const cdn = await serve(join(root, PACKAGE), CORS);
    await writePageWithPath(root, `${cdn}client.js`);
    return serve(root, { "content-security-policy": POLICY(cdn) });
  }, { assets: "", options: { crossOrigin: "blob" } }),
  ...["vite5", "vite6", "vite7", "vite"].flatMap((name) => viteRows(name, `Vite ${versionOf(name)}`)),
  row("Vite " + versionOf("vite"), "development server, without the plugin", viteServer("vite", false)),
  row(`webpack ${webpack.version}`, "build", async (root, serve) => serve(await buildWithWebpack(webpack, root))),
  row(`webpack ${webpack.version}`, 'build, its scripts on another origin, `crossOrigin: "blob"`', async (root, serve) => {
    await mkdir(join(root, "dist"));
    const publicPath = await serve(join(root, "dist"), CORS);
    return serve(await buildWithWebpack(webpack, root, { publicPath }));
  }, { options: { crossOrigin: "blob" } }),
  ...["webpack", "turbopack"].map((bundler) =>
    row(`Next.js ${versionOf("next")}`, `static export, ${bundler}`, async (root, serve) => serve(await buildWithNext(root, bundler))),
  ),
  row(`SvelteKit ${versionOf("@sveltejs/kit")}`, "static pages", async (root, serve) => serve(await buildWithSvelteKit(root))),
];

function row(tool, how, start, { assets = "public", options = {} } = {}) {
  return { tool, how, start, assets, options };
}

function viteRows(name, tool) {
  const build = async (root, serve) => serve(await buildWithVite(await import(name), root, { withPlugin: false }));
  const buildWithUrl = async (root, serve) => {
    await writeFile(join(root, "app.js"), APP_WITH_WORKER_URL);
    return build(root, serve);
  };
  return [
    row(tool, "build", build),
    row(tool, "build, `workerUrl` of `multimodal-rag/worker.js?worker&url`", buildWithUrl),
    row(tool, "development server, with the plugin", viteServer(name, true)),
  ];
}

function viteServer(name, withPlugin) {
  return async (root, serve) => {
    const server = await serveWithVite(await import(name), root, { withPlugin });
    serve.closeLater(server);
    return server.url;
  };
}

/** Resolves to what went wrong; to nothing where the page works. */
async function outcomeOf({ start, assets, options }, root, { browser, packed, models }) {
  const open = [];
  const serve = async (folder, headers) => {
    const origin = await startOrigin(folder, headers);
    open.push(origin);
    return origin.url;
  };
  serve.closeLater = (server) => open.push(server);
  const context = await browser.newContext();
  try {
    await makeProject(root, { packed, models, assets });
    const page = await openPage(context, await start(root, serve));
    const { sum, found } = await page.evaluate((options) => trial(options), options);
    return sum === EXPECTED.sum && found === EXPECTED.found ? undefined : `it found ${found} and the sum ${sum}`;
  } catch (error) {
    return error.stderr || error.message;
  } finally {
    await context.close();
    for (const server of open) await server.close();
  }
}

const document = (browser, rows) => `# Where the package works

Written by \`make test-matrix\`. It installs the package from its tarball, makes a page with each tool, and has Chromium ${browser.version()} add
a text and a CSV in it, search, and run a query. That needs the engine's worker, workers that it starts, and three wasm modules. The options are
described in [the package's README](../pkg/README.md#other-places).

| tool | how | result |
|---|---|---|
${rows.map(({ tool, how, failure }) => `| ${tool} | ${how} | ${failure ? "fails" : "works"} |`).join("\n")}
`;

await rm(projects, { recursive: true, force: true });
const [browser, packed, models] = await Promise.all([launchBrowser(), packPackage(), tinyModelFiles()]);
const chosen = ROWS.filter(({ tool, how }) => `${tool}, ${how}`.includes(onlyWord));
for (const [at, row] of chosen.entries()) {
  row.failure = await outcomeOf(row, join(projects, `project-${at}`), { browser, packed, models });
  console.log(`${row.tool}, ${row.how}: ${row.failure ? `FAILS\n${row.failure}` : "works"}`);
}
if (!onlyWord) await writeFile(results, document(browser, chosen));
await browser.close();
await packed.close();
await rm(projects, { recursive: true });
process.exit(chosen.some(({ failure }) => failure) ? 1 : 0);
