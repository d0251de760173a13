// The pages' frame: header with the answering box, list of pages, text, headings of the page.

export const escaped = (text) => text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

/**
 * The HTML of a page. `site` is `{ title, lang, groups: { title, pages: { path, title }[] }[], integrity, questions }`;
 * `page` is `{ path, title, html, headings }`, where `path` is below the site's folder: `guide/first.html`.
 */
export function pageHtml(site, page) {
  const root = "../".repeat(page.path.split("/").length - 1) || "./";
  return `<!doctype html>
<html lang="${site.lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(page.title === site.title ? site.title : `${page.title} - ${site.title}`)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${root}site/style.css">
<script type="module" src="${root}site/site.js"></script>
</head>
<body>
<a class="skip" href="#text">Skip to the text</a>
<header>
<a class="home" href="${root}index.html">${escaped(site.title)}</a>
<button type="button" class="ask" aria-haspopup="dialog" aria-keyshortcuts="/">Ask <kbd aria-hidden="true">/</kbd></button>
</header>
<div class="columns">
<details class="menu" open>
<summary>Pages</summary>
<nav aria-label="Pages">${site.groups.map((group) => groupHtml(group, page, root)).join("")}</nav>
</details>
<main id="text"><article>${page.html}</article></main>
${headingsHtml(page.headings)}
</div>
<dialog class="answers" aria-label="Ask this site">
<form method="dialog"><button aria-label="Close">×</button></form>
<multimodal-rag src="${root}site/docs.rag" integrity="${site.integrity}" models="${root}site/models.json">
<h2 slot="heading">Ask ${escaped(site.title)}</h2>
${site.questions.map((question) => `<button slot="empty" data-question="${escaped(question)}">${escaped(question)}</button>`).join("\n")}
<p slot="footer">Answers are sentences of this site. They are found in your browser.</p>
</multimodal-rag>
</dialog>
</body>
</html>
`;
}

function groupHtml({ title, pages }, current, root) {
  const item = ({ path, title }) =>
    `<li><a href="${root}${path}"${path === current.path ? ' aria-current="page"' : ""}>${escaped(title)}</a></li>`;
  return `<h2>${escaped(title)}</h2><ul>${pages.map(item).join("")}</ul>`;
}

function headingsHtml(headings) {
  if (headings.length < 2) return "<div></div>";
  const items = headings.map(({ level, text, id }) => `<li class="level-${level}"><a href="#${id}">${escaped(text)}</a></li>`);
  return `<nav class="headings" aria-label="On this page"><h2>On this page</h2><ul>${items.join("")}</ul></nav>`;
}
