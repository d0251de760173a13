#!/usr/bin/env node
// Serves a folder (default: www/) to this machine only.
//
//   node scripts/serve.mjs [FOLDER]      PORT: the first port to try (default: 8080)

import { createReadStream, realpathSync } from "node:fs";
import { readFile, realpath, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, sep } from "node:path";
import { pipeline } from "node:stream";
import { fileURLToPath } from "node:url";

const WWW = fileURLToPath(new URL("../www", import.meta.url));
const PORTS_TO_TRY = 20;

/** The headers with which a page and its workers may share memory between threads. */
export const ISOLATION = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };

const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".csv": "text/csv; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".md": "text/markdown; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json; charset=utf-8",
  ".woff2": "font/woff2",
};

/**
 * Serves `root`. Resolves to `{ url, port, close() }`, `url` without a slash at its end; `close` also ends the
 * connections that are open. Port 0 is any free port; another port that is taken makes way for the next free one.
 * `isolated` adds the headers by which a page is cross-origin isolated, as threads with shared memory need it.
 */
export async function serve({ root = WWW, port = 0, isolated = false } = {}) {
  const folder = await realpath(root);
  const policy = await policyOf(folder);
  const server = createServer((request, response) => {
    // A worker has the policy of its own response, not of its page.
    if (policy) response.setHeader("content-security-policy", policy);
    if (isolated) for (const [name, value] of Object.entries(ISOLATION)) response.setHeader(name, value);
    answer(folder, request, response).catch((error) => {
      if (!response.headersSent) refuse(response, 500, error.message);
      else response.destroy();
    });
  });
  const taken = await listen(server, port);
  return {
    url: `http://127.0.0.1:${taken}`,
    port: taken,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

/** The Content-Security-Policy in the folder's page, if there is one. */
async function policyOf(folder) {
  const page = await readFile(join(folder, "index.html"), "utf8").catch(() => "");
  return /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(page)?.[1];
}

async function listen(server, port) {
  for (let tried = 0; ; tried += 1) {
    try {
      await new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen(port === 0 ? 0 : port + tried, "127.0.0.1", () => {
          server.off("error", reject);
          resolve();
        });
      });
      return server.address().port;
    } catch (error) {
      if (error.code !== "EADDRINUSE" || tried + 1 === PORTS_TO_TRY) throw error;
    }
  }
}

async function answer(folder, request, response) {
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("allow", "GET, HEAD");
    return refuse(response, 405, "only GET and HEAD");
  }
  const file = await find(folder, request.url);
  if (!file) return refuse(response, 404, "not found");

  const { size, mtimeMs } = await stat(file);
  const etag = `"${size.toString(16)}-${Math.floor(mtimeMs).toString(16)}"`;
  response.setHeader("content-type", TYPES[extname(file)] ?? "application/octet-stream");
  response.setHeader("cache-control", "no-cache");
  response.setHeader("accept-ranges", "bytes");
  response.setHeader("x-content-type-options", "nosniff");
  response.setHeader("etag", etag);
  if (request.headers["if-none-match"] === etag) return response.writeHead(304).end();

  const range = rangeOf(request.headers.range, size);
  if (range === "unsatisfiable") {
    response.setHeader("content-range", `bytes */${size}`);
    return refuse(response, 416, "no such range");
  }
  const { start, end } = range ?? { start: 0, end: size - 1 };
  response.setHeader("content-length", end - start + 1);
  if (range) response.setHeader("content-range", `bytes ${start}-${end}/${size}`);
  response.writeHead(range ? 206 : 200);
  if (request.method === "HEAD" || size === 0) return response.end();
  // A page may close during the transfer: the file must be closed, and this is no error.
  pipeline(createReadStream(file, { start, end }), response, () => {});
}

/** The file of a request, or null. Never one outside `folder`, whatever dots or links the path holds. */
async function find(folder, url) {
  try {
    let path = decodeURIComponent(url.split(/[?#]/, 1)[0]);
    if (path.includes("\0")) return null;
    if (path.endsWith("/")) path += "index.html";
    const file = await realpath(join(folder, path));
    const inside = file.startsWith(folder + sep);
    return inside && (await stat(file)).isFile() ? file : null;
  } catch {
    return null;
  }
}

/** One range of bytes; several at once are answered with the whole file, as the standard allows. */
function rangeOf(header, size) {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? "");
  if (!match || (match[1] === "" && match[2] === "")) return null;
  const start = match[1] === "" ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const end = match[1] === "" || match[2] === "" ? size - 1 : Math.min(Number(match[2]), size - 1);
  return start > end || start >= size ? "unsatisfiable" : { start, end };
}

function refuse(response, status, sentence) {
  response.setHeader("content-type", "text/plain; charset=utf-8");
  response.removeHeader("etag");
  response.writeHead(status).end(`${sentence}\n`);
}

if (realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { url } = await serve({ root: process.argv[2] ?? WWW, port: Number(process.env.PORT ?? 8080) });
  // Ctrl-C is the usual end, and no failure for make to report.
  process.once("SIGINT", () => process.exit(0));
  console.log(`\nThe page is at ${url}/   (Ctrl-C ends it)`);
}
