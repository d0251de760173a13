import { make } from "./dom.js";

let forms = 0;

/**
 * A line that asks for the password of a file.
 *
 * @param {string} text what is protected: "report.pdf is protected."
 * @param {(password: string) => void} open called with what was typed
 */
export function passwordForm(text, open) {
  const input = make("input", { type: "password", id: `password-${(forms += 1)}`, required: true, autocomplete: "off" });
  const label = make("label", { htmlFor: input.id }, "Password");
  const form = make("form", { class: "password" }, make("p", {}, text), label, input, make("button", { class: "button" }, "Open"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    open(input.value);
  });
  return form;
}
