/**
 * Columns → one vector of features a digit, forwards and backwards: the alignment of training/architectures/compact.py
 * ("continuous integrate-and-fire", Dong and Xu 2020, run from right to left), twin of its `GatherDigits`.
 */

/** Rows that are gathered: ten digits, and an eleventh that is only ever the neighbour of the tenth. */
export const GATHERED = 11;
const TAPS = 3;

/**
 * How much of a digit begins in each column: a convolution over three columns, then a sigmoid.
 *
 * @param {Float32Array} kernel TAPS × channels, then the bias
 * @param {Float32Array} wide columns × channels
 * @param {number} channels
 * @returns {Float32Array} one weight a column, 0 to 1
 */
export function weigh(kernel, wide, channels) {
  const columns = wide.length / channels;
  return Float32Array.from({ length: columns }, (_, column) => {
    let sum = kernel[TAPS * channels];
    eachTap(column, columns, channels, (tap, at) => {
      for (let c = 0; c < channels; c++) sum += kernel[tap + c] * wide[at + c];
    });
    return 1 / (1 + Math.exp(-sum));
  });
}

/**
 * @param {Float32Array} weights of the columns
 * @param {Float32Array} slope of the loss by them
 * @param {Float32Array} wide columns × channels
 * @param {number} channels
 * @param {Float32Array} gradient by kernel and bias, to which this is added
 */
export function weighBack(weights, slope, wide, channels, gradient) {
  const columns = weights.length;
  for (let column = 0; column < columns; column++) {
    const back = slope[column] * weights[column] * (1 - weights[column]);
    gradient[TAPS * channels] += back;
    eachTap(column, columns, channels, (tap, at) => {
      for (let c = 0; c < channels; c++) gradient[tap + c] += back * wide[at + c];
    });
  }
}

/**
 * The part of each column that belongs to each digit, counted from the end.
 *
 * @param {Float32Array} weights of the columns
 * @returns {Float32Array} GATHERED × columns
 */
export function sharesOf(weights) {
  const columns = weights.length;
  const shares = new Float32Array(GATHERED * columns);
  for (let column = columns - 1, lower = 0; column >= 0; column--) {
    const upper = lower + weights[column];
    for (let row = Math.floor(lower); row < upper && row < GATHERED; row++) {
      shares[row * columns + column] = shareOf(row, lower, upper);
    }
    lower = upper;
  }
  return shares;
}

/**
 * @param {Float32Array} weights of the columns
 * @param {Float32Array} slope of the loss by the shares, GATHERED × columns
 * @returns {Float32Array} slope by the weights
 */
export function sharesBack(weights, slope) {
  const columns = weights.length;
  const [byLower, byUpper] = [new Float32Array(columns), new Float32Array(columns)];
  for (let column = columns - 1, lower = 0; column >= 0; column--) {
    const upper = lower + weights[column];
    for (let row = Math.floor(lower); row < upper && row < GATHERED; row++) {
      const back = slope[row * columns + column];
      if (upper < row + 1) byUpper[column] += back;
      if (lower > row) byLower[column] -= back;
    }
    lower = upper;
  }
  // A column's weight lifts its own upper edge, and both edges of all that lie to its left.
  let left = 0;
  return byUpper.map((own, column) => {
    const sum = own + left;
    left += own + byLower[column];
    return sum;
  });
}

/**
 * @param {Float32Array} shares GATHERED × columns
 * @param {Float32Array} wide columns × channels
 * @param {number} channels
 * @returns {Float32Array} GATHERED × (channels + 1); the last channel is how much of the row was found
 */
export function gather(shares, wide, channels) {
  const columns = wide.length / channels;
  const gathered = new Float32Array(GATHERED * (channels + 1));
  eachShare(shares, columns, (row, column, share) => {
    const [to, from] = [row * (channels + 1), column * channels];
    for (let c = 0; c < channels; c++) gathered[to + c] += share * wide[from + c];
    gathered[to + channels] += share;
  });
  return gathered;
}

/**
 * @param {Float32Array} shares GATHERED × columns
 * @param {Float32Array} slope of the loss by what was gathered
 * @param {Float32Array} wide columns × channels
 * @param {number} channels
 * @returns {Float32Array} slope by the shares
 */
export function gatherBack(shares, slope, wide, channels) {
  const columns = wide.length / channels;
  const back = new Float32Array(shares.length);
  eachShare(shares, columns, (row, column) => {
    const [of, from] = [row * (channels + 1), column * channels];
    let sum = slope[of + channels];
    for (let c = 0; c < channels; c++) sum += slope[of + c] * wide[from + c];
    back[row * columns + column] = sum;
  });
  return back;
}

/** What of [row, row + 1] lies within [lower, upper]. @param {number} row @param {number} lower @param {number} upper */
function shareOf(row, lower, upper) {
  return Math.max(0, Math.min(upper, row + 1) - Math.max(lower, row));
}

/** @param {Float32Array} shares @param {number} columns @param {(row: number, column: number, share: number) => void} use */
function eachShare(shares, columns, use) {
  shares.forEach((share, at) => share > 0 && use(Math.floor(at / columns), at % columns, share));
}

/** @param {number} column @param {number} columns @param {number} channels @param {(tap: number, at: number) => void} use */
function eachTap(column, columns, channels, use) {
  for (let tap = 0; tap < TAPS; tap++) {
    const seen = column + tap - (TAPS >> 1);
    if (seen >= 0 && seen < columns) use(tap * channels, seen * channels);
  }
}
