// How the package starts from its tarball: without a bundler, from other places, from another origin, under policies, and
// beside files of another version.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { ISOLATION } from "../../scripts/serve.mjs";
import { stamp } from "../../scripts/stamp-version.mjs";
import { launchBrowser, newVisitor, openPage } from "./browser.mjs";
import { packPackage } from "./packed.mjs";
import { setUp } from "./set-up.mjs";
import { startOrigin, withBody, withStatus, writeModels } from "./site.mjs";
import { tinyModelFiles } from "./tiny-models.mjs";
import { EXPECTED } from "./trial.js";

const PACKAGE = "node_modules/multimodal-rag";
const WASM = "multimodal_rag_bg.wasm";

/** A folder with the package as npm installs it, models and a page that is not made yet. */
async function installed() {
  const folder = await mkdtemp(join(tmpdir(), "rag-start-"));
  const packed = await packPackage();
  await packed.install(folder);
  await packed.close();
  await writeModels(folder, await tinyModelFiles());
  await cp(fileURLToPath(new URL("./trial.js", import.meta.url)), join(folder, "trial.js"));
  // The same files under another address, a part of which a test may answer otherwise.
  await symlink(PACKAGE, join(folder, "moved"));
  return { folder, close: () => rm(folder, { recursive: true }) };
}

const app = (specifier) => `import * as rag from "${specifier}";
import { trial } from "./trial.js";
window.rag = rag;
window.trial = (options) => trial(rag.Engine, options);
window.outcome = (promise) => promise.then((value) => ({ value }), ({ code, message }) => ({ code, message }));
`;
const page = (script, head = "") => `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">${head}
<script type="module" src="${script}"></script>`;
const IMPORT_MAP = `<script type="importmap">{ "imports": { "multimodal-rag": "./${PACKAGE}/client.js" } }</script>`;

const { site: installedSite, browser } = await setUp({ site: installed(), browser: launchBrowser() });
const { folder } = installedSite;
const { site, cdn } = await setUp({
  site: startOrigin(folder),
  cdn: startOrigin(join(folder, PACKAGE), { "access-control-allow-origin": "*" }),
});
const pages = {
  "plain.html": page("plain.js"),
  "plain.js": app(`./${PACKAGE}/client.js`),
  "map.html": page("map.js", IMPORT_MAP),
  "map.js": app("multimodal-rag"),
  "cdn.html": page("cdn.js"),
  "cdn.js": app(`${cdn.url}client.js`),
};
for (const [name, text] of Object.entries(pages)) await writeFile(join(folder, name), text);

/** A page of this name, of a site that sends these headers. */
async function open(t, name, headers) {
  let { url } = site;
  if (headers) {
    const origin = await startOrigin(folder, headers);
    t.after(() => origin.close());
    url = origin.url;
  }
  return openPage(await newVisitor(t, browser), url + name);
}

const tried = (page, options = {}) => page.evaluate((options) => outcome(trial(options)), options);
const opened = (page, options = {}) =>
  page.evaluate((options) => outcome(rag.Engine.open({ storage: "memory", ...options }).then((engine) => engine.close())), options);

function assertWorks({ value, code, message }) {
  assert.equal(code, undefined, message);
  const { sum, found } = value;
  assert.deepEqual({ sum, found }, EXPECTED);
}

const assertOpens = ({ code, message }) => assert.equal(code, undefined, message);

function assertRefused(outcome, code, message) {
  assert.equal(outcome.code, code, outcome.message);
  assert.match(outcome.message, message);
}

test("a server can import the package, and a call there says where it belongs", () => {
  const script = `const rag = await import("multimodal-rag");
    const names = Object.keys(rag).join(" ");
    await rag.Engine.open().catch(({ code, message }) => console.log(JSON.stringify({ names, code, message })));`;
  const told = execFileSync(process.execPath, ["--input-type=module", "-e", script], { cwd: folder, encoding: "utf8" });
  const { names, code, message } = JSON.parse(told);
  assert.equal(names, "Embedder Engine Generator ImageEmbedder RagError toCsv");
  assert.equal(code, "unsupported_browser");
  assert.match(message, /server/);
});

test("the version in the scripts is that of the package", async () => {
  const { version } = JSON.parse(await readFile(join(folder, PACKAGE, "package.json"), "utf8"));
  assert.equal((await import("../../pkg/version.js")).VERSION, version);
});

test("a page imports the package by its path, and every worker starts", async (t) => {
  assertWorks(await tried(await open(t, "plain.html")));
});

test("a page imports the package by an import map", async (t) => {
  assertOpens(await opened(await open(t, "map.html")));
});

test("worker.js, the wasm modules and models.json are taken from where the options say", async (t) => {
  const page = await open(t, "plain.html");
  site.answer(t, "/models.json", withStatus(404));
  site.answer(t, "/elsewhere/models.json", withBody((await readFile(join(folder, "models.json"), "utf8")).replaceAll("./models", "/models")));
  site.log.length = 0;
  const modelsUrl = "elsewhere/models.json";
  assertOpens(await opened(page, { workerUrl: "moved/worker.js", modelsUrl }));
  assert.ok(site.log.includes("/moved/worker.js"));
  assert.ok(!site.log.includes(`/${PACKAGE}/worker.js`));
  site.log.length = 0;
  assertWorks(await tried(page, { wasmUrl: "moved/wasm", modelsUrl }));
  const modules = site.log.filter((path) => path.endsWith(".wasm"));
  assert.ok(modules.length >= 3 && modules.every((path) => path.startsWith("/moved/wasm/")), modules.join("\n"));
});

test("a wasm module that is not served is named", async (t) => {
  const outcome = await opened(await open(t, "plain.html"), { wasmUrl: "nowhere" });
  assertRefused(outcome, "download_failed", /nowhere\/relaxed-simd\/multimodal_rag_bg\.wasm: the server answered 404.*wasmUrl/);
});

test("the page can make the worker itself", async (t) => {
  const page = await open(t, "plain.html");
  const seen = await page.evaluate(async () => {
    const asked = [];
    const spawn = (url, options) => {
      asked.push([url instanceof URL, url.pathname, options.type]);
      return new Worker(url, options);
    };
    return { outcome: await outcome(rag.Engine.open({ spawn }).then((engine) => engine.close())), asked };
  });
  assertOpens(seen.outcome);
  assert.deepEqual(seen.asked, [[true, `/${PACKAGE}/worker.js`, "module"]]);
});

test("a page that requires Trusted Types makes the worker itself", async (t) => {
  const page = await open(t, "plain.html", { "content-security-policy": "require-trusted-types-for 'script'; trusted-types rag" });
  assertRefused(await opened(page), "worker_refused", /TrustedScriptURL.*spawn/);
  const outcome = await page.evaluate(() => {
    const policy = trustedTypes.createPolicy("rag", { createScriptURL: (url) => url });
    const spawn = (url, options) => new Worker(policy.createScriptURL(url.href), options);
    return outcome(rag.Engine.open({ spawn }).then((engine) => engine.close()));
  });
  assertOpens(outcome);
});

test("a browser that refuses a worker at once does so for its policy, where the script is of this origin", async (t) => {
  const page = await open(t, "plain.html");
  const refused = await page.evaluate(() => {
    // As Chrome did before it told of policies by an event.
    window.Worker = function () {
      throw new DOMException("Refused", "SecurityError");
    };
    return outcome(rag.Engine.open());
  });
  assertRefused(refused, "worker_refused", /Content-Security-Policy forbids the worker's script/);
});

test("a function that makes no worker is refused with what it did", async (t) => {
  const outcomes = await (await open(t, "plain.html")).evaluate(() => {
    const fail = () => {
      throw new Error("not today");
    };
    const half = () => ({ postMessage() {} });
    return Promise.all([fail, () => null, "worker.js", half].map((spawn) => outcome(rag.Engine.open({ spawn }))));
  });
  assertRefused(outcomes[0], "worker_refused", /not today/);
  assertRefused(outcomes[1], "worker_refused", /returned no worker/);
  assertRefused(outcomes[2], "invalid_option", /spawn/);
  assertRefused(outcomes[3], "worker_refused", /returned no worker/);
});

test("options that cannot be are refused", async (t) => {
  const page = await open(t, "plain.html");
  for (const [option, value] of Object.entries({ crossOrigin: "yes", workerUrl: 3, wasmUrl: "http://:", modelsUrl: null })) {
    assertRefused(await opened(page, { [option]: value }), "invalid_option", new RegExp(option));
  }
  const other = await page.evaluate(() => outcome(rag.Engine.delete("notes", { modelsUrl: "models.json" })));
  assertRefused(other, "invalid_option", /modelsUrl/);
});

test("from another origin nothing starts unless asked, and the error names the option", async (t) => {
  assertRefused(await opened(await open(t, "cdn.html")), "worker_refused", /\/worker\.js is of another origin.*crossOrigin: "blob"/);
});

test("from another origin all workers start from blobs when asked", async (t) => {
  const page = await open(t, "cdn.html");
  assertWorks(await tried(page, { crossOrigin: "blob" }));
  const more = await page.evaluate(async () => {
    const models = await (await fetch("models.json")).json();
    const embedder = await rag.Embedder.load(models.embedder, { crossOrigin: "blob" });
    const [{ length }] = await embedder.embed(["lamps"]);
    await embedder.close();
    await rag.Engine.delete("trial", { crossOrigin: "blob" });
    return length === embedder.dimensions;
  });
  assert.ok(more);
});

test("threads start from blobs too", async (t) => {
  const outcome = await tried(await open(t, "cdn.html", ISOLATION), { crossOrigin: "blob" });
  assertWorks(outcome);
  assert.equal(outcome.value.backend.threads, 2);
});

test("a worker of this origin starts as ever when blobs are allowed for others", async (t) => {
  const page = await open(t, "plain.html", { "content-security-policy": "worker-src 'self'" });
  assertOpens(await opened(page, { crossOrigin: "blob" }));
});

test("the policy that the README names for another origin suffices", async (t) => {
  const policy = `default-src 'none'; script-src 'self' ${cdn.url} 'wasm-unsafe-eval'; worker-src blob:; connect-src 'self' ${cdn.url}; img-src data:`;
  const page = await open(t, "cdn.html", { "content-security-policy": policy });
  assertWorks(await tried(page, { crossOrigin: "blob" }));
  assert.deepEqual(page.errors, []);
});

test("a policy that forbids blobs, or the script, is named in the error", async (t) => {
  const options = { workerUrl: `${cdn.url}worker.js`, crossOrigin: "blob" };
  const noBlob = await open(t, "plain.html", { "content-security-policy": "script-src 'self' 'wasm-unsafe-eval'" });
  assertRefused(await opened(noBlob, options), "worker_refused", /Add blob: to its worker-src/);
  const noScript = await open(t, "plain.html", { "content-security-policy": "script-src 'self' 'wasm-unsafe-eval'; worker-src blob:" });
  assertRefused(await opened(noScript, options), "worker_refused", new RegExp(`Add ${new URL(cdn.url).origin} to its script-src`));
});

test("a script of another origin that is not there is named", async (t) => {
  const options = { workerUrl: `${cdn.url}missing.js`, crossOrigin: "blob" };
  assertRefused(await opened(await open(t, "plain.html"), options), "worker_failed", /missing\.js/);
});

test("workers within a worker that the page made of another origin's script say which option they need", async (t) => {
  const page = await open(t, "cdn.html");
  const outcomes = await page.evaluate(async () => {
    const spawn = (url, options) => {
      const script = new Blob([`import ${JSON.stringify(url.href)};`], { type: "text/javascript" });
      return new Worker(URL.createObjectURL(script), options);
    };
    return [await outcome(trial({ spawn })), await outcome(trial({ spawn, crossOrigin: "blob" }))];
  });
  assertRefused(outcomes[0], "worker_refused", /-worker\.js is of another origin/);
  assertWorks(outcomes[1]);
});

/** Answers a file of the moved package as one of an older version. */
async function makeStale(t, path, change) {
  const type = path.endsWith(".wasm") ? "application/wasm" : "text/javascript";
  site.answer(t, `/moved/${path}`, withBody(change(await readFile(join(folder, PACKAGE, path))), type));
}

const ofOldVersion = (bytes) => stamp(bytes, "0.0.9");

test("a worker of another version is refused with both versions", async (t) => {
  const page = await open(t, "plain.html");
  await makeStale(t, "version.js", () => 'export const VERSION = "0.0.9";');
  const outcome = await opened(page, { workerUrl: "moved/worker.js" });
  assertRefused(outcome, "version_mismatch", /worker's script is of version 0\.0\.9.*of version \d+\.\d+\.\d+.*Reload/);
});

test("a wasm module of another version is refused with its address", async (t) => {
  const page = await open(t, "plain.html");
  await makeStale(t, `wasm/relaxed-simd/${WASM}`, ofOldVersion);
  const outcome = await opened(page, { wasmUrl: "moved/wasm" });
  assertRefused(outcome, "version_mismatch", /moved\/wasm\/relaxed-simd\/multimodal_rag_bg\.wasm is of version 0\.0\.9/);
});

test("a reader or SQL module of another version costs what needs it only", async (t) => {
  const page = await open(t, "plain.html");
  for (const reader of ["text", "sql"]) await makeStale(t, `wasm/readers/${reader}/${WASM}`, ofOldVersion);
  const seen = await page.evaluate(async () => {
    const engine = await rag.Engine.open({ storage: "memory", wasmUrl: "moved/wasm" });
    const { name } = await engine.add("| port | crates |\n|---|---|\n| Rome | 3 |\n", { name: "crates.md", type: "text/markdown" });
    const csv = await outcome(engine.add("port,crates\nRome,3\n", { name: "crates.csv", type: "text/csv" }));
    const [table] = await engine.tables();
    return { name, csv, query: await outcome(engine.query(`SELECT * FROM "${table.name}"`)) };
  });
  assert.equal(seen.name, "crates.md");
  assertRefused(seen.csv, "version_mismatch", /readers\/text\/.* is of version 0\.0\.9/);
  assertRefused(seen.query, "version_mismatch", /readers\/sql\/.* is of version 0\.0\.9/);
});
