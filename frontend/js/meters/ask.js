/** Questions in dialogs: forms that check themselves and say in a sentence what is missing. */
import { element } from "../dom.js";
import { t } from "../i18n.js";
import { notKept } from "../why.js";

/** What is missing in a form, as a sentence in the page's language; the field that it is about gets the focus. */
export class Refusal extends Error {
  /** @param {string} sentence @param {HTMLElement} [field] */
  constructor(sentence, field) {
    super(sentence);
    this.field = field;
  }
}

/**
 * Opens a form in a dialog. It stays open until `save` has gone through, or the person leaves it; until then there is
 * no other: a second click while the first is slow asks nothing more.
 *
 * @param {string} title
 * @param {Node[]} fields
 * @param {() => Promise<unknown>} save throws what is wrong
 */
export function ask(title, fields, save) {
  if (document.querySelector("dialog.ask")) return;
  const problem = element("p", { className: "failure", id: "ask-problem", role: "alert", hidden: true });
  const cancel = element("button", { type: "button", onclick: () => dialog.close() }, t("meters_cancel"));
  const done = element("button", { type: "submit", className: "primary" }, t("meters_save"));
  const foot = element("div", { className: "ask-foot" }, element("div", { className: "buttons" }, done, cancel));
  const heading = element("h2", { id: "ask-title" }, title);
  const form = element("form", { noValidate: true }, heading, ...fields, foot);
  const dialog = element("dialog", { className: "ask", "aria-labelledby": "ask-title" }, form);
  form.onsubmit = async (event) => {
    event.preventDefault();
    done.disabled = true; // two clicks save once
    form.querySelector("[aria-invalid]")?.removeAttribute("aria-invalid");
    try {
      await save();
      dialog.close();
    } catch (error) {
      const input = error instanceof Refusal ? error.field : undefined;
      const named = input?.closest(".field");
      if (named) named.after(problem);
      else foot.prepend(problem);
      problem.textContent = sentenceOf(error);
      problem.hidden = false;
      input?.setAttribute("aria-invalid", "true");
      input?.setAttribute("aria-errormessage", problem.id);
      input?.focus();
    }
    done.disabled = false;
  };
  dialog.onclose = () => dialog.remove();
  document.body.append(dialog);
  dialog.showModal();
}

/** @param {string | Text} label @param {HTMLInputElement | HTMLSelectElement} input @param {string} [hint] @returns {HTMLElement} */
export function field(label, input, hint) {
  const name = element("span", {}, label);
  if (!hint) return element("label", { className: "field" }, name, input);
  const id = `hint-${input.name}`;
  input.setAttribute("aria-describedby", id);
  const words = element("p", { className: "hint", id }, hint);
  return element("div", { className: "field" }, element("label", {}, name, input), words);
}

/** Why something was not done, in the page's language. @param {unknown} error @returns {string} */
export function sentenceOf(error) {
  return error instanceof Refusal ? error.message : notKept(error);
}
