/** The table: a line for each row, headings that sort, pictures held only for the lines on screen. */
import { element } from "../dom.js";
import { t } from "../i18n.js";
import { isToCheck } from "./row.js";
import { RowView } from "./row_view.js";

/** @typedef {import("./row.js").Row} Row */
/** @typedef {import("./row.js").Column} Column */

/** @type {[Column, import("../i18n.js").TextName][]} */
const HEADINGS = [
  ["number", "batch_number"],
  ["path", "batch_file"],
  ["reading", "batch_reading"],
  ["sure", "batch_sure"],
  ["taken", "batch_taken"],
];
const AHEAD = "400px"; // so far outside of the window pictures are there already

export class Table {
  /** @type {Map<Row, RowView>} */
  #views = new Map();
  #head = element("tr", { role: "row" });
  #body = element("tbody", { role: "rowgroup" });
  #observer = new IntersectionObserver((entries) => this.#see(entries), { rootMargin: AHEAD });
  /** @type {WeakMap<Element, RowView>} */
  #byElement = new WeakMap();
  onlyToCheck = false;

  /**
   * @param {HTMLTableElement} place
   * @param {Omit<import("./row_view.js").Actions, "onNext"> & {onSort: (column: Column) => void,
   *   onAllChecked: () => void}} actions `onAllChecked`: no line is left to which the focus could go
   */
  constructor(place, actions) {
    this.actions = { ...actions, onNext: (/** @type {Row} */ row) => this.#focusNext(row) };
    this.onSort = actions.onSort;
    this.onAllChecked = actions.onAllChecked;
    place.replaceChildren(element("thead", { role: "rowgroup" }, this.#head), this.#body);
  }

  /** Shows these rows, in this order. @param {Row[]} rows @param {{column: Column, down: boolean}} sorting */
  arrange(rows, sorting) {
    const wanted = new Set(rows);
    for (const [row, view] of this.#views) if (!wanted.has(row)) this.#drop(row, view);
    let place = this.#body.firstElementChild;
    for (const row of rows) {
      const { element: line } = this.#viewOf(row);
      if (place === line) place = line.nextElementSibling;
      else this.#body.insertBefore(line, place); // those that stand right keep their focus
    }
    this.#drawHead(sorting);
  }

  /** @param {Row} row whose content changed */
  update(row) {
    const view = this.#views.get(row);
    view?.render();
    view?.element.classList.toggle("left-out", this.onlyToCheck && !isToCheck(row));
  }

  /** Leaves out what nobody needs to look at, or shows all. @param {boolean} only */
  filter(only) {
    this.onlyToCheck = only;
    for (const [row, { element: line }] of this.#views) line.classList.toggle("left-out", only && !isToCheck(row));
  }

  /** @param {{column: Column, down: boolean}} sorting */
  translate(sorting) {
    for (const view of this.#views.values()) view.render();
    this.#drawHead(sorting);
  }

  /** @param {Row | undefined} row */
  focus(row) {
    if (row) this.#views.get(row)?.focusRemove();
  }

  /** Where the focus goes when this row leaves. @param {Row} row */
  neighbour(row) {
    const line = this.#views.get(row)?.element;
    const lines = [.../** @type {NodeListOf<HTMLElement>} */ (this.#body.querySelectorAll("tr:not(.left-out)"))];
    const at = lines.findIndex((each) => each === line);
    const next = lines[at + 1] ?? lines[at - 1];
    return next ? this.#byElement.get(next) : undefined;
  }

  /** @param {Row} row */
  #viewOf(row) {
    const found = this.#views.get(row);
    if (found) return found;
    const view = new RowView(row, this.actions);
    this.#views.set(row, view);
    this.#byElement.set(view.element, view);
    this.#observer.observe(view.element);
    this.update(row);
    return view;
  }

  /** @param {Row} row @param {RowView} view */
  #drop(row, view) {
    this.#observer.unobserve(view.element);
    view.remove();
    this.#views.delete(row);
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #see(entries) {
    for (const { target, isIntersecting } of entries) this.#byElement.get(target)?.see(isIntersecting);
  }

  /** To the next row below that is to be checked, or stays; if it is left out by now, to the first above. @param {Row} row */
  #focusNext(row) {
    const lines = [...this.#body.children];
    const at = lines.findIndex((line) => this.#byElement.get(line)?.row === row);
    const leaves = lines[at]?.matches(".left-out");
    const others = [...lines.slice(at + 1), ...(leaves ? lines.slice(0, at) : [])];
    const next = others.find((line) => line.matches(".to-check"));
    if (leaves && !next) return this.onAllChecked();
    (next ? this.#byElement.get(next) : this.#views.get(row))?.focus();
  }

  /** @param {{column: Column, down: boolean}} sorting */
  #drawHead({ column, down }) {
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset.column;
    const cells = HEADINGS.map(([each, name]) => {
      const arrow = each === column ? (down ? " ↓" : " ↑") : "";
      const button = element(
        "button",
        { type: "button", className: "quiet", dataset: { column: each } },
        t(name),
        arrow,
      );
      button.onclick = () => this.onSort(each);
      const sorted = each !== column ? "none" : down ? "descending" : "ascending";
      return element("th", { role: "columnheader", scope: "col", "aria-sort": sorted }, button);
    });
    const last = element("span", { className: "hidden-visually" }, t("remove"));
    this.#head.replaceChildren(...cells, element("th", { role: "columnheader", scope: "col" }, last));
    if (focused) /** @type {HTMLElement | null} */ (this.#head.querySelector(`[data-column="${focused}"]`))?.focus();
  }
}
