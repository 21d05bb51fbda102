/** The test sheet on the page: what is asked for, above the paper; what was recognised so far, below it. */
import { writeCsv } from "../csv.js";
import { element } from "../dom.js";
import { t } from "../i18n.js";
import { nameOf } from "./names.js";
import { Plot } from "./plot.js";
import { ASKED, asTable, PLAN, recipesOf, recognisedAs, rightOf } from "./sheet.js";

/**
 * @typedef {import("./sheet.js").Recorded} Recorded
 * @typedef {object} SheetActions
 * @property {() => void} onStart
 * @property {() => void} onPause
 * @property {() => void} onRecord
 * @property {() => void} onBack
 * @property {() => void} onAnew
 */

export class SheetView {
  #plot = new Plot();
  /** @type {Recorded[]} */
  #records = [];
  #isOn = false;
  #canRecord = false;

  /** @param {HTMLElement} asked @param {HTMLElement} sheet @param {SheetActions} actions */
  constructor(asked, sheet, actions) {
    this.asked = asked;
    this.sheet = sheet;
    this.actions = actions;
  }

  /** @param {{records: Recorded[], isOn: boolean, canRecord: boolean}} state `canRecord`: there is a network to ask */
  show({ records, isOn, canRecord }) {
    this.#records = records;
    this.#isOn = isOn;
    this.#canRecord = canRecord;
    this.render();
  }

  render() {
    this.sheet.hidden = !this.#canRecord && !this.#records.length; // there is nothing to begin, nor to look at
    keepFocus(this.asked, this.#drawAsked());
    keepFocus(this.sheet, this.#drawSheet());
  }

  #drawAsked() {
    const { length } = this.#records;
    if (!this.#isOn || !this.#canRecord || length >= PLAN.length) return [];
    const line = t("draw_sheet_ask", { place: length + 1, all: PLAN.length, digit: PLAN[length] });
    const { onRecord, onBack, onPause } = this.actions;
    const record = button("record", t("draw_sheet_record"), onRecord, "primary");
    const back = button("back", t("draw_sheet_back"), onBack, "quiet");
    back.disabled = !length;
    const buttons = [record, back, button("pause", t("draw_sheet_pause"), onPause, "quiet")];
    const hint = element("p", { className: "hint keyboard-only" }, t("draw_sheet_keys"));
    return [element("p", { className: "ask" }, line), element("div", { className: "tools" }, ...buttons), hint];
  }

  #drawSheet() {
    const heading = element("h3", { tabIndex: -1 }, t("draw_sheet"));
    const lead = element("p", { className: "lead" }, t("draw_sheet_lead"));
    const { length } = this.#records;
    if (!length) {
      this.#plot.release();
      const none = element("p", { className: "hint" }, t("draw_sheet_none"));
      return [heading, lead, none, element("div", { className: "buttons" }, ...this.#drawStart())];
    }
    const numbers = { done: length, all: PLAN.length };
    const done = element("p", {}, t(length < PLAN.length ? "draw_sheet_done" : "draw_sheet_full", numbers));
    return [heading, lead, done, this.#drawRight(), this.#drawTools(), this.#drawPlots()];
  }

  #drawStart() {
    if (this.#isOn || !this.#canRecord || this.#records.length >= PLAN.length) return [];
    const name = this.#records.length ? "draw_sheet_go_on" : "draw_sheet_start";
    return [button("start", t(name), this.actions.onStart, "primary")];
  }

  #drawTools() {
    const { onBack, onAnew } = this.actions;
    const tools = [
      button("csv", t("draw_sheet_csv"), () => save(this.#records)),
      button("back-below", t("draw_sheet_back"), onBack),
      button("anew", t("draw_sheet_anew"), onAnew),
    ];
    return element("div", { className: "buttons" }, ...this.#drawStart(), ...tools);
  }

  #drawRight() {
    const lines = recipesOf(this.#records).map((recipe) => {
      return element("li", {}, t("draw_sheet_right", { name: nameOf(recipe), ...rightOf(this.#records, recipe) }));
    });
    return element("ul", { className: "right" }, ...lines);
  }

  #drawPlots() {
    const tallies = recipesOf(this.#records).map((recipe) => drawTally(this.#records, recipe));
    return element("div", { className: "plots" }, this.#plot.draw(this.#records), ...tallies);
  }
}

/** What was asked for by what was recognised: the more often, the darker. @param {Recorded[]} records @param {string} recipe */
function drawTally(records, recipe) {
  const digits = Array.from({ length: 10 }, (_, digit) => digit);
  const heads = digits.map((digit) =>
    element("th", { scope: "col", "aria-label": t("draw_tally_recognised", { digit }) }, String(digit)),
  );
  const corner = element("th", { scope: "col" }, t("draw_tally_asked"));
  const rows = ASKED.map((asked) => {
    const counts = recognisedAs(records, recipe, asked);
    const total = counts.reduce((sum, each) => sum + each, 0);
    const cells = counts.map((count, digit) => drawCount(count, total, digit === asked));
    return element("tr", {}, element("th", { scope: "row" }, String(asked)), ...cells);
  });
  return element(
    "table",
    { className: "tally", dataset: { recipe } },
    element("caption", {}, t("draw_tally", { name: nameOf(recipe) })),
    element("thead", {}, element("tr", {}, corner, ...heads)),
    element("tbody", {}, ...rows),
  );
}

/** @param {number} count @param {number} total @param {boolean} isRight */
function drawCount(count, total, isRight) {
  const cell = element("td", { className: isRight ? "right-one" : "" }, String(count));
  cell.classList.toggle("some", count > 0);
  cell.style.setProperty("--part", `${total ? Math.round((count / total) * 100) : 0}%`);
  return cell;
}

/** @param {string} key the focus comes back to it after drawing anew @param {string} label @param {() => void} onclick @param {string} [className] */
function button(key, label, onclick, className = "") {
  return element("button", { type: "button", className, dataset: { key }, onclick }, label);
}

/** @param {HTMLElement} place @param {Node[]} children */
function keepFocus(place, children) {
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  const key = place.contains(focused) ? focused?.dataset.key : undefined;
  place.replaceChildren(...children);
  if (!key) return;
  const found = place.querySelector(`[data-key="${key}"]:not(:disabled)`) ?? place.querySelector("[data-key], h3");
  /** @type {HTMLElement | null} */ (found)?.focus({ preventScroll: true });
}

/** @param {Recorded[]} records */
function save(records) {
  const table = new Blob([writeCsv(asTable(records))], { type: "text/csv;charset=utf-8" });
  const address = URL.createObjectURL(table);
  const download = `drawn-digits-${new Date().toISOString().slice(0, 10)}.csv`;
  element("a", { href: address, download }).click();
  setTimeout(() => URL.revokeObjectURL(address)); // once the download has begun
}
