// Finds a passage among the pieces of text that a PDF's page is drawn from. The reader that extracted the passage and
// pdf.js that draws the page differ in white space, hyphens, ligatures, accents, quotes, and in the order of columns and
// cells. So only letters and digits are compared, and a passage that is not there as a whole is looked for in parts.

import { findWords, isRightToLeft } from "./find-words.js";
import { letters, rangesOf } from "./letters.js";

/** A part of fewer characters is found only right after the part before it: "12" stands in many places of a page. */
const SHORTEST_ALONE = 10;
/** The same for a part that was cut out of a sentence, in words. */
const FEWEST_WORDS = 4;
/** A passage is found if this share of it is. */
const SHARE_FOUND = 0.3;

/**
 * @param {string[]} pieces the page's text in the order in which it is drawn
 * @param {string} passage
 * @param {boolean[]} [lineEnds] whether a line ends after the piece
 * @returns {{ piece: number, start: number, end: number }[]} UTF-16 ranges of the pieces; empty if the passage is not there
 */
export function findPassage(pieces, passage, lineEnds = []) {
  const page = lettersOf(pieces);
  const wanted = letters(passage);
  if (wanted.length === 0 || page.text.length === 0) return [];
  const whole = page.text.indexOf(wanted);
  const spans = whole >= 0 ? [{ start: whole, end: whole + wanted.length }] : findParts(page.text, passage, wanted.length);
  const words = whole < 0 && isRightToLeft(passage) ? findWords(pieces, passage, lineEnds) : { found: 0 };
  const ranges = words.found > sizeOf(spans) ? words.ranges : spans.flatMap(({ start, end }) => rangesOf(page.origins.slice(start, end)));
  return ranges.map((range) => withPunctuation(range, pieces));
}

/** Accents, points, quotes and brackets that follow what is marked are marked with it. */
function withPunctuation(range, pieces) {
  const [closing] = /^[\p{M}\p{Pe}\p{Pf}\p{Po}]*/u.exec(pieces[range.piece].slice(range.end));
  return { ...range, end: range.end + closing.length };
}

/** The letters of all pieces, and from which piece and where in it each comes. */
function lettersOf(pieces) {
  const origins = [];
  let text = "";
  pieces.forEach((piece, index) => {
    let start = 0;
    for (const character of piece) {
      const end = start + character.length;
      const found = letters(character);
      for (let count = 0; count < found.length; count += 1) origins.push({ piece: index, start, end });
      text += found;
      start = end;
    }
  });
  return { text, origins };
}

/** The parts of a passage that are on the page, if together they are enough of it. */
function findParts(text, passage, length) {
  const spans = [];
  let after = 0;
  const find = (part, isAlone) => {
    const wanted = letters(part);
    if (wanted.length === 0) return;
    const next = text.startsWith(wanted, after) ? after : -1;
    const start = next >= 0 || !isAlone || wanted.length < SHORTEST_ALONE ? next : nearest(text, wanted, after);
    if (start >= 0) {
      const last = spans.at(-1);
      after = start + wanted.length;
      if (last?.end === start) last.end = after;
      else spans.push({ start, end: after });
      return;
    }
    for (const half of halves(part)) find(half.join(" "), half.length >= FEWEST_WORDS);
  };
  for (const part of passage.split(/\n+|\s\|\s|(?<=[.!?。！？]["'”’)\]]*)\s/u)) find(part, true);
  return sizeOf(spans) >= SHARE_FOUND * length ? spans : [];
}

const sizeOf = (spans) => spans.reduce((sum, { start, end }) => sum + end - start, 0);

/** Where `wanted` begins: after `from` if it is there, else anywhere. */
function nearest(text, wanted, from) {
  const later = text.indexOf(wanted, from);
  return later >= 0 ? later : text.indexOf(wanted);
}

/** The words of a part in two halves; none where it is one word. */
function halves(part) {
  const words = part.trim().split(/\s+/);
  const middle = words.length >> 1;
  return middle === 0 ? [] : [words.slice(0, middle), words.slice(middle)];
}
