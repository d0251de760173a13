// scripts/fetch-models.mjs against a server that behaves like a model hub.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fetchModels } from "../../scripts/fetch-models.mjs";
import { hub } from "./hub.mjs";

const CONTENT = randomBytes(300_000);

/** A hub with these files, a manifest with one model whose sources they are in order, and a folder for it. */
async function scene(t, files, sources = Object.keys(files)) {
  const server = await hub(files);
  const folder = await mkdtemp(join(tmpdir(), "models-test-"));
  t.after(() => Promise.all([server.close(), rm(folder, { recursive: true, force: true })]));
  const manifest = join(folder, "models.json");
  const out = join(folder, "models");
  const file = {
    path: "some/model.bin",
    bytes: CONTENT.length,
    sha256: createHash("sha256").update(CONTENT).digest("hex"),
    licence: "MIT",
    sources: sources.map((path) => ({ url: new URL(path, server.url).href })),
  };
  await writeFile(manifest, JSON.stringify({ files: [file] }));
  const said = [];
  return {
    server,
    said,
    target: join(out, file.path),
    fetch: () => fetchModels({ manifest, out, log: (line) => said.push(line) }),
  };
}

async function leavePart(target, bytes) {
  await mkdir(dirname(target), { recursive: true });
  await writeFile(`${target}.part`, bytes);
}

async function holdsContent(file) {
  assert.ok((await readFile(file)).equals(CONTENT));
  assert.ok(!existsSync(`${file}.part`));
}

test("a file behind a redirect is fetched with one request", async (t) => {
  const { server, target, fetch } = await scene(t, { "/a": { bytes: CONTENT } });
  await fetch();
  await holdsContent(target);
  await fetch();
  assert.deepEqual(server.requests, ["/a -", "/blob/a -"]);
});

test("a transfer that breaks off is resumed where it stopped", async (t) => {
  const { server, target, fetch } = await scene(t, { "/a": { bytes: CONTENT, fault: "breaks off once" } });
  await fetch();
  await holdsContent(target);
  assert.match(server.requests.at(-1), /^\/blob\/a bytes=[1-9]\d*-$/);
});

test("a server that ignores the range sends the whole file, and the result is right", async (t) => {
  const { server, target, fetch } = await scene(t, { "/a": { bytes: CONTENT, fault: "ignores ranges" } });
  await fetch();
  await holdsContent(target);
  assert.match(server.requests.at(-1), /^\/blob\/a bytes=/);
});

test("a partial file of an earlier run is continued", async (t) => {
  const { server, target, fetch } = await scene(t, { "/a": { bytes: CONTENT, fault: "always breaks off" }, "/b": { bytes: CONTENT } });
  await leavePart(target, CONTENT.subarray(0, 150_000));
  await fetch();
  await holdsContent(target);
  assert.ok(server.requests.includes("/blob/b bytes=150000-"), server.requests.join("\n"));
});

test("a wrong beginning of an earlier run is thrown away, and the whole file fetched", async (t) => {
  const { target, fetch } = await scene(t, { "/a": { bytes: CONTENT } });
  await leavePart(target, Buffer.alloc(1000));
  await fetch();
  await holdsContent(target);
});

test("a file of another hash is thrown away and the next source is asked", async (t) => {
  const { said, target, fetch } = await scene(t, { "/a": { bytes: randomBytes(CONTENT.length) }, "/b": { bytes: CONTENT } });
  await fetch();
  await holdsContent(target);
  assert.ok(said.some((line) => /another file: its SHA-256 is/.test(line)), said.join("\n"));
});

test("a file that is too long or too short is thrown away and the next source is asked", async (t) => {
  const { target, fetch } = await scene(t, {
    "/long": { bytes: Buffer.concat([CONTENT, CONTENT]) },
    "/short": { bytes: CONTENT.subarray(0, 1000) },
    "/b": { bytes: CONTENT },
  });
  await fetch();
  await holdsContent(target);
});

test("a file that is not there, or a host that does not answer, passes to the next source", async (t) => {
  const { target, fetch } = await scene(t, { "/b": { bytes: CONTENT } }, ["/missing", "http://127.0.0.1:1/refused", "/b"]);
  await fetch();
  await holdsContent(target);
});

test("a file that changed since it was verified is hashed again and fetched again", async (t) => {
  const { server, target, fetch } = await scene(t, { "/a": { bytes: CONTENT } });
  await fetch();
  await utimes(target, 1, 1);
  await fetch();
  assert.equal(server.requests.length, 2, "the same bytes with another time are the same file");
  const { size } = await stat(target);
  await writeFile(target, Buffer.alloc(size));
  await fetch();
  await holdsContent(target);
  assert.equal(server.requests.length, 4);
});

test("when every source fails, the message names each source, its failure and what to do", async (t) => {
  const { target, fetch } = await scene(t, { "/a": { bytes: randomBytes(CONTENT.length) } }, ["/a", "/missing"]);
  await assert.rejects(fetch, /some\/model\.bin could not be had\. Tried .*another file.*404.*Check the network.*or put a file with SHA-256/);
  assert.ok(!existsSync(target) && !existsSync(`${target}.part`));
});
