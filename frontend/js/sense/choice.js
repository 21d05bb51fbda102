/** Choosing the meter that a picture shows, or adding one in place. */
import { element } from "../dom.js";
import { t } from "../i18n.js";
import { usualUse } from "../meters/units.js";
import { newId } from "../store.js";
import { NAME_LIMIT, UNIT_LIMIT } from "../stored.js";

/**
 * @typedef {import("../store.js").Meter} Meter
 * @typedef {object} Actions
 * @property {(meter: Meter | null) => void} onChoose
 * @property {(meter: Meter) => Promise<boolean>} onAdd keeps a new one; whether that worked
 * @property {() => {digits: number, decimals: number}} format what the picture shows
 */

const NEW = "new";
const DRUMS = 10;
const WHOLE = 5; // drums before the point that a meter has at least: leading zeros are not read
const UNIT = "kWh"; // of the meter that most have

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
    const form = meterForm(this.actions.format(), () => this.#cancel());
    for (const [name, value] of filled ?? []) {
      /** @type {HTMLInputElement} */ (form.elements.namedItem(name)).value = String(value);
    }
    form.onsubmit = (event) => {
      event.preventDefault();
      void this.#add(new FormData(form));
    };
    this.#form?.remove();
    this.#form = form;
    this.element.append(form);
    if (!filled) /** @type {HTMLInputElement} */ (form.elements.namedItem("name")).focus();
  }

  #closeForm() {
    this.#form?.remove();
    this.#form = null;
  }

  #cancel() {
    this.#closeForm();
    this.#select.value = this.#chosen;
    this.#select.focus();
  }

  /** @param {FormData} data */
  async #add(data) {
    const [name, unit] = ["name", "unit"].map((field) => String(data.get(field)).trim());
    const [digits, decimals, mostPerDay] = ["digits", "decimals", "most"].map((field) => Number(data.get(field)));
    const meter = { id: newId(), name, unit, digits, decimals, mostPerDay, created: Date.now() };
    if (!(await this.actions.onAdd(meter))) return;
    this.#closeForm();
    this.#select.focus();
  }
}

/** @param {{digits: number, decimals: number}} shown by the picture @param {() => void} onCancel */
function meterForm({ digits, decimals }, onCancel) {
  const all = Math.min(DRUMS, Math.max(digits, WHOLE + decimals));
  const unit = element("input", { name: "unit", value: UNIT, maxLength: UNIT_LIMIT, autocomplete: "off" });
  const most = number("most", usualUse(UNIT), { min: "0.001", step: "any" });
  const count = number("digits", all, { min: "1", max: String(DRUMS) });
  const after = number("decimals", decimals, { min: "0", max: String(all - 1) });
  const name = element("input", { name: "name", required: true, maxLength: NAME_LIMIT, autocomplete: "off" });
  name.pattern = ".*\\S.*";
  name.placeholder = t("sense_name_example");
  unit.onchange = () => (most.value = String(usualUse(unit.value)));
  count.oninput = () => (after.max = String(Math.max(0, Number(count.value) - 1)));
  const cancel = element("button", { type: "button", onclick: onCancel }, t("sense_cancel"));
  return element(
    "form",
    { className: "new-meter", "aria-label": t("sense_new_title") },
    field("sense_name", name, "wide"),
    field("sense_unit", unit),
    field("sense_most", most),
    field("sense_digits", count),
    field("sense_decimals", after),
    element("p", { className: "hint wide" }, t("sense_digits_hint")),
    element("div", { className: "buttons wide" }, element("button", { className: "primary" }, t("sense_add")), cancel),
  );
}

/** @param {import("../i18n.js").TextName} text @param {HTMLElement} input @param {string} [more] */
function field(text, input, more = "") {
  return element("label", { className: `field ${more}` }, element("span", {}, t(text)), input);
}

/** @param {string} name @param {number} value @param {Record<string, string>} limits */
function number(name, value, limits) {
  return element("input", { type: "number", name, value: String(value), required: true, ...limits });
}
