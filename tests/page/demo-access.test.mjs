// The demo page by keyboard alone, by name alone, and on a small screen.

import assert from "node:assert/strict";
import { test } from "node:test";
import { launchBrowser, newVisitor } from "./browser.mjs";
import { addFiles, ask, ready, sampleFile, startDemo, visit } from "./demo-visit.mjs";
import { setUp } from "./set-up.mjs";

/** More steps than the page has places to stop at. */
const MOST_TABS = 60;
const TARGET_PX = 44;

const { demo, browser } = await setUp({ demo: startDemo(), browser: launchBrowser() });

async function openDemo(t) {
  const page = await visit(await newVisitor(t, browser), demo.url);
  await ready(page, { offline: false });
  return page;
}

/** The page with an answer, and with the notice of a document in a language that the search model does not know. */
async function withQuotes(t) {
  const page = await openDemo(t);
  const report = { name: "bericht.html", mimeType: "text/html", buffer: Buffer.from('<html lang="de"><p>Der Spiegel ist sauber.</p></html>') };
  await addFiles(page, [await sampleFile("observatory-handbook.md", "text/markdown"), report]);
  await page.locator("#search-model-notice button").waitFor();
  await ask(page, "How much does the mirror weigh?", { quotesOnly: true });
  return page;
}

/** Presses Tab until the focus is on an element of this name. */
async function tabTo(page, name) {
  for (let pressed = 0; pressed < MOST_TABS; pressed += 1) {
    await page.keyboard.press("Tab");
    const found = await page.evaluate(() => {
      const { activeElement: element } = document;
      return element.getAttribute("aria-label") ?? element.labels?.[0]?.textContent ?? element.textContent;
    });
    if (name.test(found.trim())) return;
  }
  assert.fail(`${name} cannot be reached with Tab`);
}

const focusIsIn = (page, selector) => page.evaluate((selector) => document.activeElement.closest(selector) !== null, selector);

test("everything can be done by keyboard, and the focus is never lost", async (t) => {
  const page = await openDemo(t);
  await tabTo(page, /^Observatory handbook/);
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: /^Remove observatory/ }).waitFor({ timeout: 60_000 });
  assert.ok(await focusIsIn(page, "#question"), "the focus is not in the question box");

  await tabTo(page, /^Written answers/);
  await page.keyboard.press("ArrowDown");
  await tabTo(page, /^How large is the mirror/);
  await page.keyboard.press("Enter");
  await page.locator(".quote").first().waitFor({ timeout: 60_000 });

  await tabTo(page, /1\.52 metres/);
  await page.keyboard.press("Enter");
  await page.locator("#viewer mark").waitFor();
  assert.ok(await focusIsIn(page, "#viewer mark"), "the focus is not on the passage");
  await page.keyboard.press("Escape");
  assert.ok(await focusIsIn(page, ".quote"), "the focus did not come back to the quote");

  await tabTo(page, /^Remove observatory/);
  await page.keyboard.press("Enter");
  await page.locator("#welcome").waitFor();
  assert.ok(!(await page.evaluate(() => document.activeElement === document.body)), "the focus was lost");
  assert.deepEqual(page.errors, []);
});

test("every control has a name, every part of the page a landmark, and ids are unique", async (t) => {
  const page = await withQuotes(t);
  const seen = await page.evaluate(() => {
    const nameOf = (element) =>
      element.getAttribute("aria-label") || [...(element.labels ?? [])].map((label) => label.textContent).join("") || element.textContent;
    const controls = [...document.querySelectorAll("a, button, input, select, summary, textarea, progress")];
    const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
    return {
      unnamed: controls.filter((element) => element.ariaHidden !== "true" && !nameOf(element)?.trim()).map(({ outerHTML }) => outerHTML),
      repeated: ids.filter((id, index) => ids.indexOf(id) !== index),
      headings: [...document.querySelectorAll("h1, h2, h3, h4")].map(({ tagName }) => Number(tagName[1])),
    };
  });
  assert.deepEqual(seen.unnamed, []);
  assert.deepEqual(seen.repeated, []);
  assert.equal(seen.headings.filter((level) => level === 1).length, 1);
  seen.headings.reduce((above, level) => {
    assert.ok(level <= above + 1, `a heading of level ${level} follows one of level ${above}`);
    return level;
  });
  assert.equal(await page.getByRole("banner").count(), 1);
  assert.equal(await page.getByRole("main").count(), 1);
  assert.equal(await page.getByRole("region", { name: "Documents" }).count(), 1);
  assert.equal(await page.getByRole("status").count(), 1);
  assert.equal(await page.getAttribute("html", "lang"), "en");
});

test("quotes and answers are announced to screen readers", async (t) => {
  const page = await openDemo(t);
  await addFiles(page, [await sampleFile("observatory-handbook.md", "text/markdown")]);
  await page.getByRole("status").getByText("observatory-handbook.md added").waitFor({ state: "attached" });
  await ask(page, "How much does the mirror weigh?", { quotesOnly: true });
  await page.getByRole("status").getByText("Quoted from observatory-handbook.md").waitFor({ state: "attached" });
});

test("a screen of 360 pixels needs no horizontal scrolling and has large touch targets", async (t) => {
  const page = await withQuotes(t);
  await page.setViewportSize({ width: 360, height: 640 });
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "the page is too wide");
  const small = await page.evaluate((least) => {
    const controls = [...document.querySelectorAll("button, select, summary, textarea, label:has(input)")];
    const boxes = controls.filter((element) => element.checkVisibility()).map((element) => [element, element.getBoundingClientRect()]);
    return boxes.filter(([, { width, height }]) => width < least || height < least).map(([{ outerHTML }]) => outerHTML);
  }, TARGET_PX);
  assert.deepEqual(small, []);
});

test("the list of files that were read says why one was not, and goes when it is dismissed", async (t) => {
  const page = await openDemo(t);
  await page.setInputFiles("#file-input", [{ name: "empty.txt", mimeType: "text/plain", buffer: Buffer.alloc(0) }]);
  const list = page.getByRole("region", { name: "Files that were read" });
  await list.getByRole("alert").filter({ hasText: "empty.txt" }).waitFor();
  await list.getByRole("button", { name: /^Dismiss/ }).click();
  await page.locator("#welcome").waitFor();
  assert.ok(await focusIsIn(page, "#choose"), "the focus was lost");
  assert.deepEqual(page.errors, []);
});

test("the page and its worker allow only their own scripts, styles and connections", async () => {
  const html = await (await fetch(demo.url)).text();
  const policy = /Content-Security-Policy" content="([^"]+)"/.exec(html)[1];
  const worker = await fetch(new URL("pkg/worker.js", `${demo.url}/`));
  assert.equal(worker.headers.get("content-security-policy"), policy);
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe-inline|'unsafe-eval'|https?:|\*/);
  // Stored pictures are shown, and nothing else comes from a Blob.
  const fromBlobs = policy.split("; ").filter((directive) => directive.includes("blob:"));
  assert.deepEqual(fromBlobs, ["img-src 'self' data: blob:"]);
  assert.doesNotMatch(html, /<style|style="|<script(?![^>]*src=)|\son\w+="/);
  assert.doesNotMatch(html, /(?:src|href)="https?:/);
});
