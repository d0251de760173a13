// The sample of both READMEs, as it stands there, runs in a page beside two models, under the policy that the package's README names.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { launchBrowser, newVisitor } from "./browser.mjs";
import { readmePage, readmePolicy, readmeSample } from "./readme-sample.mjs";
import { setUp } from "./set-up.mjs";
import { startSite } from "./site.mjs";

const { site, browser } = await setUp({ site: startSite(), browser: launchBrowser() });

test("the repository's README begins with the package's sample", async () => {
  const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
  const [sample] = /^```js\n.*?^```$/ms.exec(readme);
  assert.equal(sample, `\`\`\`js\n${await readmeSample()}\n\`\`\``);
});

test("the README's sample adds, asks and quotes", async (t) => {
  const sample = await readmeSample();
  assert.ok(sample.split("\n").length < 20, "under 20 lines");

  const headers = { "content-security-policy": await readmePolicy() };
  const answer = (path, type, body) =>
    site.answer(t, path, (response) => response.writeHead(200, { ...headers, "content-type": type }).end(body));
  const icon = '<link rel="icon" href="data:,">';
  answer("/readme.html", "text/html", `<!doctype html><meta charset="utf-8">${icon}${await readmePage()}`);
  answer("/app.js", "text/javascript", `${sample}\nconsole.log("sample done");`);
  answer("/node_modules/multimodal-rag/worker.js", "text/javascript", await site.pkgFile("worker.js"));

  const page = await (await newVisitor(t, browser)).newPage();
  const log = [];
  const errors = [];
  page.on("console", (message) => (message.type() === "error" ? errors : log).push(message.text()));
  page.on("pageerror", (error) => errors.push(error.message));
  const done = page.waitForEvent("console", (message) => message.text() === "sample done");
  await page.goto(`${site.url}readme.html`);
  await done;

  assert.deepEqual(errors, []);
  assert.ok(log.some((line) => /^(download|load) \d+ \d+$/.test(line)), log.join("\n"));
  assert.ok(log.some((line) => /^"On Fridays it closes at three\." \(hours\.txt\)$/.test(line)), log.join("\n"));
  assert.match(log.at(-2), /(^| )(stop|length|no_answer)$/s);
});
