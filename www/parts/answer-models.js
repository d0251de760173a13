import { bytes } from "./format.js";
import { loadSettings, saveSettings } from "./settings.js";
import { t } from "./texts/texts.js";

/** The page's entries of `models.json` that write answers, and what is said of each. The best one first. */
const KINDS = [
  { name: "better", role: "generatorBetter", label: t("model.better"), remark: t("model.betterRemark") },
  { name: "small", role: "generator", label: t("model.small"), remark: t("model.smallRemark") },
];

/** No answer is written, and nothing is fetched for it. */
export const NONE = "none";

/** The models that write answers. One is fetched once it is chosen and a question needs it; none before. */
export class AnswerModels {
  #sources;
  #engine = null;
  /** The name of the one that the engine has. */
  #inUse = null;
  /** Those that this site has: `{ name, label, remark, size }`. */
  choices;

  /** Those of a list, as far as this site has their files. @param {{ [role: string]: object }} list what `models.json` holds */
  static async of(list) {
    const hosted = await hostedFiles();
    const isHosted = ({ role }) => list[role] && (!hosted || hosted.some((name) => list[role].url.endsWith(`/${name}`)));
    return new AnswerModels(list, KINDS.filter(isHosted));
  }

  /** Use `AnswerModels.of`. */
  constructor(list, kinds) {
    this.#sources = new Map(kinds.map(({ name, role }) => [name, list[role]]));
    this.choices = kinds.map(({ name, role, label, remark }) => ({ name, label, remark, size: bytes(list[role].size) }));
  }

  /** The name of the chosen one, `NONE`, or null where nothing was chosen yet. */
  get chosen() {
    const { answerModel } = loadSettings();
    return answerModel === NONE || this.choices.some(({ name }) => name === answerModel) ? answerModel : null;
  }

  /** The chosen one, as the engine takes it; undefined for none. */
  get source() {
    return this.#sources.get(this.chosen);
  }

  /** What is known of the chosen one; undefined for none. */
  get choice() {
    return this.choices.find(({ name }) => name === this.chosen);
  }

  /** Whether answers are written. */
  get writes() {
    return this.source !== undefined;
  }

  /** Sets the engine that writes. */
  async use(engine) {
    this.#engine = engine;
    this.#inUse = this.chosen;
    await engine.useGenerator(this.source ?? null);
  }

  /** Chooses a model by its name, or `NONE`. What it has written stays. */
  async choose(name) {
    const before = this.#inUse;
    // At once, so that a question that is asked next is answered with it.
    saveSettings({ answerModel: name });
    this.#inUse = name;
    try {
      await this.#engine?.useGenerator(this.source ?? null);
    } catch (error) {
      saveSettings({ answerModel: before });
      this.#inUse = before;
      throw error;
    }
  }

  /** Has the engine use the one that another tab has chosen. */
  async follow() {
    if (this.chosen !== this.#inUse) await this.choose(this.chosen);
  }

  /** Whether answers need no network, also after a reload: nothing is written, or the browser keeps the model. */
  async isKept() {
    return !this.writes || ((await this.#stats())?.local ?? false);
  }

  /** Whether the next answer fetches nothing. A browser that refuses to keep the model has it until the page is left. */
  async isHere() {
    if (!this.writes) return true;
    const stats = await this.#stats();
    return stats ? stats.local || stats.loaded : false;
  }

  async #stats() {
    return this.#engine?.stats().then(({ models }) => models.generator, () => undefined);
  }
}

/** The names of the model files of this site, which may go without the large one; null where it does not tell. */
async function hostedFiles() {
  try {
    const response = await fetch("hosted.json");
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}
