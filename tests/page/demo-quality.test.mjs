// The demo page by axe-core, and how it loads on a slow network.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { launchBrowser } from "./browser.mjs";
import { addFiles, ask, ready, sampleFile, startDemo, visit } from "./demo-visit.mjs";
import { setUp } from "./set-up.mjs";

const { demo, browser } = await setUp({ demo: startDemo(), browser: launchBrowser() });
const axe = await readFile(new URL("./node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

/** As Lighthouse simulates a phone ("slow 4G"): 1.6 Mbit/s, 150 ms for each request. */
const SLOW = { offline: false, latency: 150, downloadThroughput: (1.6e6 / 8) | 0, uploadThroughput: (750e3 / 8) | 0 };
const PAINT_WITHIN_MS = 1000;
const MOST_BYTES_BEFORE_PAINT = 60_000;
const MOST_SHIFT = 0.1;

async function findings(page) {
  // The policy of the page forbids scripts that are added to it, but not those of a test.
  await page.evaluate(axe);
  return page.evaluate(async () => {
    await Promise.all(document.getAnimations().map(({ finished }) => finished.catch(() => {})));
    const { violations } = await window.axe.run();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
  });
}

for (const [name, options] of [["in light", { colorScheme: "light" }], ["in dark, on a phone", { colorScheme: "dark", viewport: { width: 390, height: 800 } }]]) {
  test(`axe-core finds nothing ${name}: at the start, with an answer, in dialogs`, async (t) => {
    const context = await browser.newContext(options);
    t.after(() => context.close());
    const page = await visit(context, demo.url);
    await ready(page, { offline: false });
    assert.deepEqual(await findings(page), [], "the start");
    await addFiles(page, [await sampleFile("observatory-handbook.md", "text/markdown")]);
    const turn = await ask(page, "How much does the mirror weigh?", { quotesOnly: true });
    await turn.locator(".retrieved summary").click();
    assert.deepEqual(await findings(page), [], "an answer");
    await turn.locator(".quote").first().click();
    await page.getByRole("dialog").locator("mark").first().waitFor();
    assert.deepEqual(await findings(page), [], "the viewer");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Manage" }).click();
    assert.deepEqual(await findings(page), [], "knowledge bases");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Settings" }).click();
    assert.deepEqual(await findings(page), [], "settings");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Keyboard" }).click();
    assert.deepEqual(await findings(page), [], "shortcuts");
  });
}

test("on a slow network the page is painted within a second, nothing moves, and only styles block it", async (t) => {
  const figures = [];
  for (let round = 0; round < 3; round += 1) {
    const context = await browser.newContext({ serviceWorkers: "block" });
    t.after(() => context.close());
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send("Network.enable");
    await session.send("Network.emulateNetworkConditions", SLOW);
    await page.addInitScript(() => {
      window.shift = 0;
      new PerformanceObserver((list) => list.getEntries().forEach(({ value }) => (window.shift += value))).observe({ type: "layout-shift", buffered: true });
    });
    await page.goto(demo.url, { waitUntil: "commit" });
    await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint").length > 0);
    figures.push(await page.evaluate(async () => {
      const [{ startTime: paintedMs }] = performance.getEntriesByName("first-contentful-paint");
      const resources = performance.getEntriesByType("resource");
      const blocking = resources.filter(({ renderBlockingStatus }) => renderBlockingStatus === "blocking").map(({ name }) => name.split(".").at(-1));
      const early = [...performance.getEntriesByType("navigation"), ...resources.filter(({ responseEnd }) => responseEnd > 0 && responseEnd <= paintedMs)];
      const bytes = early.reduce((sum, { transferSize }) => sum + transferSize, 0);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      return { paintedMs, blocking, bytes, shift: window.shift };
    }));
    await context.close();
  }
  const median = (name) => figures.map((figure) => figure[name]).sort((a, b) => a - b)[1];
  t.diagnostic(`painted after ${median("paintedMs").toFixed(0)} ms, ${median("bytes")} bytes before, shift ${median("shift").toFixed(3)}`);
  assert.ok(median("paintedMs") < PAINT_WITHIN_MS, JSON.stringify(figures));
  assert.ok(median("bytes") < MOST_BYTES_BEFORE_PAINT, JSON.stringify(figures));
  assert.ok(median("shift") < MOST_SHIFT, JSON.stringify(figures));
  assert.ok(figures.every(({ blocking }) => blocking.every((ending) => ending === "css")), JSON.stringify(figures));
});
