import { make } from "../dom.js";
import { findPassage } from "./find-passage.js";

/** Pixels of a canvas at most: some browsers draw nothing into a larger one. */
const CANVAS_PIXELS = 1 << 24;
/** Words this near on a line, in heights of the line, are marked by one box. */
const WORD_GAP = 0.6;

/**
 * Draws one page of a PDF: a picture of it, boxes on the cited passage, and its text to select and to be read aloud.
 *
 * @param {typeof import("pdfjs-dist")} library
 * @param {object} page of pdf.js
 * @param {{ width: number, passage?: string, area?: object, signal: AbortSignal }} options `width` in CSS pixels; `area` is
 *   where the passage is, on a page whose words were read in its picture
 * @returns {Promise<{ element: HTMLElement, mark: () => HTMLElement | null }>} `mark` adds the boxes once the element is
 *   in the document, and resolves to the first one's element; null where the passage is not on this page
 */
export async function drawPage(library, page, { width, passage, area, signal }) {
  const viewport = page.getViewport({ scale: width / page.getViewport({ scale: 1 }).width });
  const canvas = await drawCanvas(page, viewport, signal);
  const boxes = make("div", { class: "pdf-boxes" });
  const text = make("div", { class: "textLayer" });
  const element = make("div", { class: "pdf-page" }, canvas, boxes, text);
  element.style.setProperty("--total-scale-factor", viewport.scale);
  element.style.width = `${viewport.width}px`;
  element.style.height = `${viewport.height}px`;
  const content = await page.getTextContent();
  const layer = new library.TextLayer({ textContentSource: content, container: text, viewport });
  await layer.render();
  const lineEnds = content.items.filter(({ str }) => str !== undefined).map(({ hasEOL }) => hasEOL);
  return { element, mark: () => (passage ? markPassage(element, boxes, layer, { passage, lineEnds }) ?? markArea(boxes, area) : null) };
}

async function drawCanvas(page, viewport, signal) {
  const area = viewport.width * viewport.height;
  const density = Math.min(devicePixelRatio || 1, Math.sqrt(CANVAS_PIXELS / area));
  const canvas = make("canvas", {
    width: Math.floor(viewport.width * density),
    height: Math.floor(viewport.height * density),
    // Its text follows.
    "aria-hidden": "true",
  });
  const task = page.render({ canvas, viewport, transform: [density, 0, 0, density, 0, 0] });
  const cancel = () => task.cancel();
  signal.addEventListener("abort", cancel);
  await task.promise.finally(() => signal.removeEventListener("abort", cancel));
  return canvas;
}

function markPassage(element, boxes, layer, { passage, lineEnds }) {
  const ranges = findPassage(layer.textContentItemsStr, passage, lineEnds);
  const origin = element.getBoundingClientRect();
  const rects = ranges.flatMap(({ piece, start, end }) => rectsOf(layer.textDivs[piece].firstChild, start, end));
  const lines = joinWords(rects);
  for (const { left, top, right, bottom } of lines) {
    const box = make("div", { class: "pdf-box" });
    box.style.left = percent(left - origin.left, origin.width);
    box.style.top = percent(top - origin.top, origin.height);
    box.style.width = percent(right - left, origin.width);
    box.style.height = percent(bottom - top, origin.height);
    boxes.append(box);
  }
  return boxes.firstElementChild;
}

/** The place of words that were read in the page's picture, which has no text to look for them. */
function markArea(boxes, area) {
  if (!area) return null;
  const box = make("div", { class: "pdf-box" });
  box.style.left = percent(area.left, 1);
  box.style.top = percent(area.top, 1);
  box.style.width = percent(area.right - area.left, 1);
  box.style.height = percent(area.bottom - area.top, 1);
  boxes.append(box);
  return box;
}

function rectsOf(node, start, end) {
  if (!node) return [];
  const range = document.createRange();
  range.setStart(node, start);
  range.setEnd(node, end);
  return [...range.getClientRects()].filter(({ width, height }) => width > 0 && height > 0);
}

/** One rectangle for words that follow each other on a line. */
function joinWords(rects) {
  const lines = [];
  for (const { left, top, right, bottom } of rects) {
    const last = lines.at(-1);
    const height = bottom - top;
    const isNext =
      last !== undefined &&
      Math.min(bottom, last.bottom) - Math.max(top, last.top) > height / 2 &&
      left <= last.right + WORD_GAP * height &&
      right >= last.left - WORD_GAP * height;
    if (isNext) {
      Object.assign(last, {
        left: Math.min(left, last.left),
        top: Math.min(top, last.top),
        right: Math.max(right, last.right),
        bottom: Math.max(bottom, last.bottom),
      });
    } else lines.push({ left, top, right, bottom });
  }
  return lines;
}

const percent = (part, whole) => `${(100 * part) / whole}%`;
