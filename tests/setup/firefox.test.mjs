// The second browser of the tests, and its driver.

import assert from "node:assert/strict";
import { test } from "node:test";
import { machine } from "./machine.mjs";

const RUST = { rustc: "rustc", cargo: "cargo", cc: "cc" };
const DEBIAN = { id: "id", "apt-get": "apt-get", "dpkg-query": "dpkg-query" };
const FIREFOX = { firefox: "firefox", geckodriver: "geckodriver" };

test("a Firefox and driver on PATH are used as they are", async (t) => {
  const it = await machine(t, { os: "debian", tools: { ...DEBIAN, ...FIREFOX } });
  const { code, said, installs } = await it.setup(["firefox"]);
  assert.equal(code, 0, said);
  assert.deepEqual(installs, []);
  assert.match(await it.file("firefox-env.sh"), /FIREFOX=.*firefox GECKODRIVER=.*geckodriver/);
  const { "moz:firefoxOptions": options } = JSON.parse(await it.file("webdriver-firefox.json"));
  assert.match(options.binary, /firefox$/);
});

test("Debian without one gets Firefox and its driver, once", async (t) => {
  const it = await machine(t, { os: "debian", tools: { ...RUST, ...DEBIAN } });
  const first = await it.setup(["firefox"]);
  assert.equal(first.code, 0, first.said);
  assert.match(first.installs.join("\n"), /apt-get install .*firefox-esr\ncargo install geckodriver .*--locked$/);
  assert.match(first.said, /installing Debian's firefox-esr.*\n.*installing geckodriver/);
  const second = await it.setup(["firefox"]);
  assert.deepEqual([second.installs, second.said], [[], ""]);
});

test("a locked dependency of geckodriver that the registry lacks is replaced by one that fits", async (t) => {
  const tools = { ...RUST, cargo: "cargoOfLaggingRegistry", firefox: "firefox" };
  const it = await machine(t, { os: "fedora", tools });
  const { code, said, installs } = await it.setup(["firefox"]);
  assert.equal(code, 0, said);
  assert.deepEqual(installs.map((call) => call.endsWith("--locked")), [true, false]);
});

test("a named Firefox and driver are used, whatever is on PATH", async (t) => {
  const it = await machine(t, { os: "fedora", tools: { ...FIREFOX, "my-firefox": "firefox", "my-driver": "geckodriver" } });
  const { code, said } = await it.setup(["firefox"], { FIREFOX: "my-firefox", GECKODRIVER: "my-driver" });
  assert.equal(code, 0, said);
  assert.match(await it.file("firefox-env.sh"), /FIREFOX=.*my-firefox GECKODRIVER=.*my-driver/);
});

test("a named driver that does not exist is reported, and no other is installed", async (t) => {
  const it = await machine(t, { os: "fedora", tools: { ...RUST, firefox: "firefox" } });
  const { code, said, installs } = await it.setup(["firefox"], { GECKODRIVER: "my-driver" });
  assert.equal(code, 1);
  assert.match(said, /setup: stopped\. The tests need geckodriver: .*GECKODRIVER/);
  assert.deepEqual(installs, []);
});

test("another system without Firefox is told what to install", async (t) => {
  const it = await machine(t, { os: "fedora", tools: RUST });
  const { code, said, installs } = await it.setup(["firefox"]);
  assert.equal(code, 1);
  assert.match(said, /setup: stopped\. The tests need Firefox: install it, or name it in FIREFOX/);
  assert.deepEqual(installs, []);
});

test("a machine that cannot get the driver stops and says what to do", async (t) => {
  const it = await machine(t, { os: "fedora", tools: { ...RUST, cargo: "cargoWithoutNetwork", firefox: "firefox" } });
  const { code, said } = await it.setup(["firefox"]);
  assert.equal(code, 1);
  assert.match(said, /setup: stopped\. cargo could not install geckodriver/);
});
