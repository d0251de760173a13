// What is compared of a text: its letters and digits.

/** The letters and digits of a text, without case and accents. */
export const letters = (text) => [...text.normalize("NFKD")].filter(isLetter).join("").toLowerCase();
const isLetter = (character) => /[\p{L}\p{N}]/u.test(character);

/**
 * The ranges of the pieces that letters come from, one for each piece.
 *
 * @param {{ piece: number, start: number, end: number }[]} origins where each letter stands, in order
 */
export function rangesOf(origins) {
  const ranges = [];
  for (const origin of origins) {
    const last = ranges.at(-1);
    if (last?.piece === origin.piece) last.end = origin.end;
    else ranges.push({ ...origin });
  }
  return ranges;
}
