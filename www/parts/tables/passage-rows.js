/** Rows without a value have a number in the file, and are none of the table: a row stands at most so far before its number. */
const MAX_LEFT_OUT = 100;
/** The most rows that are fetched at once. */
const MAX_ROWS = 1000;

/**
 * Where a passage of rows stands in the tables of its document, as `TableView` takes it; undefined where that is not known.
 *
 * @param {import("../../pkg/client.js").Engine} engine
 * @param {object[]} tables those of the document
 * @param {{ place?: object, text?: string }} passage
 */
export async function passageRows(engine, tables, { place, text }) {
  if (!place?.rows) return undefined;
  const [first, last] = place.rows;
  const ofSheet = tables.filter((table) => table.place?.sheet === place.sheet);
  if (ofSheet.length !== 1) return undefined;
  const [{ name, place: { rows: header = [0, 0] } = {} }] = ofSheet;
  const start = Math.max(0, first - header[1] - 1 - MAX_LEFT_OUT);
  const limit = Math.min(MAX_ROWS, last - header[1] - start);
  if (limit < 1) return undefined;
  const { rows } = await engine.tableRows(name, { start, limit });
  const lines = new Set(text.split("\n").map((line) => line.trim()));
  const found = rows.filter(({ cells }) => lines.has(cells.join(" | ").trim())).map(({ row }) => row);
  // Of rows that say the same, those whose number is nearest.
  return found.length > 0 ? { name, rows: found.slice(first - last - 1), isPassage: true } : undefined;
}
