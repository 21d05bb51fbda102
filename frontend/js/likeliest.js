/** The likeliest numbers under independent probabilities of their digits. */

const FLOOR = 1e-9; // no digit is quite impossible

/** @param {number[]} row 10 probabilities @param {number} digit */
const weigh = (row, digit) => Math.log(Math.max(row[digit], FLOOR));

/**
 * @param {number[][]} rows probabilities of each digit, left to right, 10 each
 * @param {number} value a whole number of at most as many digits
 * @returns {number} its probability, 0 to 1, never quite 0
 */
export function likelihood(rows, value) {
  let product = 1;
  let rest = value;
  for (let place = rows.length - 1; place >= 0; place--) {
    product *= Math.max(rows[place][rest % 10], FLOOR);
    rest = Math.floor(rest / 10);
  }
  return product;
}

/**
 * @param {number[][]} rows as in `likelihood`
 * @param {number} count how many
 * @returns {number[]} the likeliest numbers, the likeliest first
 */
export function likeliest(rows, count) {
  let best = [{ value: 0, score: 0 }];
  for (const row of rows) {
    best = best.flatMap(({ value, score }) => row.map((_, digit) => extend(value, score, row, digit)));
    best = best.sort((a, b) => b.score - a.score || a.value - b.value).slice(0, count);
  }
  return best.map(({ value }) => value);
}

/** @param {number} value @param {number} score @param {number[]} row @param {number} digit */
const extend = (value, score, row, digit) => ({ value: value * 10 + digit, score: score + weigh(row, digit) });

/**
 * @param {number[][]} rows as in `likelihood`
 * @param {number} low the least number in question
 * @param {number} high the greatest, at least `low` and of as many digits as there are rows
 * @returns {number} the likeliest number from `low` to `high`, both included
 */
export function likeliestWithin(rows, low, high) {
  const bounds = [low, high].map((bound) => [...String(bound).padStart(rows.length, "0")].map(Number));
  return within(rows, bounds[0], bounds[1], 0, true, true).value;
}

/**
 * The likeliest ending from `place` on; `atLow` and `atHigh` say whether the digits so far are those of a bound.
 *
 * @param {number[][]} rows @param {number[]} low @param {number[]} high
 * @param {number} place @param {boolean} atLow @param {boolean} atHigh
 * @returns {{value: number, score: number}}
 */
function within(rows, low, high, place, atLow, atHigh) {
  if (place === rows.length) return { value: 0, score: 0 };
  const [least, most] = [atLow ? low[place] : 0, atHigh ? high[place] : 9];
  let best = { value: -1, score: -Infinity };
  for (const digit of worthTrying(rows[place], least, most, atLow, atHigh)) {
    const rest = within(rows, low, high, place + 1, atLow && digit === least, atHigh && digit === most);
    const score = rest.score + weigh(rows[place], digit);
    if (score > best.score) best = { value: digit * 10 ** (rows.length - 1 - place) + rest.value, score };
  }
  return best;
}

/**
 * The likeliest digit after which anything may follow, and those bounds that go on limiting what follows.
 *
 * @param {number[]} row @param {number} least @param {number} most @param {boolean} atLow @param {boolean} atHigh
 * @returns {number[]}
 */
function worthTrying(row, least, most, atLow, atHigh) {
  const bounds = [...(atLow ? [least] : []), ...(atHigh && !(atLow && most === least) ? [most] : [])];
  const [from, to] = [atLow ? least + 1 : least, atHigh ? most - 1 : most];
  if (from > to) return bounds;
  let free = from;
  for (let digit = from + 1; digit <= to; digit++) if (row[digit] > row[free]) free = digit;
  return [free, ...bounds];
}
