/** Looks at one display as people might frame it: a little aside, a little closer, a little farther. */

/**
 * @typedef {import("../reader.js").Box} Box
 * @typedef {import("../quad.js").Corners} Corners
 */

/** To the right and down, in parts of the display's height, and how much wider the frame is. The first is as given. */
const VIEWS = /** @type {const} */ ([
  [0, 0, 1],
  [0.12, 0.04, 1],
  [-0.12, -0.04, 1],
  [0.04, -0.07, 1.08],
  [-0.04, 0.07, 1.08],
  [0.05, 0.02, 0.95],
  [-0.05, -0.02, 1.16],
  [0, 0, 1.04],
]);

/** @param {Box} box @returns {Box[]} the box first */
export function boxesAround({ x, y, width, height }) {
  return VIEWS.map(([right, down, wider]) => ({
    x: x + right * height - ((wider - 1) * width) / 2,
    y: y + down * height - ((wider - 1) * height) / 2,
    width: width * wider,
    height: height * wider,
  }));
}

/** @param {Corners} corners in reading order @returns {Corners[]} the corners first */
export function outlinesAround(corners) {
  const [middle, across, upright] = axesOf(corners);
  return VIEWS.map(([right, down, wider]) => {
    const moved = corners.map((corner) =>
      corner.map((each, axis) => {
        const shift = right * across[axis] + down * upright[axis];
        return middle[axis] + wider * (each - middle[axis]) + shift;
      }),
    );
    return /** @type {Corners} */ (/** @type {unknown} */ (moved));
  });
}

/** The middle, and steps of one height to the right and down along the display's own sides. @param {Corners} corners */
function axesOf([topLeft, topRight, bottomRight, bottomLeft]) {
  const middle = [0, 1].map((axis) => (topLeft[axis] + topRight[axis] + bottomRight[axis] + bottomLeft[axis]) / 4);
  const upright = [0, 1].map((axis) => (bottomLeft[axis] + bottomRight[axis] - topLeft[axis] - topRight[axis]) / 2);
  const level = [0, 1].map((axis) => (topRight[axis] + bottomRight[axis] - topLeft[axis] - bottomLeft[axis]) / 2);
  const scale = Math.hypot(...upright) / Math.max(Math.hypot(...level), 1e-9);
  return [middle, level.map((each) => each * scale), upright];
}
