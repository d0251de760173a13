// What the page says, in the language of the page.

import { textsFor } from "../../pkg/element/texts.js";
import { placeLine } from "../../pkg/element/places.js";
import { loadSettings } from "../settings.js";

/** The languages of the page, each with the texts that are fetched for it. */
const LANGUAGES = { en: () => import("./en.js"), de: () => import("./de.js") };
/** Attributes of elements in index.html that hold texts, each by the attribute that names its text. */
const ATTRIBUTES = { "data-placeholder": "placeholder", "data-label": "aria-label", "data-title": "title" };

/** The language of the page: the one that is chosen, or the first of the browser's that the page has. */
export const language = chosenLanguage();

const { default: TEXTS } = await LANGUAGES[language]();
const NUMBER = new Intl.NumberFormat(language);
const FORMS = new Intl.PluralRules(language);

function chosenLanguage() {
  const wanted = [loadSettings().language, ...(globalThis.navigator?.languages ?? [])].filter(Boolean).map((tag) => tag.split("-", 1)[0].toLowerCase());
  return wanted.find((tag) => tag in LANGUAGES) ?? "en";
}

/**
 * A text of the page.
 *
 * @param {string} name of the text
 * @param {Record<string, string | number>} [values] what stands in it. Numbers are written as the language writes them;
 *   `count` chooses the form of the text, where it has several
 */
export function t(name, values = {}) {
  const text = TEXTS[name];
  return filled(typeof text === "string" ? text : text[FORMS.select(values.count)] ?? text.other, values);
}

/** What an error says: in the words of the page where it has some for the error's code. */
export function errorText({ code, message }) {
  const text = TEXTS[`error.${code}`];
  return text ? filled(text, { message }) : message;
}

/** The place of a span in its document: "page 12". The engine says it in English. */
export function placeTextOf({ place, placeText = "" }) {
  return language === "en" ? placeText : placeLine(place, textsFor(language));
}

/** Puts the page's own texts into index.html, which holds them in English. */
export function translatePage() {
  document.documentElement.lang = language;
  if (language === "en") return;
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = t(element.dataset.text);
  for (const [source, attribute] of Object.entries(ATTRIBUTES)) {
    for (const element of document.querySelectorAll(`[${source}]`)) element.setAttribute(attribute, t(element.getAttribute(source)));
  }
}

function filled(text, values) {
  const shown = (value) => (typeof value === "number" ? NUMBER.format(value) : value);
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? shown(values[name]) : whole));
}
