// The package in bundlers, from its tarball. More of them: make test-matrix.

import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import * as vite from "vite";
import webpack from "webpack";
import { makeProject } from "../matrix/project.mjs";
import { buildWithVite, serveWithVite } from "../matrix/vite.mjs";
import { buildWithWebpack } from "../matrix/webpack.mjs";
import { launchBrowser, newVisitor, openPage } from "./browser.mjs";
import { packPackage } from "./packed.mjs";
import { setUp } from "./set-up.mjs";
import { startOrigin } from "./site.mjs";
import { tinyModelFiles } from "./tiny-models.mjs";
import { EXPECTED } from "./trial.js";

const { packed, browser } = await setUp({ packed: packPackage(), browser: launchBrowser() });
const models = await tinyModelFiles();

async function newProject(t) {
  const root = await mkdtemp(join(tmpdir(), "rag-bundled-"));
  t.after(() => rm(root, { recursive: true }));
  await makeProject(root, { packed, models });
  return root;
}

/** What a trial in the page at this address gives. */
async function triedAt(t, url, options = {}) {
  const page = await openPage(await newVisitor(t, browser), url);
  const { sum, found } = await page.evaluate((options) => trial(options), options);
  return { sum, found };
}

async function served(t, folder, headers) {
  const origin = await startOrigin(folder, headers);
  t.after(() => origin.close());
  return origin.url;
}

test("Vite builds a page that works", async (t) => {
  const built = await buildWithVite(vite, await newProject(t), { withPlugin: false });
  assert.deepEqual(await triedAt(t, await served(t, built)), EXPECTED);
});

test("Vite's development server serves a page that works, with the plugin", async (t) => {
  const server = await serveWithVite(vite, await newProject(t), { withPlugin: true });
  t.after(() => server.close());
  assert.deepEqual(await triedAt(t, server.url), EXPECTED);
});

test("webpack builds a page that works", async (t) => {
  const built = await buildWithWebpack(webpack, await newProject(t));
  assert.deepEqual(await triedAt(t, await served(t, built)), EXPECTED);
});

test("a page whose scripts webpack puts on another origin works when workers start from blobs", async (t) => {
  const root = await newProject(t);
  await mkdir(join(root, "dist"));
  const publicPath = await served(t, join(root, "dist"), { "access-control-allow-origin": "*" });
  const url = await served(t, await buildWithWebpack(webpack, root, { publicPath }));
  assert.deepEqual(await triedAt(t, url, { crossOrigin: "blob" }), EXPECTED);
});
