/** Four corners: whether they make an outline, and the same moved, scaled and boxed. */

/**
 * @typedef {[number, number]} Point x and y in pixels of the upright picture, (0, 0) its top left corner
 * @typedef {[Point, Point, Point, Point]} Corners in reading order of the text: top left, top right, bottom right,
 *   bottom left
 * @typedef {import("./reader.js").Box} Box
 */

const SMALLEST = 8; // pixels: the least length of an outline's sides

/**
 * Whether four corners make an outline: finite, convex, clockwise on screen, no side shorter than 8 pixels.
 *
 * @param {unknown} corners
 * @returns {corners is Corners}
 */
export function isUsable(corners) {
  const four = Array.isArray(corners) && corners.length === 4 && corners.every((each) => each?.length === 2);
  if (!four || !corners.flat().every(Number.isFinite)) return false;
  const all = sides(/** @type {Corners} */ (corners));
  return all.every(([x, y], index) => {
    const [nextX, nextY] = all[(index + 1) % 4];
    return x * nextY - y * nextX > 0 && Math.hypot(x, y) >= SMALLEST;
  });
}

/** @param {Corners} corners @returns {Point[]} from each corner to the next */
export function sides(corners) {
  return corners.map(([x, y], index) => {
    const [nextX, nextY] = corners[(index + 1) % 4];
    return [nextX - x, nextY - y];
  });
}

/**
 * @param {Corners} quad
 * @returns {[number, number]} the longer of top and bottom, and of left and right
 */
export function extent(quad) {
  const [top, right, bottom, left] = sides(quad).map(([x, y]) => Math.hypot(x, y));
  return [Math.max(top, bottom), Math.max(right, left)];
}

/** @param {Corners} corners @returns {Point} */
export function middle(corners) {
  const [x, y] = [0, 1].map((axis) => corners.reduce((sum, corner) => sum + corner[axis], 0) / corners.length);
  return [x, y];
}

/** @param {Corners} corners @returns {number} by how many degrees the text is turned clockwise, -180 to 180 */
export function tilt(corners) {
  const [top, , bottom] = sides(corners);
  return (Math.atan2(top[1] - bottom[1], top[0] - bottom[0]) * 180) / Math.PI;
}

/** @param {Corners} corners @param {(corner: Point) => Point} change */
export function each(corners, change) {
  return /** @type {Corners} */ (corners.map(change));
}

/**
 * Moved as far as its middle stays in the picture.
 *
 * @param {Corners} corners @param {number} dx @param {number} dy @param {{width: number, height: number}} size
 */
export function shifted(corners, dx, dy, size) {
  const [x, y] = middle(corners);
  const [right, down] = [inside(x + dx, size.width) - x, inside(y + dy, size.height) - y];
  return each(corners, ([cornerX, cornerY]) => [cornerX + right, cornerY + down]);
}

/** @param {Corners} corners @param {number} factor around its middle */
export function scaled(corners, factor) {
  const [x, y] = middle(corners);
  return each(corners, ([cornerX, cornerY]) => [x + (cornerX - x) * factor, y + (cornerY - y) * factor]);
}

/** @param {Corners} corners @param {number} which @param {Point} to @param {{width: number, height: number}} size */
export function withCorner(corners, which, [x, y], size) {
  /** @type {Point} */
  const place = [inside(x, size.width), inside(y, size.height)];
  return /** @type {Corners} */ (corners.map((corner, index) => (index === which ? place : corner)));
}

/** @param {Corners} corners @param {{width: number, height: number}} size @returns {Box} what holds it, in the picture */
export function boxAround(corners, size) {
  const [xs, ys] = [0, 1].map((axis) => corners.map((corner) => corner[axis]));
  const [left, top] = [inside(Math.min(...xs), size.width), inside(Math.min(...ys), size.height)];
  const [right, bottom] = [inside(Math.max(...xs), size.width), inside(Math.max(...ys), size.height)];
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** @param {number} value @param {number} most */
function inside(value, most) {
  return Math.min(Math.max(value, 0), most);
}
