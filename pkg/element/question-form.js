import { make } from "./make.js";

/** The question box and its button, which asks, or stops while an answer is written: so it never takes the focus away. */
export class QuestionForm {
  #field = make("textarea", { id: "question", class: "field", part: "field", rows: 1, enterkeyhint: "search", autocomplete: "off", dir: "auto" });
  #heading = make("slot", { name: "heading" });
  #word = make("span", {});
  element = make(
    "form",
    { class: "form", part: "form" },
    make("label", { class: "label", part: "label", for: "question" }, this.#heading),
    make("div", { class: "box", part: "box" }, this.#field, make("button", { class: "button ask", part: "ask-button" }, this.#word)),
  );
  #isRunning = false;
  #texts = null;

  /** @param {{ ask: (question: string) => void, stop: () => void }} actions */
  constructor({ ask, stop }) {
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      // Enter asks the next question, also while an answer is written.
      if (event.submitter && this.#isRunning) stop();
      else ask(this.#take());
    });
    this.#field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.element.requestSubmit();
    });
  }

  focus(options) {
    this.#field.focus(options);
  }

  /** Whether an answer is written. */
  set isRunning(isRunning) {
    this.#isRunning = isRunning;
    this.#word.textContent = isRunning ? this.#texts.stop : this.#texts.ask;
  }

  /** Shows the texts of a language. */
  label(texts, placeholder) {
    this.#texts = texts;
    this.#heading.textContent = texts.label;
    this.#field.placeholder = placeholder || texts.placeholder;
    this.isRunning = this.#isRunning;
  }

  #take() {
    const question = this.#field.value;
    this.#field.value = "";
    return question;
  }
}
