// Agents of the browser (WebMCP) may search and ask the documents, once the visitor allows it: an agent whose model runs
// elsewhere sends there what it reads.

import { registerTools } from "../pkg/adapters/webmcp/index.js";
import { byId } from "./dom.js";
import { loadSettings, saveSettings } from "./settings.js";

export class Agents {
  #engine = null;
  /** Ends the tools; null where there are none. */
  #tools = null;

  constructor() {
    byId("agents").hidden = !("modelContext" in document);
    byId("setting-agents").addEventListener("change", ({ target }) => {
      saveSettings({ agents: target.checked });
      this.follow();
    });
    this.follow();
  }

  /** Gives agents this engine, or none, instead of the one before. */
  use(engine) {
    this.#end();
    this.#engine = engine;
    this.follow();
  }

  /** Does what the settings say. */
  follow() {
    const { agents } = loadSettings();
    byId("setting-agents").checked = agents;
    if (!agents) this.#end();
    else if (this.#engine && !this.#tools) this.#begin();
  }

  #begin() {
    this.#tools = new AbortController();
    // The page works without, where the browser or another script refuses the tools.
    registerTools(this.#engine, { signal: this.#tools.signal }).catch(() => {});
  }

  #end() {
    this.#tools?.abort();
    this.#tools = null;
  }
}
