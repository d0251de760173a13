// Which rows of a long table are in sight, where only those are in the document.

/**
 * Browsers lay out nothing much taller, in pixels of the screen. Of a table that would be, a pixel of scrolling stands for
 * more than one.
 */
const MAX_HEIGHT = 12_000_000;
/** Rows that are made above and below those in sight. */
const SPARE_ROWS = 8;

/**
 * @param {{ total: number, rowHeight: number, viewHeight: number, scrollTop: number, pixelRatio: number }} view heights in
 *   pixels of the page; `pixelRatio` is how many of the screen one is
 * @returns {{ first: number, end: number, top: number, before: number, after: number }} the rows to make, the first of
 *   them that is wholly in sight, and the heights of what stands for all rows before and after them
 */
export function windowOf(view) {
  const { total, rowHeight, viewHeight, scrollTop } = view;
  const { full, height, scale } = measures(view);
  const offset = Math.max(0, Math.min(scrollTop * scale, full - viewHeight));
  const first = Math.max(0, Math.floor(offset / rowHeight) - SPARE_ROWS);
  const end = Math.min(total, Math.ceil((offset + viewHeight) / rowHeight) + SPARE_ROWS);
  const before = Math.max(0, offset / scale - (offset - first * rowHeight));
  return { first, end, top: Math.ceil(offset / rowHeight), before, after: Math.max(0, height - before - (end - first) * rowHeight) };
}

/** Where to scroll so that a row stands in the middle. */
export function scrollTopOf(row, view) {
  return within((row + 0.5) * view.rowHeight - view.viewHeight / 2, view);
}

/** Where to scroll, and no further than that, so that a row is wholly in sight. */
export function nearestScrollTop(row, view) {
  const { rowHeight, viewHeight, scrollTop } = view;
  const top = row * rowHeight;
  const offset = scrollTop * measures(view).scale;
  return within(Math.min(top, Math.max(offset, top + rowHeight - viewHeight)), view);
}

/** By how much the keys for a page scroll: a row less than what is in sight, also where a pixel stands for several. */
export function pageOf(view) {
  return Math.max(view.rowHeight, view.viewHeight - view.rowHeight) / measures(view).scale;
}

/** Where to scroll for an offset in the whole table. */
function within(offset, view) {
  const { full, scale } = measures(view);
  return Math.max(0, Math.min(offset, full - view.viewHeight)) / scale;
}

function measures({ total, rowHeight, viewHeight, pixelRatio }) {
  const full = total * rowHeight;
  const height = Math.min(full, MAX_HEIGHT / Math.max(1, pixelRatio));
  return { full, height, scale: height > viewHeight ? (full - viewHeight) / (height - viewHeight) : 1 };
}
