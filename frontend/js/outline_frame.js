/**
 * The outline of a display on a picture: moved as a whole, or by its four corners, by mouse, touch or keyboard.
 *
 * Its upper side, as the text goes, is drawn thicker, so that a display that lies on its side or upside down is seen to.
 */
import { element } from "./dom.js";
import { arrow, follow } from "./drag.js";
import { t } from "./i18n.js";
import { boxAround, extent, isUsable, scaled, shifted, tilt, withCorner } from "./quad.js";

/** @typedef {import("./quad.js").Corners} Corners */
/** @typedef {import("./quad.js").Point} Point */

const SVG = "http://www.w3.org/2000/svg";
const LARGER = 1.03; // for one press of an arrow key with Shift
const CORNERS = /** @type {const} */ ([0, 1, 2, 3]);

export class OutlineFrame {
  /** @type {Corners | null} */
  #corners = null;
  #shade = drawn("path", "shade");
  #area = drawn("polygon", "area");
  #top = drawn("line", "upper");
  #help = element("span", {
    className: "hidden-visually",
    id: `outline-help-${crypto.randomUUID?.() ?? Math.random()}`,
  });

  /**
   * @param {{width: number, height: number}} size of the picture
   * @param {(corners: Corners) => void} onChange
   * @param {(event: PointerEvent) => {x: number, y: number}} pointOf in pixels of the picture
   */
  constructor(size, onChange, pointOf) {
    this.size = size;
    this.onChange = onChange;
    this.pointOf = pointOf;
    this.svg = document.createElementNS(SVG, "svg");
    this.svg.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
    this.svg.setAttribute("preserveAspectRatio", "none");
    this.svg.setAttribute("role", "group");
    this.svg.setAttribute("tabindex", "0");
    this.svg.setAttribute("aria-describedby", this.#help.id);
    this.svg.append(this.#shade, this.#area, this.#top);
    this.svg.addEventListener("keydown", (event) => this.#onKey(event));
    this.#area.addEventListener("pointerdown", (event) => this.#drag(event, null));
    this.handles = CORNERS.map((corner) => this.#handle(corner));
    this.element = element("div", { className: "outline", hidden: true }, this.svg, ...this.handles, this.#help);
  }

  /** @returns {Corners | null} */
  get corners() {
    return this.#corners;
  }

  /** @param {Corners | null} corners null: not shown */
  set(corners) {
    this.#corners = corners;
    this.element.hidden = !corners;
    if (!corners) return;
    const { width, height } = this.size;
    const points = corners.map((corner) => corner.join(" "));
    this.#shade.setAttribute("d", `M0 0H${width}V${height}H0Z M${points.join("L")}Z`);
    this.#area.setAttribute("points", points.join(","));
    const [[x1, y1], [x2, y2]] = corners;
    for (const [name, value] of Object.entries({ x1, y1, x2, y2 })) this.#top.setAttribute(name, String(value));
    this.handles.forEach((handle, index) => {
      handle.style.left = `${(corners[index][0] / width) * 100}%`;
      handle.style.top = `${(corners[index][1] / height) * 100}%`;
    });
    this.translate();
  }

  translate() {
    const corners = this.#corners;
    if (!corners) return;
    const { x, y } = boxAround(corners, this.size);
    const [width, height] = extent(corners);
    const [left, top, wide, high, turned] = [x, y, width, height, tilt(corners)].map((number) => Math.round(number));
    const where = t("outline_where", { x: left, y: top, width: wide, height: high, degrees: turned });
    this.svg.setAttribute("aria-roledescription", t("outline_role"));
    this.svg.setAttribute("aria-label", `${t("outline")}: ${where}`);
    this.#help.textContent = t("outline_help");
    this.handles.forEach((handle, index) => {
      const place = { x: Math.round(corners[index][0]), y: Math.round(corners[index][1]) };
      handle.setAttribute("aria-label", `${t(`outline_corner_${CORNERS[index]}`)}: ${t("outline_at", place)}`);
    });
  }

  /** @param {0 | 1 | 2 | 3} corner */
  #handle(corner) {
    const handle = element("button", { type: "button", className: "corner" });
    handle.addEventListener("pointerdown", (event) => this.#drag(event, corner));
    handle.addEventListener("keydown", (event) => {
      const step = arrow(event, this.size.width);
      const from = this.#corners?.[corner];
      if (step && from) this.#moveCorner(corner, [from[0] + step[0], from[1] + step[1]]);
    });
    return handle;
  }

  /** Only to what is an outline still: corners do not pass each other. @param {Corners} corners */
  #change(corners) {
    if (!isUsable(corners)) return;
    this.set(corners);
    this.onChange(corners);
  }

  /** @param {number} corner @param {Point} to */
  #moveCorner(corner, to) {
    if (this.#corners) this.#change(withCorner(this.#corners, corner, to, this.size));
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const step = arrow(event, this.size.width);
    if (!step || !this.#corners) return;
    const grows = step[0] > 0 || step[1] < 0;
    if (event.shiftKey) this.#change(scaled(this.#corners, grows ? LARGER : 1 / LARGER));
    else this.#change(shifted(this.#corners, step[0], step[1], this.size));
  }

  /** @param {PointerEvent} event @param {number | null} corner null: all of it */
  #drag(event, corner) {
    const before = this.#corners;
    if (event.button !== 0 || !event.isPrimary || !before) return;
    event.stopPropagation(); // on the bare picture it would draw a new frame
    const from = this.pointOf(event);
    follow(this.element, event, (at) => {
      const to = this.pointOf(at);
      const [dx, dy] = [to.x - from.x, to.y - from.y];
      if (corner === null) this.#change(shifted(before, dx, dy, this.size));
      else this.#moveCorner(corner, [before[corner][0] + dx, before[corner][1] + dy]);
    });
  }
}

/**
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag @param {string} name
 */
export function drawn(tag, name) {
  const made = document.createElementNS(SVG, tag);
  made.setAttribute("class", name);
  return made;
}
