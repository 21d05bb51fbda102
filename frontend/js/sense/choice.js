/** Choosing the meter that a picture shows, or adding one in place. */
import { element } from "../dom.js";
import { t } from "../i18n.js";
import { Refusal, sentenceOf } from "../meters/ask.js";
import { meterInputs, readMeter } from "../meters/fields.js";
import { usualUse } from "../meters/units.js";
import { DRUMS } from "../stored.js";

/**
 * @typedef {import("../store.js").Meter} Meter
 * @typedef {object} Actions
 * @property {(meter: Meter | null) => void} onChoose
 * @property {(meter: Meter) => Promise<boolean>} onAdd keeps a new one; whether that worked
 * @property {() => {digits: number, decimals: number}} format what the picture shows
 */

const NEW = "new";
const WHOLE = 5; // drums before the point that a meter has at least: leading zeros are not read

export class Choice {
  element = element("div", { className: "choice" });
  #select = element("select");
  #name = element("span");
  /** @type {HTMLFormElement | null} */
  #form = null;
  /** @type {Meter[]} */
  #meters = [];
  /** @type {string} */
  #chosen = "";

  /** @param {Actions} actions */
  constructor(actions) {
    this.actions = actions;
    this.#select.onchange = () => this.#change();
    this.element.append(element("label", { className: "field" }, this.#name, this.#select));
  }

  /** @param {Meter[]} meters @param {string} chosen id, empty for none */
  show(meters, chosen) {
    this.#meters = meters;
    this.#chosen = chosen;
    this.#renderOptions();
  }

  /** Draws all anew, in the page's language. */
  render() {
    this.#renderOptions();
    if (this.#form) this.#openForm(new FormData(this.#form));
  }

  focus() {
    this.#select.focus({ preventScroll: true });
  }

  #renderOptions() {
    this.#name.textContent = t("sense_meter");
    this.#select.setAttribute("aria-label", t("sense_meter")); // the label's own text would count the options in
    const options = [
      { value: "", label: t("sense_no_meter") },
      ...this.#meters.map(({ id, name }) => ({ value: id, label: name })),
      { value: NEW, label: t("sense_new_meter") },
    ];
    this.#select.replaceChildren(...options.map(({ value, label }) => element("option", { value }, label)));
    this.#select.value = this.#form ? NEW : this.#chosen;
  }

  #change() {
    if (this.#select.value === NEW) return this.#openForm();
    this.#closeForm();
    this.actions.onChoose(this.#meters.find(({ id }) => id === this.#select.value) ?? null);
  }

  /** @param {FormData} [filled] what was typed before the language changed */
  #openForm(filled) {
    const inputs = meterInputs(startOf(this.actions.format()));
    const problem = element("p", { className: "failure wide", role: "alert", hidden: true });
    const form = meterForm(inputs, problem, () => this.#leaveForm());
    for (const [name, value] of filled ?? []) {
      /** @type {HTMLInputElement} */ (form.elements.namedItem(name)).value = String(value);
    }
    form.onsubmit = async (event) => {
      event.preventDefault();
      form.querySelector("[aria-invalid]")?.removeAttribute("aria-invalid");
      const sentence = await this.#add(inputs);
      problem.textContent = sentence;
      problem.hidden = !sentence;
    };
    this.#form?.remove();
    this.#form = form;
    this.element.append(form);
    if (!filled) inputs.name.focus();
  }

  #closeForm() {
    this.#form?.remove();
    this.#form = null;
  }

  #leaveForm() {
    this.#closeForm();
    this.#select.value = this.#chosen;
    this.#select.focus();
  }

  /** @param {import("../meters/fields.js").MeterInputs} inputs @returns {Promise<string>} what is wrong with them */
  async #add(inputs) {
    try {
      const meter = await readMeter(null, inputs);
      if (!(await this.actions.onAdd(meter))) return "";
    } catch (error) {
      if (error instanceof Refusal) {
        error.field?.setAttribute("aria-invalid", "true");
        error.field?.focus();
      }
      return sentenceOf(error);
    }
    this.#leaveForm();
    return "";
  }
}

/** What is likely for a meter whose picture shows so many digits. @param {{digits: number, decimals: number}} shown */
function startOf({ digits, decimals }) {
  const all = Math.min(DRUMS, Math.max(digits, WHOLE + decimals));
  const unit = t("unit_kwh"); // of the meter that most have
  return { unit, digits: all, decimals, mostPerDay: usualUse(unit) };
}

/** @param {import("../meters/fields.js").MeterInputs} inputs @param {HTMLElement} problem @param {() => void} onCancel */
function meterForm({ name, unit, most, digits, decimals }, problem, onCancel) {
  name.placeholder = t("sense_name_example");
  const cancel = element("button", { type: "button", onclick: onCancel }, t("sense_cancel"));
  return element(
    "form",
    { className: "new-meter", noValidate: true, "aria-label": t("sense_new_title") },
    field("sense_name", name, "wide"),
    field("sense_unit", unit),
    field("sense_most", most),
    field("sense_digits", digits),
    field("sense_decimals", decimals),
    element("p", { className: "hint wide" }, t("sense_digits_hint")),
    problem,
    element("div", { className: "buttons wide" }, element("button", { className: "primary" }, t("sense_add")), cancel),
  );
}

/** @param {import("../i18n.js").TextName} text @param {HTMLElement} input @param {string} [more] */
function field(text, input, more = "") {
  return element("label", { className: `field ${more}` }, element("span", {}, t(text)), input);
}
