// The package in Node.js, by its name as a program imports it, with small models and without a network.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { promisify } from "node:util";
import { tinyEmbedder } from "../page/tiny-models.mjs";
import { makeProgram, repository, SAMPLE, TINY } from "./program.mjs";

const run = promisify(execFile);
const program = resolve(repository, process.env.CARGO_TARGET_DIR ?? "target", "ci/multimodal-rag");
/** On CI the readers' module has relaxed SIMD, which Node.js 20 has behind a flag. */
const isOld = Number(process.versions.node.split(".")[0]) < 22;
const FLAGS = isOld ? ["--experimental-wasm-relaxed-simd"] : [];
const TIMEOUT_MS = 60_000;

/** Starts a script of a program; `flags` are of Node.js. */
function start(root, script, { flags = FLAGS } = {}) {
  const text = `import { Engine, Embedder } from "multimodal-rag/node";\nconst open = (more) => Engine.open({ folder: "notes", models: "models/models.json", ...more });\n${script}`;
  return spawn(process.execPath, [...flags, "--input-type=module", "-e", text], { cwd: root, stdio: ["pipe", "pipe", "pipe"], timeout: TIMEOUT_MS });
}

/** What a script prints. It must end by itself, without a word on standard error. */
async function printed(root, script, options) {
  const child = start(root, script, options);
  const [out, err, code] = await Promise.all([textOf(child.stdout), textOf(child.stderr), new Promise((done) => child.on("exit", done))]);
  const said = err.split("\n").filter((line) => line !== "" && !/Warning:|node --trace-warnings/.test(line));
  assert.deepEqual([said, code], [[], 0]);
  return out.trim().split("\n");
}

async function textOf(stream) {
  let text = "";
  for await (const piece of stream) text += piece;
  return text;
}

const cli = (root, command, ...more) => run(program, [command, "--store", join(root, "notes"), "--model", TINY, ...more]);
const ADD = 'await engine.add("The office is open from nine to five.\\n\\nOn Fridays it closes at three.", { name: "hours.txt" });';

test("the guide's sample quotes and cites", async (t) => {
  const root = await makeProgram(t);
  assert.ok(SAMPLE.trim().split("\n").length <= 10);
  await writeFile(join(root, "sample.mjs"), SAMPLE);
  const { stdout } = await run(process.execPath, ["sample.mjs"], { cwd: root });
  assert.equal(stdout, "On Fridays it closes at three. - hours.txt\n");
});

test("files are read by reader modules, tables are queried, and threads share their memory", async (t) => {
  const root = await makeProgram(t);
  const lines = await printed(root, `
    const engine = await open({ threads: 2 });
    await engine.add("city,sold\\nRome,12\\nOslo,30\\nRome,9\\n", { name: "sales.csv" });
    const { rows, citations } = await engine.query("SELECT sum(sold) FROM sales WHERE city = 'Rome'");
    console.log(rows[0][0], citations.map(({ text }) => text).join("+"));
    const { backend, storage } = await engine.stats();
    console.log(backend.threads, storage.kind);
    await engine.close();
  `);
  assert.deepEqual(lines, ["21 12+9", "2 persistent"]);
});

test("the command line and programs share folders, one at a time", async (t) => {
  const root = await makeProgram(t);
  await printed(root, `const engine = await open();\n${ADD}\nawait engine.close();`);
  // Its folder is for this user alone.
  if (process.platform !== "win32") assert.equal((await stat(join(root, "notes"))).mode & 0o777, 0o700);
  await writeFile(join(root, "ferry.md"), "The ferry leaves at seven.");
  await cli(root, "add", join(root, "ferry.md"));
  assert.match((await cli(root, "list")).stdout, /hours\.txt[^]*ferry\.md/);

  // While the program has it open, neither the command line nor another program can open it; nor can another engine.
  const child = start(root, `
    const engine = await open();
    console.log((await engine.documents()).map(({ name }) => name).join());
    console.log(await open().catch(({ code }) => code));
    await new Promise((done) => process.stdin.once("data", done));
    await engine.close();
    process.exit();
  `);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  assert.deepEqual([(await lines.next()).value, (await lines.next()).value], ["hours.txt,ferry.md", "storage_blocked"]);
  await assert.rejects(cli(root, "list"), ({ stderr }) => /another process has it open/.test(stderr));
  const other = "console.log(await open().catch(({ code, message }) => `${code} ${message.includes(\"holder\")}`));";
  assert.deepEqual(await printed(root, other), ["storage_blocked true"]);
  child.stdin.end("go\n");
  await new Promise((done) => child.on("exit", done));
  await cli(root, "list");

  // And the other way round.
  const server = spawn(program, ["mcp", "--store", join(root, "notes"), "--model", TINY], { stdio: ["pipe", "pipe", "ignore"] });
  t.after(() => server.kill());
  server.stdin.write('{"jsonrpc":"2.0","id":1,"method":"ping"}\n');
  await createInterface({ input: server.stdout })[Symbol.asyncIterator]().next();
  assert.deepEqual(await printed(root, other), ["storage_blocked true"]);
});

test("exports go to the command line and back", async (t) => {
  const root = await makeProgram(t);
  await printed(root, `
    import { writeFile } from "node:fs/promises";
    const engine = await open();
    ${ADD}
    await writeFile("notes.rag", Buffer.from(await (await engine.export()).arrayBuffer()));
    await engine.close();
  `);
  const other = await makeProgram(t);
  await run(program, ["import", "--store", join(other, "notes"), join(root, "notes.rag")]);
  assert.match((await cli(other, "list")).stdout, /hours\.txt/);
  await cli(other, "export", join(other, "again.rag"));
  const lines = await printed(other, `
    import { openAsBlob } from "node:fs";
    const file = await openAsBlob("again.rag");
    const engine = await Engine.import(new Blob([await file.arrayBuffer()]), { storage: "memory", models: "models/models.json" });
    console.log((await engine.search("office hours"))[0].documentName);
    await engine.close();
    const read = await Engine.open({ source: "again.rag", models: "models/models.json" });
    console.log((await read.documents()).length, await read.add("no").catch(({ code }) => code));
    await read.close();
  `);
  assert.deepEqual(lines, ["hours.txt", "1 read_only"]);
});

test("what was acknowledged is there after the program was killed", async (t) => {
  const root = await makeProgram(t);
  const seed = Number(process.env.SEED ?? 1);
  console.log(`SEED=${seed}`);
  const acknowledged = [];
  for (let round = 0; round < 4; round += 1) {
    const child = start(root, `
      const engine = await open();
      for (let at = 0; ; at += 1) {
        const name = "note-${round}-" + at + ".txt";
        await engine.add("Lamp " + at + " of round ${round} hangs in the cellar.", { name });
        console.log(name);
      }
    `);
    let left = 3 + ((7 * seed + 5 * round) % 9);
    for await (const name of createInterface({ input: child.stdout })) {
      acknowledged.push(name);
      left -= 1;
      if (left === 0) child.kill("SIGKILL");
    }
  }
  const names = await printed(root, `
    const engine = await open();
    for (const { name } of await engine.documents()) console.log(name);
    await engine.close();
  `);
  assert.ok(acknowledged.length > 8);
  assert.deepEqual(acknowledged.filter((name) => !names.includes(name)), []);
});

test("models that are fetched are kept by their hash", async (t) => {
  const root = await makeProgram(t);
  const bytes = await tinyEmbedder();
  let requests = 0;
  const server = createServer((_, response) => (requests += 1, response.end(bytes)));
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  t.after(() => server.close());
  const source = { url: `http://127.0.0.1:${server.address().port}/m`, sha256: createHash("sha256").update(bytes).digest("hex"), size: bytes.length };
  const script = `
    const embedder = await Embedder.load(${JSON.stringify(source)}, { modelFolder: "kept" });
    console.log((await embedder.embed(["lamp"]))[0].length === embedder.dimensions);
    await embedder.close();
  `;
  assert.deepEqual(await printed(root, script), ["true"]);
  assert.deepEqual(await printed(root, script), ["true"]);
  assert.equal(requests, 1);
  assert.deepEqual((await readdir(join(root, "kept"))).map((name) => name.includes(source.sha256)), [true]);
});

test("a shipped file leaves the folder of models once no knowledge base is opened with it", async (t) => {
  const root = await makeProgram(t);
  const answers = new Map();
  const server = createServer(({ url }, response) => response.end(answers.get(url)));
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  t.after(() => server.close());
  const sources = [];
  for (const text of ["The office closes at three.", "The office is closed."]) {
    const [exported] = await printed(root, `
      const engine = await open({ folder: undefined, storage: "memory" });
      await engine.add(${JSON.stringify(text)}, { name: "hours.txt", original: "drop" });
      console.log(Buffer.from(await (await engine.export()).arrayBuffer()).toString("base64"));
      await engine.close();
    `);
    const bytes = Buffer.from(exported, "base64");
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    answers.set(`/${sha256}`, bytes);
    sources.push({ url: `http://127.0.0.1:${server.address().port}/${sha256}`, sha256, size: bytes.length });
  }
  const openOne = (folder, source) => printed(root, `
    const engine = await open({ folder: ${JSON.stringify(folder)}, modelFolder: "kept", shipped: [{ name: "docs", source: ${JSON.stringify(source)} }] });
    console.log((await engine.documents())[0].shipped);
    await engine.close();
  `);
  const areKept = async () => {
    const names = (await readdir(join(root, "kept"))).join();
    return sources.map(({ sha256 }) => names.includes(sha256));
  };
  for (const folder of ["one", "two"]) assert.deepEqual(await openOne(folder, sources[0]), ["docs"]);
  await openOne("one", sources[1]);
  assert.deepEqual(await areKept(), [true, true]);
  await openOne("two", sources[1]);
  assert.deepEqual(await areKept(), [false, true]);
  assert.deepEqual(await printed(root, 'console.log(await open({ shipped: "docs" }).catch(({ code }) => code));'), ["invalid_option"]);
});

test("a file of another hash than it is named with is refused, and no text is taken for a file", async (t) => {
  const root = await makeProgram(t);
  const lines = await printed(root, `
    import { readFile } from "node:fs/promises";
    const { embedder } = JSON.parse(await readFile("models/models.json", "utf8"));
    const wrong = { ...embedder, weights: { ...embedder.weights, url: "models/model.safetensors", sha256: "0".repeat(64) } };
    console.log(await open({ models: { embedder: wrong } }).catch(({ code }) => code));
    const engine = await open();
    ${ADD}
    console.log(await engine.search("office", { localFile: "models/models.json", where: { tenant: "b" } }).catch(({ code }) => code));
    await engine.close();
  `);
  assert.deepEqual(lines, ["hash_mismatch", "invalid_option"]);
});

test("what is missing is said at once, and leaves the folder as it was", async (t) => {
  const root = await makeProgram(t);
  await writeFile(join(root, "file"), "");
  const cases = [
    ["{ models: \"models/models.json\" }", "invalid_option", /option folder/],
    ['{ folder: "notes" }', "invalid_option", /option models/],
    ['{ folder: "notes", models: "models/none.json" }', "download_failed", /none\.json cannot be read/],
    ['{ folder: "notes", models: { embedder: "none.safetensors" } }', "download_failed", /none\.safetensors cannot be read/],
    ['{ folder: "file/notes", models: "models/models.json" }', "storage_refused", /file/],
    ['{ folder: 7, models: "models/models.json" }', "invalid_option", /option folder/],
    ['{ folder: "notes", models: "models/models.json", name: "other", other: 1 }', "invalid_option", /other/],
  ];
  const script = cases.map(([options]) => `console.log(JSON.stringify(await Engine.open(${options}).catch(({ code, message }) => [code, message])));`);
  const lines = (await printed(root, `${script.join("\n")}\nconst engine = await open();\nawait engine.close();`)).map((line) => JSON.parse(line));
  for (const [at, [, code, message]] of cases.entries()) {
    assert.equal(lines[at][0], code, lines[at][1]);
    assert.match(lines[at][1], message);
  }
});

test("the example asks a folder, and knows files that it has read", async (t) => {
  const root = await makeProgram(t);
  await cp(join(repository, "examples/node/ask.mjs"), join(root, "ask.mjs"));
  await mkdir(join(root, "documents/office"), { recursive: true });
  await writeFile(join(root, "documents/office/hours.md"), "# Hours\n\nOn Fridays the office closes at three.\n");
  for (let visit = 0; visit < 2; visit += 1) {
    const { stdout, stderr } = await run(process.execPath, [...FLAGS, "ask.mjs", "documents", "When", "does", "the", "office", "close", "on", "Fridays?"], { cwd: root });
    assert.match(stdout, /> On Fridays the office closes at three\.\n {2}office\/hours\.md/);
    assert.equal(stderr, "");
  }
});
