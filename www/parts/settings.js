const KEY = "ask-your-files";
/** `answerModel` is null until one is chosen. */
const DEFAULTS = { answerModel: null, answerLength: 120, searchModel: "embedder" };

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

/** Calls `changed` with the settings whenever another tab stored them. */
export function followSettings(changed) {
  addEventListener("storage", ({ key }) => key === KEY && changed(loadSettings()));
}
