// The hooks, in React 18 and 19 under StrictMode, in a browser; and on a server.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { launchBrowser, newVisitor } from "../page/browser.mjs";
import { setUp } from "../page/set-up.mjs";
import { REACT_18, bundle, runScript } from "./project.mjs";

const { browser } = await setUp({ browser: launchBrowser() });
const script = await readFile(new URL("./in-react.jsx", import.meta.url), "utf8");

const VERSIONS = { "React 18": REACT_18, "React 19": undefined };
const bundles = {};

/** A page with the hooks in it. Its console must stay empty. */
async function openPage(t, version) {
  bundles[version] ??= await bundle(t, script, { alias: VERSIONS[version] });
  const page = await (await newVisitor(t, browser)).newPage();
  page.setDefaultTimeout(5_000);
  const problems = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(error.message));
  t.after(() => assert.deepEqual(problems, []));
  await page.addScriptTag({ type: "module", content: bundles[version] });
  await page.waitForFunction(() => window.render !== undefined);
  return page;
}

const untilStatus = (page, status) => page.waitForFunction((status) => shownStatus() === status, status);
const untilOpenings = (page, count) => page.waitForFunction((count) => openings.length === count, count);

/** A page whose engine is open. */
async function openEngine(t, version) {
  const page = await openPage(t, version);
  await page.evaluate(() => render({ name: "notes" }));
  await untilOpenings(page, 1);
  await page.evaluate(() => openings[0].ready());
  await untilStatus(page, "ready");
  return page;
}

for (const version of Object.keys(VERSIONS)) {
  test(`${version}: an engine is opened once, is ready, and is closed at the end`, async (t) => {
    const page = await openPage(t, version);
    await page.evaluate(() => render({ name: "notes", storage: "memory", onProgress: (p) => (window.told = p) }));
    await untilOpenings(page, 1);
    assert.equal(await page.evaluate(() => shownStatus()), "opening");
    const progress = { stage: "load", done: 1, total: 2, unit: "layers" };
    await page.evaluate((progress) => openings[0].options.onProgress(progress), progress);
    await page.waitForFunction(() => seen.engine.progress?.done === 1);
    assert.deepEqual(await page.evaluate(() => [told, openings[0].options.name, openings[0].options.storage]), [progress, "notes", "memory"]);
    await page.evaluate(() => openings[0].ready());
    await untilStatus(page, "ready");
    assert.ok(await page.evaluate(() => seen.engine.engine.opening === openings[0] && !openings[0].isClosed));
    await page.evaluate(() => unmount());
    await page.waitForFunction(() => openings[0].isClosed);
    assert.equal(await page.evaluate(() => openings.length), 1);
  });

  test(`${version}: an engine that is still opened at the end is cancelled`, async (t) => {
    const page = await openPage(t, version);
    await page.evaluate(() => render({ name: "notes" }));
    await untilOpenings(page, 1);
    assert.ok(await page.evaluate(() => (unmount(), openings[0].options.signal.aborted)));
  });

  test(`${version}: a failure is told with its code`, async (t) => {
    const page = await openPage(t, version);
    await page.evaluate(() => render({}));
    await untilOpenings(page, 1);
    await page.evaluate(() => openings[0].fail("storage_refused"));
    await untilStatus(page, "failed");
    assert.deepEqual(await page.evaluate(() => [seen.engine.error.code, seen.engine.engine]), ["storage_refused", null]);
  });

  test(`${version}: another name closes the engine and opens that one`, async (t) => {
    const page = await openEngine(t, version);
    await page.evaluate(() => render({ name: "notes", models: {} }));
    await page.evaluate(() => render({ name: "mails" }));
    await untilOpenings(page, 2);
    await untilStatus(page, "opening");
    assert.ok(await page.evaluate(() => openings[0].isClosed && openings[1].options.name === "mails"));
    await page.evaluate(() => openings[1].ready());
    await untilStatus(page, "ready");
  });

  test(`${version}: an answer is followed event by event`, async (t) => {
    const page = await openEngine(t, version);
    await page.evaluate(() => void (window.asking = seen.answer.ask("When?", { limit: 2 })));
    await page.waitForFunction(() => openings[0].asked.length === 1 && seen.answer.isRunning);
    assert.equal(await page.evaluate(() => openings[0].asked[0].options.limit), 2);
    const events = [
      { type: "passages", passages: [{ text: "p" }] },
      { type: "table", text: "t" },
      { type: "answer", text: "three" },
      { type: "quote", text: "q1" },
      { type: "quote", text: "q2" },
      { type: "image", caption: "i" },
      { type: "text", text: "It closes " },
      { type: "text", text: "at three." },
      { type: "citation", textStart: 0, textEnd: 19 },
      { type: "unsupported", textStart: 20, textEnd: 21 },
      { type: "end", reason: "stop", timings: {} },
    ];
    await page.evaluate((events) => events.forEach(openings[0].asked[0].push), events);
    await page.waitForFunction(() => !seen.answer.isRunning);
    await page.evaluate(() => asking);
    const answer = await page.evaluate(() => JSON.parse(JSON.stringify(seen.answer)));
    const { question, passages, quotes, text, citations, reason, error, ...others } = answer;
    assert.deepEqual(answer.events, events);
    assert.deepEqual([question, text, reason, error], ["When?", "It closes at three.", "stop", null]);
    assert.deepEqual([passages.length, quotes.length, citations.length], [1, 2, 1]);
    assert.deepEqual([others.table.text, others.answer.text, others.images.length, others.unsupported.length], ["t", "three", 1, 1]);
  });

  test(`${version}: stop ends the answer, and what was written stays`, async (t) => {
    const page = await openEngine(t, version);
    await page.evaluate(() => void seen.answer.ask("When?"));
    await page.waitForFunction(() => openings[0].asked.length === 1);
    await page.evaluate(() => openings[0].asked[0].push({ type: "text", text: "It" }));
    await page.waitForFunction(() => seen.answer.text === "It");
    await page.evaluate(() => seen.answer.stop());
    await page.waitForFunction(() => !seen.answer.isRunning);
    assert.deepEqual(await page.evaluate(() => [seen.answer.reason, seen.answer.text]), ["aborted", "It"]);
  });

  test(`${version}: a later question ends the earlier one, of which nothing comes any more`, async (t) => {
    const page = await openEngine(t, version);
    await page.evaluate(() => void seen.answer.ask("first"));
    await page.waitForFunction(() => openings[0].asked.length === 1);
    await page.evaluate(() => void seen.answer.ask("second"));
    await page.waitForFunction(() => openings[0].asked.length === 2);
    await page.evaluate(() => {
      const [first, second] = openings[0].asked;
      first.push({ type: "text", text: "old" });
      second.push({ type: "text", text: "new" });
    });
    await page.waitForFunction(() => seen.answer.text === "new");
    assert.deepEqual(
      await page.evaluate(() => [openings[0].asked[0].options.signal.aborted, seen.answer.isRunning, seen.answer.question]),
      [true, true, "second"],
    );
  });

  test(`${version}: a failed answer, and a question before there is an engine, have an error`, async (t) => {
    const page = await openPage(t, version);
    await page.evaluate(() => render({}));
    await untilOpenings(page, 1);
    await page.evaluate(() => seen.answer.ask("too early"));
    await page.waitForFunction(() => seen.answer.error?.code === "closed" && !seen.answer.isRunning);
    await page.evaluate(() => openings[0].ready());
    await untilStatus(page, "ready");
    await page.waitForFunction(() => seen.answer.error === null); // that was before this engine
    await page.evaluate(() => void seen.answer.ask("When?"));
    await page.waitForFunction(() => openings[0].asked.length === 1);
    await page.evaluate(() => openings[0].asked[0].push({ code: "worker_failed" }));
    await page.waitForFunction(() => seen.answer.error?.code === "worker_failed" && !seen.answer.isRunning);
  });

  test(`${version}: the end of the component ends the answer`, async (t) => {
    const page = await openEngine(t, version);
    await page.evaluate(() => void seen.answer.ask("When?"));
    await page.waitForFunction(() => openings[0].asked.length === 1);
    assert.ok(await page.evaluate(() => (unmount(), openings[0].asked[0].options.signal.aborted)));
  });

  test(`${version}: a server renders what is there before the page runs`, async (t) => {
    const onServer = `
      import { renderToString } from "react-dom/server.browser";
      import { useAsk, useEngine } from "multimodal-rag/react";
      function Questions() {
        const { status, engine } = useEngine({ name: "notes" });
        return <p>{status} {String(useAsk(engine).isRunning)}</p>;
      }
      console.log(renderToString(<Questions />).replaceAll("<!-- -->", ""));
      process.exit(); // React's channel for messages would keep it
    `;
    assert.equal(await runScript(t, onServer, { alias: VERSIONS[version] }), "<p>opening false</p>\n");
  });
}
