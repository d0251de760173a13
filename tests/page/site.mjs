// A site like one that a user of the package would make: the package, two models
// and a page, served by scripts/serve.mjs. In front of it stands a server that
// keeps a log of requests and can answer some itself.

import { copyFile, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ISOLATION, serve } from "../../scripts/serve.mjs";
import { sourceOf, tinyModelFiles } from "./tiny-models.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const pkg = fileURLToPath(new URL("../../pkg", import.meta.url));

const PAGE = `<!doctype html>
<meta charset="utf-8">
<title>test page</title>
<link rel="icon" href="data:,">
<script type="importmap">{ "imports": { "multimodal-rag": "./pkg/client.js" } }</script>
<script type="module" src="./in-page.js"></script>
`;

/**
 * Resolves to the site; `close` it after the tests. `isolated` lets its pages share memory between workers;
 * `more` are files beside the tiny models, by name.
 */
export async function startSite({ isolated = false, more = {} } = {}) {
  const root = await mkdtemp(join(tmpdir(), "rag-site-"));
  const files = await tinyModelFiles();
  await cp(pkg, join(root, "pkg"), { recursive: true });
  // The same, where npm would put it.
  await mkdir(join(root, "node_modules"));
  await symlink("../pkg", join(root, "node_modules/multimodal-rag"));
  const models = await writeModels(root, files);
  for (const [name, path] of Object.entries(more)) await copyFile(path, join(root, "models", name));
  await writeFile(join(root, "index.html"), PAGE);
  await cp(join(here, "in-page.js"), join(root, "in-page.js"));

  const inner = await serve({ root, isolated });
  const front = await startFront(inner.url, isolated ? ISOLATION : {});
  const close = async () => {
    await front.close();
    await inner.close();
    await rm(root, { recursive: true });
  };
  return { ...front, files, models, pkgFile: (name) => readFile(join(pkg, name), "utf8"), close };
}

/** Writes the tiny models and their `models.json` into a folder; resolves to what that file says. */
export async function writeModels(root, files) {
  await mkdir(join(root, "models"), { recursive: true });
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(root, "models", name), bytes);
  const models = {
    embedder: sourceOf("./models/embedder", files.embedder),
    generator: sourceOf("./models/generator", files.generator),
  };
  await writeFile(join(root, "models.json"), JSON.stringify(models));
  return models;
}

/** Serves a folder as an origin of its own, with these headers on every answer. Resolves as `startSite`. */
export async function startOrigin(root, headers = {}) {
  const inner = await serve({ root });
  const front = await startFront(inner.url, headers);
  const close = async () => {
    await front.close();
    await inner.close();
  };
  return { ...front, close };
}

async function startFront(innerUrl, always) {
  const answers = new Map();
  const log = [];
  const server = createServer((incoming, outgoing) => {
    const path = incoming.url.split("?", 1)[0];
    log.push(path);
    for (const [name, value] of Object.entries(always)) outgoing.setHeader(name, value);
    const answer = answers.get(path);
    if (answer) return answer(outgoing, incoming);
    const { method, headers } = incoming;
    request(innerUrl + incoming.url, { method, headers }, (response) => {
      outgoing.writeHead(response.statusCode, response.headers);
      response.pipe(outgoing);
    }).end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  return {
    url: `http://127.0.0.1:${port}/`,
    port,
    /** Paths asked for, in order; a test may empty it. */
    log,
    /** Answers `path` by `(response, request) => …` until test `t` ends. */
    answer(t, path, respond) {
      answers.set(path, respond);
      t.after(() => answers.delete(path));
    },
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

/** An answer with these bytes. */
export function withBody(body, type = "application/octet-stream") {
  return (response) => response.writeHead(200, { "content-type": type }).end(body);
}

/** An answer that is only a status. */
export function withStatus(status) {
  return (response) => response.writeHead(status).end();
}
