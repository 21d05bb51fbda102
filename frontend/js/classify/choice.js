/** Which network is asked, how good it is, and which ones are left out. */
import { element } from "../dom.js";
import { t } from "../i18n.js";
import { aboutText, capital, questionOf } from "./names.js";

/**
 * @typedef {import("./networks.js").Opened} Opened
 * @typedef {import("../classifiers/versions.js").ClassifierCard} ClassifierCard
 */

/** The class of whatever is none of the others; a network without it gives them to all pictures. */
const ELSE = "other";

export class Choice {
  /** @type {Opened[]} */
  #opened = [];
  #recipe = "";

  /** @param {HTMLElement} place @param {() => void} onChoice */
  constructor(place, onChoice) {
    this.place = place;
    this.onChoice = onChoice;
  }

  /** The chosen network's card; null before there is one. @returns {ClassifierCard | null} */
  get card() {
    return this.#working.find(({ recipe }) => recipe === this.#recipe)?.card ?? this.#working[0]?.card ?? null;
  }

  get #working() {
    return this.#opened.filter(({ error }) => !error);
  }

  /** @param {Opened[]} opened */
  offer(opened) {
    this.#opened = opened;
    this.render();
  }

  render() {
    const { card } = this;
    this.place.hidden = !this.#opened.length;
    const focused = this.place.contains(document.activeElement);
    this.place.replaceChildren(...(card ? this.#drawChosen(card) : []), ...this.#drawLeftOut());
    if (focused) this.place.querySelector("select")?.focus();
  }

  /** @param {ClassifierCard} card @returns {Node[]} */
  #drawChosen(card) {
    const only = card.classes.includes(ELSE) ? "" : ` ${t("classify_only")}`;
    const about = element("p", { className: "hint" }, aboutText(card), only);
    if (this.#working.length < 2) return [element("p", { className: "question" }, questionOf(card)), about];
    const select = element("select", { id: "question" }, ...this.#working.map((each) => this.#option(each, card)));
    select.onchange = () => {
      this.#recipe = select.value;
      this.render();
      this.onChoice();
    };
    const label = element("label", { htmlFor: select.id }, t("classify_question"));
    return [element("div", { className: "question" }, label, select), about];
  }

  /** @param {Opened} opened @param {ClassifierCard} chosen */
  #option({ card }, chosen) {
    if (!card) return "";
    return element("option", { value: card.recipe, selected: card === chosen }, questionOf(card));
  }

  #drawLeftOut() {
    const leftOut = this.#opened.filter(({ error }) => error);
    return leftOut.map(({ recipe, card, error }) => {
      const isWrong = /** @type {{code?: string}} */ (error).code === "backend";
      const name = card ? questionOf(card) : capital(recipe.replaceAll("_", " "));
      const sentence = t(isWrong ? "classify_wrong" : "classify_broken", { name });
      return element("p", { className: "failure", dataset: { recipe } }, sentence);
    });
  }
}
