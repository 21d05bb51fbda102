/**
 * A frame on a picture, adjusted by mouse, touch or keyboard. Positions are in pixels of the picture.
 *
 * Dragging inside moves it, the eight handles resize it, dragging on the bare picture draws a new one. While the frame
 * holds the whole picture there is nothing to move, so dragging inside draws too. Where the display has been found, its
 * outline stands in for the frame.
 */
import { element } from "./dom.js";
import { arrow, follow } from "./drag.js";
import { t } from "./i18n.js";
import { OutlineFrame } from "./outline_frame.js";

/**
 * @typedef {import("./reader.js").Box} Box
 * @typedef {import("./quad.js").Corners} Corners
 * @typedef {Box | Corners | null} Place where the display is: in a frame, in an outline, or it is the whole picture
 */

const HANDLES = ["n", "e", "s", "w", "ne", "se", "sw", "nw"];
const SMALLEST = 8; // pixels
const NEAR = 0.02; // part of the picture's side

export class Crop {
  /** @type {Box} */
  #box = { x: 0, y: 0, width: 1, height: 1 };
  #size = { width: 1, height: 1 };
  #frame;
  #help;
  #outline;

  /**
   * @param {HTMLImageElement} image already loaded
   * @param {Place} place
   * @param {(place: Place) => void} onChange
   */
  constructor(image, place, onChange) {
    this.onChange = onChange;
    this.#size = { width: image.naturalWidth, height: image.naturalHeight };
    this.#help = element("span", {
      className: "hidden-visually",
      id: `crop-help-${crypto.getRandomValues(new Uint32Array(1))[0]}`,
    });
    const handles = HANDLES.map((edges) => element("span", { className: `handle ${edges}`, dataset: { edges } }));
    this.#frame = element("div", { className: "frame", tabIndex: 0, role: "group" }, ...handles);
    this.#frame.setAttribute("aria-describedby", this.#help.id);
    const pointOf = (/** @type {PointerEvent} */ event) => this.#point(event);
    this.#outline = new OutlineFrame(this.#size, (corners) => this.onChange(corners), pointOf);
    this.element = element("div", { className: "crop" }, image, this.#frame, this.#outline.element, this.#help);
    this.element.style.setProperty("--aspect", String(this.#size.width / this.#size.height));
    this.element.addEventListener("pointerdown", (event) => this.#startDrag(event));
    this.#frame.addEventListener("keydown", (event) => this.#onKey(event));
    image.draggable = false;
    this.set(place);
  }

  /** The outline, or the frame, or null when it holds the whole picture. @returns {Place} */
  get place() {
    return this.#outline.corners ?? (this.#isWhole ? null : { ...this.#box });
  }

  get #isWhole() {
    return this.#box.width >= this.#size.width && this.#box.height >= this.#size.height;
  }

  /** @param {Place} place */
  set(place) {
    const corners = Array.isArray(place) ? place : null;
    this.#outline.set(corners);
    this.#frame.hidden = Boolean(corners);
    this.#box = place && !Array.isArray(place) ? inside(place, this.#size) : { x: 0, y: 0, ...this.#size };
    const { x, y, width, height } = this.#box;
    const corner = { left: x / this.#size.width, top: y / this.#size.height };
    const extent = { width: width / this.#size.width, height: height / this.#size.height };
    for (const [name, part] of Object.entries({ ...corner, ...extent })) {
      this.#frame.style.setProperty(name, `${part * 100}%`);
    }
    this.#frame.dataset.at = touched(corner, extent);
    this.element.classList.toggle("whole", this.#isWhole && !corners);
    this.translate();
  }

  translate() {
    const { x, y, width, height } = this.#box;
    const where = { x: Math.round(x), y: Math.round(y), width: Math.round(width), height: Math.round(height) };
    this.#frame.setAttribute("aria-roledescription", t("crop_role"));
    this.#frame.setAttribute("aria-label", `${t("crop")}: ${t("crop_where", where)}`);
    this.#help.textContent = t("crop_help");
    this.#outline.translate();
  }

  /** @param {Box} box */
  #change(box) {
    this.set(box);
    this.onChange(this.place);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const step = arrow(event, this.#size.width);
    if (!step) return;
    const [dx, dy] = step;
    const { x, y, width, height } = this.#box;
    this.#change(
      event.shiftKey ? { x, y, width: width + dx, height: height + dy } : moved(this.#box, dx, dy, this.#size),
    );
  }

  /** @param {PointerEvent} event */
  #startDrag(event) {
    if (event.button !== 0 || !event.isPrimary) return;
    const target = /** @type {HTMLElement} */ (event.target);
    const from = this.#point(event);
    const before = this.#box;
    const edges = target.dataset.edges;
    const draws = !edges && (target !== this.#frame || this.#isWhole);
    /** @param {PointerEvent} at */
    const drag = (at) => {
      const { x, y } = this.#point(at);
      if (draws) this.#draw(from, { x, y });
      else if (edges) this.#change(stretched(before, edges, x - from.x, y - from.y));
      else this.#change(moved(before, x - from.x, y - from.y, this.#size));
    };
    follow(this.element, event, drag);
  }

  /** A click is no new frame: it must have grown to something. @param {{x: number, y: number}} from @param {{x: number, y: number}} to */
  #draw(from, to) {
    const width = Math.abs(to.x - from.x);
    const height = Math.abs(to.y - from.y);
    if (width < SMALLEST || height < SMALLEST) return;
    this.#change({ x: Math.min(from.x, to.x), y: Math.min(from.y, to.y), width, height });
  }

  /** @param {PointerEvent} event @returns {{x: number, y: number}} in pixels of the picture, inside of it */
  #point(event) {
    const area = this.element.getBoundingClientRect();
    const x = ((event.clientX - area.left) / area.width) * this.#size.width;
    const y = ((event.clientY - area.top) / area.height) * this.#size.height;
    return { x: clamp(x, 0, this.#size.width), y: clamp(y, 0, this.#size.height) };
  }
}

/**
 * Which of the picture's edges a frame lies at: beyond them nothing of its handles could be seen, nor taken hold of.
 *
 * @param {{left: number, top: number}} corner @param {{width: number, height: number}} extent parts of the picture
 * @returns {string} some of n, e, s, w
 */
function touched({ left, top }, { width, height }) {
  const gaps = { n: top, e: 1 - left - width, s: 1 - top - height, w: left };
  const near = Object.entries(gaps).filter(([, gap]) => gap < NEAR);
  return near.map(([edge]) => edge).join("");
}

/** @param {number} value @param {number} low @param {number} high */
function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

/**
 * Moved as far as the picture goes, its size kept.
 *
 * @param {Box} box @param {number} dx @param {number} dy @param {{width: number, height: number}} size
 */
export function moved({ x, y, width, height }, dx, dy, size) {
  return { x: clamp(x + dx, 0, size.width - width), y: clamp(y + dy, 0, size.height - height), width, height };
}

/**
 * With the named edges (some of n, e, s, w) moved; an edge stops short of the opposite one.
 *
 * @param {Box} box @param {string} edges @param {number} dx @param {number} dy
 */
export function stretched({ x, y, width, height }, edges, dx, dy) {
  let [left, top, right, bottom] = [x, y, x + width, y + height];
  if (edges.includes("w")) left = Math.min(left + dx, right - SMALLEST);
  if (edges.includes("e")) right = Math.max(right + dx, left + SMALLEST);
  if (edges.includes("n")) top = Math.min(top + dy, bottom - SMALLEST);
  if (edges.includes("s")) bottom = Math.max(bottom + dy, top + SMALLEST);
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** @param {Box} box @param {{width: number, height: number}} size @returns {Box} the part inside of the picture */
export function inside({ x, y, width, height }, size) {
  const left = clamp(x, 0, size.width - SMALLEST);
  const top = clamp(y, 0, size.height - SMALLEST);
  const right = clamp(x + width, left + SMALLEST, size.width);
  const bottom = clamp(y + height, top + SMALLEST, size.height);
  return { x: left, y: top, width: right - left, height: bottom - top };
}
