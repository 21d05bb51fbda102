/** What is drawn: strokes of a pen, each undone and done again; painted alike on the screen and for the networks. */

/** The paper's size; strokes are in its units, however large it is shown. */
export const PAPER = { width: 640, height: 400 };

/** @typedef {number[]} Stroke x, y and thickness of its points, one after the other: three numbers a point */

/** Strokes with every state that there was. */
export class Drawing {
  /** @type {Stroke[][]} */
  #states = [[]];
  #at = 0;

  /** As they are now; never changed in place. */
  get strokes() {
    return this.#states[this.#at];
  }

  get canUndo() {
    return this.#at > 0;
  }

  get canRedo() {
    return this.#at < this.#states.length - 1;
  }

  /** @param {Stroke} stroke */
  add(stroke) {
    this.#change([...this.strokes, stroke]);
  }

  /** All strokes go; undoing brings them back. */
  clear() {
    if (this.strokes.length) this.#change([]);
  }

  undo() {
    if (this.canUndo) this.#at--;
  }

  redo() {
    if (this.canRedo) this.#at++;
  }

  /** @param {Stroke[]} strokes */
  #change(strokes) {
    this.#states = [...this.#states.slice(0, this.#at + 1), strokes];
    this.#at++;
  }
}

/**
 * @param {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} context in the paper's units
 * @param {Stroke} stroke
 * @param {number} [from] the first point that has not been painted yet
 */
export function paint(context, stroke, from = 0) {
  context.lineCap = "round";
  context.lineJoin = "round";
  for (let at = Math.max(0, from - 1) * 3; at < stroke.length; at += 3) {
    const [x, y, thickness] = stroke.slice(at, at + 3);
    const next = at + 3 < stroke.length ? at + 3 : at; // a dot, or the last point once more
    context.lineWidth = (thickness + stroke[next + 2]) / 2;
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(stroke[next], stroke[next + 1]);
    context.stroke();
  }
}

/**
 * How thick a pen draws at an event: only pens tell how hard they are pressed, half the range being an ordinary hand.
 *
 * @param {PointerEvent} event
 * @param {number} thickness chosen
 */
export function thicknessOf({ pointerType, pressure }, thickness) {
  return pointerType === "pen" && pressure > 0 ? thickness * (0.5 + pressure) : thickness;
}
