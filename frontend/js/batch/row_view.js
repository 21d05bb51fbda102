/** One row of the table. */
import { element } from "../dom.js";
import { dateLocale, percent, readingText, t } from "../i18n.js";
import { readingFailed } from "../sentences.js";
import { Correction } from "./correction.js";
import { isPicture, isToCheck, textOf } from "./row.js";

/** @typedef {import("./row.js").Row} Row */

const PENDING = /** @type {const} */ ({
  waiting: "batch_waiting",
  reading: "reading",
  read: "batch_waiting",
  skipped: "batch_skipped",
});

/**
 * @typedef {object} Actions
 * @property {(row: Row, text: string) => void} onCorrect throws for what is no reading
 * @property {(row: Row) => void} onNext after a correction: on to the next one to be checked
 * @property {(row: Row) => void} onRemove
 * @property {(row: Row) => void} onOpen shows the picture large
 */

export class RowView {
  #address = "";
  #seen = false;
  #editing = false;
  #image = element("img", { alt: "", width: 96, height: 60 });
  #open = element("button", { type: "button", className: "open" }, this.#image);
  #number = element("span", { className: "row-number" });
  #value = element("div", { className: "value" });
  #cells = {
    picture: element("td", { className: "picture-cell", role: "cell" }, this.#number, this.#open),
    path: element("td", { className: "path", role: "cell" }),
    reading: element("td", { className: "reading", role: "cell" }, this.#value),
    sure: element("td", { className: "sure-cell", role: "cell" }),
    taken: element("td", { className: "taken", role: "cell" }),
    remove: element("td", { className: "remove-cell", role: "cell" }),
  };
  element = element("tr", { role: "row" }, ...Object.values(this.#cells));

  /** @param {Row} row @param {Actions} actions */
  constructor(row, actions) {
    this.row = row;
    this.actions = actions;
    this.#number.textContent = String(row.number);
    this.#open.onclick = () => actions.onOpen(row);
    this.render();
  }

  /** Draws all anew, in the page's language; what is being typed stays. */
  render() {
    const { row } = this;
    this.element.dataset.state = row.state;
    this.element.classList.toggle("to-check", isToCheck(row));
    this.element.classList.toggle("corrected", row.corrected !== null);
    this.#open.setAttribute("aria-label", t("batch_open", { name: row.path }));
    this.#open.disabled = !isPicture(row); // there is nothing to be shown
    this.#cells.path.replaceChildren(...this.#drawPath());
    if (!this.#editing) this.#value.replaceChildren(...this.#drawValue());
    this.#cells.sure.replaceChildren(this.#sure());
    this.#cells.taken.replaceChildren(...this.#drawTaken());
    this.#cells.remove.replaceChildren(this.#drawRemove());
    this.#showThumbnail();
  }

  /** Whether the row is on screen or near; only then its picture is held. @param {boolean} seen */
  see(seen) {
    this.#seen = seen;
    if (seen) return this.#showThumbnail();
    if (!this.#address) return;
    this.#image.removeAttribute("src");
    URL.revokeObjectURL(this.#address);
    this.#address = "";
  }

  /** Opens the reading for correction. */
  edit() {
    this.#editing = true;
    const done = () => {
      this.#editing = false;
      this.render();
    };
    const correction = new Correction(textOf(this.row) ?? "", {
      onSave: (text) => {
        this.actions.onCorrect(this.row, text);
        done();
        this.actions.onNext(this.row);
      },
      onCancel: () => {
        done();
        this.focus();
      },
    });
    this.#value.replaceChildren(correction.element);
    correction.focus();
  }

  focus() {
    this.#value.querySelector("button")?.focus();
  }

  focusRemove() {
    this.#cells.remove.querySelector("button")?.focus();
  }

  remove() {
    this.see(false);
    this.element.remove();
  }

  #showThumbnail() {
    const { thumbnail } = this.row;
    if (!thumbnail || !this.#seen || this.#address) return;
    this.#address = URL.createObjectURL(thumbnail);
    this.#image.src = this.#address;
  }

  #drawPath() {
    const { path, meter } = this.row;
    const cut = path.lastIndexOf("/") + 1;
    const above = path.slice(0, cut).split(/(?<=\/)/); // after each folder a line may end, rather than inside a name
    const folder = element("span", { className: "folder" }, ...above.flatMap((part) => [part, element("wbr")]));
    const name = element("span", { className: "name" }, path.slice(cut));
    return [folder, name, ...(meter ? [element("span", { className: "meter" }, meter.name)] : [])];
  }

  /** @returns {(Node | string)[]} the reading as a button that opens it for correction */
  #drawValue() {
    const { row } = this;
    if (row.state !== "read" && row.state !== "failed" && row.corrected === null) return [];
    const text = textOf(row);
    const button = element(
      "button",
      { type: "button", className: "number-button", title: t("batch_correct") },
      text === null ? t("batch_type_in") : readingText(text),
    );
    if (text !== null) button.dataset.value = text;
    button.setAttribute("aria-label", `${button.textContent}: ${t("batch_correct")}`);
    button.onclick = () => this.edit();
    return [button];
  }

  #sure() {
    const { state, reading, corrected, error } = this.row;
    if (corrected !== null) return t(corrected === reading?.text ? "batch_confirmed" : "batch_corrected");
    if (state === "failed") return readingFailed(error);
    if (state !== "read" || !reading) return t(PENDING[state]);
    if (reading.reason === "no_display") return t("batch_no_display");
    return t(reading.accepted ? "sure" : "batch_doubtful", { percent: percent(reading.confidence) });
  }

  #drawTaken() {
    const { taken } = this.row;
    if (!taken) return [];
    const date = new Date(taken.time);
    const shown = date.toLocaleString(dateLocale(), { dateStyle: "medium", timeStyle: "short" });
    const time = element("time", { dateTime: date.toISOString() }, shown);
    if (taken.by === "file") return [element("span", { className: "by-file" }, t("batch_taken_file")), " ", time];
    time.title = t("batch_taken_camera");
    return [time];
  }

  #drawRemove() {
    const named = t("remove_named", { name: this.row.path });
    const properties = { type: "button", className: "quiet remove", title: named, "aria-label": named };
    const button = element("button", properties, "×");
    button.onclick = () => this.actions.onRemove(this.row);
    return button;
  }
}
