// Pictures on the demo page: their words are read, quoted and shown where they stand.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { addFiles, ask, assertStayedAtHome, ready, setUpVisitor, storedKeys, visit } from "./demo-visit.mjs";

const { demo, elsewhere, context } = await setUpVisitor();
let page;

const PHOTO = "lighthouse.jpg";
const SCREEN = "harbour-status.png";
const SCAN = "agreement-scan.pdf";
const REPORT = "mill.docx";
const PAGES = "mill.pdf";
const SQUARES = "squares.avif";
const WALK = "walk.md";
const TYPES = {
  [PHOTO]: "image/jpeg",
  [SCREEN]: "image/png",
  [SCAN]: "application/pdf",
  [REPORT]: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  [PAGES]: "application/pdf",
  [SQUARES]: "image/avif",
  [WALK]: "text/markdown",
};
const ALL = Object.keys(TYPES);

test("a visitor asks pictures, sees them with the answer, and finds nothing of them after they are removed", async (t) => {
  await t.test("a photo, a screenshot, a scan and files with figures are added", adds);
  await t.test("a question to the screenshot is answered with its line, marked on the picture", () => asksScreen());
  await t.test("a question for the photo shows it, by what its file says of it", asksPhoto);
  await t.test("a picture that only the browser decodes is shown as any other", asksAvif);
  await t.test("a note that links to the photo shows it, with what the note says of it", asksNote);
  await t.test("a question to the scan opens its page with a box on the line", asksScan);
  await t.test("a question to a figure of a Word file shows it, and opens it with a box on the line", asksFigure);
  await t.test("a question to a figure of a PDF opens its page with a box within the figure", asksFigureOfPdf);
  await t.test("after a reload the same is answered", answersAfterReload);
  await t.test("removed pictures leave nothing behind", removes);
  await t.test("nothing was asked of another origin, and nothing went wrong", () => {
    assertStayedAtHome(page, { demo, elsewhere });
    assert.deepEqual(page.errors, []);
  });
});

async function adds() {
  page = await visit(context, demo.url);
  await ready(page, { offline: false });
  const files = ALL.map(async (name) => {
    const buffer = await readFile(new URL(`../fixtures/pictures/${name}`, import.meta.url));
    return { name, mimeType: TYPES[name], buffer };
  });
  await addFiles(page, await Promise.all(files));
}

async function asksScreen() {
  const turn = await ask(page, "What is to be done about error E-5521?", { quotesOnly: true });
  assert.match(await turn.locator(".quote").first().textContent(), /E-5521|Restart the gate controller/);
  assert.match(await turn.locator(".quote .source").first().textContent(), /read in the picture/);
  await sees(turn, SCREEN);
  const { box, frame } = await opensPicture(turn, SCREEN);
  // The lines stand in the upper two thirds, and begin near the left side.
  const middle = (box.y + box.height / 2 - frame.y) / frame.height;
  assert.ok(middle > 0.3 && middle < 0.6, `the box is at ${middle}`);
  assert.ok((box.x - frame.x) / frame.width < 0.1, "the box does not begin where the line does");
}

async function asksPhoto() {
  const turn = await ask(page, "Show me the photo of the lighthouse", { quotesOnly: true });
  assert.match(await turn.locator(".quote").first().textContent(), /The lighthouse of Port Selby after the storm/);
  await sees(turn, PHOTO);
}

async function asksAvif() {
  const turn = await ask(page, "Show me the photo of the bridge over the river", { quotesOnly: true });
  assert.match(await turn.locator(".quote").first().textContent(), /A bridge over the river/);
  assert.ok((await shownWidth(turn, SQUARES)) > 0);
}

async function asksNote() {
  const turn = await ask(page, "Show me the picture of the light at the end of the walk", { quotesOnly: true });
  await turn.locator(".pictures figcaption", { hasText: "The light at the end of the walk" }).first().waitFor();
  await sees(turn, PHOTO);
}

async function asksScan() {
  const turn = await ask(page, "What is the rent of the mill?", { quotesOnly: true });
  assert.match(await turn.locator(".quote").first().textContent(), /640 crowns/);
  assert.match(await turn.locator(".quote .source").first().textContent(), /page 1, read in the picture/);
  await turn.locator(".quote").first().click();
  const viewer = page.getByRole("dialog");
  const box = await viewer.locator(".pdf-box").first().boundingBox();
  const sheet = await viewer.locator(".pdf-page").boundingBox();
  const middle = (box.y + box.height / 2 - sheet.y) / sheet.height;
  assert.ok(middle > 0.22 && middle < 0.36, `the box is at ${middle}`);
  await page.keyboard.press("Escape");
}

async function asksFigure() {
  const turn = await ask(page, "Which inlet valve is on the figure in the Word file?", { quotesOnly: true });
  await turn.locator(".quote", { hasText: "Inlet valve V-17" }).first().waitFor();
  await sees(turn, REPORT);
  await turn.locator(".pictures figcaption", { hasText: "Figure 1: The pump of the mill" }).first().waitFor();
  await turn.locator(".quote", { hasText: "Inlet valve" }).filter({ hasText: REPORT }).first().click();
  const { box, frame } = await boxOnPicture();
  const middle = (box.y + box.height / 2 - frame.y) / frame.height;
  assert.ok(middle > 0.1 && middle < 0.3, `the box is at ${middle}`);
  assert.ok((box.x - frame.x) / frame.width < 0.2, "the box does not begin where the line does");
}

async function asksFigureOfPdf() {
  const turn = await ask(page, "When was the pump P-3 built, on the figure of the PDF?", { quotesOnly: true });
  await sees(turn, PAGES);
  await turn.locator(".quote", { hasText: "built in 1931" }).filter({ hasText: PAGES }).first().click();
  const viewer = page.getByRole("dialog");
  const box = await viewer.locator(".pdf-box").first().boundingBox();
  const sheet = await viewer.locator(".pdf-page").boundingBox();
  const middle = (box.y + box.height / 2 - sheet.y) / sheet.height;
  // The figure fills the page from a fifth to a half of its height, and the line is at its lower end.
  assert.ok(middle > 0.4 && middle < 0.52, `the box is at ${middle}`);
  await page.keyboard.press("Escape");
}

async function answersAfterReload() {
  await page.reload();
  await ready(page, { offline: false });
  await asksScreen();
}

async function removes() {
  for (const name of ALL) {
    await page.getByRole("button", { name: `Remove ${name}` }).click();
    await page.getByRole("button", { name: `Remove ${name}` }).waitFor({ state: "detached" });
  }
  assert.deepEqual(await storedKeys(page, "document/", "original/"), []);
}

/** The thumbnail of the picture `name` is in the turn. */
async function sees(turn, name) {
  const width = await shownWidth(turn, name);
  assert.ok(width > 100 && width <= 320, `the thumbnail is ${width} pixels wide`);
}

/** How many pixels wide the thumbnail of the picture `name` in the turn is. */
async function shownWidth(turn, name) {
  const figure = turn.locator(".pictures figure", { hasText: name });
  await figure.waitFor();
  return figure.locator("img").evaluate(async (image) => {
    await image.decode();
    return image.naturalWidth;
  });
}

/** Opens the picture `name` from the turn. Resolves to where the box on it is, and the picture itself. */
async function opensPicture(turn, name) {
  await turn.getByRole("button", { name: `Open the picture ${name}` }).click();
  return boxOnPicture();
}

/** Where the box on the picture that the viewer shows is, and the picture itself. Closes the viewer. */
async function boxOnPicture() {
  const viewer = page.getByRole("dialog");
  const box = await viewer.locator(".picture-box").boundingBox();
  const frame = await viewer.locator(".picture-image").boundingBox();
  assert.match(await viewer.getByRole("note").getAttribute("aria-label"), /^Cited here: /);
  await page.keyboard.press("Escape");
  await viewer.waitFor({ state: "hidden" });
  return { box, frame };
}
