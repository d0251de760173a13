// A result as CSV (RFC 4180) that no spreadsheet computes.

const LINE_END = "\r\n";
/** After these a spreadsheet of some locale begins another cell, also within quotes. Where it is the comma, quotes hold. */
const ENDS = ";\\t\\r\\n";
/** What a reader may leave out before a formula: quotes, spaces, characters that are not seen. */
const UNSEEN = '["\\p{Z}\\ufeff\\0-\\x08\\v\\f\\x0e-\\x1f\\x7f-\\x9f]*';
const PLAIN_NUMBER = `[+\\-]\\d+(?:[.,]\\d+)*${UNSEEN}(?:$|[${ENDS}])`;
/** The start of a cell that a spreadsheet may take for a formula, also by a sign of double width. */
const FORMULA = new RegExp(`(?<=^|[${ENDS}])(${UNSEEN})(?=[=+\\-@＝＋－＠])(?!${PLAIN_NUMBER})`, "gu");

export function toCsv(columns, rows) {
  return [columns, ...rows].map((cells) => recordOf(cells.map(fieldOf)) + LINE_END).join("");
}

/** Readers skip an empty line. */
function recordOf(fields) {
  return fields.length === 1 && fields[0] === "" ? '""' : fields.join(",");
}

function fieldOf(value) {
  if (typeof value !== "string") return value === null ? "" : String(value);
  const text = asText(value);
  return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The text with an apostrophe where a formula would begin: a document may come from anybody. */
function asText(value) {
  const text = value.replace(FORMULA, "$1'");
  return /^[\t\r\n]/.test(text) ? `'${text}` : text;
}
