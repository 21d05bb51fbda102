/**
 * A frame on a picture, adjusted by mouse, touch or keyboard. Positions are in pixels of the picture.
 *
 * Dragging inside moves it, the eight handles resize it, dragging on the bare picture draws a new one. While the frame
 * holds the whole picture there is nothing to move, so dragging inside draws too.
 */
import { element } from "./dom.js";
import { t } from "./i18n.js";

/** @typedef {import("./reader.js").Box} Box */

const HANDLES = ["n", "e", "s", "w", "ne", "se", "sw", "nw"];
const STEP = 0.01; // of the picture's width, for one press of an arrow key
const SMALLEST = 8; // pixels
const ARROWS = /** @type {Record<string, [number, number]>} */ ({
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
});

export class Crop {
  /** @type {Box} */
  #box = { x: 0, y: 0, width: 1, height: 1 };
  #size = { width: 1, height: 1 };
  #frame;
  #help;

  /**
   * @param {HTMLImageElement} image already loaded
   * @param {Box | null} box null: the whole picture
   * @param {(box: Box | null) => void} onChange
   */
  constructor(image, box, onChange) {
    this.onChange = onChange;
    this.#size = { width: image.naturalWidth, height: image.naturalHeight };
    this.#help = element("span", {
      className: "hidden-visually",
      id: `crop-help-${crypto.getRandomValues(new Uint32Array(1))[0]}`,
    });
    const handles = HANDLES.map((edges) => element("span", { className: `handle ${edges}`, dataset: { edges } }));
    this.#frame = element("div", { className: "frame", tabIndex: 0, role: "group" }, ...handles);
    this.#frame.setAttribute("aria-describedby", this.#help.id);
    this.element = element("div", { className: "crop" }, image, this.#frame, this.#help);
    this.element.style.setProperty("--aspect", String(this.#size.width / this.#size.height));
    this.element.addEventListener("pointerdown", (event) => this.#startDrag(event));
    this.#frame.addEventListener("keydown", (event) => this.#onKey(event));
    image.draggable = false;
    this.set(box);
  }

  /** The frame, or null when it holds the whole picture. */
  get box() {
    return this.#isWhole ? null : { ...this.#box };
  }

  get #isWhole() {
    return this.#box.width >= this.#size.width && this.#box.height >= this.#size.height;
  }

  /** @param {Box | null} box */
  set(box) {
    this.#box = box ? inside(box, this.#size) : { x: 0, y: 0, ...this.#size };
    const { x, y, width, height } = this.#box;
    const place = { left: x / this.#size.width, top: y / this.#size.height };
    const extent = { width: width / this.#size.width, height: height / this.#size.height };
    for (const [name, part] of Object.entries({ ...place, ...extent })) {
      this.#frame.style.setProperty(name, `${part * 100}%`);
    }
    this.element.classList.toggle("whole", this.#isWhole);
    this.translate();
  }

  translate() {
    const { x, y, width, height } = this.#box;
    const where = { x: Math.round(x), y: Math.round(y), width: Math.round(width), height: Math.round(height) };
    this.#frame.setAttribute("aria-roledescription", t("crop_role"));
    this.#frame.setAttribute("aria-label", `${t("crop")}: ${t("crop_where", where)}`);
    this.#help.textContent = t("crop_help");
  }

  /** @param {Box} box */
  #change(box) {
    this.set(box);
    this.onChange(this.box);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const direction = ARROWS[event.key];
    if (!direction || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const step = event.altKey ? 1 : Math.max(1, Math.round(this.#size.width * STEP));
    const [dx, dy] = direction.map((sign) => sign * step);
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
    this.#follow(event, drag);
  }

  /** @param {PointerEvent} event @param {(event: PointerEvent) => void} drag */
  #follow(event, drag) {
    this.element.setPointerCapture(event.pointerId);
    const ends = ["pointerup", "pointercancel", "lostpointercapture"];
    const end = () => {
      this.element.removeEventListener("pointermove", drag);
      for (const name of ends) this.element.removeEventListener(name, end);
    };
    this.element.addEventListener("pointermove", drag);
    for (const name of ends) this.element.addEventListener(name, end);
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
