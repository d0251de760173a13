import { make, makeButton } from "../dom.js";
import { t } from "../texts/texts.js";
import { hintOf } from "./columns.js";

/** A name in SQL. Always in quotes: a header may be any word, also one of SQL's own. */
const quoted = (name) => `"${name.replaceAll('"', '""')}"`;

/**
 * The tables, each with its columns to open, as buttons that give their names to `insert`.
 *
 * @param {object[]} tables
 * @param {import("../places.js").Places} places
 * @param {(text: string) => void} insert
 * @param {Set<string>} opened the names of those that are open
 */
export function sqlTables(tables, places, insert, opened) {
  const items = tables.map((table) => make("li", {}, tableOf(table, places, insert, opened)));
  return make("ul", { class: "sql-tables", "aria-label": t("sql.tables") }, ...items);
}

/** A table may have thousands of columns: they are made when they are first shown. */
function tableOf(table, places, insert, opened) {
  const { name, title, rows, columns } = table;
  const size = [t("count.rows", { count: rows }), t("count.columns", { count: columns.length })];
  const about = [places.name(table), title, ...size].filter(Boolean).join(", ");
  const details = make("details", {}, make("summary", {}, make("code", {}, name), make("span", { class: "soft" }, ` ${about}`)));
  details.addEventListener("toggle", () => {
    if (details.open) opened.add(name);
    else opened.delete(name);
    if (details.open && details.childElementCount === 1) details.append(...namesOf(table, insert));
  });
  details.open = opened.has(name);
  return details;
}

function namesOf({ name, columns }, insert) {
  const button = (name, hint) => {
    const title = t("sql.insert", { name: quoted(name) });
    const label = [make("code", {}, name), ...(hint ? [make("span", {}, ` ${hint}`)] : [])];
    return makeButton({ class: "plain sql-name", title, onclick: () => insert(quoted(name)) }, ...label);
  };
  const items = columns.map((column) => make("li", {}, button(column.name, hintOf(column))));
  return [button(name, t("sql.theTable")), make("ul", { class: "sql-columns", "aria-label": t("sql.columnsOf", { name }) }, ...items)];
}

/** A query to begin with. */
export const firstQuery = ([table]) => (table ? `SELECT * FROM ${quoted(table.name)}` : "");
