// Folders as a browser gives them to a page that they are dropped on.

import assert from "node:assert/strict";
import { test } from "node:test";
import { filesOfEntries, isHidden } from "../../www/parts/shelf/folders.js";

/** More entries than a browser gives at a time. */
const AT_A_TIME = 100;

function file(path) {
  return { name: path.split("/").at(-1), fullPath: path, isDirectory: false, file: (resolve) => resolve({ at: path }) };
}

function folder(path, children) {
  const createReader = () => {
    const left = [...children];
    return { readEntries: (resolve) => resolve(left.splice(0, AT_A_TIME)) };
  };
  return { name: path.split("/").at(-1), fullPath: path, isDirectory: true, createReader };
}

const pathsOf = async (entries) => (await filesOfEntries(entries)).map(({ path }) => path);

test("files in folders of a folder come in the order of their names, with their paths", async () => {
  const inner = folder("/letters/2024", [file("/letters/2024/may.eml"), file("/letters/2024/april.eml")]);
  const outer = folder("/letters", [file("/letters/index.md"), inner]);
  assert.deepEqual(await pathsOf([outer]), ["letters/2024/april.eml", "letters/2024/may.eml", "letters/index.md"]);
});

test("a folder of more files than a browser gives at a time is read to its end", async () => {
  const names = Array.from({ length: 2_345 }, (_, at) => `/many/${String(at).padStart(4, "0")}.txt`);
  assert.deepEqual(await pathsOf([folder("/many", names.map(file))]), names.map((name) => name.slice(1)));
});

test("what systems leave in folders is not read", async () => {
  const left = ["/a/.DS_Store", "/a/Thumbs.db", "/a/~$report.docx", "/a/desktop.ini"].map(file);
  const hidden = folder("/a/.git", [file("/a/.git/config")]);
  const leftovers = folder("/a/__MACOSX", [file("/a/__MACOSX/x.txt")]);
  assert.deepEqual(await pathsOf([folder("/a", [...left, hidden, leftovers, file("/a/report.docx")])]), ["a/report.docx"]);
  assert.ok(isHidden("a/.git/config"));
  assert.ok(!isHidden("a/b.c/d.txt"));
});

test("a folder that cannot be read is an error", async () => {
  const broken = { ...folder("/a", []), createReader: () => ({ readEntries: (_, reject) => reject(new Error("denied")) }) };
  await assert.rejects(filesOfEntries([broken]), /denied/);
});
