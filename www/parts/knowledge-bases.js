// Several knowledge bases, each with its own documents and questions: chosen, named, deleted.

import { announce } from "./announce.js";
import { byId, make, makeButton } from "./dom.js";
import { forgetTurns } from "./history.js";
import { deleteKnowledgeBase } from "./knowledge-base.js";
import { loadSettings, saveSettings } from "./settings.js";
import { t } from "./texts/texts.js";

const MAX_TITLE_CHARS = 60;

/** The choice of a knowledge base, and the dialog that manages them. */
export class KnowledgeBases {
  #select = byId("knowledge-base");
  #dialog = byId("knowledge-bases");
  #list = byId("knowledge-base-list");
  #switchTo;
  /** The one that this tab has open. */
  #current;

  /** @param {{ switchTo: (id: string) => Promise<void> }} callbacks `switchTo` opens another one in this tab */
  constructor({ switchTo }) {
    this.#switchTo = switchTo;
    const { knowledgeBases, knowledgeBase } = loadSettings();
    this.#current = knowledgeBases.some(({ id }) => id === knowledgeBase) ? knowledgeBase : knowledgeBases[0].id;
    this.#select.addEventListener("change", () => this.#choose(this.#select.value));
    byId("manage-knowledge-bases").addEventListener("click", () => this.#dialog.showModal());
    byId("new-knowledge-base").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#create(byId("new-knowledge-base-title"));
    });
    this.#show();
  }

  /** The name in the engine of the one that this tab has open. */
  get current() {
    return this.#current;
  }

  /** Takes the list that another tab has stored. */
  follow() {
    const isThere = loadSettings().knowledgeBases.some(({ id }) => id === this.#current);
    this.#show();
    if (!isThere) void this.#choose(loadSettings().knowledgeBases[0].id);
  }

  async #choose(id) {
    if (id === this.#current) return;
    this.#current = id;
    saveSettings({ knowledgeBase: id });
    this.#show();
    await this.#switchTo(id);
    announce(t("base.open", { title: this.#title(id) }));
  }

  async #create(field) {
    const title = titleOf(field.value);
    if (!title) return field.focus();
    field.value = "";
    const id = `ask-your-files-${crypto.randomUUID()}`;
    saveSettings({ knowledgeBases: [...loadSettings().knowledgeBases, { id, title }] });
    this.#dialog.close();
    await this.#choose(id);
  }

  #rename(id, title) {
    const knowledgeBases = loadSettings().knowledgeBases.map((one) => (one.id === id ? { id, title } : one));
    saveSettings({ knowledgeBases });
    this.#show();
  }

  async #delete(id) {
    const title = this.#title(id);
    if (!confirm(t("base.confirmDelete", { title }))) return;
    const knowledgeBases = loadSettings().knowledgeBases.filter((one) => one.id !== id);
    saveSettings({ knowledgeBases });
    if (id === this.#current) await this.#choose(knowledgeBases[0].id);
    this.#show();
    await Promise.all([deleteKnowledgeBase(id), forgetTurns(id)]);
    announce(t("base.deleted", { title }));
  }

  #title(id) {
    return nameOf(loadSettings().knowledgeBases.find((one) => one.id === id));
  }

  #show() {
    const { knowledgeBases } = loadSettings();
    this.#select.replaceChildren(...knowledgeBases.map((one) => make("option", { value: one.id }, nameOf(one))));
    this.#select.value = this.#current;
    this.#list.replaceChildren(...knowledgeBases.map((one) => this.#row(one, knowledgeBases.length === 1)));
  }

  #row(one, isOnly) {
    const { id } = one;
    const title = nameOf(one);
    const rename = ({ target }) => {
      const changed = titleOf(target.value);
      if (changed) this.#rename(id, changed);
      else target.value = title;
    };
    const field = make("input", {
      type: "text", value: title, maxLength: MAX_TITLE_CHARS, "aria-label": t("base.named", { title }), onchange: rename,
    });
    const remove = makeButton({
      class: "button", disabled: isOnly, "aria-label": t("base.deleteOne", { title }), onclick: () => this.#delete(id),
    }, t("base.delete"));
    return make("li", {}, field, remove);
  }
}

/** What a knowledge base is called on the page. */
const nameOf = (base) => base?.title ?? t("base.first");

const titleOf = (text) => text.trim().replace(/\s+/g, " ").slice(0, MAX_TITLE_CHARS);
