/** The elements of the part of a card that keeps its reading: what is shown of a state, and what is asked for. */
import { minuteOf } from "../clock.js";
import { element } from "../dom.js";
import { t } from "../i18n.js";
import { Choice } from "./choice.js";
import { Fix } from "./fix.js";

/**
 * @typedef {import("../store.js").Meter} Meter
 *
 * @typedef {object} Shown
 * @property {Meter[] | null} meters null where nothing can be kept
 * @property {Meter | null} meter the chosen one
 * @property {number} time when the picture was taken
 * @property {"save" | "save_doubtful" | "saved" | null} save what can be done; null for nothing to save
 * @property {boolean} blank whether nothing is shown that could be wrong
 * @property {string} status of what is kept
 * @property {string} news of what is sent
 * @property {boolean} asking for consent
 *
 * @typedef {object} Actions
 * @property {() => void} onSave
 * @property {() => void} onUndo
 * @property {(time: number) => void} onTime
 * @property {() => import("./fix.js").Given} toFix what is shown, to be made editable
 * @property {(text: string) => void} onFixed
 * @property {(answer: import("../consent.js").Consent) => void} onConsent
 */

export class KeepView {
  #taken = element("input", { type: "datetime-local" });
  #takenName = element("span");
  #hint = element("p", { className: "hint" });
  #save = element("button", { type: "button", className: "primary save" });
  #undo = element("button", { type: "button", className: "undo" });
  #wrong = element("button", { type: "button", className: "wrong" });
  #status = element("p", { className: "keep-status", role: "status" });
  #news = element("p", { className: "keep-news", role: "status" });
  #place = element("div", { className: "fix-place" });
  #question = element("div", { className: "question", role: "group" });
  /** @type {Fix | null} */
  #fix = null;

  /** @param {import("./choice.js").Actions & Actions} actions */
  constructor(actions) {
    this.actions = actions;
    this.choice = new Choice(actions);
    this.taken = element("label", { className: "field taken" }, this.#takenName, this.#taken);
    this.element = element(
      "section",
      { className: "keep" },
      element("div", { className: "keep-top" }, this.choice.element, this.taken),
      this.#hint,
      this.#status,
      element("div", { className: "buttons" }, this.#save, this.#undo, this.#wrong),
      this.#news,
      this.#place,
      this.#question,
    );
    this.#save.onclick = () => actions.onSave();
    this.#undo.onclick = () => actions.onUndo();
    this.#wrong.onclick = () => (this.#fix ? this.closeFix() : this.#openFix());
    this.#taken.onchange = () => actions.onTime(Date.parse(this.#taken.value)); // no zone: local time
  }

  /** @param {Shown} shown */
  show({ meters, meter, time, save, blank, status, news, asking }) {
    this.choice.element.hidden = !meters;
    this.choice.show(meters ?? [], meter?.id ?? "");
    this.taken.hidden = !meter;
    this.#taken.value = minuteOf(time);
    this.#hint.hidden = !meters || Boolean(meter || status) || blank;
    const focused = [this.#save, this.#undo].includes(/** @type {HTMLButtonElement} */ (document.activeElement));
    this.#save.hidden = !save || save === "saved";
    this.#undo.hidden = save !== "saved";
    if (focused) (save === "saved" ? this.#undo : this.#save).focus({ preventScroll: true });
    this.#save.textContent = t(save === "save_doubtful" ? "sense_save_doubtful" : "sense_save");
    this.#wrong.textContent = t(blank ? "fix_enter" : "fix");
    this.#status.textContent = status;
    this.#news.textContent = news;
    if (asking !== this.#question.hasChildNodes()) this.#question.replaceChildren(...(asking ? this.#ask() : []));
    this.#translate();
  }

  /** Draws all anew, in the page's language. @param {Shown} shown */
  render(shown) {
    this.choice.render();
    this.#fix?.render();
    this.#question.replaceChildren();
    this.show(shown);
  }

  closeFix() {
    const focused = this.#place.contains(document.activeElement);
    this.#fix = null;
    this.#place.replaceChildren();
    this.#wrong.setAttribute("aria-expanded", "false");
    if (!focused) return;
    if (this.#wrong.offsetParent) this.#wrong.focus({ preventScroll: true });
    else this.choice.focus(); // the form of a new meter hides the button
  }

  #openFix() {
    this.#fix = new Fix(this.actions.toFix(), this.actions.onFixed, () => this.closeFix());
    this.#place.replaceChildren(this.#fix.element);
    this.#wrong.setAttribute("aria-expanded", "true");
    this.#fix.focus();
  }

  #translate() {
    this.#takenName.textContent = t("sense_taken");
    this.#hint.textContent = t("sense_choose_hint");
    this.#undo.textContent = t("sense_undo");
  }

  /** @returns {Node[]} */
  #ask() {
    const [yes, no] = /** @type {const} */ (["yes", "no"]).map((answer) => {
      const button = element("button", { type: "button", className: answer }, t(`consent_${answer}`));
      button.onclick = () => this.actions.onConsent(answer);
      return button;
    });
    const sentence = element("p", {}, t("consent_question"));
    this.#question.setAttribute("aria-label", t("consent_yes"));
    return [sentence, element("div", { className: "buttons" }, yes, no)];
  }
}
