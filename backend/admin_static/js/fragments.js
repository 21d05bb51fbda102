/** The cutter: lines over a display, moved by mouse, touch and keyboard; the pieces' values follow at once. */

import { Lines, NARROWEST } from "./fragments-lines.js";

const STEP = { plain: 1, shift: 8 }; // pixels of the picture that an arrow key moves a line

/**
 * @typedef {{ line: string, keep: string, parts: string[], narrow: string, none: string }} Texts
 * @typedef {{ value: string, area: import("./fragments-lines.js").Area, lines: number[], texts: Texts }} Data
 */

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @returns {T}
 */
function find(id) {
  return /** @type {T} */ (document.getElementById(id));
}

class Cutter {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    /** @type {Data} */
    this.data = JSON.parse(find("cutter-data").textContent ?? "");
    this.texts = this.data.texts;
    this.lines = new Lines(this.data.area, this.data.value, this.data.lines);
    this.stage = find("stage");
    this.list = find("pieces");
    this.active = 0;
    /** Which pieces are left out, by the digits that they begin and end with. @type {Set<string>} */
    this.dropped = new Set();
    this.draw();
    this.listen();
  }

  listen() {
    this.stage.addEventListener("dblclick", (event) => this.added(this.lines.add(this.place(event.clientX))));
    find("add")?.addEventListener("click", () => this.added(this.lines.add()));
    find("remove")?.addEventListener("click", () => this.remove());
    find("reset")?.addEventListener("click", () => this.anew(() => this.lines.reset()));
    find("everywhere")?.addEventListener("click", () => this.anew(() => this.lines.everywhere()));
    this.form.addEventListener("submit", (event) => this.fill(event));
    document.addEventListener("keydown", (event) => this.key(event));
  }

  /**
   * The column of the picture under a column of the window.
   * @param {number} clientX
   */
  place(clientX) {
    const area = this.stage.getBoundingClientRect();
    return this.data.area.x + ((clientX - area.left) / area.width) * this.data.area.width;
  }

  /** @param {number | null} index */
  added(index) {
    if (index === null) return;
    this.active = index;
    this.draw(true);
  }

  remove() {
    this.lines.remove(this.active);
    this.active = Math.max(0, Math.min(this.active, this.lines.lines.length - 1));
    this.draw(true);
  }

  /** @param {() => void} place */
  anew(place) {
    place();
    this.dropped.clear();
    this.active = 0;
    this.draw(true);
  }

  /**
   * Draw lines and pieces anew.
   * @param {boolean} [focus] whether the chosen line gets the keyboard
   */
  draw(focus = false) {
    for (const old of this.stage.querySelectorAll(".cutter-line")) old.remove();
    this.lines.lines.forEach((_, index) => this.stage.append(this.handle(index)));
    this.show();
    if (focus) this.handles()[this.active]?.focus({ preventScroll: true });
  }

  /** @returns {HTMLElement[]} */
  handles() {
    return Array.from(this.stage.querySelectorAll(".cutter-line"));
  }

  /**
   * The handle of one line.
   * @param {number} index
   */
  handle(index) {
    const handle = document.createElement("div");
    handle.className = "cutter-line";
    handle.tabIndex = 0;
    handle.setAttribute("role", "slider");
    handle.addEventListener("focus", () => this.choose(index));
    handle.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      handle.focus({ preventScroll: true });
      handle.setPointerCapture(event.pointerId);
    });
    handle.addEventListener("pointermove", (event) => {
      if (!handle.hasPointerCapture(event.pointerId)) return;
      this.lines.move(index, this.place(event.clientX));
      this.show();
    });
    return handle;
  }

  /** @param {number} index */
  choose(index) {
    this.active = index;
    this.handles().forEach((handle, position) => handle.classList.toggle("active", position === index));
  }

  /** Show where the lines stand and what lies between them. */
  show() {
    const { area } = this.data;
    const pieces = this.lines.pieces();
    this.handles().forEach((handle, index) => {
      const line = this.lines.lines[index];
      const [before, after] = this.lines.around(index);
      handle.style.left = `${(100 * (line.x - area.x)) / area.width}%`;
      handle.setAttribute("aria-label", this.texts.line.replace("%(value)s", pieces[index].value));
      handle.setAttribute("aria-valuemin", String(before.x + NARROWEST));
      handle.setAttribute("aria-valuemax", String(after.x - NARROWEST));
      handle.setAttribute("aria-valuenow", String(line.x));
      handle.classList.toggle("active", index === this.active);
    });
    this.list.style.gridTemplateColumns = pieces.map((piece) => `${piece.right - piece.left}fr`).join(" ");
    this.list.replaceChildren(...pieces.map((piece, index) => this.piece(piece, index)));
    this.complain();
  }

  /**
   * One piece under the picture: its value, its part, whether it is kept.
   * @param {import("./fragments-lines.js").Piece} piece
   * @param {number} index
   */
  piece(piece, index) {
    const name = this.name(index);
    const item = document.createElement("li");
    item.className = `cutter-piece part-${piece.part}`;
    const value = document.createElement("b");
    value.textContent = piece.value;
    const part = document.createElement("span");
    part.textContent = this.texts.parts[piece.part];
    const kept = document.createElement("input");
    kept.type = "checkbox";
    kept.checked = !this.dropped.has(name);
    kept.setAttribute("aria-label", `${this.texts.keep} ${piece.value}`);
    kept.addEventListener("change", () => {
      if (kept.checked) this.dropped.delete(name);
      else this.dropped.add(name);
      this.complain();
    });
    const label = document.createElement("label");
    label.append(kept, value, part);
    item.append(label);
    return item;
  }

  /** @param {number} index */
  name(index) {
    const [from, to] = [this.lines.lines[index - 1]?.gap ?? 0, this.lines.lines[index]?.gap ?? "end"];
    return `${from}-${to}`;
  }

  /** @returns {number[]} the pieces to keep */
  kept() {
    return this.lines.pieces().flatMap((_, index) => (this.dropped.has(this.name(index)) ? [] : [index]));
  }

  /** Say why the pieces cannot be kept as they are; tells whether they can. */
  complain() {
    const narrow = this.lines.pieces().some((piece) => piece.right - piece.left < NARROWEST);
    const trouble = narrow ? this.texts.narrow : this.kept().length ? "" : this.texts.none;
    find("trouble").textContent = trouble;
    const save = /** @type {HTMLButtonElement | null} */ (document.getElementById("save"));
    if (save) save.disabled = trouble !== "";
    return trouble === "";
  }

  /** @param {SubmitEvent} event */
  fill(event) {
    if (!this.complain()) return event.preventDefault();
    const pieces = this.lines.pieces();
    this.set("lines", this.lines.lines.map((line) => line.x).join());
    this.set("digits", pieces.map((piece) => piece.digits).join());
    this.set("take", this.kept().join());
  }

  /**
   * @param {string} name
   * @param {string} value
   */
  set(name, value) {
    /** @type {HTMLInputElement} */ (this.form.elements.namedItem(name)).value = value;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = /** @type {HTMLElement} */ (event.target);
    const onLine = target.classList.contains("cutter-line");
    if (onLine && this.moved(event)) return event.preventDefault();
    const button = PRESSES[event.key.length === 1 ? event.code : event.key];
    if (!button || (event.key === "Enter" && target.matches("a, button, summary"))) return;
    if (event.repeat || target.matches("select, textarea, input:not([type=checkbox])")) return;
    event.preventDefault();
    /** @type {HTMLElement | null} */ (document.querySelector(button))?.click();
  }

  /**
   * An arrow key on a line; tells whether it was one.
   * @param {KeyboardEvent} event
   */
  moved(event) {
    const step = event.shiftKey ? STEP.shift : STEP.plain;
    const line = this.lines.lines[this.active];
    if (event.key === "ArrowLeft") this.lines.move(this.active, line.x - step);
    else if (event.key === "ArrowRight") this.lines.move(this.active, line.x + step);
    else if (event.key === "ArrowUp") this.lines.shift(this.active, 1);
    else if (event.key === "ArrowDown") this.lines.shift(this.active, -1);
    else return false;
    this.show();
    return true;
  }
}

/** Keys and what they press; letters by their place on the keyboard, whatever its language. @type {Record<string, string>} */
const PRESSES = {
  Enter: "#save",
  KeyA: "#add",
  KeyR: "#reset",
  KeyE: "#everywhere",
  KeyN: "#next",
  KeyU: "#undo button",
  Delete: "#remove",
  Backspace: "#remove",
};

const form = /** @type {HTMLFormElement | null} */ (document.getElementById("cutter"));
if (form) new Cutter(form);
