const KEY = "ask-your-files";
const DEFAULTS = { quotesOnly: false, answerLength: 120 };

/** What the user chose last time, or the defaults where the browser keeps nothing. */
export function loadSettings() {
  try {
    return { ...DEFAULTS, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
  } catch {
    return { ...DEFAULTS };
  }
}

/** Keeps the settings for the next visit, where the browser allows it. */
export function saveSettings(settings) {
  try {
    localStorage.setItem(KEY, JSON.stringify(settings));
  } catch {
    // Storage is refused in some private modes; the choice then lasts as long as the page.
  }
}
