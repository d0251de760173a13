// A headless Chromium for the tests of one file.

import { chromium } from "playwright-core";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The name of a host that is this machine, but not a secure context as 127.0.0.1 is. */
export const INSECURE_HOST = "insecure.test";

const OPTIONS = {
  executablePath: process.env.CHROME ?? "/usr/bin/chromium",
  headless: true,
  args: [...FLAGS, `--host-resolver-rules=MAP ${INSECURE_HOST} 127.0.0.1`],
};

/** `flags` are more arguments of the browser. */
export function launchBrowser(...flags) {
  return chromium.launch({ ...OPTIONS, args: [...OPTIONS.args, ...flags] });
}

/** A browser of its own for a visitor whose storage is in `folder`, and stays there. */
export function launchVisitor(folder) {
  return chromium.launchPersistentContext(folder, OPTIONS);
}

/** A browser with the unpacked extension in the folder `extension`, and its storage in `folder`. */
export function launchExtension(folder, extension) {
  const args = [`--disable-extensions-except=${extension}`, `--load-extension=${extension}`];
  return chromium.launchPersistentContext(folder, { ...OPTIONS, args: [...OPTIONS.args, ...args], ignoreDefaultArgs: ["--disable-extensions"] });
}

/** A visitor with storage of their own, gone when the test `t` ends. */
export async function newVisitor(t, browser) {
  const context = await browser.newContext();
  t.after(() => context.close());
  return context;
}

/** A page at `url` with the package in `window.rag`; what it logs as errors is collected in `page.errors`. */
export async function openPage(context, url) {
  const page = await context.newPage();
  page.errors = [];
  page.on("console", (message) => message.type() === "error" && page.errors.push(message.text()));
  page.on("pageerror", (error) => page.errors.push(error.message));
  await page.goto(url);
  await page.waitForFunction(() => window.rag !== undefined);
  return page;
}

/**
 * Waits until the page has this many workers. A worker that is ended amid a long task lives on for two seconds in
 * Chromium, and the news of its end reaches the test later still.
 */
export async function untilWorkers(page, count) {
  for (let turn = 0; page.workers().length !== count; turn += 1) {
    if (turn === 500) throw new Error(`${page.workers().length} workers where ${count} should be`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
