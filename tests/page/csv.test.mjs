// CSV of a result, as spreadsheets take it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { toCsv } from "../../pkg/to-csv.js";

/** The field of one text, beside a number: without the line end. */
const field = (text) => toCsv(["a", "b"], [[text, 1]]).slice("a,b\r\n".length, -",1\r\n".length);

test("fields with commas, semicolons, tabs, quotes and line ends are quoted, and lines end with CR LF", () => {
  const rows = [["a,b", 'say "no"'], ["two\nlines", "c;d"], ["plain", "ü € 水"], ["e\tf", "g\rh"]];
  const lines = ['first,second', '"a,b","say ""no"""', '"two\nlines","c;d"', "plain,ü € 水", '"e\tf","g\rh"'];
  assert.equal(toCsv(["first", "second"], rows), lines.map((line) => `${line}\r\n`).join(""));
});

test("texts that a spreadsheet would compute stay texts; numbers stay numbers", () => {
  const texts = ["=1+1", "+49 30", "-a", "@SUM(A1)", " =1", "-5+1", "＝1+1", "＋1", "－1", "＠A1", "\u00a0=1", "\u0000=1"];
  for (const text of texts) assert.match(field(text), /^[\s\0]*'/, text);
  assert.deepEqual([field("=1+1"), field(" =1"), field("-5+1")], ["'=1+1", " '=1", "'-5+1"]);
  assert.equal(toCsv(["=c", "d"], []), "'=c,d\r\n");
  assert.equal(toCsv(["n", "m"], [[-5, 0.25], [2n ** 60n, -1e21]]), "n,m\r\n-5,0.25\r\n1152921504606846976,-1e+21\r\n");
});

test("a text that is a plain number stays as it is", () => {
  for (const text of ["-5", "+3.2", "-1,5", "-1,234.50", "+0", "-5 "]) {
    assert.equal(field(text).replaceAll('"', ""), text);
  }
});

test("where a locale begins another cell, or a line, no formula begins either", () => {
  assert.equal(field("x;=cmd|calc!A0"), `"x;'=cmd|calc!A0"`);
  assert.equal(field("a\n=1+1"), `"a\n'=1+1"`);
  assert.equal(field("a\r\n =1+1"), `"a\r\n '=1+1"`);
  assert.equal(field("a\t@b;-5;+c"), `"a\t'@b;-5;'+c"`);
  assert.equal(field(';"=1+1"'), `";""'=1+1"""`);
  assert.equal(field("a=b, c-d; e+f"), `"a=b, c-d; e+f"`);
});

test("a text that begins with a tab or a line end gets an apostrophe", () => {
  assert.deepEqual(["\tx", "\rx", "\nx", "\t=x"].map(field), [`"'\tx"`, `"'\rx"`, `"'\nx"`, `"'\t'=x"`]);
});

test("null is an empty field, an empty record a field in quotes, and no rows are a line of names", () => {
  assert.equal(toCsv(["a", "b"], [[null, ""], [null, 0]]), "a,b\r\n,\r\n,0\r\n");
  assert.equal(toCsv(["a"], [[null], [""], [0]]), 'a\r\n""\r\n""\r\n0\r\n');
  assert.equal(toCsv(["a", "b"], []), "a,b\r\n");
});

test("a megabyte of what could begin formulas is guarded at once", () => {
  const began = performance.now();
  for (const part of [" ", "\t", '"', "-", "-1,", "; "]) {
    const text = part.repeat(1_000_000 / part.length);
    assert.ok(field(text).length >= text.length);
  }
  assert.ok(performance.now() - began < 2000, `${performance.now() - began} ms`);
});
