/**
 * More looks at a display that the first look left in doubt; the same as `backend/domain/looks.py`, which says why.
 */
import { CLASSES, ROWS } from "./reading.js";

/** How far the other looks are moved right and down, in pixels of the input. */
export const SHIFTS = /** @type {const} */ ([
  [3, 0],
  [-3, 0],
  [0, 2],
  [0, -2],
]);

/**
 * Whether the first look's output asks for more: the product of its rows' greatest is under `below`.
 *
 * @param {Float32Array} output 110 row probabilities, the network's own
 * @param {number} below 0 to 1
 */
export function inDoubt(output, below) {
  let sure = 1;
  for (let row = 0; row < ROWS; row++) sure *= Math.max(...output.subarray(row * CLASSES, (row + 1) * CLASSES));
  return sure < below;
}

/**
 * An input moved by whole pixels; its edges go on where nothing comes in.
 *
 * @param {Float32Array} input height × width × 3 numbers
 * @param {{width: number, height: number}} size
 * @param {number} right pixels
 * @param {number} down pixels
 */
export function shifted(input, { width, height }, right, down) {
  const moved = new Float32Array(input.length);
  for (let row = 0, at = 0; row < height; row++) {
    const from = within(row - down, height) * width;
    for (let column = 0; column < width; column++, at += 3) {
      const source = (from + within(column - right, width)) * 3;
      for (let channel = 0; channel < 3; channel++) moved[at + channel] = input[source + channel];
    }
  }
  return moved;
}

/**
 * The output of all looks: the first alone where that is sure, else the mean with those of the others.
 *
 * @param {(input: Float32Array) => Promise<Float32Array>} predict
 * @param {Float32Array} input height × width × 3 numbers
 * @param {{width: number, height: number}} size
 * @param {number} below the confidence under which more looks are taken; 0: never
 */
export async function look(predict, input, size, below) {
  const first = await predict(input);
  if (!inDoubt(first, below)) return first;
  const sums = Float64Array.from(first);
  for (const [right, down] of SHIFTS) {
    const output = await predict(shifted(input, size, right, down));
    for (let i = 0; i < sums.length; i++) sums[i] += output[i];
  }
  return Float32Array.from(sums, (sum) => sum / (SHIFTS.length + 1));
}

/** @param {number} place @param {number} count */
function within(place, count) {
  return Math.min(Math.max(place, 0), count - 1);
}
