import { make } from "./dom.js";

let forms = 0;

/** Whether a file was not read because its password is missing or wrong. */
export const needsPassword = ({ code }) => code === "password_required" || code === "wrong_password";

/**
 * A line that asks for the password of a file.
 *
 * @param {string} name of the file
 * @param {{ code: string }} error why it is asked for: see `needsPassword`
 * @param {(password: string) => void} open called with what was typed
 */
export function passwordForm(name, { code }, open) {
  const text = code === "wrong_password" ? `That is not the password of ${name}.` : `${name} is protected.`;
  const input = make("input", { type: "password", id: `password-${(forms += 1)}`, required: true, autocomplete: "off" });
  const label = make("label", { htmlFor: input.id }, "Password");
  const form = make("form", { class: "password" }, make("p", {}, text), label, input, make("button", { class: "button" }, "Open"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    open(input.value);
  });
  return form;
}
