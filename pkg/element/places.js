import { fill } from "./texts.js";

/** A place within a document in the words of a language: "page 12", "sheet Q3, B4:D9". Empty where nothing is known. */
export function placeLine(place, texts) {
  if (!place) return "";
  const parts = [
    pageOf(place, texts),
    place.slide && fill(texts.slide, { first: place.slide }),
    place.sheet && fill(texts.sheet, { name: place.sheet }),
    place.cells,
    place.section,
    place.message,
    rangeOf(place.rows, texts.row, texts.rows),
    rangeOf(place.lines, texts.line, texts.lines),
    place.time && clock(place.time[0]),
  ];
  return parts.filter(Boolean).join(", ");
}

function pageOf({ page, lastPage, pageLabel }, texts) {
  if (!page) return "";
  if (lastPage) return fill(texts.pages, { first: page, last: lastPage });
  if (pageLabel) return fill(texts.pageLabelled, { label: pageLabel, first: page });
  return fill(texts.page, { first: page });
}

function rangeOf(range, one, several) {
  if (!range) return "";
  const [first, last] = range;
  return fill(first === last ? one : several, { first, last });
}

/** Milliseconds as "00:12:31". */
function clock(milliseconds) {
  return new Date(milliseconds).toISOString().slice(11, 19);
}
