// The example of a Chrome extension: the engine runs in its offscreen document, and its popup adds and asks.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { assemble } from "../../examples/extension/assemble.mjs";
import { launchExtension } from "./browser.mjs";
import { packPackage } from "./packed.mjs";
import { writeModels } from "./site.mjs";
import { tinyModelFiles } from "./tiny-models.mjs";

/** The extension with the package from its tarball and tiny models, loaded in a browser; and the address of its files. */
async function extension(t) {
  const folder = await mkdtemp(join(tmpdir(), "rag-extension-"));
  const packed = await packPackage();
  await packed.install(folder);
  await writeModels(join(folder, "site"), await tinyModelFiles());
  const built = join(folder, "extension");
  await assemble(built, { pkg: join(folder, "node_modules/multimodal-rag"), site: join(folder, "site") });
  const context = await launchExtension(join(folder, "profile"), built);
  t.after(async () => {
    await context.close();
    await packed.close();
    await rm(folder, { recursive: true });
  });
  const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent("serviceworker"));
  return { context, url: new URL("/", worker.url()).href };
}

test("the popup keeps a note and quotes it, also after it was closed", async (t) => {
  const { context, url } = await extension(t);
  const errors = [];
  const popup = await context.newPage();
  popup.on("pageerror", ({ message }) => errors.push(message));
  await popup.goto(`${url}popup.html`);
  await popup.fill("#note textarea", "The ferry leaves the harbour at noon.");
  await popup.click("#note button");
  await popup.waitForFunction(() => document.getElementById("status").textContent === "Notes kept: 1.");
  await popup.close();

  const again = await context.newPage();
  await again.goto(`${url}popup.html`);
  await again.fill("#question input", "When does the ferry leave the harbour?");
  await again.click("#question button");
  await again.waitForSelector("#quotes li");
  assert.equal(await again.textContent("#quotes li"), "The ferry leaves the harbour at noon.");
  assert.deepEqual(errors, []);
});
