import { bytes } from "./format.js";
import { languageOf, listOf, nameOfLanguage } from "./languages.js";
import { t } from "./texts/texts.js";

/** The page's entries of `models.json`, the one of the first visit first. */
const ROLES = ["embedder", "embedderForAllLanguages"];

/** A model that finds passages. A knowledge base is searched by the one that its documents were indexed for. */
export class SearchModel {
  #source;
  #answerReader;
  #ocr;

  /** @param {string} role its entry in `models.json` @param {{ [role: string]: object }} list what `models.json` holds */
  constructor(role, list) {
    this.role = role;
    this.#source = list[role];
    // An adapter of the layers that all search models of the page share.
    this.#answerReader = list.answerReader;
    // Its files are fetched with the first picture.
    this.#ocr = list.ocr;
  }

  /** The option `models` of the engine, without a generator. */
  get models() {
    return { embedder: this.#source, answerReader: this.#answerReader, ocr: this.#ocr };
  }

  /** Size of its file: "24 MB". */
  get size() {
    return bytes(this.#source.size);
  }

  /** The languages that it knows: "English and Portuguese", or "all languages". */
  get languages() {
    const { languages } = this.#source;
    return languages.length > 0 ? listOf(languages.map(nameOfLanguage)) : t("model.allLanguages");
  }

  /** The name of the language that a document is in, where this model does not know it; otherwise undefined. */
  unknownLanguage({ language: tag }) {
    const { languages } = this.#source;
    const language = tag && languages.length > 0 ? languageOf(tag) : undefined;
    return language && !languages.includes(language) ? nameOfLanguage(language) : undefined;
  }
}

/** The search models of `models.json`, the smallest first. */
export function searchModelsOf(list) {
  return ROLES.map((role) => new SearchModel(role, list));
}

/** Fetches the list of models. */
export async function fetchModelList() {
  try {
    return await fetchList();
  } catch (error) {
    throw new Error(t("opening.noList", { problem: error.message }));
  }
}

async function fetchList() {
  const response = await fetch("models.json");
  if (!response.ok) throw new Error(t("opening.serverAnswered", { status: String(response.status) }));
  return response.json();
}
