/** One picture's card: small, with what the chosen network says of it, or why nothing is said. */
import { drawChance } from "../chances.js";
import { element } from "../dom.js";
import { percent, t } from "../i18n.js";
import { readingFailed } from "../sentences.js";
import { capital, className } from "./names.js";

/**
 * @typedef {import("./gallery.js").Shown} Shown
 * @typedef {import("../classifiers/versions.js").ClassifierCard} ClassifierCard
 */

const BARS = 5; // of more classes than these the likeliest have bars

export class PictureView {
  #address = "";
  #picture = element("div", { className: "small" });
  #answer = element("div", { className: "answer" });
  #remove = element("button", { type: "button", className: "quiet remove" }, "×");

  /** @param {Shown} shown @param {() => void} onRemove */
  constructor(shown, onRemove) {
    this.shown = shown;
    const name = element("span", { className: "name" }, shown.file.name);
    const head = element("header", { className: "result-head" }, name, this.#remove);
    this.element = element("article", { className: "told" }, this.#picture, head, this.#answer);
    this.#remove.onclick = onRemove;
  }

  /**
   * Draws all anew, in the page's language.
   *
   * @param {ClassifierCard | null} card the chosen network's, once there is one
   * @param {boolean} failed whether there is none to wait for
   */
  render(card, failed) {
    const { file, state } = this.shown;
    this.element.setAttribute("aria-label", file.name);
    this.element.setAttribute("aria-busy", String(state === "looking" || (state === "waiting" && !failed)));
    this.element.dataset.state = state;
    const label = t("remove_named", { name: file.name });
    Object.assign(this.#remove, { title: label, ariaLabel: label });
    this.#showPicture();
    this.#answer.replaceChildren(...this.#drawAnswer(card, failed));
  }

  focus() {
    this.#remove.focus({ preventScroll: true });
  }

  /** Takes it out of the page, and frees its picture. */
  leave() {
    if (this.#address) URL.revokeObjectURL(this.#address);
    this.element.remove();
  }

  #showPicture() {
    const small = this.shown.look?.small;
    if (!small || this.#address) return;
    this.#address = URL.createObjectURL(small);
    this.#picture.replaceChildren(element("img", { src: this.#address, alt: "" })); // its name is said beside it
  }

  /** @param {ClassifierCard | null} card @param {boolean} failed @returns {Node[]} */
  #drawAnswer(card, failed) {
    const { state, error } = this.shown;
    if (state === "failed") return [element("p", { className: "failure" }, readingFailed(error))];
    const chances = chancesOf(this.shown, card);
    if (chances.length) return drawChances(chances);
    const pending = failed ? "classify_unloaded" : "classify_waiting";
    return [element("p", { className: "pending" }, t(state === "looking" ? "classify_looking" : pending))];
  }
}

/** What is said of a picture, for those who do not see it. @param {Shown} shown @param {ClassifierCard | null} card */
export function spoken(shown, card) {
  const { file, state, error } = shown;
  if (state === "failed") return `${file.name}: ${readingFailed(error)}`;
  const [best] = chancesOf(shown, card);
  return best ? t("classify_said", { name: file.name, class: best.name, percent: percent(best.chance) }) : "";
}

/**
 * @param {Shown} shown
 * @param {ClassifierCard | null} card
 * @returns {{id: string, name: string, chance: number}[]} the likeliest class first; none before it is told
 */
function chancesOf({ look }, card) {
  const probabilities = card && look?.probabilities[card.recipe];
  if (!probabilities) return [];
  const all = card.classes.map((id, at) => ({ id, name: className(id), chance: probabilities[at] }));
  return all.sort((a, b) => b.chance - a.chance);
}

/** @param {ReturnType<typeof chancesOf>} chances @returns {Node[]} */
function drawChances(chances) {
  const [best] = chances;
  const name = element("strong", { dataset: { class: best.id } }, capital(best.name));
  const line = element("p", { className: "best-class" }, name, ` ${percent(best.chance)}`);
  const rows = chances.slice(0, BARS).map((each) => drawChance(each.name, each.chance, each === best));
  const list = element("ol", { className: "chances", "aria-label": t("classify_chances") }, ...rows);
  const rest = chances.slice(BARS);
  if (!rest.length) return [line, list];
  const together = percent(rest.reduce((sum, { chance }) => sum + chance, 0));
  return [
    line,
    list,
    element("p", { className: "hint" }, t("classify_rest", { count: rest.length, percent: together })),
  ];
}
