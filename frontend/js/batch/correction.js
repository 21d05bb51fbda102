/** A reading typed by a person, in its place in the table. */
import { element } from "../dom.js";
import { readingText, t } from "../i18n.js";
import { ReadingError } from "../reading.js";

/**
 * @typedef {object} Outcome
 * @property {(text: string) => void} onSave throws a ReadingError for what is no reading
 * @property {() => void} onCancel
 */

export class Correction {
  #input;
  #problem = element("p", { className: "wrong", role: "alert" });

  /** @param {string} text to begin with @param {Outcome} outcome */
  constructor(text, { onSave, onCancel }) {
    this.#input = element("input", {
      type: "text",
      inputMode: "decimal",
      autocomplete: "off",
      value: readingText(text),
      "aria-label": t("batch_reading_of"),
    });
    const save = element("button", { type: "submit", className: "quiet primary" }, t("batch_save"));
    const cancel = element("button", { type: "button", className: "quiet" }, t("batch_cancel"));
    const ways = element("div", { className: "ways" }, save, cancel);
    this.element = element("form", { className: "correction" }, this.#input, ways, this.#problem);
    cancel.onclick = onCancel;
    this.element.addEventListener("keydown", (event) => event.key === "Escape" && onCancel());
    this.element.onsubmit = (event) => {
      event.preventDefault();
      try {
        onSave(this.#input.value);
      } catch (error) {
        if (!(error instanceof ReadingError)) throw error;
        this.#refuse();
      }
    };
  }

  focus() {
    this.#input.focus();
    this.#input.select();
  }

  #refuse() {
    this.#input.setAttribute("aria-invalid", "true");
    this.#problem.textContent = t("batch_no_reading");
    this.focus();
  }
}
