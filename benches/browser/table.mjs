// Tables in Markdown.

export function table(titles, rows) {
  const line = (cells) => `| ${cells.map((cell) => cell ?? "–").join(" | ")} |`;
  return [line(titles), `|${"---|".repeat(titles.length)}`, ...rows.map(line)].join("\n");
}
