// How the viewer finds a cited passage on the page of a PDF. The viewer itself is tested in documents.test.mjs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { findPassage } from "../../www/parts/viewer/find-passage.js";

/** What is marked, piece by piece. */
const marked = (pieces, passage) => findPassage(pieces, passage).map(({ piece, start, end }) => pieces[piece].slice(start, end));

test("a passage within one piece is marked from its first letter to the point behind it", () => {
  const pieces = ["Before it. The gate is locked at nine. After it."];
  assert.deepEqual(marked(pieces, "The gate is locked at nine."), ["The gate is locked at nine."]);
});

test("a passage over several lines is marked in each of them", () => {
  const pieces = ["Rain. The gate is", "locked at", "nine. Snow."];
  assert.deepEqual(marked(pieces, "The gate is locked at nine."), ["The gate is", "locked at", "nine."]);
});

test("hyphens at line ends, ligatures, accents, quotes and missing spaces make no difference", () => {
  const pieces = ["A dif\u{fb01}cult and ine\u{fb03}-", "cient cafe\u{301},", "\u{201c}closed\u{201d}today"];
  assert.deepEqual(marked(pieces, 'difficult and inefficient café, "closed" today'), ["dif\u{fb01}cult and ine\u{fb03}", "cient cafe\u{301},", "closed\u{201d}today"]);
});

test("a ligature that holds the first letter of the passage is marked whole", () => {
  assert.deepEqual(marked(["o\u{fb03}ce"], "ice"), ["\u{fb03}ce"]);
});

test("cells that the page draws in another order are found one by one", () => {
  const pieces = ["Dredging of the basin", "Painting of the buoys", "12,400 in spring", "3,150 in autumn"];
  const passage = "Dredging of the basin | 12,400 in spring\nPainting of the buoys | 3,150 in autumn";
  assert.deepEqual(marked(pieces, passage).sort(), [...pieces].sort());
});

test("short cells are marked only where they follow what was found", () => {
  const pieces = ["7", "Visitors in the month of June", "7", "9"];
  const ranges = findPassage(pieces, "Visitors in the month of June | 7\nSomething else that is elsewhere");
  assert.deepEqual(ranges.map(({ piece }) => piece), [1, 2]);
});

test("the part of a passage that is on this page is marked", () => {
  const pieces = ["The treasurer reports once a year, and the report is"];
  const passage = "The treasurer reports once a year, and the report is read aloud at the meeting in the hall.";
  assert.deepEqual(marked(pieces, passage).join(""), "The treasurer reports once a year, and the report is");
});

test("what is not on the page is not marked", () => {
  assert.deepEqual(findPassage(["Nothing of the kind is written here at all."], "The gate is locked at half past eight."), []);
  assert.deepEqual(findPassage([], "The gate"), []);
  assert.deepEqual(findPassage(["The gate"], "…"), []);
});

test("text without spaces, and letters outside the basic plane, are found", () => {
  assert.deepEqual(marked(["潮汐水车", "建于1742年。"], "水车建于1742年。"), ["水车", "建于1742年。"]);
  assert.deepEqual(marked(["a 𝐛𝐨𝐥𝐝 word"], "bold word"), ["𝐛𝐨𝐥𝐝 word"]);
});

test("a passage from right to left is marked with its Latin words and numbers, which the page draws in another order", () => {
  const pieces = ["נבנתה הטחנה", " ", "1742", " ", "הנמל שופץ. בשנת", "", "בנמל.", " ", "Tide Mill", " ", "הגדולה"];
  const passage = "בשנת 1742 נבנתה הטחנה הגדולה Tide Mill בנמל.";
  assert.deepEqual(marked(pieces, passage), ["נבנתה הטחנה", "1742", "בשנת", "בנמל.", "Tide Mill", "הגדולה"]);
  assert.deepEqual(marked(pieces, "הנמל שופץ."), ["הנמל שופץ."]);
  assert.deepEqual(marked(pieces, "השער של העיר נסגר בשעה 1742 בכל ערב"), []);
});

test("a passage from right to left is found where each letter is drawn by itself, from left to right", () => {
  const line = (text) => [...text].reverse();
  const pieces = [...line("بني الميناء. في عام 9"), "", ...line("بنيت طاحونة المد"), "", ...line("تغلق البوابة كل مساء.")];
  const isLetter = (character) => /[\p{L}\p{N}]/u.test(character);
  const found = marked(pieces, "في عام 9 بنيت طاحونة المد").join("");
  assert.deepEqual([...found].sort(), [..."في عام 9 بنيت طاحونة المد"].filter(isLetter).sort());
});

test("a line that ends with a piece parts the words of right-to-left text", () => {
  const pieces = ["הגדולה Mill", "בנמל העתיק"];
  const passage = "Mill הגדולה העתיק בנמל";
  const wordsMarked = (lineEnds) => findPassage(pieces, passage, lineEnds).map(({ piece, start, end }) => pieces[piece].slice(start, end));
  assert.deepEqual(wordsMarked([true, true]), pieces);
  assert.notDeepEqual(wordsMarked([]), pieces);
});

test("a page of a million letters is searched at once", () => {
  const pieces = Array.from({ length: 20_000 }, (_, at) => `Line ${at} of a page that has very many of them. `);
  const began = performance.now();
  assert.equal(findPassage(pieces, "Line 19999 of a page that has very many of them.").length, 1);
  findPassage(pieces, "מילים שאינן כאן, 12 of them. ".repeat(50));
  findPassage(pieces, "Words that are nowhere to be found, in a sentence of some length, which is cut. ".repeat(20));
  assert.ok(performance.now() - began < 30_000);
});
