// The page's texts: in each of its languages, and all of them used.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import de from "../../www/parts/texts/de.js";
import en from "../../www/parts/texts/en.js";

const WWW = fileURLToPath(new URL("../../www/", import.meta.url));
const html = await readFile(`${WWW}index.html`, "utf8");
const paths = (await readdir(`${WWW}parts`, { recursive: true })).filter((path) => path.endsWith(".js") && !path.startsWith("texts/"));
const scripts = (await Promise.all([`${WWW}app.js`, ...paths.map((path) => `${WWW}parts/${path}`)].map((path) => readFile(path, "utf8")))).join("\n");

/** The names of texts in index.html, which holds them in English. */
const ofHtml = new Set([...html.matchAll(/data-(?:text|placeholder|label|title)="([^"]*)"/g)].map(([, name]) => name));
const isOfError = (name) => name.startsWith("error.");
const formsOf = (text) => (typeof text === "string" ? [text] : Object.values(text));
const valuesIn = (form) => [...form.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).filter((name) => name !== "count").sort();

test("each text is there in both languages; errors come from the engine in English", () => {
  const english = new Set([...Object.keys(en), ...ofHtml]);
  const german = new Set(Object.keys(de).filter((name) => !isOfError(name)));
  assert.deepEqual([...english].filter((name) => !german.has(name)), []);
  assert.deepEqual([...german].filter((name) => !english.has(name)), []);
});

test("a text takes the same values in both languages", () => {
  for (const [name, text] of Object.entries(en)) {
    const wanted = valuesIn(formsOf(text)[0]);
    for (const form of [...formsOf(text), ...formsOf(de[name])]) assert.deepEqual(valuesIn(form), wanted, `${name}: ${form}`);
    assert.equal(typeof de[name], typeof text, name);
  }
});

test("each text that a script names is there, and each text is named", () => {
  const named = new Set([...scripts.matchAll(/"([a-z]+\.[A-Za-z]+)"/g)].map(([, name]) => name));
  const beginnings = [...scripts.matchAll(/\bt\(`([a-z]+\.)\$\{/g)].map(([, beginning]) => beginning);
  const used = [...scripts.matchAll(/\bt\("([^"]*)"/g)].map(([, name]) => name);
  assert.deepEqual(used.filter((name) => !(name in en)), []);
  const isNamed = (name) => named.has(name) || beginnings.some((beginning) => name.startsWith(beginning));
  assert.deepEqual(Object.keys(en).filter((name) => !isNamed(name)), []);
});

test("a form for one is not the form for many", () => {
  for (const text of [...Object.values(en), ...Object.values(de)].filter((text) => typeof text === "object")) {
    assert.deepEqual(Object.keys(text), ["one", "other"]);
    assert.notEqual(text.one, text.other);
  }
});
