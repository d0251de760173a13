const KEY = "ask-your-files";
/** `answerModel` is null until one is chosen. */
const DEFAULTS = {
  answerModel: null,
  answerLength: 120,
  searchModel: "embedder",
  /** The knowledge bases by their names in the engine, and what they are called on the page; null as long as nobody named it. */
  knowledgeBases: [{ id: "ask-your-files", title: null }],
  /** The one that was open last. */
  knowledgeBase: "ask-your-files",
  shortcuts: true,
  /** The language of the page, "en" or "de"; null for that of the browser. */
  language: null,
  /** "light" or "dark"; null for those of the system. */
  colours: null,
  /** Whether agents of the browser may search and ask the documents. */
  agents: false,
};

/** The stored settings; the defaults where there are none. */
export function loadSettings() {
  try {
    return { ...DEFAULTS, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
  } catch {
    return { ...DEFAULTS };
  }
}

/** Stores these settings beside the others, where the browser allows it. */
export function saveSettings(settings) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...loadSettings(), ...settings }));
  } catch {
    // Some private modes refuse storage: the settings last as long as the page then.
  }
}

/** Deletes all settings. */
export function forgetSettings() {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // There are none.
  }
}

/** Calls `changed` with the settings whenever another tab stored them. */
export function followSettings(changed) {
  addEventListener("storage", ({ key }) => key === KEY && changed(loadSettings()));
}
