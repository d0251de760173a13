// Keyboard shortcuts of one key. They do nothing while somebody types, and can be turned off: a key that is pressed by
// mistake, or by speech control, should not act.

import { byId, make } from "./dom.js";
import { loadSettings, saveSettings } from "./settings.js";
import { t } from "./texts/texts.js";

const TYPING = "input, textarea, select, [contenteditable], dialog[open]";

/** @param {{ keys: string, what: string, act: () => void }[]} actions each with its key and what it does */
export function bindShortcuts(actions) {
  const dialog = byId("shortcuts");
  const help = { keys: "?", what: t("shortcut.list"), act: () => dialog.open || dialog.showModal() };
  const all = [...actions, help];
  const rows = all.flatMap(({ keys, what }) => [make("dt", {}, make("kbd", {}, keys)), make("dd", {}, what)]);
  byId("shortcut-list").replaceChildren(...rows, make("dt", {}, make("kbd", {}, "Esc")), make("dd", {}, t("shortcut.stop")));
  const enabled = byId("shortcuts-enabled");
  enabled.checked = loadSettings().shortcuts;
  enabled.addEventListener("change", () => saveSettings({ shortcuts: enabled.checked }));
  byId("show-shortcuts").addEventListener("click", () => dialog.showModal());
  addEventListener("keydown", (event) => {
    if (!enabled.checked || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest?.(TYPING)) return;
    const action = all.find(({ keys }) => keys === event.key);
    if (!action) return;
    event.preventDefault();
    action.act();
  });
}
