// Finds a passage that is written from right to left. A page draws each line of it from left to right, its Latin words
// and numbers too, and often letter by letter: the words of a line come in another order than in the passage, and so do
// the letters of a word. So the words are looked for near each other in any order, and a word is known by its letters.

import { letters, rangesOf } from "./letters.js";

const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
/** A passage is found if this share of its letters stands together. */
const SHARE_FOUND = 0.5;
/** Words of other passages that can come between: those of one line. */
const LINE_WORDS = 16;

/** Whether the words of a passage can come in any order. */
export const isRightToLeft = (passage) => RIGHT_TO_LEFT.test(passage);

/**
 * @param {string[]} pieces the page's text in the order in which it is drawn
 * @param {string} passage
 * @param {boolean[]} lineEnds whether a line ends after the piece
 * @returns {{ ranges: { piece: number, start: number, end: number }[], found: number }} `found` is the number of letters
 */
export function findWords(pieces, passage, lineEnds) {
  const page = wordsOf(pieces, lineEnds);
  const wanted = wordsOf([passage], []);
  const found = around(page, bestWindow(page, wanted), wanted);
  const size = sizeOf(found.map((at) => page[at]));
  if (found.length === 0 || size < SHARE_FOUND * sizeOf(wanted)) return { ranges: [], found: 0 };
  const origins = neighbours(found).map((run) => run.flatMap((at) => page[at].origins).sort(inOrder));
  return { ranges: origins.flatMap(rangesOf), found: size };
}

/** The words, each with its sorted letters as its key, and where each letter stands. */
function wordsOf(pieces, lineEnds) {
  const words = [];
  let word = [];
  const end = () => {
    if (word.length > 0) words.push({ key: word.map(({ letter }) => letter).sort().join(""), origins: word.map(({ origin }) => origin) });
    word = [];
  };
  pieces.forEach((piece, index) => {
    for (const { character, start } of drawn(piece)) {
      if (/\s/.test(character)) end();
      const origin = { piece: index, start, end: start + character.length };
      for (const letter of letters(character)) word.push({ letter, origin });
    }
    if (piece === "" || lineEnds[index]) end();
  });
  end();
  return words;
}

/** The characters of a piece from left to right, as far as that matters. */
function drawn(piece) {
  let start = 0;
  const characters = Array.from(piece, (character) => {
    start += character.length;
    return { character, start: start - character.length };
  });
  return RIGHT_TO_LEFT.test(piece) ? characters.reverse() : characters;
}

/** Where the words begin among which most of the wanted letters are, as many words as are wanted. */
function bestWindow(page, wanted) {
  const missing = counted(wanted);
  let [size, most, best] = [0, 0, 0];
  page.forEach(({ key }, at) => {
    const left = missing.get(key);
    if (left !== undefined) missing.set(key, left - 1);
    if (left > 0) size += key.length;
    const gone = page[at - wanted.length]?.key;
    if (missing.has(gone)) {
      if (missing.get(gone) >= 0) size -= gone.length;
      missing.set(gone, missing.get(gone) + 1);
    }
    if (size > most) [most, best] = [size, Math.max(0, at - wanted.length + 1)];
  });
  return best;
}

/** The wanted words from `begin` on, and those of the same lines before and after them. */
function around(page, begin, wanted) {
  const missing = counted(wanted);
  const found = [];
  const take = (at) => {
    const left = missing.get(page[at].key) ?? 0;
    if (left === 0) return false;
    missing.set(page[at].key, left - 1);
    found.push(at);
    return true;
  };
  const end = Math.min(page.length, begin + wanted.length);
  for (let at = begin; at < end; at += 1) take(at);
  for (let at = end, gap = 0; at < page.length && gap < LINE_WORDS; at += 1) gap = take(at) ? 0 : gap + 1;
  for (let at = begin - 1, gap = 0; at >= 0 && gap < LINE_WORDS; at -= 1) gap = take(at) ? 0 : gap + 1;
  return found.sort((a, b) => a - b);
}

/** How often each word is wanted. */
function counted(words) {
  const counts = new Map();
  for (const { key } of words) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** Numbers in order, in runs of those that follow each other. */
function neighbours(numbers) {
  const runs = [];
  for (const number of numbers) {
    if (runs.at(-1)?.at(-1) === number - 1) runs.at(-1).push(number);
    else runs.push([number]);
  }
  return runs;
}

const sizeOf = (words) => words.reduce((sum, { key }) => sum + key.length, 0);
const inOrder = (a, b) => a.piece - b.piece || a.start - b.start;
