/** What the networks see and read, side by side: pictures, numbers, and bars of the chances of one digit. */
import { drawChance } from "../chances.js";
import { drawDigits } from "../digits.js";
import { element } from "../dom.js";
import { asReading, SIDE } from "../drawn.js";
import { percent, t } from "../i18n.js";
import { decode, probabilities as rowsOf } from "../reading.js";
import { aboutText, nameOf } from "./names.js";

/**
 * @typedef {import("./networks.js").Look} Look
 * @typedef {import("./networks.js").Opened} Opened
 */

const LARGE = 5; // digits of a number that are written large

export class View {
  /** @type {Look} */
  #look = { seen: [], probabilities: {}, tooMany: false };
  /** @type {Opened[] | null} null while there are none */
  #opened = null;
  /** Which digit's chances are shown; null for the last. @type {number | null} */
  #chosen = null;

  /** @param {HTMLElement} seen @param {HTMLElement} networks */
  constructor(seen, networks) {
    this.seen = seen;
    this.networks = networks;
    this.render();
  }

  /** @param {Opened[] | null} opened null: they are on their way, or could not be loaded */
  open(opened) {
    this.#opened = opened;
    this.render();
  }

  /** @param {Look} look */
  show(look) {
    if (look.seen.length !== this.#look.seen.length) this.#chosen = null; // other digits than before
    this.#look = look;
    this.render();
  }

  /** What each network reads, as a sentence. @returns {string} */
  get said() {
    if (this.#look.tooMany) return t("draw_too_many");
    const read = Object.entries(this.#look.probabilities).filter(([, digits]) => digits.length);
    return read
      .map(([recipe, digits]) => {
        const { text, confidence } = decode(asReading(digits));
        return t("draw_said", { name: nameOf(recipe), text, percent: percent(confidence) });
      })
      .join("; ");
  }

  render() {
    const focused = [...this.seen.children].indexOf(/** @type {Element} */ (document.activeElement));
    this.seen.replaceChildren(...this.#drawSeen());
    /** @type {HTMLElement | undefined} */ (this.seen.children[focused])?.focus();
    this.networks.replaceChildren(...this.#drawNetworks());
  }

  get #place() {
    return this.#chosen ?? this.#look.seen.length - 1;
  }

  #drawSeen() {
    const { seen, tooMany } = this.#look;
    if (tooMany) return [element("p", { className: "notice" }, t("draw_too_many"))];
    if (!this.#opened?.length) return []; // nobody has looked
    if (!seen.length) return [element("p", { className: "hint" }, t("draw_seen_none"))];
    return seen.map((picture, place) => {
      const canvas = element("canvas", { width: SIDE, height: SIDE });
      canvas.getContext("2d")?.putImageData(imageOf(picture), 0, 0);
      const label = t("draw_seen_digit", { place: place + 1, all: seen.length });
      const button = element("button", { type: "button", "aria-label": label }, canvas);
      button.setAttribute("aria-pressed", String(place === this.#place));
      button.onclick = () => this.#choose(place);
      return button;
    });
  }

  /** @param {number} place */
  #choose(place) {
    this.#chosen = place;
    this.render();
  }

  #drawNetworks() {
    const heading = element("h3", {}, t("draw_networks"));
    if (!this.#opened) return []; // how far they are is said beside it; what is wrong, above
    if (!this.#opened.length) return [heading, element("p", { className: "notice" }, t("draw_none"))];
    const cards = this.#opened.map((opened) => this.#drawNetwork(opened));
    return [heading, element("div", { className: "network-cards" }, ...cards)];
  }

  /** @param {Opened} opened */
  #drawNetwork({ recipe, card, error }) {
    const head = element("h4", {}, nameOf(recipe));
    const code = /** @type {{code?: string} | null} */ (error)?.code;
    if (error || !card) {
      const why = t(code === "backend" ? "draw_network_wrong" : "draw_network_broken");
      return article(recipe, head, element("p", { className: "failure" }, why));
    }
    const about = element("p", { className: "hint" }, aboutText(card));
    const digits = this.#look.probabilities[recipe] ?? [];
    if (!digits.length) {
      const why = t(this.#look.tooMany ? "draw_too_many_here" : "draw_empty");
      const empty = element("div", {}, element("p", { className: "read empty" }, why));
      return article(recipe, head, empty, this.#drawChances(), about);
    }
    const array = asReading(digits);
    const rows = rowsOf(array).slice(-digits.length); // one number of how sure it is, in words and in bars
    return article(recipe, head, drawRead(array, rows), this.#drawChances(rows[this.#place]), about);
  }

  /** @param {number[]} [chances] */
  #drawChances(chances) {
    const several = this.#look.seen.length > 1;
    const label = several ? t("draw_chances_of", { place: this.#place + 1 }) : t("draw_chances");
    const best = chances ? chances.indexOf(Math.max(...chances)) : -1;
    const rows = Array.from({ length: 10 }, (_, digit) => {
      return drawChance(String(digit), chances?.[digit] ?? null, digit === best);
    });
    return element("ol", { className: "chances", "aria-label": label }, ...rows);
  }
}

/** @param {string} recipe @param {...Node} children */
function article(recipe, ...children) {
  return element("article", { className: "network", dataset: { recipe } }, ...children);
}

/**
 * The number through the codec, and how sure each of its digits is.
 *
 * @param {Float32Array} array as the codec takes it
 * @param {number[][]} rows the digits', its zeros in front included
 */
function drawRead(array, rows) {
  const { text, confidence } = decode(array);
  const number = element("strong", { className: "number", dataset: { value: text } }, text);
  number.classList.toggle("long", text.length > LARGE);
  const sure = element("span", { className: "sure" }, t("draw_sure", { percent: percent(confidence) }));
  const line = element("p", { className: "read" }, number, " ", sure);
  if (rows.length === 1) return element("div", {}, line);
  const each = rows.map((row) => ({ digit: row.indexOf(Math.max(...row)), confidence: Math.max(...row) }));
  return element("div", {}, line, drawDigits({ digits: each, decimals: 0 }));
}

/** @param {Float32Array} picture */
function imageOf(picture) {
  const image = new ImageData(SIDE, SIDE);
  picture.forEach((value, at) => image.data.set([value * 255, value * 255, value * 255, 255], at * 4));
  return image;
}
