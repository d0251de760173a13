// The address of a cited place: that of its document, and the words or the page that a browser shows at once.

/** Documents that a site shows as pages with the same words. */
const PAGES = /^text\/(html|markdown|plain)/;

/** The longest text that is named word for word; of longer ones the browser finds the ends. */
const WHOLE_WORDS = 10;
const END_WORDS = 4;

/**
 * @param {import("../index.d.ts").MetadataValue | undefined} url of the document's metadata
 * @param {string} base what it is relative to
 * @param {string} type the document's media type
 * @param {{ text: string, place?: import("../index.d.ts").Place }} citation
 * @returns {string | null} null where it is no address of the web
 */
export function sourceAddress(url, base, type, { text, place }) {
  const address = typeof url === "string" ? webAddress(url, base) : null;
  if (address === null) return null;
  if (type === "application/pdf" && place?.page && !address.hash) address.hash = `page=${place.page}`;
  // A row of a table is no run of words on a page.
  if (!PAGES.test(type) || place?.rows) return address.href;
  return `${address.href}${address.hash ? "" : "#"}:~:text=${textDirective(text)}`;
}

function webAddress(url, base) {
  try {
    const address = new URL(url, base);
    return /^https?:$/.test(address.protocol) ? address : null;
  } catch {
    return null;
  }
}

function textDirective(text) {
  const words = withoutMarker(text).trim().split(/\s+/);
  if (words.length <= WHOLE_WORDS) return encoded(words);
  return `${encoded(words.slice(0, END_WORDS))},${encoded(words.slice(-END_WORDS))}`;
}

/** A dash has a meaning of its own there. */
const encoded = (words) => encodeURIComponent(words.join(" ")).replaceAll("-", "%2D");

/** A text without the mark of the list item that it begins with: "- Tea" as "Tea". */
export const withoutMarker = (text) => text.replace(/^\s*(?:[-*+•]|\d{1,3}[.)])\s+/, "");
