import { make } from "./dom.js";
import { t } from "./texts/texts.js";

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
  const text = t(code === "wrong_password" ? "password.wrong" : "password.protected", { name });
  const input = make("input", { type: "password", id: `password-${(forms += 1)}`, required: true, autocomplete: "off" });
  const label = make("label", { htmlFor: input.id }, t("password.label"));
  const form = make("form", { class: "password" }, make("p", {}, text), label, input, make("button", { class: "button" }, t("password.open")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    open(input.value);
  });
  return form;
}
