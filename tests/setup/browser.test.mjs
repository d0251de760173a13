// The browser of the tests, and its driver.

import assert from "node:assert/strict";
import { test } from "node:test";
import { machine } from "./machine.mjs";

const DEBIAN = { id: "id", "apt-get": "apt-get", "dpkg-query": "dpkg-query" };

test("a browser and driver on PATH are used as they are", async (t) => {
  const it = await machine(t, { os: "debian", tools: { ...DEBIAN, chromium: "chromium", chromedriver: "chromedriver" } });
  const { code, said, installs } = await it.setup(["browser"]);
  assert.equal(code, 0, said);
  assert.deepEqual(installs, []);
  assert.match(await it.file("browser-env.sh"), /CHROME=.*chromium CHROMEDRIVER=.*chromedriver/);
  const { "goog:chromeOptions": options } = JSON.parse(await it.file("webdriver.json"));
  assert.match(options.binary, /chromium$/);
  assert.ok(options.args.includes("--headless=new"));
});

test("Debian without one gets Chromium and its driver, once", async (t) => {
  const it = await machine(t, { os: "debian", tools: DEBIAN });
  const first = await it.setup(["browser"]);
  assert.equal(first.code, 0, first.said);
  assert.match(first.installs.join("\n"), /apt-get install .*chromium chromium-driver$/m);
  const second = await it.setup(["browser"]);
  assert.deepEqual(second.installs, []);
});

test("another system without one is told what to install", async (t) => {
  const it = await machine(t, { os: "fedora", tools: {} });
  const { code, said } = await it.setup(["browser"]);
  assert.equal(code, 1);
  assert.match(said, /setup: stopped\. The tests need Chrome or Chromium: install one, or name it in CHROME/);
});

test("a browser without its driver is told what to install", async (t) => {
  const it = await machine(t, { os: "fedora", tools: { chromium: "chromium" } });
  const { code, said } = await it.setup(["browser"]);
  assert.equal(code, 1);
  assert.match(said, /setup: stopped\. The tests need ChromeDriver/);
});

test("a driver of another version than the browser is refused", async (t) => {
  const it = await machine(t, { os: "fedora", tools: { chromium: "chromium", chromedriver: "olderChromedriver" } });
  const { code, said } = await it.setup(["browser"]);
  assert.equal(code, 1);
  assert.match(said, /browser is version 150 and ChromeDriver is version 149/);
});
