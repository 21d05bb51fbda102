/** The paper on the screen: takes strokes by mouse, touch and pen, and paints them as they come. */
import { Drawing, paint, PAPER, thicknessOf } from "./strokes.js";

/** @typedef {import("./strokes.js").Stroke} Stroke */

const FINER = 2; // pixels of the canvas for each unit of the paper

export class Pad {
  #drawing = new Drawing();
  /** @type {Stroke | null} the one that is being drawn */
  #stroke = null;
  #pointer = 0;
  #context;
  thickness = 0;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {() => void} onChange called whenever there is more or less ink
   * @param {() => void} onStroke called when a stroke has ended, was undone or done again, or all were cleared
   */
  constructor(canvas, onChange, onStroke) {
    this.canvas = canvas;
    this.onChange = onChange;
    this.onStroke = onStroke;
    canvas.width = PAPER.width * FINER;
    canvas.height = PAPER.height * FINER;
    const context = canvas.getContext("2d");
    if (!context) throw new Error("expected a canvas to draw on, got none from this browser");
    this.#context = context;
    context.scale(FINER, FINER);
    canvas.addEventListener("pointerdown", (event) => this.#begin(event));
    canvas.addEventListener("pointermove", (event) => this.#goOn(event));
    canvas.addEventListener("pointerup", (event) => this.#end(event, true));
    canvas.addEventListener("pointercancel", (event) => this.#end(event, false));
    this.repaint();
  }

  /** All strokes, that which is being drawn included. */
  get strokes() {
    return this.#stroke ? [...this.#drawing.strokes, this.#stroke] : this.#drawing.strokes;
  }

  get canUndo() {
    return this.#drawing.canUndo;
  }

  get canRedo() {
    return this.#drawing.canRedo;
  }

  undo() {
    this.#change(() => this.#drawing.undo());
  }

  redo() {
    this.#change(() => this.#drawing.redo());
  }

  clear() {
    this.#change(() => this.#drawing.clear());
  }

  /** In the colours of now. */
  repaint() {
    this.#context.clearRect(0, 0, PAPER.width, PAPER.height);
    this.#context.strokeStyle = getComputedStyle(this.canvas).color;
    for (const stroke of this.strokes) paint(this.#context, stroke);
  }

  /** A stroke under way is left as it is. @param {() => void} change */
  #change(change) {
    if (this.#stroke) return;
    change();
    this.repaint();
    this.onChange();
    this.onStroke();
  }

  /** One pointer at a time: a hand that lies on the screen draws nothing. @param {PointerEvent} event */
  #begin(event) {
    if (this.#stroke || event.button !== 0) return;
    event.preventDefault(); // no selecting, no scrolling
    this.canvas.setPointerCapture(event.pointerId);
    this.#pointer = event.pointerId;
    this.#stroke = [];
    this.#extend([event]);
  }

  /** @param {PointerEvent} event */
  #goOn(event) {
    if (!this.#stroke || event.pointerId !== this.#pointer) return;
    const all = event.getCoalescedEvents?.() ?? []; // those between two frames
    this.#extend(all.length ? all : [event]);
  }

  /** @param {PointerEvent} event @param {boolean} keeps whether the stroke was meant */
  #end(event, keeps) {
    if (!this.#stroke || event.pointerId !== this.#pointer) return;
    if (keeps) this.#drawing.add(this.#stroke);
    this.#stroke = null;
    if (!keeps) this.repaint();
    this.onChange();
    this.onStroke();
  }

  /** @param {PointerEvent[]} events */
  #extend(events) {
    const stroke = /** @type {Stroke} */ (this.#stroke);
    const from = stroke.length / 3;
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    for (const event of events) {
      const x = ((event.clientX - left) / width) * PAPER.width;
      const y = ((event.clientY - top) / height) * PAPER.height;
      stroke.push(x, y, thicknessOf(event, this.thickness));
    }
    paint(this.#context, stroke, from);
    this.onChange();
  }
}
