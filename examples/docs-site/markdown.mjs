// Markdown -> HTML, with an anchor at each heading, and links between files of Markdown as links between pages.

import MarkdownIt from "markdown-it";
import anchor from "markdown-it-anchor";

/** The deepest heading that is listed beside a page. */
const MAX_LISTED_LEVEL = 3;

/** As code hosts name the anchor of a heading, so that links work there as well. */
const slugify = (text) => text.trim().toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/g, "-");

/**
 * Renders a text. `linkOf` is given the target of each link and resolves it to an address, or to `null` where the site
 * has no such page: the words stay then. HTML in the text is shown as text, unless `html` is true. Returns
 * `{ html, title, headings: { level, text, id }[] }`.
 */
export function render(markdown, linkOf = (href) => href, { html: keepsHtml = false } = {}) {
  const headings = [];
  const renderer = new MarkdownIt({ html: keepsHtml, linkify: false }).use(anchor, {
    slugify,
    tabIndex: false,
    callback: ({ tag }, { slug, title }) => headings.push({ level: Number(tag[1]), text: title, id: slug }),
  });
  keepComments(renderer);
  followLinks(renderer, linkOf);
  scrollWideParts(renderer);
  const html = renderer.render(markdown);
  const [first] = headings;
  return { html, title: first?.text ?? "", headings: headings.filter(({ level }) => level > 1 && level <= MAX_LISTED_LEVEL) };
}

/** Comments of HTML, which mark what scripts write, are left out. */
function keepComments(renderer) {
  renderer.core.ruler.before("block", "comments", (state) => {
    state.src = state.src.replace(/^<!--.*?-->\n?/gms, "");
  });
}

function followLinks(renderer, linkOf) {
  renderer.core.ruler.push("links", ({ tokens }) => {
    for (const { children } of tokens) followAll(children ?? [], linkOf);
  });
}

function followAll(tokens, linkOf) {
  const left = []; // whether each open link is left out
  for (const token of tokens) {
    if (token.type === "image") token.attrSet("src", linkOf(token.attrGet("src")) ?? "");
    if (token.type === "link_open") {
      const href = linkOf(token.attrGet("href"));
      left.push(href === null);
      if (href === null) hide(token);
      else token.attrSet("href", href);
    }
    if (token.type === "link_close" && left.pop()) hide(token);
  }
}

const hide = (token) => Object.assign(token, { type: "text", tag: "", content: "", nesting: 0, attrs: null });

/** A wide table and wide code scroll by themselves, also with the keyboard. */
function scrollWideParts({ renderer }) {
  const { rules } = renderer;
  rules.table_open = () => '<div class="scroll" tabindex="0" role="group" aria-label="table"><table>\n';
  rules.table_close = () => "</table></div>\n";
  for (const name of ["fence", "code_block"]) {
    const rule = rules[name];
    rules[name] = (...args) => rule(...args).replace("<pre>", '<pre tabindex="0">');
  }
}
