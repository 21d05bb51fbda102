/** A sentence at the window's edge about what was just done, and a way to take it back. */
import { element } from "./dom.js";
import { t } from "./i18n.js";

const SHOWN = 8000; // milliseconds, beginning anew while somebody points at it

export class Toast {
  #timer = 0;
  /** @type {() => string} */
  #sentence = () => "";
  /** @type {(() => void) | undefined} */
  #undo;

  /** @param {HTMLElement} place with role="status" @param {{stays?: boolean}} [options] until the next one, not only for a while */
  constructor(place, { stays = false } = {}) {
    this.place = place;
    this.stays = stays;
    for (const stays of ["pointerenter", "focusin"]) place.addEventListener(stays, () => clearTimeout(this.#timer));
    for (const goes of ["pointerleave", "focusout"]) place.addEventListener(goes, () => this.#start());
  }

  /** @param {() => string} sentence in the page's language @param {() => void} [undo] */
  show(sentence, undo) {
    this.#sentence = sentence;
    this.#undo = undo;
    this.place.hidden = false;
    this.translate();
    this.#start();
  }

  hide() {
    clearTimeout(this.#timer);
    this.place.hidden = true;
    this.place.replaceChildren();
  }

  translate() {
    if (this.place.hidden) return;
    const button = element("button", { type: "button", className: "quiet" }, t("undo"));
    button.onclick = () => {
      const undo = this.#undo;
      this.hide();
      undo?.();
    };
    this.place.replaceChildren(element("span", {}, this.#sentence()), ...(this.#undo ? [button] : []));
  }

  #start() {
    clearTimeout(this.#timer);
    if (!this.stays) this.#timer = window.setTimeout(() => this.hide(), SHOWN);
  }
}
