// Documents of many kinds in the demo page, on the real default models: one visitor, whose steps build on each other.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { ask, assertStayedAtHome, drop, ready, setUpVisitor, storedKeys, visit } from "./demo-visit.mjs";

const FIXTURES = fileURLToPath(new URL("../fixtures/documents/page/", import.meta.url));
const NAMES = ["harbour-survey.pdf", "allotment-rules.docx", "library-roof.pptx", "bee-yard.xlsx", "ferry.epub", "boathouse-key.eml", "parish.zip"];
const READ_WITHIN_MS = 180_000;

const SOUNDING = { question: "How deep was the deepest sounding of the harbour?", quote: /41\.7 metres/, source: /^harbour-survey\.pdf, page 2$/ };
const CASES = [
  SOUNDING,
  { question: "When is the gate of the allotment garden locked?", quote: /half past eight/, source: /^allotment-rules\.docx/ },
  { question: "What is the new roof of the library covered with?", quote: /larch shingles/, source: /^library-roof\.pptx, slide 3$/ },
  { question: "How much honey in kilograms did the hive Linden give?", quote: /Linden.*23/, source: /^bee-yard\.xlsx, sheet Honey, / },
  { question: "What did Hanne give the ferryman for the passage?", quote: /silver thimble/, source: /^ferry\.epub, The Night Crossing$/ },
  { question: "Where does the spare key of the boathouse hang?", quote: /behind the blue door/, source: /^boathouse-key\.eml, .*3 May 2025.*Okafor/ },
  { question: "Who is the treasurer of the council of Saint Brannoc?", quote: /Edda Tamsin/, source: /^minutes\/may\.docx in parish\.zip/ },
  { question: "How many bells hang in the tower of Saint Brannoc?", quote: /Five bells/, source: /^notes\/bells\.md in parish\.zip/ },
  { question: "What were the bellows of the organ repaired with?", quote: /goat leather/, source: /^plans\/organ\.pdf in parish\.zip, page 2$/ },
];

const { demo, elsewhere, context } = await setUpVisitor();
let page;

test("a visitor drops files of many kinds, and each answer says where it is from", async (t) => {
  await t.test("seven files dropped at once are read", drops);
  for (const { question, quote, source } of CASES) await t.test(`${question} ${source}`, () => isAnswered(question, quote, source));
  await t.test("the viewer opens the page of the PDF with the passage marked, and Escape goes back", opensThePage);
  await t.test("the page of a PDF in an archive is opened too", () => opensPageOf(CASES.at(-1), 2));
  await t.test("pages are turned by keys, and the text is one button away", turnsPages);
  await t.test("the text of a slide is opened at its passage, which its place labels", opensTheSlide);
  await t.test("each passage that was retrieved has its place on a line of its own", listsPassages);
  await t.test("a file is saved as it was", savesTheFile);
  await t.test("a folder is dropped, and what cannot be read is named", dropsAFolder);
  await t.test("after a reload and without a server everything is there", remembersOffline);
  await t.test("a removed document takes its original along", removesOriginals);
  await t.test("nothing was asked of another origin, and nothing went wrong", staysAtHome);
});

async function drops() {
  page = await visit(context, demo.url);
  await ready(page);
  assert.ok(await page.evaluate(isAllKept), "the page said too early that it works offline");
  await drop(page, NAMES.map((name) => FIXTURES + name));
  for (const name of NAMES) await page.getByRole("button", { name: `Remove ${name}` }).waitFor({ timeout: READ_WITHIN_MS });
  await page.locator("#results summary", { hasText: "7 files read." }).waitFor({ timeout: READ_WITHIN_MS });
  const row = page.locator("#documents > li").filter({ hasText: "harbour-survey.pdf" });
  assert.match(await row.textContent(), /Survey of the harbour at Skarn.*PDF, 3 pages/);
  assert.deepEqual(await page.locator(".members .name").allTextContents(), ["minutes/may.docx", "notes/bells.md", "plans/organ.pdf"]);
}

async function isAnswered(question, quote, source) {
  const turn = await ask(page, question, { quotesOnly: true });
  const first = turn.locator(".best .quote").first();
  assert.match(await first.locator("q").textContent(), quote);
  assert.match(await first.locator(".source").textContent(), source);
}

/** Opens the first quote of an answer. */
async function openQuote({ question }) {
  const quote = page.locator(".turn", { has: page.getByRole("heading", { name: question }) }).first().locator(".quote").first();
  await quote.click();
  return page.getByRole("dialog");
}

async function opensPageOf(answered, number) {
  const viewer = await openQuote(answered);
  await viewer.locator(".pdf-box").first().waitFor();
  assert.match(await viewer.locator(".pdf-number").textContent(), new RegExp(`^Page ${number} of `));
  assert.deepEqual(await viewer.locator(".pdf-box").evaluateAll((boxes) => boxes.filter((box) => {
    const { top, bottom, width } = box.getBoundingClientRect();
    return top < 0 || bottom > innerHeight || width < 10;
  }).length), 0, "a box is out of sight");
  return viewer;
}

async function opensThePage() {
  const viewer = await opensPageOf(SOUNDING, 2);
  assert.equal(await viewer.locator("#viewer-place").textContent(), "Passage on page 2");
  assert.ok((await viewer.locator(".pdf-box").count()) >= 2, "the passage has several lines");
  assert.match(await viewer.locator(".pdf-box").first().getAttribute("aria-label"), /41\.7 metres/);
  assert.ok(await canvasIsDrawn(viewer), "the page is blank");
  await page.keyboard.press("Escape");
  await viewer.waitFor({ state: "hidden" });
  assert.ok(await page.evaluate(() => document.activeElement.matches(".quote")), "the focus did not come back to the quote");
}

/** Whether the canvas has dark pixels, such as text has. */
function canvasIsDrawn(viewer) {
  return viewer.locator("canvas").evaluate((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return data.some((value, at) => at % 4 === 0 && value < 100 && data[at + 3] === 255);
  });
}

async function turnsPages() {
  const viewer = page.getByRole("dialog");
  await page.keyboard.press("ArrowLeft");
  await viewer.getByText("Page 1 of 2").waitFor();
  await page.waitForFunction(() => !document.querySelector(".pdf-box"));
  await page.keyboard.press("ArrowRight");
  await viewer.locator(".pdf-box").first().waitFor();
  await viewer.getByRole("button", { name: "Show the text" }).click();
  assert.match(await viewer.locator("mark").textContent(), /goat leather/);
  await viewer.getByRole("button", { name: "Show the page" }).click();
  await viewer.locator(".pdf-box").first().waitFor();
  await page.keyboard.press("Escape");
}

async function opensTheSlide() {
  const viewer = await openQuote(CASES[2]);
  assert.match(await viewer.locator("mark").textContent(), /larch shingles/);
  assert.equal(await viewer.getByText("Slide 3").count(), 1, "the place is said twice");
  assert.match(await viewer.locator(".viewer-passage").innerText(), /^Slide 3\s+- The new roof .* larch shingles\.$/);
  assert.ok(await viewer.locator(".viewer-label").evaluate((label) => label.offsetHeight < 30), "the label has several lines");
  await page.keyboard.press("Escape");
}

async function listsPassages() {
  const retrieved = page.locator(".turn", { has: page.getByRole("heading", { name: CASES[2].question }) }).first().locator(".retrieved");
  await retrieved.locator("summary").click();
  const [text, place, ...others] = (await retrieved.locator("li").first().innerText()).split("\n");
  assert.match(text, /^The new roof of the library .*[.…]$/);
  assert.doesNotMatch(text, /\.…/);
  assert.match(place, /^library-roof\.pptx, slide 3, score/);
  assert.deepEqual(others, []);
}

async function savesTheFile() {
  const viewer = await openQuote(SOUNDING);
  const [download] = await Promise.all([page.waitForEvent("download"), viewer.getByRole("button", { name: "Save the file" }).click()]);
  assert.equal(download.suggestedFilename(), "harbour-survey.pdf");
  const [saved, original] = await Promise.all([download.path(), FIXTURES + "harbour-survey.pdf"].map(async (path) => readFile(await path)));
  assert.deepEqual(saved, original);
  await page.keyboard.press("Escape");
}

async function dropsAFolder() {
  await drop(page, [fileURLToPath(new URL("../fixtures/models/tiny-bert", import.meta.url))]);
  const list = page.getByRole("region", { name: "Files that were read" });
  await list.getByText(/model\.safetensors/).first().waitFor({ state: "attached", timeout: READ_WITHIN_MS });
  assert.match(await list.textContent(), /tiny-bert\/model\.safetensors/);
  await list.getByRole("button", { name: /^Dismiss/ }).click();
  for (const name of await page.locator("#documents > li > .document > .name").filter({ hasText: "tiny-bert/" }).allTextContents()) {
    await page.getByRole("button", { name: `Remove ${name}` }).click();
    await page.getByRole("button", { name: `Remove ${name}` }).waitFor({ state: "detached" });
  }
}

async function remembersOffline() {
  await demo.stop();
  await page.reload();
  await ready(page);
  for (const { question, quote, source } of [SOUNDING, CASES.at(-1)]) await isAnswered(question, quote, source);
  const viewer = await opensPageOf(SOUNDING, 2);
  await page.keyboard.press("Escape");
  await viewer.waitFor({ state: "hidden" });
  // A kind of file that this visit has not read yet.
  await page.setInputFiles("#file-input", [{ name: "late.rst", mimeType: "text/x-rst", buffer: Buffer.from("Late\n====\n\nThe sluice keeper was called Ansgar Voss.\n") }]);
  await page.getByRole("button", { name: "Remove late.rst" }).waitFor({ timeout: READ_WITHIN_MS });
}

/** Whether the service worker answers for the page, and its copy has every file of it, and the list of them. */
async function isAllKept() {
  const [name] = (await caches.keys()).filter((key) => key.startsWith("ask-your-files-page-"));
  if (!name || !navigator.serviceWorker.controller) return false;
  const [kept, list] = await Promise.all([(await caches.open(name)).keys(), fetch("precache.json").then((response) => response.json())]);
  return kept.length === list.length + 1;
}

async function removesOriginals() {
  const before = await storedKeys(page, "original/");
  assert.ok(before.length > 0, "no originals are stored");
  for (const name of [...NAMES, "late.rst"]) {
    await page.getByRole("button", { name: `Remove ${name}` }).click();
    await page.getByRole("button", { name: `Remove ${name}` }).waitFor({ state: "detached" });
  }
  await page.locator("#welcome").waitFor();
  assert.deepEqual(await storedKeys(page, "original/"), []);
}

function staysAtHome() {
  assertStayedAtHome(page, { demo, elsewhere });
  assert.deepEqual(page.errors.filter((error) => !error.includes("ERR_CONNECTION_REFUSED")), []);
}
