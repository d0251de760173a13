// Tabs that die in the middle of anything: what was acknowledged is there, what was not is there as a whole or not at
// all, and every record is sound. `KILLS` says how often, `SEED` how; `make torture` does more of it.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { launchVisitor } from "./browser.mjs";
import { setUp } from "./set-up.mjs";
import { startSite } from "./site.mjs";

const KILLS = Number(process.env.KILLS ?? 200);
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
/** One in so many kills is of the whole browser, one in so many of a worker while another tab writes too. */
const BROWSER_EVERY = 20;
const TABS_EVERY = 4;
/** So often the number of kills is told: a thousand take ten minutes. */
const TELL_EVERY = 100;
/** Documents that are there at most, so that opening stays quick. */
const MOST_DOCUMENTS = 24;

const { site } = await setUp({ site: startSite() });
console.log(`# ${KILLS} kills, seed ${SEED}`);

/** mulberry32: numbers from 0 to below 1, the same for the same seed. */
function chances(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** In each page: workers can be killed, and changes are written down when they begin and when they are acknowledged. */
const inPage = () => {
  window.made = [];
  window.Worker = class extends Worker {
    constructor(...options) {
      super(...options);
      window.made.push(this);
    }
  };
  window.killWorkers = () => window.made.splice(0).forEach((worker) => worker.terminate());
  window.open = async () => (window.engine = await rag.Engine.open({ name: "notes", threads: 1 }));
  window.textOf = (name, words) =>
    Array.from({ length: words }, (_, i) => `The keeper of ${name} counted ${i * 7} lamps.`).join("\n\n");
  /** Does one change; tells of it through `told`. */
  window.change = async ({ kind, name, words, old }) => {
    await told("begun", { kind, name, old });
    try {
      if (kind === "remove") await engine.remove(old);
      else await engine.add(textOf(name, words), { name: `${name}.txt`, replaces: kind === "replace" ? old : undefined });
    } catch (error) {
      return told("failed", { kind, name, old, code: error.code });
    }
    return told("done", { kind, name, old });
  };
};

/** What may be there: the documents that are certain, and those that a change under way may have added or removed. */
class Ledger {
  certain = new Set();
  open = new Map(); // name -> the change under way
  /** The names behind ids, as last seen. */
  names = new Map();
  /** How often a change was under way, and how often it was done all the same. */
  interrupted = 0;
  done = 0;

  told(what, { kind, name, old, code }) {
    const gone = this.names.get(old);
    if (what === "begun") {
      this.open.set(name, { kind, name, gone });
      return;
    }
    if (what === "failed") {
      // It may have been done before the worker died; another tab may have removed it first.
      assert.ok(["worker_failed", "document_not_found", "closed", "lease_lost"].includes(code), code);
      return;
    }
    this.open.delete(name);
    if (kind !== "remove") this.certain.add(name);
    if (gone) this.certain.delete(gone);
  }

  /** Holds what is there against what may be there; from then on that is certain. */
  check(documents) {
    const there = new Set(documents.map(({ name }) => name.replace(".txt", "")));
    assert.equal(there.size, documents.length, "a document is there twice");
    const open = [...this.open.values()];
    const mayGo = new Set(open.map(({ gone }) => gone));
    const mayCome = new Set(open.filter(({ kind }) => kind !== "remove").map(({ name }) => name));
    for (const name of this.certain) assert.ok(there.has(name) || mayGo.has(name), `${name} was acknowledged and is lost`);
    for (const name of there) assert.ok(this.certain.has(name) || mayCome.has(name), `${name} was removed and is there`);
    for (const { kind, name, gone } of open) {
      if (kind === "replace") assert.ok(!(there.has(name) && there.has(gone)), `${name} and ${gone}, which it replaces`);
    }
    this.interrupted += open.length;
    this.done += open.filter(({ kind, name, gone }) => (kind === "remove" ? !there.has(gone) : there.has(name))).length;
    this.open.clear();
    this.certain = there;
    this.names = new Map(documents.map(({ id, name }) => [id, name.replace(".txt", "")]));
  }
}

/** The next change: documents come, go and are replaced, small ones and such that take several steps. */
function nextChange(chance, ledger, number, taken) {
  const ids = [...ledger.names.keys()].filter((id) => !taken.has(id));
  const old = ids[Math.floor(chance() * ids.length)];
  const full = ledger.names.size >= MOST_DOCUMENTS;
  const kind = old === undefined ? "add" : full || chance() < 0.3 ? "remove" : chance() < 0.3 ? "replace" : "add";
  if (kind !== "add") taken.add(old);
  return { kind, name: `n${number}`, words: chance() < 0.7 ? 2 : 60, old: kind === "add" ? undefined : old };
}

/** Everything that is there, read and found. */
const inventory = async () => {
  // Where nothing was under way, the worker's death is noticed by the next call, which fails.
  const documents = await engine.documents().catch((error) => {
    if (error.code !== "worker_failed") throw error;
    return engine.documents();
  });
  const { damaged } = await engine.stats();
  for (const { id, name } of documents) {
    const stem = name.replace(".txt", "");
    if (!(await engine.text(id)).includes(`The keeper of ${stem} counted 0 lamps.`)) throw new Error(`${name} is not whole`);
  }
  const some = documents[documents.length - 1];
  const found = some && (await engine.search(`"keeper of ${some.name.replace(".txt", "")}"`, { limit: 1 }));
  if (some && found[0]?.documentName !== some.name) throw new Error(`${some.name} is not found`);
  return { documents, damaged };
};

async function newTab(context, ledger) {
  const page = await context.newPage();
  await page.exposeFunction("told", (what, change) => ledger.told(what, change));
  await page.addInitScript(inPage);
  await page.goto(site.url);
  await page.waitForFunction(() => window.rag !== undefined);
  await page.evaluate(() => open());
  return page;
}

test("when a tab or worker dies during a change, no acknowledged change is lost and none is partial", async () => {
  const folder = await mkdtemp(join(tmpdir(), "rag-kill-"));
  const chance = chances(SEED);
  const ledger = new Ledger();
  let context = await launchVisitor(folder);
  let tabs = [await newTab(context, ledger)];
  let number = 0;
  try {
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const both = kill % TABS_EVERY === 0;
      const browser = kill % BROWSER_EVERY === 0;
      while (tabs.length < (both ? 2 : 1)) tabs.push(await newTab(context, ledger));
      const taken = new Set();
      const changes = tabs.slice(0, both ? 2 : 1).map((page) => {
        const list = Array.from({ length: 6 }, () => nextChange(chance, ledger, (number += 1), taken));
        return page.evaluate(async (list) => {
          for (const change of list) await window.change(change);
        }, list);
      });
      await new Promise((resolve) => setTimeout(resolve, chance() * 120));
      if (browser) {
        killBrowser(folder);
        await Promise.allSettled(changes);
        await context.close().catch(() => {});
        context = await launchVisitor(folder);
        tabs = [await newTab(context, ledger)];
      } else {
        await tabs[0].evaluate(() => killWorkers());
        await Promise.all(changes);
      }
      const { documents, damaged } = await settled(browser ? tabs.slice(0, 1) : tabs, kill);
      assert.deepEqual(damaged, [], `after kill ${kill}`);
      ledger.check(documents);
      if (kill % TELL_EVERY === 0) console.log(`# ${kill} kills, ${documents.length} documents, all sound`);
    }
    console.log(`# ${ledger.interrupted} changes were interrupted, of which ${ledger.done} were done`);
    assert.ok(ledger.interrupted > KILLS / 3, `only ${ledger.interrupted} changes were interrupted`);
  } catch (error) {
    error.message += ` (seed ${SEED})`;
    throw error;
  } finally {
    await context.close().catch(() => {});
    await rm(folder, { recursive: true, force: true });
  }
});

/**
 * What all tabs agree on. The new worker of the first tab tells the others what the killed one had written; such a
 * message takes a moment.
 */
async function settled(tabs, kill) {
  for (let tries = 10; ; tries -= 1) {
    try {
      const first = await tabs[0].evaluate(inventory);
      const others = await Promise.all(tabs.slice(1).map((tab) => tab.evaluate(inventory)));
      for (const { documents } of others) assert.deepEqual(documents, first.documents, `after kill ${kill}`);
      return first;
    } catch (error) {
      if (tries === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

/** Every process of the browser with this profile, at once and without a word. */
function killBrowser(folder) {
  try {
    execFileSync("pkill", ["-KILL", "-f", `user-data-dir=${folder}`]);
  } catch (error) {
    if (error.status !== 1) throw error; // 1: there was none
  }
}
