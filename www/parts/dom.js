/**
 * Makes an element. Text goes in as text, never as markup, so nothing that a
 * document or a model wrote can become part of the page's structure.
 *
 * @param {string} tag
 * @param {Record<string, unknown>} [properties] `class` and `aria-*` are set as attributes, `on*` as listeners, the rest as properties
 * @param {...(Node | string)} children
 */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class" || name === "role" || name.startsWith("aria-")) element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children);
  return element;
}

/** A button that submits no form. */
export const makeButton = (properties, ...children) => make("button", { type: "button", ...properties }, ...children);

/** The element of the page with this id. */
export const byId = (id) => document.getElementById(id);

