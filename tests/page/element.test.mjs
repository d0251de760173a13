// The element as its page, its keyboard and its screen reader see it, with an engine that answers as it is told.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { launchBrowser } from "./browser.mjs";
import { askElement, findingsOfAxe, openElement, startElementSite } from "./element-site.mjs";
import { setUp } from "./set-up.mjs";

const TARGET_PX = 44;

const { site, browser } = await setUp({ site: startElementSite(), browser: launchBrowser() });
const open = (t, options) => openElement(t, browser, site, options);

/** The texts of what matches a selector within the element. */
const textsOf = (page, selector) => page.locator(`multimodal-rag ${selector}`).allTextContents();
const status = (page) => page.getByRole("status").textContent();
const eventsOf = (page, type) => page.evaluate((type) => events.filter((event) => event.type === type), type);
const focused = (page) => page.evaluate(() => element.shadowRoot.activeElement?.getAttribute("part"));

test("the import is safe on a server, and defines nothing there", async () => {
  const module = await import("../../pkg/element/index.js");
  assert.deepEqual(Object.keys(module).sort(), ["MultimodalRagElement", "define"]);
  module.define("other-name");
});

test("every text is there in every language, and in the types", async () => {
  const { textsFor } = await import("../../pkg/element/texts.js");
  const [english, german] = ["en", "de-AT"].map((tag) => textsFor(tag));
  assert.deepEqual([english.language, german.language, textsFor("fr").language], ["en", "de", "en"]);
  assert.deepEqual(Object.keys(german), Object.keys(english));
  assert.deepEqual(Object.keys(german.errors), Object.keys(english.errors));
  const values = (text) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
  for (const name of Object.keys(english)) {
    if (name !== "errors" && name !== "failed") assert.deepEqual(values(german[name]), values(english[name]), name);
  }
  const types = await readFile(new URL("../../pkg/element/index.d.ts", import.meta.url), "utf8");
  const [, declared] = /interface ElementTexts \{(.*?)^\}/ms.exec(types);
  assert.deepEqual([...declared.matchAll(/^ {2}(\w+):/gm)].map(([, name]) => name), Object.keys(english).filter((name) => name !== "language"));
});

test("the element is defined once, and under other names too", async (t) => {
  const page = await open(t);
  const seen = await page.evaluate(() => {
    module.define();
    module.define("site-answers");
    module.define("site-answers");
    const other = document.createElement("site-answers");
    return [element, other].map((each) => each instanceof module.MultimodalRagElement && each.shadowRoot !== null);
  });
  assert.deepEqual(seen, [true, true]);
  assert.deepEqual(page.errors, []);
});

test("properties that were set before the element was defined are taken", async (t) => {
  const page = await open(t);
  const seen = await page.evaluate(() => {
    const early = Object.assign(document.createElement("early-answers"), { engine: fakeEngine(), limit: 2, placeholder: "Early" });
    document.querySelector("main").append(early);
    module.define("early-answers");
    return [typeof early.engine.ask, early.getAttribute("limit"), early.shadowRoot.querySelector("textarea").placeholder];
  });
  assert.deepEqual(seen, ["function", "2", "Early"]);
});

test("the short answer comes first, then the quotes with their names and places", async (t) => {
  const page = await open(t);
  await askElement(page, "quotes: how much disk space?");
  assert.deepEqual(await textsOf(page, ".question"), ["quotes: how much disk space?"]);
  assert.deepEqual(await textsOf(page, ".short"), ["200 MB"]);
  assert.deepEqual(await textsOf(page, "blockquote"), [
    "It needs 200 MB of disk space.",
    "On Fridays it closes at three.",
    "The wheel turns at eleven rounds a minute.",
  ]);
  assert.deepEqual(await textsOf(page, "blockquote mark"), ["200 MB"]);
  assert.deepEqual(await textsOf(page, ".quote .source"), ["guide/install.md, Setting up", "hours.txt, line 3", "manual.pdf, page 12"]);
  const [answer] = await eventsOf(page, "answer");
  assert.equal(answer.short.text, "200 MB");
  assert.deepEqual(answer.quotes.map(({ documentName }) => documentName), ["guide/install.md", "hours.txt", "manual.pdf"]);
  assert.deepEqual(page.errors, []);
});

test("a source is a link to its words or page where the document has an address of the web, and otherwise a button", async (t) => {
  const page = await open(t);
  await askElement(page, "quotes");
  await askElement(page, "table");
  const links = await page.locator("multimodal-rag .source").evaluateAll((sources) => sources.map(({ localName, textContent, href }) => [localName, textContent, href]));
  assert.deepEqual(links, [
    // An address that would run a script is none.
    ["button", "yields.csv", undefined],
    ["a", "guide/install.md, Setting up", `${site.url}guide/install.html#:~:text=It%20needs%20200%20MB%20of%20disk%20space.`],
    ["button", "hours.txt, line 3", undefined],
    ["a", "manual.pdf, page 12", "https://files.example/manual.pdf#page=12"],
  ]);
});

test("a text of many words is named by its ends, a row of a table not at all", async () => {
  const { sourceAddress } = await import("../../pkg/element/source-address.js");
  const address = (text, { url = "/a.html#part", type = "text/html", place } = {}) => sourceAddress(url, "https://site.example/docs.rag", type, { text, place });
  const sentence = "- The tide-mill, built in 1790 & repaired, grinds all the grain of the whole coast.";
  assert.equal(address(sentence), "https://site.example/a.html#part:~:text=The%20tide%2Dmill%2C%20built%20in,of%20the%20whole%20coast.");
  assert.equal(address("a | b", { place: { rows: [2, 2] } }), "https://site.example/a.html#part");
  for (const url of ["javascript:alert(1)", "data:text/html,x", "blob:x", "http://", 3, null]) assert.equal(address("a", { url }), null);
});

test("an answer from a table is a sentence, its values, its source and its query", async (t) => {
  const page = await open(t);
  await askElement(page, "table: the largest months");
  assert.deepEqual(await textsOf(page, ".sentence"), ["The months with the most kg are June (510), July (480) and May (420)."]);
  assert.deepEqual(await page.getByRole("columnheader").allTextContents(), ["month", "kg"]);
  assert.deepEqual(await page.getByRole("cell").allTextContents(), ["June", "510", "July", "480", "May", "420"]);
  await page.getByText("How it was computed").click();
  await page.getByText('SELECT "month", "kg" FROM "yields"').waitFor();
  assert.equal((await eventsOf(page, "answer"))[0].table.rows.length, 3);
});

test("the written answer has numbered citations, and hides what the documents do not support until it is chosen", async (t) => {
  const page = await open(t, { attributes: { generator: "on" } });
  await askElement(page, "written");
  const text = page.locator("multimodal-rag .written-text");
  assert.equal(await text.textContent(), "The mill needs 200 MB of disk space.1 … It closes at three on Fridays.24");
  assert.equal(await page.getByRole("link", { name: "Source 1: guide/install.md, Setting up" }).count(), 1);
  assert.equal(await page.getByRole("button", { name: "Source 2: hours.txt, line 3" }).count(), 1);
  assert.deepEqual(await textsOf(page, ".number"), ["1", "2", "3", "4"]);
  await page.getByRole("button", { name: "A sentence that the documents do not support: show it" }).click();
  assert.match(await text.textContent(), /It was built in 1790\./);
  await page.getByRole("button", { name: "It was built in 1790. (not supported by the documents)" }).click();
  assert.doesNotMatch(await text.textContent(), /1790/);
  const [{ text: written, citations, unsupported }] = await eventsOf(page, "answer");
  assert.deepEqual([written, citations.length, unsupported], ["The mill needs 200 MB of disk space. … It closes at three on Fridays.", 3, 1]);
});

test("where nothing answers, that is said, and the nearest passages can be opened", async (t) => {
  const page = await open(t);
  await askElement(page, "nothing");
  assert.deepEqual(await textsOf(page, ".nothing"), ["The documents do not answer this question. Ask in other words, or about something else."]);
  await page.getByText("The nearest passages").click();
  await page.getByRole("button", { name: "hours.txt, line 3" }).waitFor();
  assert.equal(await status(page), "The documents do not answer this question.");
});

test("a word that was corrected is named", async (t) => {
  const page = await open(t);
  await askElement(page, "corrected");
  await page.getByText("“dsik” is in no document. “disk” was searched instead.").waitFor();
});

test("a picture is drawn, where the policy allows no images, and has a name and a source", async (t) => {
  const page = await open(t);
  await askElement(page, "picture");
  const picture = page.getByRole("img", { name: "Picture from manual.pdf, page 12" });
  await page.waitForFunction(() => element.shadowRoot.querySelector("canvas").width === 40);
  assert.equal(await picture.count(), 1);
  assert.equal(await page.getByRole("link", { name: "manual.pdf, page 12" }).count(), 2);
  assert.deepEqual(await findingsOfAxe(page), []);
  assert.deepEqual(page.errors, []);
});

test("what documents and models write is never markup", async (t) => {
  const page = await open(t);
  await askElement(page, "markup <b>bold</b>");
  assert.deepEqual(await textsOf(page, "blockquote"), ["<img src=x onerror=alert(1)>"]);
  assert.deepEqual(await textsOf(page, ".written-text"), ["<script>alert(1)</script>"]);
  assert.equal(await page.evaluate(() => element.shadowRoot.querySelectorAll("img, script, b").length), 0);
  assert.deepEqual(page.errors, []);
});

test("a passage without an address is shown in the element, within its text, and the focus comes back", async (t) => {
  const page = await open(t);
  await askElement(page, "quotes");
  const source = page.getByRole("button", { name: "hours.txt, line 3" });
  await source.click();
  const dialog = page.getByRole("dialog", { name: "hours.txt, line 3" });
  assert.equal(await dialog.locator("mark").textContent(), "On Fridays it closes at three.");
  assert.match(await dialog.textContent(), /The office is open from nine to five\./);
  assert.deepEqual(await findingsOfAxe(page), []);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  assert.equal(await focused(page), "source");
  await source.click();
  await dialog.getByRole("button", { name: "Close" }).click();
  await dialog.waitFor({ state: "hidden" });
});

test("a page that cancels `cite` shows the source itself", async (t) => {
  const page = await open(t);
  await askElement(page, "quotes");
  await page.evaluate(() => document.addEventListener("cite", (event) => event.preventDefault()));
  await page.getByRole("button", { name: "hours.txt, line 3" }).click();
  await page.getByRole("link", { name: "guide/install.md, Setting up" }).click();
  const cited = await eventsOf(page, "cite");
  assert.deepEqual(cited.map(({ citation, href }) => [citation.documentId, href?.split("#")[0] ?? null]), [["hours", null], ["guide", `${site.url}guide/install.html`]]);
  assert.equal(await page.getByRole("dialog").count(), 0);
  assert.equal(page.url(), site.url);
});

test("Enter asks, Shift+Enter breaks the line, and the focus stays in the box", async (t) => {
  const page = await open(t);
  const box = page.getByRole("textbox", { name: "Ask a question" });
  await box.focus();
  await page.keyboard.type("  ");
  await page.keyboard.press("Enter");
  assert.equal((await eventsOf(page, "ask")).length, 0);
  await page.keyboard.type("quotes");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("second");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => events.some(({ type }) => type === "answer"));
  assert.deepEqual((await eventsOf(page, "ask")).map(({ question }) => question), ["quotes\nsecond"]);
  assert.equal(await focused(page), "field");
  assert.equal(await box.inputValue(), "");
});

test("Escape and the button stop an answer, and the button keeps the focus", async (t) => {
  const page = await open(t);
  const box = page.getByRole("textbox");
  await box.fill("wait");
  await page.keyboard.press("Enter");
  await page.getByText("Downloading: 12 MB of 98 MB").waitFor();
  assert.equal(await page.getByRole("progressbar", { name: "Downloading" }).evaluate(({ value }) => value.toFixed(2)), "0.12");
  assert.deepEqual(await findingsOfAxe(page), []);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Ask", exact: true }).waitFor();

  await box.fill("wait");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Stop" }).waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Ask", exact: true }).waitFor();
  assert.equal(await focused(page), "ask-button");
  assert.deepEqual(await textsOf(page, ".turn .soft"), ["Stopped.", "Stopped."]);
  assert.deepEqual((await eventsOf(page, "answer")).map(({ reason }) => reason), ["aborted", "aborted"]);
  assert.deepEqual(page.errors, []);
});

test("Escape stops the answer before it closes a dialog of the page", async (t) => {
  const page = await open(t);
  await page.evaluate(() => {
    const dialog = document.createElement("dialog");
    document.body.append(dialog);
    dialog.append(element);
    dialog.showModal();
  });
  await page.getByRole("textbox").fill("wait");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Stop" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Ask", exact: true }).waitFor();
  assert.equal(await page.evaluate(() => element.closest("dialog").open), true);
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => !element.closest("dialog").open);
});

test("the next question stops the one before, and is told of those that were answered", async (t) => {
  const page = await open(t, { attributes: { limit: "7" } });
  await askElement(page, "quotes");
  await page.getByRole("textbox").fill("wait");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Stop" }).waitFor();
  await page.getByRole("textbox").fill("table");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => events.filter(({ type }) => type === "answer").length === 3);
  assert.deepEqual(await textsOf(page, ".question"), ["table", "wait", "quotes"]);
  const asked = await page.evaluate(() => engine.asked.map(({ history, limit, maxTokens }) => ({ history, limit, maxTokens })));
  assert.deepEqual(asked[0], { history: [], limit: 7, maxTokens: 0 });
  assert.equal(asked[1].history[0].question, "quotes");
  assert.equal(asked[1].history[0].quotes.length, 3);

  await page.getByRole("button", { name: "Clear answers" }).click();
  assert.deepEqual(await textsOf(page, ".turn"), []);
  assert.equal(await focused(page), "field");
  await page.evaluate(() => element.ask("quotes"));
  assert.deepEqual(await page.evaluate(() => engine.asked.at(-1).history), []);
});

test("a screen reader is told once that the search runs, and once what was found", async (t) => {
  const page = await open(t);
  await page.evaluate(() => {
    window.said = [];
    const status = element.shadowRoot.querySelector("[role=status]");
    new MutationObserver(() => said.push(status.textContent)).observe(status, { childList: true, characterData: true, subtree: true });
  });
  await askElement(page, "written");
  await page.waitForFunction(() => said.length >= 2);
  assert.deepEqual(await page.evaluate(() => said), [
    "Searching the documents",
    "200 MB. Quotes found: 3. guide/install.md, Setting up: It needs 200 MB of disk space. " +
      "The mill needs 200 MB of disk space. … It closes at three on Fridays. The answer is finished. Sources cited: 3.",
  ]);
});

test("an error is said in words, with a button that asks again, and does not reach the window", async (t) => {
  const page = await open(t);
  await page.evaluate(() => {
    window.addEventListener("error", () => (window.reached = true));
    element.engine = fakeEngine({ fail: "empty_knowledge_base" });
  });
  await askElement(page, "fail");
  const alert = page.getByRole("alert");
  assert.match(await alert.textContent(), /There are no documents to answer from yet\./);
  assert.deepEqual((await eventsOf(page, "error")).map(({ question, error }) => [question, error.code]), [["fail", "empty_knowledge_base"]]);
  assert.deepEqual(await findingsOfAxe(page), []);
  await page.evaluate(() => (element.engine.ask = fakeEngine().ask));
  await alert.getByRole("button", { name: "Try again" }).click();
  await page.waitForFunction(() => events.filter(({ type }) => type === "error").length === 2);
  assert.equal(await focused(page), "field");
  assert.equal(await page.evaluate(() => window.reached), undefined);
  assert.deepEqual(page.errors, []);
});

test("texts are German where the page is, also around a shadow tree, and English where there are none", async (t) => {
  const page = await open(t, { lang: "de" });
  await page.getByRole("textbox", { name: "Frage stellen" }).waitFor();
  await askElement(page, "quotes");
  assert.deepEqual(await textsOf(page, ".quote .source"), ["guide/install.md, Setting up", "hours.txt, Zeile 3", "manual.pdf, Seite 12"]);
  assert.deepEqual(await findingsOfAxe(page), []);
  await page.evaluate(() => element.setAttribute("lang", "fr"));
  await page.getByRole("textbox", { name: "Ask a question" }).waitFor();
  assert.equal(await page.evaluate(() => element.shadowRoot.firstElementChild.lang), "en");
  await page.evaluate(() => {
    element.removeAttribute("lang");
    document.documentElement.lang = "en";
  });
  await page.getByRole("button", { name: "Clear answers" }).waitFor();
  await page.evaluate(() => (document.documentElement.lang = "de"));
  await page.getByRole("button", { name: "Antworten löschen" }).waitFor();
  const label = await page.evaluate(() => {
    const host = document.createElement("div");
    document.body.append(host);
    const inner = document.createElement("multimodal-rag");
    host.attachShadow({ mode: "open" }).append(inner);
    return inner.shadowRoot.querySelector("label").textContent.trim();
  });
  assert.equal(label, "Frage stellen");
});

test("texts can be replaced", async (t) => {
  const page = await open(t);
  await page.evaluate(() => (element.texts = { label: "Ask the miller", noAnswer: "The miller does not know." }));
  await page.getByRole("textbox", { name: "Ask the miller" }).waitFor();
  await askElement(page, "nothing");
  assert.match((await textsOf(page, ".nothing")).join(), /^The miller does not know\./);
  await page.getByRole("button", { name: "Clear answers" }).waitFor();
});

test("slots name the box, fill the space before the first question, and suggest questions", async (t) => {
  const page = await open(t);
  await page.evaluate(() => {
    const add = (slot, tag, text, data) => {
      const child = Object.assign(document.createElement(tag), { slot, textContent: text });
      Object.assign(child.dataset, data);
      element.append(child);
    };
    add("heading", "h2", "Ask the handbook");
    add("empty", "button", "How much space?", { question: "quotes: how much space?" });
    add("footer", "p", "Answers are quotes.");
  });
  await page.getByRole("textbox", { name: "Ask the handbook" }).waitFor();
  await page.getByRole("button", { name: "How much space?" }).click();
  await page.waitForFunction(() => events.some(({ type }) => type === "answer"));
  assert.deepEqual(await textsOf(page, ".question"), ["quotes: how much space?"]);
  await page.getByRole("button", { name: "How much space?" }).waitFor({ state: "hidden" });
  assert.equal(await focused(page), "field");
  await page.getByText("Answers are quotes.").waitFor();
  assert.deepEqual(await findingsOfAxe(page), []);
});

test("nothing is loaded before the box is used", async (t) => {
  const page = await open(t, { engine: false, attributes: { src: "docs.rag" } });
  const loaded = () => page.requests.filter((path) => /client\.js|\.rag|\.wasm|models\.json/.test(path));
  await page.waitForLoadState("networkidle");
  assert.deepEqual(loaded(), []);
  await page.getByRole("textbox").focus();
  await page.waitForFunction(() => events.some(({ type }) => type === "error"));
  assert.deepEqual(loaded(), ["/pkg/client.js", "/docs.rag"]);
});

test("the attribute preload opens at once, and what fails is said and tried again", async (t) => {
  const page = await open(t, { engine: false, attributes: { src: "docs.rag", preload: "" } });
  await page.waitForFunction(() => events.some(({ type }) => type === "error"));
  const [{ error, question }] = await eventsOf(page, "error");
  assert.deepEqual([error.code, question], ["download_failed", undefined]);
  assert.match(error.message, /docs\.rag could not be fetched: the server answered 404/);
  await page.getByText("A file that answers need could not be downloaded.").first().waitFor();
  await askElement(page, "quotes");
  await page.getByRole("alert").waitFor();
  assert.ok(page.requests.filter((path) => path === "/docs.rag").length >= 2);
});

test("a file with another hash is refused, and so is a hash that is none", async (t) => {
  const hash = `sha256-${Buffer.alloc(32).toString("base64")}`;
  const page = await open(t, { engine: false, attributes: { src: "page.css", integrity: hash } });
  await askElement(page, "quotes");
  await page.evaluate(() => element.setAttribute("integrity", "md5-x"));
  await askElement(page, "quotes");
  const codes = (await eventsOf(page, "error")).filter(({ question }) => question).map(({ error }) => error.code);
  assert.deepEqual(codes, ["hash_mismatch", "invalid_option"]);
});

test("another engine removes the answers of the last one, and an engine of the page is not closed", async (t) => {
  const page = await open(t);
  await askElement(page, "quotes");
  const seen = await page.evaluate(async () => {
    element.engine = fakeEngine();
    const turns = element.shadowRoot.querySelectorAll(".turn").length;
    element.remove();
    await new Promise((resolve) => setTimeout(resolve, 50));
    return [turns, engine.closed, element.engine.closed];
  });
  assert.deepEqual(seen, [0, false, false]);
});

/** Pages as people have them. */
const LOOKS = {
  "a light page": {},
  "a dark page": { colorScheme: "dark" },
  "forced colours": { forcedColors: "active" },
  "forced dark colours": { forcedColors: "active", colorScheme: "dark" },
  "a page from right to left": { dir: "rtl" },
  "a phone": { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true },
  "200 % zoom of a small window": { viewport: { width: 320, height: 480 }, deviceScaleFactor: 2 },
};

for (const [name, options] of Object.entries(LOOKS)) {
  test(`axe-core finds nothing, and nothing is cut off, on ${name}`, async (t) => {
    const page = await open(t, options);
    // Of the system's colours, as a page that follows them.
    await page.evaluate(() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(":root { color-scheme: light dark } body { background: Canvas; color: CanvasText }");
      document.adoptedStyleSheets = [sheet];
    });
    assert.deepEqual(await findingsOfAxe(page), []);
    for (const question of ["nothing", "table", "written"]) await askElement(page, question);
    assert.deepEqual(await findingsOfAxe(page), []);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "the page is too wide");
    assert.deepEqual(page.errors, []);
  });
}

test("words that are too long for the page are broken", async (t) => {
  const page = await open(t, LOOKS["a phone"]);
  await askElement(page, "long question: ".padEnd(300, "x"));
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "the page is too wide");
  await page.getByText("The answer was cut off at its greatest length.").waitFor();
});

test("a finger's targets are large", async (t) => {
  const page = await open(t, LOOKS["a phone"]);
  await askElement(page, "nothing");
  await askElement(page, "written");
  const small = await page.evaluate((least) => {
    const controls = [...element.shadowRoot.querySelectorAll("button, .source, summary, textarea")].filter((each) => each.checkVisibility());
    // A number within a text has a target around it.
    const heightOf = (each) => Math.max(each.getBoundingClientRect().height, parseFloat(getComputedStyle(each, "::after").height) || 0);
    return controls.filter((each) => heightOf(each) < least).map(({ outerHTML }) => outerHTML);
  }, TARGET_PX);
  assert.deepEqual(small, []);
});

test("the element has the page's font and colours, and custom properties and parts change it", async (t) => {
  const page = await open(t, { reducedMotion: "reduce" });
  await askElement(page, "quotes");
  const seen = await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`body { font: 20px Georgia; color: rgb(10, 20, 30) }
      multimodal-rag { --rag-accent: rgb(1, 2, 3) } multimodal-rag::part(short-answer) { color: rgb(4, 5, 6) }`);
    document.adoptedStyleSheets = [sheet];
    const style = (selector) => getComputedStyle(element.shadowRoot.querySelector(selector));
    return [style("textarea").fontFamily, style("textarea").fontSize, style("blockquote").color, style(".ask").backgroundColor, style(".short").color];
  });
  assert.deepEqual(seen, ["Georgia", "20px", "rgb(10, 20, 30)", "rgb(1, 2, 3)", "rgb(4, 5, 6)"]);
});

test("nothing moves where less motion is asked for", async (t) => {
  const page = await open(t, { reducedMotion: "reduce" });
  await page.evaluate(() => void element.ask("quotes"));
  await page.locator("multimodal-rag .turn").waitFor();
  const animated = await page.evaluate(() => getComputedStyle(element.shadowRoot.querySelector(".turn")).animationName);
  assert.equal(animated, "none");
});
