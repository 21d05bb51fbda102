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

  /** @type {HTMLElement | null} where the focus was before it came here */
  #before = null;

  /**
   * @param {HTMLElement} place with role="status"
   * @param {{onPutAway?: () => void}} [options] with that it stays until it is put away or used, not only for a while
   */
  constructor(place, { onPutAway } = {}) {
    this.place = place;
    this.onPutAway = onPutAway;
    place.addEventListener("focusin", ({ relatedTarget: from }) => {
      if (from instanceof HTMLElement && !place.contains(from)) this.#before = from;
    });
    for (const stays of ["pointerenter", "focusin"]) place.addEventListener(stays, () => clearTimeout(this.#timer));
    for (const goes of ["pointerleave", "focusout"]) place.addEventListener(goes, () => this.#start());
  }

  /** @param {() => string} sentence in the page's language @param {() => void} [undo] */
  show(sentence, undo) {
    this.#sentence = sentence;
    this.#undo = undo;
    if (!this.place.contains(document.activeElement)) this.#before = null; // that was before another sentence
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
    const away = this.onPutAway ? [this.#away(this.onPutAway)] : [];
    this.place.replaceChildren(element("span", {}, this.#sentence()), ...(this.#undo ? [button] : []), ...away);
  }

  /** @param {() => void} onPutAway */
  #away(onPutAway) {
    const label = t("toast_put_away");
    const properties = { type: "button", className: "quiet put-away", title: label, "aria-label": label };
    const button = element("button", properties, "×");
    button.onclick = () => {
      this.hide();
      if (this.#before?.isConnected) this.#before.focus({ preventScroll: true }); // somebody may have scrolled on
      onPutAway();
    };
    return button;
  }

  #start() {
    clearTimeout(this.#timer);
    if (!this.onPutAway) this.#timer = window.setTimeout(() => this.hide(), SHOWN);
  }
}
