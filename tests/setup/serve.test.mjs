// The server of the page.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { serve } from "../../scripts/serve.mjs";

async function served(t, options = {}) {
  const folder = await mkdtemp(join(tmpdir(), "serve-test-"));
  await mkdir(join(folder, "www/sub"), { recursive: true });
  await writeFile(join(folder, "secret.txt"), "secret");
  await writeFile(join(folder, "www/index.html"), "<p>page");
  await writeFile(join(folder, "www/digits.wasm"), "0123456789");
  await writeFile(join(folder, "www/empty.json"), "");
  await symlink(join(folder, "secret.txt"), join(folder, "www/sub/link.txt"));
  const server = await serve({ root: join(folder, "www"), ...options });
  t.after(() => Promise.all([server.close(), rm(folder, { recursive: true, force: true })]));
  return server;
}

/** Requests the path unchanged: fetch would resolve its dots. */
function ask({ port }, path) {
  return new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, path }, (response) => {
      let text = "";
      response.on("data", (chunk) => (text += chunk)).on("end", () => resolve({ status: response.statusCode, text }));
    })
      .on("error", reject)
      .end();
  });
}

test("a file is sent whole, with its type", async (t) => {
  const { url } = await served(t);
  const page = await fetch(`${url}/`);
  assert.equal(await page.text(), "<p>page");
  assert.equal(page.headers.get("content-type"), "text/html; charset=utf-8");
  const wasm = await fetch(`${url}/digits.wasm?v=1`);
  assert.equal(wasm.headers.get("content-type"), "application/wasm");
  assert.equal(await wasm.text(), "0123456789");
  assert.equal(await (await fetch(`${url}/empty.json`)).text(), "");
});

test("a page is cross-origin isolated only where that is asked for", async (t) => {
  const headersOf = async ({ url }) => {
    const { headers } = await fetch(`${url}/digits.wasm`);
    return [headers.get("cross-origin-opener-policy"), headers.get("cross-origin-embedder-policy")];
  };
  assert.deepEqual(await headersOf(await served(t, { isolated: true })), ["same-origin", "require-corp"]);
  assert.deepEqual(await headersOf(await served(t)), [null, null]);
});

test("a range is answered with that part", async (t) => {
  const { url } = await served(t);
  const part = async (range) => {
    const response = await fetch(`${url}/digits.wasm`, { headers: { range } });
    return [response.status, response.headers.get("content-range"), response.status === 206 ? await response.text() : null];
  };
  assert.deepEqual(await part("bytes=2-4"), [206, "bytes 2-4/10", "234"]);
  assert.deepEqual(await part("bytes=7-"), [206, "bytes 7-9/10", "789"]);
  assert.deepEqual(await part("bytes=-2"), [206, "bytes 8-9/10", "89"]);
  assert.deepEqual(await part("bytes=10-"), [416, "bytes */10", null]);
});

test("nothing outside the folder is sent", async (t) => {
  const server = await served(t);
  for (const path of ["/../secret.txt", "/%2e%2e/secret.txt", "/sub/..%2f..%2fsecret.txt", "/sub/link.txt", "/%00", "/%", "//../secret.txt"]) {
    const { status, text } = await ask(server, path);
    assert.equal(status, 404, path);
    assert.doesNotMatch(text, /secret/);
  }
});

test("an unchanged file is not sent again", async (t) => {
  const { url } = await served(t);
  const etag = (await fetch(`${url}/digits.wasm`)).headers.get("etag");
  const again = await fetch(`${url}/digits.wasm`, { headers: { "if-none-match": etag } });
  assert.equal(again.status, 304);
});

test("when a port is taken, the next one is used", async (t) => {
  const first = await served(t);
  const second = await serve({ root: tmpdir(), port: first.port });
  t.after(() => second.close());
  assert.ok(second.port > first.port);
});

test("Ctrl-C ends the server without a failure", async () => {
  const script = fileURLToPath(new URL("../../scripts/serve.mjs", import.meta.url));
  const server = spawn(process.execPath, [script, tmpdir()], { env: { ...process.env, PORT: "0" } });
  await once(server.stdout, "data");
  server.kill("SIGINT");
  assert.deepEqual(await once(server, "exit"), [0, null]);
});

test("a closed server refuses connections", async (t) => {
  const { url, close } = await served(t);
  await close();
  await assert.rejects(fetch(url));
});
