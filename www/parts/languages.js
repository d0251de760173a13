import { language as pageLanguage } from "./texts/texts.js";

const NAMES = new Intl.DisplayNames(pageLanguage, { type: "language", fallback: "none" });
const LIST = new Intl.ListFormat(pageLanguage);
/** Tags for several languages, for none, and for those without a tag. */
const NO_LANGUAGE = new Set(["mul", "zxx", "mis"]);

/** The language that a tag of BCP 47 begins with: "pt" of "pt-BR". Undefined where it names none: files hold all sorts of tags. */
export function languageOf(tag) {
  try {
    // A common mistake: "pt_BR".
    const { language } = new Intl.Locale(tag.replaceAll("_", "-"));
    return NO_LANGUAGE.has(language) ? undefined : language;
  } catch {
    return undefined;
  }
}

/** The name of a language in that of the page: "German" of "de". Undefined where it has none. */
export const nameOfLanguage = (language) => NAMES.of(language);

/** "German", "German and French", "German, French, and Danish" */
export const listOf = (names) => LIST.format(names);
