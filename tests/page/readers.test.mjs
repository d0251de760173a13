// Readers in workers of their own: a file that hangs, traps or takes too much memory costs only itself.

import assert from "node:assert/strict";
import { test } from "node:test";
import { launchBrowser, newVisitor, openPage, untilWorkers } from "./browser.mjs";
import { answerHostileReader, definePdf, READER_MODULE } from "./hostile-reader.mjs";
import { setUp } from "./set-up.mjs";
import { startSite, withBody, withStatus } from "./site.mjs";

const { site, browser } = await setUp({ site: startSite(), browser: launchBrowser() });

/** A page with an engine whose reader of PDF does what a file's name says. Patches change scripts of the package. */
async function newPage(t, patches = {}) {
  await answerHostileReader(t, site);
  for (const [name, [from, to]] of Object.entries(patches)) {
    const original = await site.pkgFile(name);
    assert.ok(original.includes(from), `${name} has no "${from}"`);
    site.answer(t, `/pkg/${name}`, withBody(original.replace(from, to), "text/javascript"));
  }
  const page = await openPage(await newVisitor(t, browser), site.url);
  await definePdf(page);
  await page.evaluate(async () => {
    window.engine = await rag.Engine.open({ name: "notes", threads: 1 });
    window.names = async () => (await engine.documents()).map(({ name }) => name);
  });
  return page;
}

const readers = (page) => page.workers().filter((worker) => worker.url().endsWith("/reader-worker.js"));

/** Waits until there are so many readers: the browser tells of the end of a worker a little later. */
async function untilReaders(page, count) {
  for (let tries = 0; tries < 100 && readers(page).length !== count; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.equal(readers(page).length, count);
}

const IMPATIENT = { "module-link.js": ["silent > stepMilliseconds", "silent > 1000"] };

test("a file is read in a worker, which tells its pages and then waits for the next file", async (t) => {
  const page = await newPage(t);
  assert.equal(readers(page).length, 0);
  assert.ok(!site.log.includes(READER_MODULE));
  const { steps, text, found } = await page.evaluate(async () => {
    const steps = [];
    const { id } = await engine.add(pdf("a.pdf"), { onProgress: (step) => steps.push(step) });
    const [passage] = await engine.search("When does the ferry leave?", { limit: 1 });
    return { steps, text: await engine.text(id), found: passage.text };
  });
  assert.match(text, /The ferry of a\.pdf leaves at seven\./);
  assert.match(found, /leaves at seven/);
  const pages = steps.filter(({ stage, unit }) => stage === "parse" && unit === "pages");
  assert.deepEqual(pages.map(({ done }) => done), Array.from({ length: 20 }, (_, page) => page + 1));
  assert.ok(pages.every(({ total }) => total === 20));
  assert.equal(readers(page).length, 1);
  await page.evaluate(() => engine.add(pdf("b.pdf")));
  assert.equal(readers(page).length, 1);
  assert.equal(site.log.filter((path) => path === READER_MODULE).length, 1);
  assert.deepEqual(page.errors, []);
});

test("a reader that hangs is ended, a question is answered meanwhile, and the next file is read", async (t) => {
  const page = await newPage(t, IMPATIENT);
  const { hung, answeredFirst, found, names } = await page.evaluate(async () => {
    await engine.add("The lighthouse has forty lamps.", { name: "lamps.txt" });
    let isOver = false;
    const hanging = outcome(engine.add(pdf("hang.pdf"))).finally(() => (isOver = true));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const [passage] = await engine.search("How many lamps?", { limit: 1 });
    const answeredFirst = !isOver;
    const hung = await hanging;
    await engine.add(pdf("next.pdf"));
    return { hung, answeredFirst, found: passage.text, names: await names() };
  });
  assert.ok(answeredFirst);
  assert.match(found, /forty lamps/);
  assert.equal(hung.code, "too_slow");
  assert.match(hung.message, /"hang\.pdf" takes too long to read: it was stopped after \d seconds/);
  assert.deepEqual(names, ["lamps.txt", "next.pdf"]);
  await untilReaders(page, 1);
});

test("a trap costs the file, and the next one is read by a new instance", async (t) => {
  const page = await newPage(t);
  const { trapped, full, names } = await page.evaluate(async () => {
    await engine.add(pdf("before.pdf"));
    const trapped = await outcome(engine.add(pdf("trap.pdf")));
    await engine.add(pdf("between.pdf"));
    const full = await outcome(engine.add(pdf("full.pdf")));
    await engine.add(pdf("after.pdf"));
    return { trapped, full, names: await names() };
  });
  assert.deepEqual([trapped.code, trapped.isRagError], ["damaged_file", true]);
  assert.match(trapped.message, /"trap\.pdf" is damaged/);
  assert.equal(full.code, "too_large");
  assert.match(full.message, /"full\.pdf" needs more memory/);
  assert.deepEqual(names, ["before.pdf", "between.pdf", "after.pdf"]);
});

test("the memory of each reader module ends at 1 GiB", async (t) => {
  const page = await newPage(t);
  const grown = await page.evaluate(async () => {
    const load = async (name) => {
      const { default: init } = await import(`./pkg/wasm/readers/${name}/multimodal_rag.js`);
      return (await init()).memory;
    };
    const grown = [];
    for (const name of ["text", "office"]) {
      const memory = await load(name);
      const left = 16_384 - memory.buffer.byteLength / 65_536;
      const over = await outcome((async () => memory.grow(left + 1))());
      memory.grow(left);
      grown.push([over.value, memory.buffer.byteLength]);
    }
    return grown;
  });
  assert.deepEqual(grown, [[undefined, 2 ** 30], [undefined, 2 ** 30]]);
});

test("a cancelled file ends its worker, though it hangs, and nothing has changed", async (t) => {
  const page = await newPage(t);
  const { cancelled, names } = await page.evaluate(async () => {
    const controller = new AbortController();
    const adding = outcome(engine.add(pdf("hang.pdf"), { signal: controller.signal }));
    await new Promise((resolve) => setTimeout(resolve, 500));
    controller.abort();
    return { cancelled: await adding, names: await names() };
  });
  assert.equal(cancelled.code, "aborted");
  assert.deepEqual(names, []);
  await untilWorkers(page, 1);
  assert.deepEqual(await page.evaluate(async () => [(await engine.add(pdf("a.pdf"))).name, ...(await names())]), ["a.pdf", "a.pdf"]);
});

test("two files are read at once, and one that waits can be cancelled", async (t) => {
  const page = await newPage(t);
  let most = 0;
  const watch = setInterval(() => (most = Math.max(most, readers(page).length)), 20);
  t.after(() => clearInterval(watch));
  const { outcomes, names } = await page.evaluate(async () => {
    const controller = new AbortController();
    const adding = ["slow-1.pdf", "slow-2.pdf"].map((name) => outcome(engine.add(pdf(name))));
    const waiting = outcome(engine.add(pdf("slow-3.pdf"), { signal: controller.signal }));
    const last = outcome(engine.add(pdf("slow-4.pdf")));
    await new Promise((resolve) => setTimeout(resolve, 300));
    controller.abort();
    const outcomes = (await Promise.all([...adding, waiting, last])).map(({ code, value }) => code ?? value.name);
    return { outcomes, names: (await names()).sort() };
  });
  assert.deepEqual(outcomes, ["slow-1.pdf", "slow-2.pdf", "aborted", "slow-4.pdf"]);
  assert.deepEqual(names, ["slow-1.pdf", "slow-2.pdf", "slow-4.pdf"]);
  assert.equal(most, 2);
});

test("a file is read while another one is embedded", async (t) => {
  const page = await newPage(t);
  const steps = await page.evaluate(async () => {
    const steps = [];
    const isEmbedding = () => steps.includes("embed");
    const note = ({ stage }) => steps.push(stage);
    const long = engine.add(longText(4000), { name: "long.txt", onProgress: note });
    await until(isEmbedding);
    const onProgress = ({ stage, unit }) => stage === "parse" && unit === "pages" && steps.push("page");
    await Promise.all([long, engine.add(pdf("slow.pdf"), { onProgress })]);
    return steps;
  });
  const [begin, end] = [steps.indexOf("embed"), steps.lastIndexOf("embed")];
  assert.ok(steps.indexOf("page") > begin, "the other file was read first");
  const turns = steps.slice(begin, end + 1).filter((step, at, all) => step !== all[at - 1]);
  assert.deepEqual(turns.slice(0, 5), ["embed", "page", "embed", "page", "embed"], "one file waited for the other one");
});

test("a protected file says so, and opens with its password", async (t) => {
  const page = await newPage(t);
  const { refused, added } = await page.evaluate(async () => ({
    refused: await outcome(engine.add(pdf("locked.pdf"))),
    added: await outcome(engine.add(pdf("locked.pdf"), { password: "open" })),
  }));
  assert.deepEqual([refused.code, refused.isRagError], ["password_required", true]);
  assert.equal(added.value.name, "locked.pdf");
  const reread = await page.evaluate(async (id) => {
    const codes = [await outcome(engine.reread(id)), await outcome(engine.reread(id, { password: "open" }))];
    return codes.map(({ code, value }) => code ?? value.id);
  }, added.value.id);
  assert.deepEqual(reread, ["password_required", added.value.id]);
});

test("a reader that cannot be fetched says so, and is fetched again for the next file", async (t) => {
  const page = await newPage(t);
  const gone = { after: [], answer: (path) => site.answer({ after: (undo) => gone.after.push(undo) }, path, withStatus(404)) };
  const add = () => page.evaluate(async () => outcome(engine.add(pdf("a.pdf"))));
  for (const path of [READER_MODULE, "/pkg/reader-worker.js"]) {
    gone.answer(path);
    const refused = await add();
    assert.equal(refused.code, "download_failed", path);
    assert.match(refused.message, /The reader of this kind of file could not be fetched/);
    gone.after.forEach((undo) => undo());
  }
  assert.equal((await add()).value.name, "a.pdf");
});

test("a worker without work ends, and so do all when the engine is closed", async (t) => {
  const page = await newPage(t, { "reader-workers.js": ["IDLE_TIMEOUT_MS = 30_000", "IDLE_TIMEOUT_MS = 300"] });
  await page.evaluate(() => engine.add(pdf("a.pdf")));
  await untilWorkers(page, 1);
  await page.evaluate(async () => {
    window.hanging = outcome(engine.add(pdf("hang.pdf")));
    await new Promise((resolve) => setTimeout(resolve, 500));
  });
  assert.equal(readers(page).length, 1);
  const code = await page.evaluate(async () => {
    await engine.close();
    return (await hanging).code;
  });
  assert.equal(code, "closed");
  await untilWorkers(page, 0);
});
