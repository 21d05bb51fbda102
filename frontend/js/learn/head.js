/**
 * The last layers of the network (what `read_columns` in training/architectures/compact.py makes of the columns'
 * features), forwards and backwards, so that they can be tuned on this device: about 31,000 parameters in one vector.
 */
import { dense, denseBack, relu, reluBack, sizeOf } from "./dense.js";
import { gather, gatherBack, GATHERED, sharesBack, sharesOf, weigh, weighBack } from "./gather.js";

/** @typedef {import("./dense.js").Layer} Layer */

/**
 * @typedef {object} Sizes how many numbers each layer gives
 * @property {number} channels features of a column
 * @property {number} hidden
 * @property {number} pair beside each digit, for the decimal point
 * @property {number} first beside the last digit, for "no decimals"
 *
 * @typedef {object} Pass what going backwards needs of going forwards
 * @property {Float32Array} wide
 * @property {Float32Array} weights
 * @property {Float32Array} shares
 * @property {Float32Array} gathered
 * @property {Float32Array} hidden
 * @property {Float32Array} pairs
 * @property {Float32Array} beside
 * @property {Float32Array} first
 * @property {Float32Array} output 11 × 10 probabilities
 */

const DIGITS = 10;
const CLASSES = 10;
const TAPS = 3;

export class Head {
  /** @param {Sizes} sizes */
  constructor({ channels, hidden, pair, first }) {
    this.channels = channels;
    this.hidden = hidden;
    this.length = 0;
    this.weigh = this.#place(TAPS * channels, 1);
    this.dense = this.#place(channels + 1, hidden);
    this.digits = this.#place(hidden, CLASSES);
    this.pair = this.#place(2 * hidden, pair);
    this.point = this.#place(pair, 1);
    this.first = this.#place(hidden, first);
    this.none = this.#place(first, 1);
  }

  /** The layers in the order of the parameters. @returns {Layer[]} */
  get layers() {
    return [this.weigh, this.dense, this.digits, this.pair, this.point, this.first, this.none];
  }

  /**
   * @param {Float32Array} parameters
   * @param {Float32Array} wide features of the columns, columns × channels
   * @returns {Pass}
   */
  forward(parameters, wide) {
    const weights = weigh(this.#part(parameters, this.weigh), wide, this.channels);
    const shares = sharesOf(weights);
    const gathered = gather(shares, wide, this.channels);
    const hidden = relu(dense(this.dense, parameters, gathered));
    const pairs = this.#pairs(hidden);
    const beside = relu(dense(this.pair, parameters, pairs));
    const first = relu(dense(this.first, parameters, hidden.subarray(0, this.hidden)));
    const digits = dense(this.digits, parameters, hidden.subarray(0, DIGITS * this.hidden));
    const point = dense(this.point, parameters, beside);
    const [none] = dense(this.none, parameters, first);
    const output = softmax(assemble(digits, point, none));
    return { wide, weights, shares, gathered, hidden, pairs, beside, first, output };
  }

  /**
   * @param {Float32Array} parameters
   * @param {Pass} pass
   * @param {Float32Array} target 11 × 10 probabilities: the loss is the cross-entropy summed over the rows
   * @param {Float32Array} gradient by the parameters, to which this picture's is added
   */
  backward(parameters, pass, target, gradient) {
    const { digits, point, none } = disassemble(pass.output.map((each, at) => each - target[at]));
    const back = new Float32Array(pass.hidden.length);
    const shown = pass.hidden.subarray(0, DIGITS * this.hidden);
    add(back, denseBack(this.digits, parameters, shown, digits, gradient));
    const first = reluBack(denseBack(this.none, parameters, pass.first, none, gradient), pass.first);
    add(back, denseBack(this.first, parameters, pass.hidden.subarray(0, this.hidden), first, gradient));
    const beside = reluBack(denseBack(this.point, parameters, pass.beside, point, gradient), pass.beside);
    this.#addPairs(back, denseBack(this.pair, parameters, pass.pairs, beside, gradient));
    const gathered = denseBack(this.dense, parameters, pass.gathered, reluBack(back, pass.hidden), gradient);
    const shares = gatherBack(pass.shares, gathered, pass.wide, this.channels);
    const weights = sharesBack(pass.weights, shares);
    weighBack(pass.weights, weights, pass.wide, this.channels, this.#part(gradient, this.weigh));
  }

  /** @param {number} inputs @param {number} outputs @returns {Layer} behind those before it */
  #place(inputs, outputs) {
    const layer = { at: this.length, inputs, outputs };
    this.length += sizeOf(layer);
    return layer;
  }

  /** @param {Float32Array} parameters @param {Layer} layer */
  #part(parameters, layer) {
    return parameters.subarray(layer.at, layer.at + sizeOf(layer));
  }

  /** Each digit beside the one to its left. @param {Float32Array} hidden @returns {Float32Array} DIGITS × 2 hidden */
  #pairs(hidden) {
    const pairs = new Float32Array(DIGITS * 2 * this.hidden);
    for (let row = 0; row < DIGITS; row++) {
      pairs.set(hidden.subarray(row * this.hidden, (row + 2) * this.hidden), row * 2 * this.hidden);
    }
    return pairs;
  }

  /** @param {Float32Array} hidden to which the slope by it is added @param {Float32Array} slope by the pairs */
  #addPairs(hidden, slope) {
    const width = 2 * this.hidden;
    for (let row = 0; row < GATHERED - 1; row++) {
      add(hidden.subarray(row * this.hidden), slope.subarray(row * width, (row + 1) * width));
    }
  }
}

/** @param {Float32Array} sum @param {Float32Array} more no longer than it */
function add(sum, more) {
  for (let at = 0; at < more.length; at++) sum[at] += more[at];
}

/**
 * Counted from the end → the order of a reading: the decimal point, then the digits from left to right.
 *
 * @param {Float32Array} digits DIGITS × CLASSES
 * @param {Float32Array} point DIGITS; the last is not used
 * @param {number} none for no decimals
 */
function assemble(digits, point, none) {
  const logits = new Float32Array((1 + DIGITS) * CLASSES);
  logits[0] = none;
  logits.set(point.subarray(0, CLASSES - 1), 1);
  for (let row = 0; row < DIGITS; row++) {
    logits.set(digits.subarray(row * CLASSES, (row + 1) * CLASSES), (DIGITS - row) * CLASSES);
  }
  return logits;
}

/** `assemble` undone. @param {Float32Array} logits */
function disassemble(logits) {
  const digits = new Float32Array(DIGITS * CLASSES);
  const point = new Float32Array(DIGITS);
  point.set(logits.subarray(1, CLASSES));
  for (let row = 0; row < DIGITS; row++) {
    digits.set(logits.subarray((DIGITS - row) * CLASSES, (DIGITS - row + 1) * CLASSES), row * CLASSES);
  }
  return { digits, point, none: logits.subarray(0, 1) };
}

/** Each row's probabilities. @param {Float32Array} logits rows × CLASSES */
function softmax(logits) {
  const output = new Float32Array(logits.length);
  for (let row = 0; row < logits.length; row += CLASSES) {
    const scores = logits.subarray(row, row + CLASSES);
    const best = Math.max(...scores);
    const powers = scores.map((score) => Math.exp(score - best));
    const total = powers.reduce((sum, each) => sum + each, 0);
    output.set(
      powers.map((power) => power / total),
      row,
    );
  }
  return output;
}
