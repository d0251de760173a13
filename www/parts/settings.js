const KEY = "ask-your-files";
const DEFAULTS = { quotesOnly: false, answerLength: 120 };

/** The stored settings; the defaults where there are none. */
export function loadSettings() {
  try {
    return { ...DEFAULTS, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
  } catch {
    return { ...DEFAULTS };
  }
}

/** Stores the settings, where the browser allows it. */
export function saveSettings(settings) {
  try {
    localStorage.setItem(KEY, JSON.stringify(settings));
  } catch {
    // Some private modes refuse storage: the settings last as long as the page then.
  }
}
