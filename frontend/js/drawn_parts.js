/** The parts of a drawing: what hangs together, and what of it is one digit. The other half of `drawn.js`. */

/**
 * @typedef {import("./drawn.js").Ink} Ink
 * @typedef {[row: number, first: number, behind: number]} Run inked pixels side by side
 * @typedef {[top: number, left: number, bottom: number, right: number]} Edges the last two are outside
 */

const INKED = Math.fround(0.1); // from here on a pixel belongs to the digit
const ABOVE = 0.5; // how much of its columns a part shares with one that it stands above,
const INSIDE = 0.9; // or is inside of

/** The parts that hang together, corners included, in the order in which rows meet them. @param {Ink} ink */
export function partsOf(ink) {
  const runs = runsOf(ink);
  const parent = runs.map((_, number) => number);
  const root = (/** @type {number} */ number) => {
    while (parent[number] !== number) number = parent[number] = parent[parent[number]];
    return number;
  };
  let [above, here] = [0, 0]; // the first run of the row before that may still touch, and the first of this row
  runs.forEach(([row, start, end], number) => {
    if (row !== runs[here][0]) [above, here] = [here, number];
    while (above < here && (runs[above][0] < row - 1 || runs[above][2] < start)) above++;
    for (let other = above; other < here && runs[other][1] <= end; other++) {
      const [one, two] = [root(number), root(other)];
      parent[Math.max(one, two)] = Math.min(one, two);
    }
  });
  /** @type {Map<number, Run[]>} */
  const parts = new Map();
  runs.forEach((run, number) => {
    const own = parts.get(root(number));
    if (own) own.push(run);
    else parts.set(root(number), [run]);
  });
  return [...parts.values()];
}

/** Inked pixels side by side, row by row. @param {Ink} ink @returns {Run[]} */
export function runsOf({ width, height, values }) {
  /** @type {Run[]} */
  const runs = [];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      if (!(values[row * width + column] >= INKED)) continue;
      const first = column;
      while (column < width && values[row * width + column] >= INKED) column++;
      runs.push([row, first, column]);
    }
  }
  return runs;
}

/** @param {Run[]} runs in the order of rows @returns {Edges} */
export function boxOf(runs) {
  const left = runs.reduce((least, [, first]) => Math.min(least, first), Infinity);
  const right = runs.reduce((most, [, , behind]) => Math.max(most, behind), 0);
  const [top, bottom] = runs.reduce(([low, high], [row]) => [Math.min(low, row), Math.max(high, row)], [Infinity, 0]);
  return [top, left, bottom + 1, right];
}

/** @param {Run[]} runs */
export function longer(runs) {
  const [top, left, bottom, right] = boxOf(runs);
  return Math.max(bottom - top, right - left);
}

/** Parts from left to right, those above each other as one. @param {Run[][]} parts */
export function joined(parts) {
  const boxed = parts.map((runs) => ({ runs, box: boxOf(runs) }));
  boxed.sort(({ box: a }, { box: b }) => a[1] - b[1] || a[3] - b[3] || a[0] - b[0]);
  /** @type {Run[][]} */
  const found = [];
  for (const { runs, box } of boxed) {
    const last = found.at(-1);
    if (last && isOneDigit(boxOf(last), box)) last.push(...runs);
    else found.push([...runs]);
  }
  return found;
}

/** Whether one part stands above the other, or is inside. Leaning digits overlap too, but stand side by side. @param {Edges} one @param {Edges} other */
function isOneDigit(one, other) {
  const rows = overlap(one[0], one[2], other[0], other[2]);
  const columns = overlap(one[1], one[3], other[1], other[3]);
  return columns > INSIDE || (columns > ABOVE && rows <= ABOVE);
}

/** What two ranges (first, behind the last) have in common, as a part of the shorter one. @param {number[]} ranges */
function overlap(...[first, behind, otherFirst, otherBehind]) {
  const common = Math.min(behind, otherBehind) - Math.max(first, otherFirst);
  return Math.max(0, common) / Math.min(behind - first, otherBehind - otherFirst);
}
