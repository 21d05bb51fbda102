/** The large picture: its display or the whole of it, larger and smaller, moved by dragging. */

const LARGEST = 8;
const MARGIN = 0.1; // of the display's box, shown around it

/** @typedef {import("./labelling-queue.js").Card} Card */

export class Picture {
  /** @param {HTMLElement} stage */
  constructor(stage) {
    this.svg = /** @type {SVGSVGElement} */ (stage.querySelector("svg"));
    this.image = /** @type {SVGImageElement} */ (stage.querySelector("image"));
    this.area = { x: 0, y: 0, width: 1, height: 1 };
    this.zoom = 1;
    this.whole = false;
    /** @type {Card | null} */
    this.card = null;
    stage.addEventListener("pointermove", (event) => this.drag(event));
    stage.addEventListener("dblclick", () => this.scale(this.zoom < 2 ? 2 : 1 / this.zoom));
  }

  /** @param {Card} card */
  show(card) {
    this.card = card;
    this.whole = false;
    this.image.setAttribute("href", card.image);
    this.image.setAttribute("width", `${card.width}`);
    this.image.setAttribute("height", `${card.height}`);
    this.fit();
  }

  /** The display fills the stage, or the whole picture does. */
  fit() {
    if (!this.card) return;
    const { width, height, box } = this.card;
    const [x, y, w, h] = box && !this.whole ? box : [0, 0, width, height];
    const margin = box && !this.whole ? MARGIN * h : 0;
    this.area = { x: x - margin, y: y - margin, width: w + 2 * margin, height: h + 2 * margin };
    this.zoom = 1;
    this.draw();
  }

  toggle() {
    this.whole = !this.whole;
    this.fit();
  }

  /** @param {number} factor */
  scale(factor) {
    const zoom = Math.max(1, Math.min(LARGEST, this.zoom * factor));
    const { x, y, width, height } = this.area;
    const shrink = this.zoom / zoom;
    this.area = {
      x: x + (width * (1 - shrink)) / 2,
      y: y + (height * (1 - shrink)) / 2,
      width: width * shrink,
      height: height * shrink,
    };
    this.zoom = zoom;
    if (zoom === 1) this.fit();
    else this.draw();
  }

  /** @param {PointerEvent} event */
  drag(event) {
    if (!event.buttons || this.zoom === 1) return;
    const size = this.svg.getBoundingClientRect();
    const pixels = Math.max(this.area.width / size.width, this.area.height / size.height);
    this.area.x -= event.movementX * pixels;
    this.area.y -= event.movementY * pixels;
    this.draw();
  }

  draw() {
    const { x, y, width, height } = this.area;
    this.svg.setAttribute("viewBox", `${x} ${y} ${width} ${height}`);
  }
}
