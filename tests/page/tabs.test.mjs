// Several tabs with one knowledge base: all of them read and write it, and nothing is lost.

import assert from "node:assert/strict";
import { test } from "node:test";
import { INSECURE_HOST, launchBrowser, newVisitor, openPage } from "./browser.mjs";
import { setUp } from "./set-up.mjs";
import { startSite } from "./site.mjs";

const DATABASE = "multimodal-rag:notes";
const { site, browser } = await setUp({ site: startSite(), browser: launchBrowser() });

/** So many tabs of one visitor, each with the knowledge base open. */
async function tabs(t, count, url = site.url) {
  const context = await newVisitor(t, browser);
  const pages = [];
  for (let opened = 0; opened < count; opened += 1) {
    const page = await openPage(context, url);
    await page.evaluate(async () => {
      window.engine = await rag.Engine.open({ name: "notes" });
    });
    pages.push(page);
  }
  return pages;
}

const add = (page, name) => page.evaluate((name) => outcome(engine.add(`The keeper of ${name} is called Amelia.`, { name })), name);

/** Adds so many documents at once; how each came out. */
const addAtOnce = (page, count, seed) =>
  page.evaluate(
    ({ count, seed }) => {
      const names = Array.from({ length: count }, (_, i) => `${seed}-${i}.txt`);
      return Promise.all(names.map((name) => outcome(engine.add(longText(3, name), { name }))));
    },
    { count, seed },
  );

const documentKeys = (page) =>
  page.evaluate(async (name) => (await recordKeys(name)).filter((key) => key.startsWith("document/")).sort(), DATABASE);

const keysOf = (documents) => documents.map(({ value }) => `document/${value.id}`).sort();

/** The documents of a tab, once there are so many; it does not wait for long, since tabs are told at once. */
const documentsOf = (page, count) =>
  page.evaluate(async (count) => {
    const late = performance.now() + 5000;
    const isThere = async () => performance.now() > late || (await engine.documents()).length === count;
    await until(isThere);
    return engine.documents();
  }, count);

test("a second tab finds what the first added before", async (t) => {
  const [first] = await tabs(t, 1);
  const added = await add(first, "harbour.txt");
  const second = await openPage(first.context(), site.url);
  const seen = await second.evaluate(async () => {
    window.engine = await rag.Engine.open({ name: "notes" });
    return { documents: await engine.documents(), found: await engine.search("keeper") };
  });
  assert.deepEqual(seen.documents, [added.value]);
  assert.equal(seen.found[0].documentId, added.value.id);
  assert.deepEqual([...first.errors, ...second.errors], []);
});

test("two tabs add many documents at once, and all are there", async (t) => {
  const [first, second] = await tabs(t, 2);
  const added = (await Promise.all([addAtOnce(first, 12, "first"), addAtOnce(second, 12, "second")])).flat();
  assert.deepEqual(added.filter(({ code }) => code), []);
  assert.deepEqual(await documentKeys(first), keysOf(added));
  await first.reload();
  await first.waitForFunction(() => window.rag);
  const documents = await first.evaluate(async () => {
    window.engine = await rag.Engine.open({ name: "notes" });
    return engine.documents();
  });
  assert.equal(documents.length, 24);
});

test("without Web Locks, each add is stored or rejects with lease_lost", async (t) => {
  const pages = await tabs(t, 2, site.url.replace("127.0.0.1", INSECURE_HOST));
  assert.equal(await pages[0].evaluate(() => navigator.locks), undefined);
  const added = (await Promise.all(pages.map((page, at) => addAtOnce(page, 12, `tab-${at}`)))).flat();
  const failed = added.filter(({ value }) => !value);
  assert.deepEqual(failed.filter(({ code }) => code !== "lease_lost"), []);
  const kept = added.filter(({ value }) => value);
  assert.ok(kept.length >= 12, `only ${kept.length} of 24 were added`);
  assert.deepEqual(await documentKeys(pages[0]), keysOf(kept));
});

test("the same file added in two tabs at once is there once", async (t) => {
  const [first, second] = await tabs(t, 2);
  const [one, other] = await Promise.all([add(first, "same.txt"), add(second, "same.txt")]);
  assert.equal(one.value.id, other.value.id);
  assert.deepEqual(await documentKeys(first), [`document/${one.value.id}`]);
});

test("a tab finds what another tab adds, and not what it removes", async (t) => {
  const [first, second] = await tabs(t, 2);
  const added = await add(first, "harbour.txt");
  assert.deepEqual(await documentsOf(second, 1), [added.value]);
  const seen = await second.evaluate(async (id) => {
    const [found] = await engine.search("keeper");
    return { found: found.documentId, text: await engine.text(id) };
  }, added.value.id);
  assert.equal(seen.found, added.value.id);
  assert.match(seen.text, /Amelia/);
  await second.evaluate((id) => engine.remove(id), added.value.id);
  assert.deepEqual(await documentsOf(first, 0), []);
  assert.equal((await first.evaluate(() => outcome(engine.search("keeper")))).code, "empty_knowledge_base");
});

test("adding a file that another tab added resolves with alreadyAdded", async (t) => {
  const [first, second] = await tabs(t, 2);
  await add(first, "harbour.txt");
  assert.equal((await add(second, "harbour.txt")).value.alreadyAdded, true);
});

/**
 * Lets the worker of `page` stand still, deaf to everything, when it is about to write, with the right to write in its
 * hands. Resolves, once that is prepared, to what resolves to a function that wakes it.
 */
async function standStillWhenWriting(t, page) {
  const stands = new Promise((resolve) => {
    site.answer(t, "/awake", (response) => resolve(() => response.end()));
  });
  await page.workers()[0].evaluate((url) => {
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = function (...options) {
      if (options[1] === "readwrite") {
        IDBDatabase.prototype.transaction = transaction;
        const request = new XMLHttpRequest();
        request.open("GET", url, false);
        request.send();
      }
      return transaction.apply(this, options);
    };
  }, `${site.url}awake`);
  return { stands };
}

test("a tab that is frozen while it writes loses its lease, and overwrites nothing", async (t) => {
  const [still, other] = await tabs(t, 2);
  const { stands } = await standStillWhenWriting(t, still);
  const late = add(still, "late.txt");
  const wake = await stands;
  const prompt = await add(other, "prompt.txt");
  assert.equal(prompt.value?.name, "prompt.txt", prompt.message);
  assert.deepEqual(await documentKeys(other), keysOf([prompt]));
  wake();
  // The engine may have tried again, now that nobody else writes.
  const outcome = await late;
  assert.ok(outcome.value || outcome.code === "lease_lost", outcome.message);
  assert.deepEqual(await documentKeys(other), keysOf(outcome.value ? [prompt, outcome] : [prompt]));
  const again = await add(still, "again.txt");
  assert.equal(again.value?.name, "again.txt", again.message);
});

test("a tab that closes while it writes does not block the others", async (t) => {
  const [closing, other] = await tabs(t, 2);
  const { stands } = await standStillWhenWriting(t, closing);
  add(closing, "late.txt").catch(() => {});
  const wake = await stands;
  const prompt = add(other, "prompt.txt");
  await closing.close();
  wake();
  const added = await prompt;
  assert.deepEqual(await documentKeys(other), keysOf([added]));
});

test("in a tab whose knowledge base is deleted calls reject, and it can be opened again", async (t) => {
  const [first, second] = await tabs(t, 2);
  await add(first, "harbour.txt");
  await second.evaluate(() => engine.close());
  await second.evaluate((name) => result(indexedDB.deleteDatabase(name)), DATABASE);
  const failed = await add(first, "lighthouse.txt");
  assert.equal(failed.code, "storage_closed", failed.message);
  assert.match(failed.message, /another tab deleted it\. Open it again\./);
  await first.evaluate(() => engine.close());
  const documents = await first.evaluate(async () => {
    window.engine = await rag.Engine.open({ name: "notes" });
    return engine.documents();
  });
  assert.deepEqual(documents, []);
  assert.equal((await add(first, "lighthouse.txt")).value?.name, "lighthouse.txt");
});

test("in a tab whose data the user clears calls reject", async (t) => {
  const [page] = await tabs(t, 1);
  await add(page, "harbour.txt");
  const client = await page.context().newCDPSession(page);
  const { origin } = new URL(site.url);
  await client.send("Storage.clearDataForOrigin", { origin, storageTypes: "indexeddb" });
  const failed = await add(page, "lighthouse.txt");
  assert.equal(failed.code, "storage_closed", failed.message);
  assert.match(failed.message, /the browser closed it, or cleared its data/);
});

test("the browser is asked once to keep what is stored, when something is added", async (t) => {
  const page = await openPage(await newVisitor(t, browser), site.url);
  const asked = await page.evaluate(async () => {
    let count = 0;
    const asked = [];
    navigator.storage.persist = async () => (count += 1) > 0;
    const inMemory = await rag.Engine.open({ name: "memory", storage: "memory" });
    await inMemory.add("Gone with the tab.");
    const engine = await rag.Engine.open({ name: "notes" });
    asked.push(count);
    for (const text of ["One.", "Another."]) {
      await engine.add(text);
      asked.push(count);
    }
    const { storage } = await engine.stats();
    return { asked, persisted: storage.persisted };
  });
  assert.deepEqual(asked, { asked: [0, 1, 1], persisted: false });
});
