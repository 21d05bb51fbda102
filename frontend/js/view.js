/** One picture's card: the picture with its frame, and the reading or why there is none. */
import { Crop } from "./crop.js";
import { element } from "./dom.js";
import { t } from "./i18n.js";
import { drawFacts, drawReading } from "./verdict.js";

/**
 * @typedef {import("./reader.js").Reading} Reading
 * @typedef {import("./crop.js").Place} Place
 * @typedef {import("./verdict.js").Verdict} Verdict
 * @typedef {{state: "waiting"} | {state: "reading"} | {state: "read", reading: Reading, verdict: Verdict | null, stayed: import("./i18n.js").TextName}
 *   | {state: "error", sentence: () => string}} State `sentence` gives the words in the page's language
 * @typedef {object} Actions
 * @property {(place: Place) => void} onPlace
 * @property {() => void} onFind
 * @property {() => void} onTurn
 * @property {() => void} onRemove
 */

export class ResultView {
  /** @type {State} */
  #state = { state: "waiting" };
  /** @type {Crop | null} */
  #crop = null;
  #canFind = false;
  #address = "";
  #picture = element("div", { className: "picture" });
  #said = element("div");
  #keep = element("div");
  #facts = element("div");

  /** @param {() => string} name in the page's language @param {Actions} actions */
  constructor(name, actions) {
    this.nameOf = name;
    this.actions = actions;
    const answer = element("div", { className: "answer" }, this.#said, this.#keep, this.#facts);
    this.element = element("article", { className: "result", tabIndex: -1 }, this.#picture, answer);
    this.render();
  }

  get name() {
    return this.nameOf();
  }

  /**
   * Shows a picture, which the reader has been able to open.
   *
   * @param {Blob} file @param {Place} place @param {boolean} canFind whether the display can be looked for
   */
  async showPicture(file, place, canFind) {
    this.#release();
    this.#address = URL.createObjectURL(file);
    const image = element("img", { src: this.#address, alt: this.name });
    await image.decode();
    this.#canFind = canFind;
    this.#crop = new Crop(image, place, (changed) => this.actions.onPlace(changed));
    this.#renderPicture();
  }

  /** Moves the frame, where a picture is shown. @param {Place} place */
  showPlace(place) {
    this.#crop?.set(place);
  }

  /** Gives the part that keeps readings its place: it draws itself. @param {HTMLElement} keep */
  attach(keep) {
    this.#keep.replaceChildren(keep);
  }

  /** @param {State} state */
  show(state) {
    this.#state = state;
    this.element.dataset.state = state.state;
    this.element.setAttribute("aria-busy", String(state.state === "waiting" || state.state === "reading"));
    this.#said.replaceChildren(...this.#drawAnswer());
    this.#keep.hidden = this.#facts.hidden = state.state !== "read";
    this.#facts.replaceChildren(...(state.state === "read" ? [drawFacts(state.reading, state.stayed)] : []));
  }

  /** Draws all anew, in the page's language. */
  render() {
    this.element.setAttribute("aria-label", this.name);
    this.#crop?.translate();
    this.#renderPicture();
    this.show(this.#state);
  }

  remove() {
    this.#release();
    this.element.remove();
  }

  #release() {
    if (this.#address) URL.revokeObjectURL(this.#address);
    this.#address = "";
  }

  #renderPicture() {
    const crop = this.#crop;
    if (!crop) return;
    const whole = element("button", { type: "button", className: "quiet" }, t("whole"));
    whole.onclick = () => {
      crop.set(null);
      this.actions.onPlace(null);
    };
    const find = element("button", { type: "button", className: "quiet", hidden: !this.#canFind }, t("find_again"));
    find.onclick = () => this.actions.onFind();
    const turn = element(
      "button",
      { type: "button", className: "quiet", "aria-label": t("turn_label") },
      `↻ ${t("turn")}`,
    );
    turn.onclick = () => this.actions.onTurn();
    const keys = element("span", { className: "keyboard-only" }, t("crop_keys"));
    const hint = element("p", { className: "hint" }, `${t("crop_hint")} `, keys);
    const tools = element("div", { className: "tools" }, find, whole, turn);
    this.#picture.replaceChildren(crop.element, tools, hint);
  }

  /** @returns {(Node | string)[]} */
  #drawAnswer() {
    const head = element(
      "header",
      { className: "result-head" },
      element("span", { className: "name" }, this.name),
      this.#removeButton(),
    );
    const state = this.#state;
    if (state.state === "read") return [head, ...drawReading(state.reading, state.verdict)];
    if (state.state === "error") return [head, element("p", { className: "failure", role: "alert" }, state.sentence())];
    return [head, element("p", { className: "pending" }, t(state.state))];
  }

  #removeButton() {
    const named = t("remove_named", { name: this.name });
    const button = element(
      "button",
      { type: "button", className: "quiet remove", title: named, "aria-label": named },
      "×",
    );
    button.onclick = () => this.actions.onRemove();
    return button;
  }
}
