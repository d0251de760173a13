// The demo page from the first visit to the last, on the real default models:
// one visitor, whose steps build on each other.

import assert from "node:assert/strict";
import { test } from "node:test";
import { addFiles, ask, assertStayedAtHome, highlighted, ready, sampleFile, setUpVisitor, visit } from "./demo-visit.mjs";

/** A main thread busy for longer makes a page feel stuck. */
const LONGEST_TASK_MS = 50;

const HANDBOOK = "observatory-handbook.md";
const MIRROR = "How large is the mirror of the Oakeshott reflector?";
const GATES = "Who made the new gates of the tide mill?";

const { demo, elsewhere, browser, context } = await setUpVisitor();
let page;

test("a visitor gets cited answers from a file, keeps it over a reload, works offline and removes it", async (t) => {
  await t.test("the log of requests to elsewhere would show one", logsWhatGoesElsewhere);
  await t.test("the first visit opens and keeps what it needs to work offline", opens);
  await t.test("without the answer model and a network there are quotes, and the page says why no more", quotesOffline);
  await t.test("adding and answering leave the page responsive", respondsWhileBusy);
  await t.test("quotes and citations point at the words that hold the fact", citesTheFact);
  await t.test("each place that is quoted or cited has a number of its own, and lists lose their marks", numbersPlaces);
  await t.test("a question far from every document is not answered", refuses);
  await t.test("an answer being written can be stopped", stops);
  await t.test("after a reload it answers without embedding anything again", remembersOverReload);
  await t.test("a second tab has the same documents", sharesWithASecondTab);
  await t.test("with the server stopped everything works as before", worksOffline);
  await t.test("a removed document is cited no more", forgets);
  await t.test("nothing was asked of another origin, and nothing went wrong", staysAtHome);
});

async function logsWhatGoesElsewhere() {
  const control = await context.newPage();
  await control.evaluate(() => fetch("http://elsewhere.test/").catch(() => {}));
  assert.deepEqual(elsewhere.log.splice(0), ["http://elsewhere.test/"]);
  await control.close();
}

async function opens() {
  page = await visit(context, demo.url);
  await ready(page);
  assert.match(await page.locator("#storage").textContent(), /Kept in this browser/);
  // No model that writes is chosen yet, so nothing is missing.
  assert.match(await offlineNote(), /^Ready to work offline/);
}

const offlineNote = () => page.locator("#offline").textContent();

async function quotesOffline() {
  await addFiles(page, [await sampleFile(HANDBOOK, "text/markdown")]);
  await demo.stop();
  const turn = await ask(page, MIRROR);
  assert.match(await turn.locator(".quote").first().textContent(), /1\.52 metres/);
  const problem = turn.getByRole("alert");
  assert.match(await problem.textContent(), /^No answer was written: the answer model could not be fetched\. The quotes above/);
  assert.doesNotMatch(await problem.textContent(), /http|models\//);
  await demo.start();
  await problem.getByRole("button", { name: "Quotes only from now on" }).click();
  assert.equal(await page.getByLabel("Written answers").inputValue(), "none");
  // The browser's own word about the server that was not there.
  const refused = page.errors.splice(0);
  assert.deepEqual(refused.filter((error) => !error.includes("ERR_CONNECTION_REFUSED")), []);
}

async function respondsWhileBusy() {
  await browser.startTracing(page, { categories: ["disabled-by-default-devtools.timeline", "__metadata"] });
  await addFiles(page, [
    await sampleFile("tide-mill.html", "text/html"),
    await sampleFile("mad-tea-party.txt", "text/plain"),
  ]);
  await ask(page, MIRROR);
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  const tasks = mainThreadTasks(traceEvents);
  assert.ok(tasks.length > 100, `only ${tasks.length} tasks were traced`);
  const longest = Math.max(...tasks.map(({ tdur }) => tdur / 1000));
  assert.ok(longest <= LONGEST_TASK_MS, `a main-thread task took ${longest.toFixed(1)} ms of CPU time`);
  await page.getByText("Ready to work offline").waitFor();
}

/** The tasks of the page's main thread with their CPU time (`tdur`, in µs). */
function mainThreadTasks(events) {
  const mains = events.filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain");
  const keys = new Set(mains.map(({ pid, tid }) => `${pid} ${tid}`));
  return events.filter(({ name, pid, tid, tdur }) => name === "RunTask" && tdur !== undefined && keys.has(`${pid} ${tid}`));
}

async function citesTheFact() {
  const turn = page.locator(".turn").first();
  await checkMirror(turn);
  const timings = await turn.locator(".timings").textContent();
  for (const stage of [/searched in/, /tokens read in/, /tokens written in/]) assert.match(timings, stage);
}

/** The first quote and some citation of the answer hold the size of the mirror. */
async function checkMirror(turn) {
  const quote = turn.locator(".best .quote").first();
  const quoted = await highlighted(page, quote);
  assert.equal(quoted.name, HANDBOOK);
  assert.match(quoted.text, /1\.52 metres/);
  assert.ok(quoted.isInView, "the viewer is not at the passage");
  assert.equal((await quote.locator("q").textContent()).trim(), quoted.text.trim());
  assert.equal(await quote.locator("q strong").textContent(), "1.52 metres", "the answer is not in bold");

  const answer = await turn.locator(".answer").textContent();
  assert.match(answer, /1\.52/);
  const markers = await turn.locator(".citation").all();
  assert.ok(markers.length > 0, `no citation in: ${answer}`);
  const cited = [];
  for (const marker of markers) cited.push((await highlighted(page, marker)).text);
  assert.ok(cited.some((text) => text.includes("1.52 metres")), `cited: ${JSON.stringify(cited)}`);
}

async function numbersPlaces() {
  const answered = page.locator(".turn").first();
  const places = new Map();
  for (const numbered of await answered.locator(".quote, .citation").all()) {
    const number = /^\d+/.exec(await numbered.textContent())[0];
    const { text, name } = await highlighted(page, numbered);
    places.set(number, (places.get(number) ?? new Set()).add(`${name}: ${text}`));
  }
  assert.deepEqual([...places.keys()].sort((a, b) => a - b), Array.from(places, (_, at) => String(at + 1)));
  assert.ok([...places.values()].every((spans) => spans.size === 1), JSON.stringify([...places].map(([n, s]) => [n, ...s])));

  const turn = await ask(page, "For how long is the key marked Shutter held to the left?", { quotesOnly: true });
  const quotes = await turn.locator(".quote").all();
  const shown = await Promise.all(quotes.map((quote) => quote.locator("q").textContent()));
  const spans = [];
  for (const quote of quotes) spans.push((await highlighted(page, quote)).text);
  assert.ok(spans.some((text) => /^\d\. /.test(text)), spans.join("\n"));
  assert.deepEqual(shown, spans.map((text) => text.replace(/^\d\. /, "")));
  assert.deepEqual(await turn.locator(".quote .number").allTextContents(), quotes.map((_, at) => String(at + 1)));
}

async function refuses() {
  const turn = await ask(page, "Which company won the bid for the Lisbon metro extension?");
  assert.match(await turn.textContent(), /Nothing in your documents is near enough/);
  assert.equal(await turn.locator(".answer, .quote").count(), 0);
}

async function stops() {
  await page.getByLabel("Answer length").selectOption({ label: "long" });
  await page.getByLabel("Your question").fill("When must the dome stay shut?");
  await page.keyboard.press("Enter");
  await page.locator(".turn").first().locator(".quote").first().waitFor();
  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await page.locator(".turn").first().getByText("Stopped.").waitFor({ timeout: 10_000 });
}

async function remembersOverReload() {
  await page.reload();
  await ready(page);
  assert.equal(await offlineNote(), "Ready to work offline");
  assert.ok(await page.evaluate(() => crossOriginIsolated), "the service worker sends no headers");
  assert.equal(await page.getByRole("button", { name: /^Remove [\w-]+\.\w+$/ }).count(), 3);
  const turn = await ask(page, GATES, { quotesOnly: true });
  const { text, name } = await highlighted(page, turn.locator(".quote").first());
  assert.match(text, /Teodor Hale/);
  assert.equal(name, "tide-mill.html");
  await assertNothingEmbedded();
}

async function assertNothingEmbedded() {
  const stages = await page.evaluate(() => window.stages);
  assert.deepEqual(stages.filter((stage) => ["parse", "embed", "index"].includes(stage)), []);
}

async function sharesWithASecondTab() {
  const second = await visit(context, demo.url);
  await ready(second);
  assert.equal(await second.getByRole("button", { name: /^Remove [\w-]+\.\w+$/ }).count(), 3);
  const turn = await ask(second, MIRROR, { quotesOnly: true });
  assert.match(await turn.locator(".quote").first().textContent(), /1\.52 metres/);
  assert.deepEqual(second.errors, []);
  await second.close();
}

async function worksOffline() {
  await demo.stop();
  await page.reload();
  await ready(page);
  await checkMirror(await ask(page, MIRROR));
  await assertNothingEmbedded();
}

async function forgets() {
  await page.getByRole("button", { name: `Remove ${HANDBOOK}` }).click();
  await page.getByRole("button", { name: `Remove ${HANDBOOK}` }).waitFor({ state: "detached" });
  await assertHandbookIsNotUsed();
  await page.reload();
  await ready(page);
  assert.equal(await page.getByRole("button", { name: /^Remove [\w-]+\.\w+$/ }).count(), 2);
  await assertHandbookIsNotUsed();
  await demo.start();
}

async function assertHandbookIsNotUsed() {
  const turn = await ask(page, MIRROR, { quotesOnly: true });
  const sources = await turn.locator(".source, .scores").allTextContents();
  assert.deepEqual(sources.filter((source) => source.includes(HANDBOOK)), []);
}

function staysAtHome() {
  assertStayedAtHome(page, { demo, elsewhere });
  assert.deepEqual(page.errors, []);
}
