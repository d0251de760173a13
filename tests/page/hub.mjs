// A server that behaves like a model hub: an API that lists files by pages, and addresses of files that redirect to
// another origin, which supports ranges. Tests change its repositories and give it faults.

import { createHash } from "node:crypto";
import { createServer } from "node:http";

/** Pages with more files than this continue on another one. */
const PAGE_FILES = 2;

const CORS = { "access-control-allow-origin": "*", "access-control-expose-headers": "link, content-range" };

/**
 * Starts a hub without repositories.
 *
 * `requests` are the paths asked for, with the range where there is one; a test may empty it. `isDown` breaks all
 * connections. `faults` are those of the next downloads, each used once: `{ breaksAfter }` bytes, or a `status`.
 * `ignoresRanges` sends whole files only. `served` changes the bytes of all files.
 */
export async function startHub() {
  const hub = { requests: [], repositories: {}, isDown: false, faults: [], ignoresRanges: false, served: (bytes) => bytes };
  const storage = await listen(hub, (request, response) => sendFile(hub, request, response));
  const front = await listen(hub, (request, response) => answer(hub, storage.url, request, response));
  return Object.assign(hub, {
    url: front.url,
    /** Makes a commit of these files, `path -> bytes`, the head of `main`. A file of less than 100 bytes is not in LFS. */
    commit(repository, files, { gated = false } = {}) {
      const commits = hub.repositories[repository]?.commits ?? {};
      const sha = createHash("sha1").update(JSON.stringify(Object.keys(commits)) + Math.random()).digest("hex");
      commits[sha] = files;
      hub.repositories[repository] = { commits, main: sha, gated };
      return sha;
    },
    reset() {
      Object.assign(hub, { repositories: {}, isDown: false, faults: [], ignoresRanges: false, served: (bytes) => bytes });
      hub.requests.length = 0;
    },
    async close() {
      await front.close();
      await storage.close();
    },
  });
}

async function listen(hub, respond) {
  const server = createServer((request, response) => {
    hub.requests.push([request.url, request.headers.range].filter(Boolean).join(" "));
    if (hub.isDown) return request.destroy();
    for (const [name, value] of Object.entries(CORS)) response.setHeader(name, value);
    return respond(request, response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

function answer(hub, storageUrl, request, response) {
  const { pathname, searchParams } = new URL(request.url, hub.url);
  const [, api, name, verb, revision, path] =
    /^(\/api\/models)?\/([^/]+\/[^/]+)\/(revision|tree|resolve)\/([^/]+)\/?(.*)$/.exec(pathname) ?? [];
  const repository = hub.repositories[name];
  // As the real one, it does not tell what does not exist from what is private.
  if (!repository) return response.writeHead(401).end("Invalid username or password.");
  const commit = decodeURIComponent(revision) === "main" ? repository.main : revision;
  const files = repository.commits[commit];
  if (!files) return response.writeHead(404).end("Invalid rev id");
  if (api && verb === "revision") return sendJson(response, { id: name, sha: commit });
  if (api && verb === "tree") return sendList(files, decodeURIComponent(path), searchParams, request, response);
  if (repository.gated) return response.writeHead(403).end("Access to this model is restricted.");
  if (!files[decodeURIComponent(path)]) return response.writeHead(404).end("Entry not found");
  return response.writeHead(302, { location: `${storageUrl}/${name}/${commit}/${path}` }).end();
}

function sendList(files, folder, searchParams, request, response) {
  const inFolder = Object.keys(files).filter((path) => path.split("/").slice(0, -1).join("/") === folder);
  if (inFolder.length === 0) return response.writeHead(404).end("Entry not found");
  const start = Number(searchParams.get("cursor") ?? 0);
  const end = start + PAGE_FILES;
  if (end < inFolder.length) {
    // The address of another origin, as a mirror passes it on.
    const next = new URL(request.url.split("?")[0], "https://hub.example");
    next.searchParams.set("cursor", end);
    response.setHeader("link", `<${next}>; rel="next"`);
  }
  return sendJson(response, inFolder.slice(start, end).map((path) => entryOf(path, files[path])));
}

function entryOf(path, bytes) {
  const entry = { type: "file", oid: createHash("sha1").update(bytes).digest("hex"), size: bytes.length, path };
  if (bytes.length < 100) return entry;
  return { ...entry, lfs: { oid: createHash("sha256").update(bytes).digest("hex"), size: bytes.length, pointerSize: 134 } };
}

function sendJson(response, value) {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
}

function sendFile(hub, request, response) {
  const [, owner, name, commit, ...path] = request.url.split("/");
  const bytes = hub.served(hub.repositories[`${owner}/${name}`].commits[commit][decodeURIComponent(path.join("/"))]);
  const { status, breaksAfter } = hub.faults.shift() ?? {};
  if (status) return response.writeHead(status).end();
  const range = hub.ignoresRanges ? null : /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
  const start = range ? Number(range[1]) : 0;
  const body = bytes.subarray(start);
  response.writeHead(range ? 206 : 200, {
    "content-length": body.length,
    ...(range && { "content-range": `bytes ${start}-${bytes.length - 1}/${bytes.length}` }),
  });
  if (breaksAfter === undefined) return response.end(body);
  return response.write(body.subarray(0, breaksAfter), () => setTimeout(() => response.destroy(), 50));
}
