/**
 * A drawn digit as a classifier gets it: as MNIST's were prepared, and several in a row as one number.
 *
 * LeCun et al. 1998, section III.A: the digit's box is scaled, keeping its shape, to fit 20 × 20 pixels, and placed in
 * 28 × 28 with its centre of mass in the middle.
 *
 * Twin of backend/domain/drawn.py, down to the messages; tests/vectors/drawn.json holds both together.
 */
import { boxOf, joined, longer, partsOf, runsOf } from "./drawn_parts.js";
import { crop, normalise } from "./imaging.js";
import { CLASSES, DIGITS, ROWS } from "./reading.js";

/**
 * @typedef {{width: number, height: number, values: Float32Array}} Ink row by row, 0 to 1, bright on black
 */

export const SIDE = 28; // of the picture
const LONGER = 20; // of the digit's box in it, its longer side
const MIDDLE = 14.5; // where the centre of mass lies: MNIST has it in the pixel 14, counted from 0
const SPECK = 0.15; // a part whose longer side is under this part of that of the largest is dust

/** Nothing is drawn, or more digits than a reading has. */
export class NoInkError extends Error {
  /** @param {string} message @param {number} got how many digits there are */
  constructor(message, got) {
    super(message);
    this.name = "NoInkError";
    this.got = got;
  }
}

/**
 * One drawn digit, of any size and anywhere, as MNIST has them.
 *
 * @param {Ink} ink
 * @returns {Float32Array} 28 × 28
 * @throws {NoInkError} for none
 */
export function centred(ink) {
  const digit = trimmed(ink);
  const scale = LONGER / Math.max(digit.width, digit.height);
  const [width, height] = [digit.width, digit.height].map((side) => Math.max(1, Math.round(side * scale)));
  const small = shrunk(digit, width, height);
  const left = place(small, width, height, (index) => index % width, width);
  const top = place(small, width, height, (index) => Math.floor(index / width), height);
  const placed = new Uint8Array(SIDE * SIDE);
  for (let row = 0; row < height; row++) {
    placed.set(small.subarray(row * width, (row + 1) * width), (top + row) * SIDE + left);
  }
  return normalise(placed);
}

/**
 * A picture in the middle of a larger black one: LeNet has MNIST's padded by 2.
 *
 * @param {Ink} picture
 * @param {number} width
 * @param {number} height
 * @returns {Float32Array} width × height
 * @throws {RangeError} when it is not larger
 */
export function framed(picture, width, height) {
  if (picture.width > width || picture.height > height) {
    const sizes = `${height} × ${width}, got ${picture.height} × ${picture.width}`;
    throw new RangeError(`expected a picture of at most ${sizes}`);
  }
  const [left, top] = [(width - picture.width) >> 1, (height - picture.height) >> 1];
  const larger = new Float32Array(width * height);
  for (let row = 0; row < picture.height; row++) {
    const line = picture.values.subarray(row * picture.width, (row + 1) * picture.width);
    larger.set(line, (top + row) * width + left);
  }
  return larger;
}

/**
 * The digits of a drawn number, from left to right, each cut out with nothing but its own ink.
 *
 * Strokes that hang together, or stand above each other as the bar of a 5 above its belly, are one digit; dust is none.
 *
 * @param {Ink} ink
 * @returns {Ink[]}
 * @throws {NoInkError} when nothing is drawn, or more than 10 digits
 */
export function digitsInARow(ink) {
  const parts = partsOf(ink);
  const least = SPECK * Math.max(0, ...parts.map(longer));
  const digits = joined(parts.filter((part) => longer(part) >= least));
  checkCount(digits.length);
  return digits.map((digit) => cutOut(ink, digit));
}

/**
 * The probabilities of a number's digits as `decode` takes them: no decimals, and nothing before its digits.
 *
 * @param {ArrayLike<number>[]} probabilities 10 for each digit, from left to right
 * @returns {Float32Array} 11 rows of 10, one after the other
 * @throws {NoInkError} for none or more than 10 digits
 */
export function asReading(probabilities) {
  const count = probabilities.length;
  checkCount(count);
  const rows = new Float32Array(ROWS * CLASSES);
  for (let row = 0; row < ROWS - count; row++) rows[row * CLASSES] = 1;
  probabilities.forEach((each, at) => rows.set(Array.from(each), (ROWS - count + at) * CLASSES));
  return rows;
}

/** @param {number} count of digits */
function checkCount(count) {
  if (count < 1 || count > DIGITS) throw new NoInkError(`expected 1 to ${DIGITS} drawn digits, got ${count}`, count);
}

/** @param {Ink} ink @returns {Ink} */
function trimmed(ink) {
  const runs = runsOf(ink);
  if (!runs.length) throw new NoInkError("expected a drawn digit, got an empty picture", 0);
  const [top, left, bottom, right] = boxOf(runs);
  const values = new Float32Array((bottom - top) * (right - left));
  for (let row = top; row < bottom; row++) {
    const line = ink.values.subarray(row * ink.width + left, row * ink.width + right);
    values.set(line, (row - top) * (right - left));
  }
  return { width: right - left, height: bottom - top, values };
}

/** As `imaging.crop` does it, in 8 bits; of the colours only red is used. @param {Ink} ink @param {number} width @param {number} height */
function shrunk(ink, width, height) {
  const rgba = new Uint8ClampedArray(ink.values.length * 4);
  for (let at = 0; at < ink.values.length; at++) rgba[at * 4] = Math.floor(clip(ink.values[at]) * 255 + 0.5);
  const pixels = (/** @type {number[]} */ ...[x, y, across, down]) => part(rgba, ink.width, x, y, across, down);
  const rgb = crop({ width: ink.width, height: ink.height, pixels, close() {} }, null, width, height, 0);
  return rgb.filter((_, at) => at % 3 === 0);
}

/** @param {number} value */
function clip(value) {
  return Math.min(Math.max(value, 0), 1);
}

/** @param {Uint8ClampedArray} rgba @param {number} stride its pixels a row @param {number[]} area x, y, width, height */
function part(rgba, stride, ...[x, y, width, height]) {
  const cut = new Uint8ClampedArray(width * height * 4);
  for (let row = 0; row < height; row++) {
    const start = ((y + row) * stride + x) * 4;
    cut.set(rgba.subarray(start, start + width * 4), row * width * 4);
  }
  return cut;
}

/**
 * Where a digit begins along an axis, so that its centre of mass is in the middle and nothing sticks out.
 *
 * @param {Uint8Array} small
 * @param {number} width of it
 * @param {number} height of it
 * @param {(index: number) => number} along a pixel's place on the axis
 * @param {number} length of the digit on the axis
 */
function place(small, width, height, along, length) {
  let [total, moment] = [0, 0];
  for (let index = 0; index < width * height; index++) {
    total += small[index];
    moment += small[index] * (along(index) + 0.5);
  }
  const start = Math.round(MIDDLE - moment / Math.max(1, total));
  return Math.min(Math.max(start, 0), SIDE - length);
}

/** @param {Ink} ink @param {import("./drawn_parts.js").Run[]} runs @returns {Ink} */
function cutOut(ink, runs) {
  const [top, left, bottom, right] = boxOf(runs);
  const width = right - left;
  const values = new Float32Array((bottom - top) * width);
  for (const [row, first, behind] of runs) {
    const own = ink.values.subarray(row * ink.width + first, row * ink.width + behind);
    values.set(own, (row - top) * width + first - left);
  }
  return { width, height: bottom - top, values };
}
