/** Says what was removed, and brings it back. */
import { element } from "../dom.js";
import { t } from "../i18n.js";

export class Undo {
  /** @type {(() => string) | null} */
  #sentence = null;

  /** @param {HTMLElement} place @param {() => void} onUndo */
  constructor(place, onUndo) {
    this.place = place;
    this.onUndo = onUndo;
  }

  /** @param {() => string} sentence in the page's language */
  offer(sentence) {
    this.#sentence = sentence;
    this.translate();
  }

  hide() {
    this.#sentence = null;
    this.translate();
  }

  translate() {
    if (!this.#sentence) return this.place.replaceChildren();
    const button = element("button", { type: "button", className: "quiet" }, t("batch_undo"));
    button.onclick = () => {
      this.hide();
      this.onUndo();
    };
    this.place.replaceChildren(element("span", {}, this.#sentence()), button);
  }
}
