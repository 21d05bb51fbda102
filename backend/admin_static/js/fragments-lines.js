/**
 * The lines over a display, without any page: where they stand, between which digits, and what the pieces say.
 *
 * A line's `gap` is how many digits lie left of it. It follows from where the line stands between its neighbours, as if
 * the digits there were of one width, until a person says it (`fixed`). Twin of backend/services/cutting.py.
 */

/**
 * @typedef {{ x: number, width: number, y: number, height: number }} Area in pixels of the picture
 * @typedef {{ x: number, gap: number, fixed: boolean }} Line
 * @typedef {{ left: number, right: number, value: string, digits: number, part: number }} Piece
 */

export const NARROWEST = 8; // pixels of a piece: what the server accepts
const MOST_PIECES = 5; // a start, three middles and an end: what generated pictures are joined from

export class Lines {
  /**
   * @param {Area} area the display
   * @param {string} value what it shows, such as "012.5"
   * @param {number[]} places where lines between all digits are proposed
   */
  constructor(area, value, places) {
    this.left = Math.floor(area.x);
    this.right = Math.ceil(area.x + area.width);
    /** The digits, the point with the one before it. */
    this.marks = value.match(/\d\.?/g) ?? [];
    this.proposed = places;
    /** @type {Line[]} */
    this.lines = [];
    this.reset();
  }

  /** Put a line between every two digits, or fewer where that gave more pieces than are ever joined. */
  reset() {
    const digits = this.marks.length;
    const pieces = Math.min(digits, MOST_PIECES);
    this.between(Array.from({ length: pieces - 1 }, (_, index) => Math.round(((index + 1) * digits) / pieces)));
  }

  /** Put a line between every two digits. */
  everywhere() {
    this.between(this.proposed.map((_, index) => index + 1));
  }

  /**
   * Put lines where they are proposed.
   * @param {number[]} gaps how many digits lie left of each
   */
  between(gaps) {
    this.lines = gaps.map((gap) => ({ x: this.proposed[gap - 1], gap, fixed: false }));
  }

  /**
   * The neighbours of a line, or the sides of the display.
   * @param {number} index
   * @returns {[Line, Line]}
   */
  around(index) {
    const first = { x: this.left, gap: 0, fixed: true };
    const last = { x: this.right, gap: this.marks.length, fixed: true };
    return [this.lines[index - 1] ?? first, this.lines[index + 1] ?? last];
  }

  /**
   * Move a line, as far as its neighbours let it.
   * @param {number} index
   * @param {number} x
   */
  move(index, x) {
    const [before, after] = this.around(index);
    const line = this.lines[index];
    line.x = Math.round(Math.max(before.x + NARROWEST, Math.min(after.x - NARROWEST, x)));
    if (!line.fixed) line.gap = gapAt(line.x, before, after);
  }

  /**
   * Say that a line stands further right or left by so many digits.
   * @param {number} index
   * @param {number} step
   */
  shift(index, step) {
    const [before, after] = this.around(index);
    const line = this.lines[index];
    const gap = line.gap + step;
    if (gap <= before.gap || gap >= after.gap) return;
    line.gap = gap;
    line.fixed = true;
  }

  /**
   * Add a line; without a place in the middle of the widest piece that has several digits.
   * @param {number} [x]
   * @returns {number | null} its number, or null where none can be
   */
  add(x) {
    const pieces = this.pieces();
    const fits = pieces.filter((piece) => piece.digits > 1 && piece.right - piece.left >= 2 * NARROWEST);
    const piece =
      x === undefined
        ? fits.sort((a, b) => b.right - b.left - (a.right - a.left))[0]
        : fits.find((each) => each.left < x && x < each.right);
    if (!piece) return null;
    const index = pieces.indexOf(piece);
    this.lines.splice(index, 0, { x: piece.left, gap: 0, fixed: false });
    this.move(index, x ?? (piece.left + piece.right) / 2);
    return index;
  }

  /**
   * Remove a line; the last one stays.
   * @param {number} index
   */
  remove(index) {
    if (this.lines.length > 1) this.lines.splice(index, 1);
  }

  /**
   * What the lines cut out, from left to right.
   * @returns {Piece[]}
   */
  pieces() {
    const edges = [{ x: this.left, gap: 0 }, ...this.lines, { x: this.right, gap: this.marks.length }];
    return edges.slice(1).map((edge, position) => {
      const before = edges[position];
      const marks = this.marks.slice(before.gap, edge.gap);
      const part = position === 0 ? 0 : position === edges.length - 2 ? 2 : 1;
      return { left: before.x, right: edge.x, value: marks.join(""), digits: marks.length, part };
    });
  }
}

/**
 * Between which digits a place lies, with at least one digit on each side.
 * @param {number} x
 * @param {Line} before
 * @param {Line} after
 * @returns {number}
 */
function gapAt(x, before, after) {
  const place = before.gap + ((after.gap - before.gap) * (x - before.x)) / (after.x - before.x);
  return Math.max(before.gap + 1, Math.min(after.gap - 1, Math.round(place)));
}
