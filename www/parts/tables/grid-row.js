import { make, makeButton } from "../dom.js";
import { count } from "../format.js";
import { shownCell } from "./columns.js";

/**
 * A row of a grid; an empty one as long as its content is not here.
 *
 * @param {number} position
 * @param {{ row: number, cells: (string | null)[] } | undefined} content
 * @param {object} options those of the grid
 */
export function gridRow(position, content, options) {
  // The first row is the header.
  const element = make("tr", { "aria-rowindex": String(position + 2) }, numberCell(content, options));
  for (const column of options.columns) element.append(cellOf(column, content, options));
  if (!content) return element;
  element.dataset.row = String(content.row);
  if (options.marks?.hasRow(content.row)) element.classList.add("grid-source");
  if (options.openRow?.has(content.row)) bindOpen(element, () => options.openRow.open(content.row));
  return element;
}

/** The number of a row; a button where the row can be chosen. The grid says which of them is a stop of Tab. */
function numberCell(content, { openRow }) {
  const number = content ? count(content.row + 1) : "";
  return make("th", { class: "grid-number", scope: "row" }, content && openRow?.has(content.row) ? openButton(number, openRow.label) : number);
}

function openButton(number, label) {
  const name = `${label} ${number}`;
  return makeButton({ class: "plain", tabIndex: -1, "aria-label": name, title: name }, number);
}

function cellOf({ name, at, isNumber }, content, { marks }) {
  const cell = make("td", { class: isNumber ? "grid-right" : "" });
  const text = content?.cells[at];
  if (text === null) cell.append(make("span", { class: "grid-null" }, "null"));
  else if (text !== undefined) {
    const shown = shownCell(text);
    // What the width of the column cuts.
    cell.title = shown;
    cell.append(marks?.hasCell(content.row, name) ? make("mark", {}, shown) : shown);
  }
  return cell;
}

function bindOpen(element, open) {
  element.classList.add("grid-opens");
  element.addEventListener("click", () => {
    // Who selects the text of a cell does not mean that.
    if (getSelection().isCollapsed) open();
  });
}
