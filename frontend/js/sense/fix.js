/** A reading made editable, drum by drum. */
import { element } from "../dom.js";
import { readingText, t } from "../i18n.js";
import { encode } from "../reading.js";

/**
 * @typedef {object} Given
 * @property {string} text such as "00412.7"
 * @property {boolean} fixed whether the number of drums and decimals is the meter's, and stays; else there is no meter that
 *   it would be kept with
 */

const DRUMS = 10;

export class Fix {
  /** @type {number[]} */
  #digits;
  #decimals;
  #drums = element("div", { className: "wheels", role: "group" });
  element = element("div", { className: "fix" });

  /** @param {Given} given @param {(text: string) => void} onDone @param {() => void} onCancel */
  constructor({ text, fixed }, onDone, onCancel) {
    const [whole, rest = ""] = text.split(".");
    this.#digits = [...(whole + rest)].map(Number);
    this.#decimals = rest.length;
    this.fixed = fixed;
    this.onDone = onDone;
    this.onCancel = onCancel;
    this.#drums.onkeydown = (event) => this.#press(event);
    this.render();
  }

  /** What the drums show, such as "00412.7". @returns {string} */
  get text() {
    const digits = this.#digits.join("");
    const point = digits.length - this.#decimals;
    return this.#decimals ? `${digits.slice(0, point)}.${digits.slice(point)}` : digits;
  }

  /** Draws all anew, in the page's language. */
  render() {
    const done = element(
      "button",
      { type: "button", className: "primary done" },
      t(this.fixed ? "fix_done" : "fix_use"),
    );
    done.onclick = () => {
      encode(this.text); // throws for what is no reading
      this.onDone(this.text);
    };
    const cancel = element("button", { type: "button", onclick: () => this.onCancel() }, t("sense_cancel"));
    const keys = element("span", { className: "keyboard-only" }, t("fix_keys"));
    this.element.replaceChildren(
      element("p", { className: "fix-title" }, t("fix_title")),
      this.#drums,
      element("p", { className: "hint" }, `${t("fix_hint")} `, keys),
      ...(this.fixed ? [] : [this.#form()]),
      element("div", { className: "buttons" }, done, cancel),
    );
    this.#drums.setAttribute("aria-label", t("fix_title"));
    this.#renderDrums();
  }

  /** @param {number} [place] from the left; a negative one from the right */
  focus(place = 0) {
    /** @type {NodeListOf<HTMLElement>} */
    const drums = this.#drums.querySelectorAll("[role=spinbutton]");
    [...drums].at(Math.min(place, drums.length - 1))?.focus();
  }

  #renderDrums() {
    const point = this.#digits.length - this.#decimals;
    this.#drums.replaceChildren(
      ...this.#digits.flatMap((digit, place) => {
        const mark = element("span", { className: "wheel-point", "aria-hidden": "true" }, readingText("."));
        return [...(this.#decimals && place === point ? [mark] : []), this.#drawDrum(digit, place, place >= point)];
      }),
    );
  }

  /** @param {number} digit @param {number} place @param {boolean} isDecimal */
  #drawDrum(digit, place, isDecimal) {
    const drum = element("span", { className: "drum", role: "spinbutton", tabIndex: 0 }, String(digit));
    const said = t("fix_digit", { place: place + 1, count: this.#digits.length });
    const values = { label: said, valuemin: "0", valuemax: "9", valuenow: String(digit) };
    for (const [name, value] of Object.entries(values)) drum.setAttribute(`aria-${name}`, value);
    const [up, down] = /** @type {const} */ ([1, -1]).map((step) => {
      const button = element("button", { type: "button", tabIndex: -1, "aria-hidden": "true" }, step > 0 ? "▲" : "▼");
      button.onclick = () => this.#set(place, digit + step);
      return button;
    });
    return element("span", { className: isDecimal ? "wheel decimal" : "wheel" }, up, drum, down);
  }

  /** How many digits there are, and where the point is. */
  #form() {
    const less = element("button", { type: "button", className: "quiet less" }, t("fix_less"));
    const more = element("button", { type: "button", className: "quiet more" }, t("fix_more"));
    const point = element("select", { className: "point-place" });
    const refresh = () => {
      less.disabled = this.#digits.length <= this.#decimals + 1;
      more.disabled = this.#digits.length >= DRUMS;
      const places = Array.from({ length: this.#digits.length }, (_, count) => String(count));
      point.replaceChildren(...places.map((count) => element("option", { value: count }, count)));
      point.value = String(this.#decimals);
      this.#renderDrums();
    };
    more.onclick = () => void (this.#digits.unshift(0), refresh());
    less.onclick = () => void (this.#digits.shift(), refresh());
    point.onchange = () => void ((this.#decimals = Number(point.value)), refresh());
    refresh();
    const label = element("label", { className: "field inline" }, element("span", {}, t("fix_decimals")), point);
    return element("div", { className: "tools" }, more, less, label);
  }

  /** @param {number} place @param {number} digit taken round at 9 and 0 @param {number} [then] the place that gets the focus */
  #set(place, digit, then = place) {
    this.#digits[place] = (digit + 10) % 10;
    this.#renderDrums();
    this.focus(then);
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    const drums = [...this.#drums.querySelectorAll("[role=spinbutton]")];
    const place = drums.indexOf(/** @type {Element} */ (event.target));
    if (place < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const digit = this.#digits[place];
    if (/^[0-9]$/.test(event.key)) this.#set(place, Number(event.key), place + 1);
    else if (event.key === "ArrowUp") this.#set(place, digit + 1);
    else if (event.key === "ArrowDown") this.#set(place, digit - 1);
    else if (event.key === "ArrowRight") this.focus(place + 1);
    else if (event.key === "ArrowLeft") this.focus(Math.max(0, place - 1));
    else if (event.key === "Enter") this.onDone(this.text);
    else if (event.key === "Escape") this.onCancel();
    else return;
    event.preventDefault();
  }
}
