// The settings that have no place of their own on the page: its language, its colours, and the end of all that it keeps.

import { deleteAll, followDeletion } from "./delete-all.js";
import { byId, make, makeButton } from "./dom.js";
import { loadSettings, saveSettings } from "./settings.js";
import { errorText, t } from "./texts/texts.js";

/**
 * @param {{ end: () => Promise<void>, changed: () => void }} callbacks `end` stops all work, before all is deleted; `changed`
 *   is called when the browser was asked to keep the documents
 */
export function bindSettings({ end, changed }) {
  const dialog = byId("settings");
  byId("show-settings").addEventListener("click", () => {
    dialog.showModal();
    void offerKeeping();
  });
  byId("keep").addEventListener("click", () => void keep(changed));
  bindChoice(byId("setting-language"), "language", () => location.reload());
  bindChoice(byId("setting-colours"), "colours", showColours);
  showColours();
  const close = async () => {
    await end();
    dialog.close();
    showEnd();
  };
  followDeletion(close);
  byId("delete-all").addEventListener("click", async () => {
    if (!confirm(t("settings.confirmDelete"))) return;
    await close();
    await deleteAll().catch((error) => byId("ended").append(make("p", { class: "problem", role: "alert" }, errorText(error))));
  });
}

/** Has a select show a setting, and store what is chosen; nothing chosen is null. */
function bindChoice(select, name, changed) {
  select.value = loadSettings()[name] ?? "";
  select.addEventListener("change", () => {
    saveSettings({ [name]: select.value || null });
    changed();
  });
}

/** Shows the colours that are chosen, or those of the system. */
function showColours() {
  const { colours } = loadSettings();
  const media = { light: "not all", dark: "all" }[colours] ?? "(prefers-color-scheme: dark)";
  byId("dark-colours").media = media;
  document.documentElement.style.colorScheme = colours ?? "";
}

/** Offers to ask the browser to keep what is stored, where it does not yet. */
async function offerKeeping() {
  const isKept = await navigator.storage?.persisted?.().catch(() => true);
  byId("keeping").hidden = isKept ?? true;
}

async function keep(changed) {
  const isKept = await navigator.storage.persist().catch(() => false);
  const said = t(isKept ? "settings.kept" : "settings.notKept");
  byId("keeping-note").replaceWith(make("p", { id: "keeping-note", class: "soft", role: "alert" }, said));
  byId("keep").hidden = isKept;
  if (isKept) byId("setting-language").focus();
  changed();
}

/** Hides the page: whatever it did now would be kept again. */
function showEnd() {
  const again = makeButton({ class: "button button-strong", onclick: () => location.reload() }, t("settings.again"));
  const said = [make("h1", {}, t("settings.deleted")), make("p", {}, t("settings.deletedNote"))];
  const end = make("main", { class: "page ended", id: "ended" }, ...said, again);
  for (const part of document.body.children) part.hidden = true;
  document.body.append(end);
  again.focus();
}
