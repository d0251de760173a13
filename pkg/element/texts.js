// All texts of the element, by language. `{name}` stands for a value.

const EN = {
  label: "Ask a question",
  placeholder: "What would you like to know?",
  ask: "Ask",
  stop: "Stop",
  clear: "Clear answers",
  history: "Questions and answers",
  opening: "Opening the documents",
  downloading: "Downloading",
  loading: "Loading",
  searching: "Searching the documents",
  reading: "Reading the passages",
  writing: "Writing an answer",
  amount: "{what}: {done} of {total}",
  corrected: "“{from}” is in no document. “{to}” was searched instead.",
  quotes: "From the documents",
  written: "Written by a language model from these documents",
  alsoCited: "Also cited",
  pictures: "Pictures",
  picture: "Picture from {source}",
  source: "Source {number}: {source}",
  member: "{name} in {container}",
  computed: "Computed from a table",
  computedHow: "How it was computed",
  moreRows: "{count} more rows",
  unsupportedShow: "A sentence that the documents do not support: show it",
  unsupportedHide: "{sentence} (not supported by the documents)",
  unsupportedNote: "“…” stands for what the documents do not support.",
  noAnswer: "The documents do not answer this question.",
  noAnswerHint: "Ask in other words, or about something else.",
  nearest: "The nearest passages all the same",
  stopped: "Stopped.",
  cutOff: "The answer was cut off at its greatest length.",
  found: "Quotes found: {count}.",
  finished: "The answer is finished. Sources cited: {count}.",
  tryAgain: "Try again",
  close: "Close",
  page: "page {first}",
  pages: "pages {first}–{last}",
  pageLabelled: "page {label} ({first})",
  slide: "slide {first}",
  sheet: "sheet {name}",
  row: "row {first}",
  rows: "rows {first}–{last}",
  line: "line {first}",
  lines: "lines {first}–{last}",
  failed: "{message}",
  errors: {
    download_failed: "A file that answers need could not be downloaded. Check the connection, and try again.",
    hash_mismatch: "A file that answers need is not the one that was published, so it was not used. Reload the page, and try again.",
    empty_knowledge_base: "There are no documents to answer from yet.",
    question_too_long: "The question is too long. Ask a shorter one.",
    out_of_memory: "There is not enough memory. Close other pages, and try again.",
    unsupported_browser: "This browser is too old for answers. Update it, or use another one.",
  },
};

const DE = {
  label: "Frage stellen",
  placeholder: "Was möchten Sie wissen?",
  ask: "Fragen",
  stop: "Anhalten",
  clear: "Antworten löschen",
  history: "Fragen und Antworten",
  opening: "Dokumente werden geöffnet",
  downloading: "Wird heruntergeladen",
  loading: "Wird geladen",
  searching: "Dokumente werden durchsucht",
  reading: "Fundstellen werden gelesen",
  writing: "Antwort wird geschrieben",
  amount: "{what}: {done} von {total}",
  corrected: "„{from}“ steht in keinem Dokument. Stattdessen wurde „{to}“ gesucht.",
  quotes: "Aus den Dokumenten",
  written: "Von einem Sprachmodell aus diesen Dokumenten geschrieben",
  alsoCited: "Außerdem belegt durch",
  pictures: "Bilder",
  picture: "Bild aus {source}",
  source: "Quelle {number}: {source}",
  member: "{name} in {container}",
  computed: "Aus einer Tabelle berechnet",
  computedHow: "Wie gerechnet wurde",
  moreRows: "{count} weitere Zeilen",
  unsupportedShow: "Ein Satz, den die Dokumente nicht belegen: anzeigen",
  unsupportedHide: "{sentence} (von den Dokumenten nicht belegt)",
  unsupportedNote: "„…“ steht für das, was die Dokumente nicht belegen.",
  noAnswer: "Die Dokumente beantworten diese Frage nicht.",
  noAnswerHint: "Fragen Sie mit anderen Worten oder nach etwas anderem.",
  nearest: "Die nächstliegenden Stellen",
  stopped: "Angehalten.",
  cutOff: "Die Antwort wurde bei ihrer größten Länge abgebrochen.",
  found: "Gefundene Zitate: {count}.",
  finished: "Die Antwort ist fertig. Belegte Quellen: {count}.",
  tryAgain: "Noch einmal versuchen",
  close: "Schließen",
  page: "Seite {first}",
  pages: "Seiten {first}–{last}",
  pageLabelled: "Seite {label} ({first})",
  slide: "Folie {first}",
  sheet: "Blatt {name}",
  row: "Zeile {first}",
  rows: "Zeilen {first}–{last}",
  line: "Zeile {first}",
  lines: "Zeilen {first}–{last}",
  failed: "Die Frage konnte nicht beantwortet werden: {message}",
  errors: {
    download_failed: "Eine Datei, die für Antworten nötig ist, konnte nicht heruntergeladen werden. Prüfen Sie die Verbindung, und versuchen Sie es noch einmal.",
    hash_mismatch: "Eine Datei, die für Antworten nötig ist, ist nicht die veröffentlichte und wurde nicht verwendet. Laden Sie die Seite neu, und versuchen Sie es noch einmal.",
    empty_knowledge_base: "Es gibt noch keine Dokumente, aus denen geantwortet werden kann.",
    question_too_long: "Die Frage ist zu lang. Stellen Sie eine kürzere.",
    out_of_memory: "Der Arbeitsspeicher reicht nicht. Schließen Sie andere Seiten, und versuchen Sie es noch einmal.",
    unsupported_browser: "Dieser Browser ist für Antworten zu alt. Aktualisieren Sie ihn, oder verwenden Sie einen anderen.",
  },
};

const LANGUAGES = { en: EN, de: DE };

/**
 * The texts for a language tag: English where there are none for it.
 *
 * @param {string} tag such as "de-AT"
 * @param {object} [own] texts that take the place of some of them
 * @returns {typeof EN & { language: string }}
 */
export function textsFor(tag, own = {}) {
  const asked = tag.toLowerCase().split("-", 1)[0];
  const language = asked in LANGUAGES ? asked : "en";
  const texts = LANGUAGES[language];
  return { ...texts, ...own, errors: { ...texts.errors, ...own.errors }, language };
}

/** A text with its values. */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** The `lang` of the nearest element that has one, also outside of the shadow trees that `element` is in. */
export function languageOf(element) {
  for (let at = element; at; at = at.getRootNode().host) {
    const holder = at.closest("[lang]");
    if (holder) return holder.lang;
  }
  return "";
}
